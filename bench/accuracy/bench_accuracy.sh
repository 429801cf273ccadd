#!/usr/bin/env bash
# bench_accuracy [--dead]: how far the round-trip times that tools report are from those on the wire.
#
#   [monitor] va 10.99.0.1 ── 10.99.0.2 vb [responder: answers 10.100.0.0/16 and part of the link]
#
# A capture at both ends stamps what comes out of the wire; each report is held against its own two packets: from the
# request's arrival at vb to the reply's at va. The capture's stamps and those of sockets are made at nearly the same
# places of the kernel, so this shows pairing, completeness and what a tool adds in user space, not the kernel's own
# delays. sounder is scraped, all targets, every second.
#
# A capture at va alone, as one would have it of a far host, sees a request in the queue, before it leaves. What delays it
# from there on makes that look wrong, and not the report: an interrupt, or the host of a virtual machine that has its
# processor (the last lines tell how often). "From the queue" counts by that look. And since a request leaves after the
# one look and before the other, "of both" counts how far a report is outside of the times between the two.
#
# --dead instead: round-trip times of living targets while as many others are dead, against the same with all alive; and
# what the capture makes of both, since the monitor, the responder and the search for neighbours share the core here. The
# living are the responder itself, two microseconds away, or hosts a millisecond behind it (10.101.0.0/16).
set -euo pipefail

bin=$(cd "$(dirname "$0")/.." && pwd)
. "$bin/bench/isolated.sh"

seconds=${SOUNDER_BENCH_SECONDS:-20}
rounds=${SOUNDER_BENCH_ROUNDS:-3}
rates=${SOUNDER_BENCH_RATES:-1 1000 50000}  # of accuracy; no others
monitor=monitor
responder=responder
work=$(mktemp -d)
daemon=
capture=
scraper=
distant=

