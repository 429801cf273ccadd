# Sourced first by a script that makes network namespaces and starts daemons: runs it in namespaces of its own, so
# that nothing of it survives its end, whichever way it ends. If this shell dies, even by SIGKILL, the kernel kills the
# first process of the inner PID namespace, with it all others, and the network namespaces go with the last of them.
if [ -z "${SOUNDER_ISOLATED:-}" ]; then
  [ "$(id -u)" = 0 ] || { echo "$(basename "$0"): needs root, for network namespaces" >&2; exit 77; }
  SOUNDER_ISOLATED=1 setpriv --pdeathsig KILL \
    unshare --mount --pid --fork --kill-child=KILL --mount-proc "$0" "$@" &
  isolated=$!
  trap 'kill -KILL $isolated 2>/dev/null; exit 143' INT TERM HUP
  wait $isolated
  exit $?
fi
# Names of network namespaces, for our eyes alone.
mkdir -p /run/netns
mount -t tmpfs tmpfs /run/netns
