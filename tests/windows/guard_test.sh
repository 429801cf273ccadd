# The guard's refusals, each with what it is about undone again; sourced.

# refuses NAME TEXT COMMAND...: the command must be refused, with these words.
refuses() {
  local name=guard.$1 text=$2 output status=0
  shift 2
  output=$("$@" 2>&1 </dev/null) || status=$?
  if [[ $status == 99 && $output == *"$text"* ]]; then
    pass "$name"
  else
    fail "$name" "status $status, it said: $output"
  fi
}

wine_runs() { "$windows_tests/wine" cmd /c exit 7 </dev/null >/dev/null 2>&1 || [[ $? == 7 ]]; }

test_guard() {
  local wine=$windows_tests/wine
  check guard.runs_where_all_is_well "it does not run a program, or loses its exit status" wine_runs
  refuses without_root "only root" setpriv --reuid 65534 --clear-groups "$wine" cmd
  refuses without_prefix "names no folder" env -u WINEPREFIX "$wine" cmd
  refuses a_prefix_without_server "no server of" env WINEPREFIX="$work" "$wine" cmd

  ip -n wine route add default via 10.199.77.2
  refuses a_default_route "a default route" "$wine" cmd
  ip -n wine route del default
  ip -n wine -6 route add default via fd99:77::2
  refuses an_ipv6_default_route "a default route" "$wine" cmd
  ip -n wine -6 route del default

  # The names change, not the namespaces: the server stays where it is.
  local there
  there=$(mktemp -u /run/netns/there-XXXX)
  touch "$there"
  mount --bind /run/netns/wine "$there"
  umount /run/netns/wine
  rm /run/netns/wine
  refuses without_namespace "no network namespace" "$wine" cmd
  touch /run/netns/wine
  mount --bind /proc/1/ns/net /run/netns/wine
  refuses the_machines_own_network "own network" "$wine" cmd
  umount /run/netns/wine
  mount --bind /run/netns/router /run/netns/wine
  ip -n router route del default 2>/dev/null || true
  refuses a_server_elsewhere "in another network namespace" "$wine" cmd
  umount /run/netns/wine
  mount --bind "$there" /run/netns/wine
  umount "$there"
  rm "$there"
  check guard.runs_again "it refuses although all is well again" wine_runs
}