cleanup() {
  for process in $scraper $daemon $capture $distant; do kill "$process" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

in_monitor() { ip netns exec "$monitor" "$@"; }
in_responder() { ip netns exec "$responder" "$@"; }

lab_up() {
  ip netns add "$monitor"
  ip netns add "$responder"
  ip -n "$monitor" link add va type veth peer name vb netns "$responder"
  in_responder sysctl -qw net.ipv4.ip_forward=1
  for side in "$monitor" "$responder"; do ip -n "$side" link set lo up; done
  ip -n "$monitor" link set va up
  ip -n "$responder" link set vb up
  ip -n "$monitor" addr add 10.99.0.1/16 dev va
  ip -n "$responder" addr add 10.99.0.2/16 dev vb
  ip -n "$responder" route add local 10.100.0.0/16 dev lo
  ip -n "$monitor" route add 10.100.0.0/16 via 10.99.0.2
  in_monitor sysctl -qw net.ipv4.ping_group_range='0 0'
}

# addresses PREFIX COUNT: the first COUNT of a block of /16 from PREFIX.0.0 on.
addresses() { awk -v p="$1" -v n="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s.%d.%d\n", p, i / 256, i % 256 }'; }

# range PREFIX FIRST_THIRD COUNT
range() {
  local last=$(($3 - 1))
  echo "$1.$2.0-$1.$(($2 + last / 256)).$((last % 256))"
}

write_config() {  # ENGINE RANGE...
  local engine=$1 targets=
  shift
  for each in "$@"; do targets="$targets\"$each\", "; done
  cat > "$work/sounder.yaml" <<YAML
listen: 127.0.0.1:0
broker: {enabled: false}
engine: {$engine}
defaults: {interval: 1s, timeout: 500ms}
groups:
  - name: bench
    targets: [$targets]
YAML
}

# until_ready WHAT FILE: until a program that writes into FILE has said so there.
until_ready() {
  for _ in $(seq 100); do
    grep -qs ready "$2" && return
    sleep 0.1
  done
  echo "the $1 did not start" >&2
  return 1
}

start_capture() {
  rm -f "$work/wire" "$work/capture"
  ip netns exec "$monitor" "$bin/bench/accuracy_capture" va "$responder" vb "$work/wire" > "$work/capture" &
  capture=$!
  until_ready capture "$work/capture"
}

stop_capture() {
  kill "$capture"
  wait "$capture"
  capture=
}

scrape_each_second() {
  local next=$SECONDS
  : > "$work/scrapes"
  while true; do
    in_monitor curl -fs -o /dev/null "http://$url/metrics" && echo done >> "$work/scrapes"
    next=$((next + 1))
    while [ "$SECONDS" -lt "$next" ]; do sleep 0.05; done
  done
}

# start_daemon WRAPPER...: not through in_monitor, since $! must be the daemon itself, which ip(8) becomes.
start_daemon() {
  ip netns exec "$monitor" "$@" "$bin/bench/accuracy_daemon" "$work/sounder.yaml" "$work/notes" 2> "$work/log" &
  daemon=$!
  for _ in $(seq 300); do
    kill -0 "$daemon" 2>/dev/null || break
    url=127.0.0.1:$(sed -n 's/.*msg=listening .*port=\([0-9]*\).*/\1/p' "$work/log" | head -1)
    [ "$url" != 127.0.0.1: ] && in_monitor curl -fsS -o /dev/null "http://$url/-/ready" 2>/dev/null && return
    sleep 0.1
  done
  head -20 "$work/log" >&2
  return 1
}

stop_daemon() {
  kill "$daemon"
  wait "$daemon" || true
  daemon=
}

# run_daemon WRAPPER...: with a scrape of all targets every second; its notes are in $work/notes.
run_daemon() {
  start_daemon "$@"
  scrape_each_second &
  scraper=$!
  sleep "$seconds"
  kill "$scraper"
  wait "$scraper" || true
  scraper=
  stop_daemon
}

compare() { "$bin/bench/accuracy_compare" "$@" || true; }

measure_sounder() {  # NAME RATE ENGINE WRAPPER...
  local name=$1 rate=$2 engine=$3
  shift 3
  write_config "$engine" "$(range 10.100 0 "$rate")"
  start_capture
  run_daemon "$@"
  stop_capture
  compare "$name" "$rate" "$work/wire" "$work/notes" sequence 1000
  echo "$name at $rate/s: $(wc -l < "$work/scrapes") scrapes in $seconds s" >> "$work/remarks"
}

measure_ping() {  # RATE INTERVAL
  command -v ping > /dev/null || return 0
  start_capture
  in_monitor ping -n -i "$2" -c $(($1 * seconds)) 10.100.0.0 > "$work/output" || true
  stop_capture
  # 64 bytes from 10.100.0.0: icmp_seq=1 ttl=64 time=0.045 ms
  sed -n 's/.* from \([0-9.]*\): icmp_seq=\([0-9]*\) .* time=\([0-9.]*\) ms.*/\1 \2 \3/p' "$work/output" |
    awk '{ printf "%s %d %.0f -\n", $1, $2 % 65536, $3 * 1e6 }' > "$work/notes"
  compare ping "$1" "$work/wire" "$work/notes" sequence 0
}

# fping's numbers are of the pings of a target, not those on the wire.
measure_fping() {  # RATE
  command -v fping > /dev/null || return 0
  addresses 10.100 "$1" > "$work/hosts"
  start_capture
  in_monitor fping -c "$seconds" -p 1000 -i "$(awk "BEGIN { print 1000 / $1 }")" -f "$work/hosts" \
    > "$work/output" 2>/dev/null || true
  stop_capture
  # 10.100.0.0 : [0], 64 bytes, 0.045 ms (0.045 avg, 0% loss)
  sed -n 's/^\([0-9.]*\) *: \[\([0-9]*\)\], [0-9]* bytes, \([0-9.e-]*\) ms.*/\1 \2 \3/p' "$work/output" |
    awk '{ printf "%s %d %.0f -\n", $1, $2, $3 * 1e6 }' > "$work/notes"
  compare fping "$1" "$work/wire" "$work/notes" order 0
}

# It gives out of sequence numbers when it sends more than 65,535 in 10 s, so at this rate it gets a single sweep.
measure_fping_sweep() {  # RATE
  command -v fping > /dev/null || return 0
  addresses 10.100 "$1" > "$work/hosts"
  start_capture
  in_monitor fping -e -r 0 -t 1000 -i "$(awk "BEGIN { print 1000 / $1 }")" -f "$work/hosts" > "$work/output" 2>/dev/null || true
  stop_capture
  # 10.100.0.0 is alive (0.0451 ms)
  sed -n 's/^\([0-9.]*\) is alive (\([0-9.e-]*\) ms)/\1 \2/p' "$work/output" |
    awk '{ printf "%s 0 %.0f -\n", $1, $2 * 1e6 }' > "$work/notes"
  compare "fping, one sweep" "$1" "$work/wire" "$work/notes" order 0
}

measure_accuracy() {
  echo "| tool | echoes/s asked | on the wire | round trips | not reported | p50 µs | p90 | p99 | p99.9 | max | within 5 µs | from the queue | of both | both stamps the kernel's |"
  echo "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
  local rate
  for rate in $rates; do
    measure_sounder sounder "$rate" "stamps: kernel"
    measure_sounder "sounder, unprivileged sockets" "$rate" "stamps: kernel" \
      setpriv --bounding-set -net_raw --inh-caps -net_raw
    measure_sounder 'sounder, `stamps: user`' "$rate" "stamps: user"
    case $rate in
      1) measure_ping 1 1; measure_fping 1 ;;
      1000) measure_ping 1000 0.001; measure_fping 1000 ;;
      50000) measure_fping_sweep 50000 ;;
    esac
  done
  echo
  cat "$work/remarks"
  "$bin/bench/accuracy_pauses"
}

