# The network that Wine sees, sourced by what needs it:
#
#   [wine] wv0 10.199.77.1, fd99:77::1 ── wv1 10.199.77.2, fd99:77::2 [router]
#
#   behind the router  10.200.0.0/16  fd99:200::/64   answer (the router itself does)
#                      10.199.79.0/24 fd99:79::/64    host unreachable, from the router
#
# [wine] has no default route, so nothing that runs in it can leave this machine.
lab_up() {
  local side
  ip netns add wine
  ip netns add router
  ip -n wine link add wv0 type veth peer name wv1 netns router
  for side in wine router; do
    ip -n "$side" link set lo up
    # The addresses of a freshly made link are usable at once.
    ip netns exec "$side" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
  done
  ip -n wine link set wv0 up
  ip -n router link set wv1 up
  ip -n wine addr add 10.199.77.1/24 dev wv0
  ip -n router addr add 10.199.77.2/24 dev wv1
  ip -n wine addr add fd99:77::1/64 dev wv0 nodad
  ip -n router addr add fd99:77::2/64 dev wv1 nodad
  ip netns exec router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 \
    net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000
  ip -n router route add local 10.200.0.0/16 dev lo
  ip -n router route add local fd99:200::/64 dev lo
  ip -n router route add unreachable 10.199.79.0/24
  ip -n router -6 route add unreachable fd99:79::/64
  way_to_router add
  for block in fd99:200::/64 fd99:79::/64; do ip -n wine -6 route add "$block" via fd99:77::2; done
}

# blackhole add|del: 10.200.1.0/24 stops or begins to answer.
blackhole() { ip -n router route "$1" blackhole 10.200.1.0/24 table local; }

# way_to_router add|del: what of IPv4 is behind the router.
way_to_router() {
  local block
  for block in 10.200.0.0/16 10.199.79.0/24; do ip -n wine route "$1" "$block" via 10.199.77.2; done
}