# --dead

# The times in µs of the living, whose third byte is below 128; what else became of their probes goes to $work/lost.
living() {
  awk -F'[. ]' -v lost="$work/lost" '$3 < 128 { if (NF == 7) print $6 / 1e3; else print >> lost }' "$work/notes"
}

# The same as the wire saw them: one line an echo, `address identifier sequence sent rtt crossing`.
living_on_wire() {
  awk 'NF == 6 && $5 >= 0 && $6 >= 0 && int($1 / 256) % 256 < 128 { print ($5 - $6) / 1e3 }' "$work/wire"
}

quantile() { awk -v q="$1" '{ v[NR] = $1 } END { i = int(q * NR); if (i < q * NR) i++; print v[i < 1 ? 1 : i] }'; }

# Behind the router, which drops what it has no other way to and says nothing; and on the link, where nobody answers
# for them: the neighbours that the monitor knew are forgotten.
others_alive() {
  ip -n "$responder" route replace local 10.100.128.0/17 dev lo
  ip -n "$responder" route replace 10.101.128.0/17 dev "$far"
  ip -n "$responder" route replace local 10.99.128.0/17 dev lo
}
others_dead() {
  ip -n "$responder" route del local 10.100.128.0/17 dev lo
  ip -n "$responder" route del 10.101.128.0/17 dev "$far"
  ip -n "$responder" route del local 10.99.128.0/17 dev lo
  ip -n "$monitor" neigh flush dev va
}

# compare_dead NAME RANGE...: the targets of the ranges; those whose third byte is 128 or more are by turns alive
# and dead.
compare_dead() {
  local name=$1 state q
  shift
  rm -f "$work"/alive.* "$work"/dead.* "$work/lost"
  touch "$work/lost"
  write_config "stamps: kernel" "$@"
  for _ in $(seq "$rounds"); do
    for state in alive dead; do
      "others_$state"
      start_capture
      run_daemon
      stop_capture
      living >> "$work/$state.rtt"
      living_on_wire >> "$work/$state.wire_rtt"
    done
  done
  for state in alive.rtt dead.rtt alive.wire_rtt dead.wire_rtt; do sort -n "$work/$state" > "$work/$state.sorted"; done
  for q in 0.5 0.99; do
    for state in alive.rtt dead.rtt alive.wire_rtt dead.wire_rtt; do quantile "$q" < "$work/$state.sorted"; done | xargs |
      awk -v name="$name" -v q="$q" -v n="$(wc -l < "$work/dead.rtt")" -v lost="$(wc -l < "$work/lost")" '
        { printf "| %s | p%g | %.2f | %.2f | %.3f | %.2f | %.2f | %.3f | %d | %d |\n", name, q * 100, $1, $2, $2 / $1,
            $3, $4, $4 / $3, n, lost }'
  done
}

# Hosts a millisecond behind the responder, on $far.
far=far0
start_distant() {
  ip netns exec "$responder" "$bin/bench/accuracy_distant" "$far" 1000 > "$work/distant" &
  distant=$!
  until_ready "distant hosts" "$work/distant"
  in_monitor ip route add 10.101.0.0/16 via 10.99.0.2
  ip -n "$responder" route add 10.101.0.0/17 dev "$far"
  ip -n "$responder" route add blackhole 10.101.0.0/16
}

measure_dead() {
  ip -n "$responder" route del local 10.100.0.0/16 dev lo
  ip -n "$responder" route add local 10.100.0.0/17 dev lo
  ip -n "$responder" route add local 10.99.16.0/20 dev lo
  ip -n "$responder" route add blackhole 10.100.0.0/16
  start_distant
  local dead_on_link
  dead_on_link=$(range 10.99 128 400)
  echo "| 20,000 targets, half of them dead | quantile | none dead, µs | half dead, µs | ratio | the same on the wire | | ratio | replies of the living | lost by them |"
  echo "|---|---|---|---|---|---|---|---|---|---|"
  compare_dead "a millisecond away, the dead behind a router" "$(range 10.101 16 10000)" "$(range 10.101 128 10000)"
  compare_dead "a millisecond away, 400 of the dead on the link" "$(range 10.101 16 10000)" "$(range 10.101 128 9600)" \
    "$dead_on_link"
  compare_dead "at once, the dead behind a router" "$(range 10.100 16 10000)" "$(range 10.100 128 10000)"
  compare_dead "at once, 400 of the dead and of the living on the link" "$(range 10.100 16 9600)" "$(range 10.99 16 400)" \
    "$(range 10.100 128 9600)" "$dead_on_link"
}

lab_up
case ${1:-} in
  '') measure_accuracy ;;
  --dead) measure_dead ;;
  *) echo "usage: bench_accuracy [--dead]" >&2; exit 2 ;;
esac
