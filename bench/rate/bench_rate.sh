#!/usr/bin/env bash
# bench_rate [--targets]: echo rate of the bare loop, of sounder and of fping through one veth pair, in one run.
#
#   [monitor namespace] va 10.99.0.1 ── 10.99.0.2 vb [responder namespace: answers all of 10.100.0.0/14]
#
# The responder is the kernel, on the sender's own core time, so the figures are a round trip's whole cost. sounder is
# the real daemon, asked for far more than it can do (the due times that it can't serve are `slipped`), and its rate is
# the growth of its own counters between two scrapes. Only the ratios mean anything on another machine.
#
# --targets instead: more and more targets at 1 s, what became of their probes, and what they cost.
set -euo pipefail

bin=$(cd "$(dirname "$0")/.." && pwd)
. "$bin/bench/isolated.sh"

seconds=${SOUNDER_BENCH_SECONDS:-10}
rounds=${SOUNDER_BENCH_ROUNDS:-3}
hosts=50000
monitor=monitor
responder=responder
work=$(mktemp -d)
daemon=

cleanup() {
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

in_monitor() { ip netns exec "$monitor" "$@"; }

lab_up() {
  ip netns add "$monitor"
  ip netns add "$responder"
  ip -n "$monitor" link add va type veth peer name vb netns "$responder"
  ip -n "$monitor" link set lo up
  ip -n "$responder" link set lo up
  ip -n "$monitor" link set va up
  ip -n "$responder" link set vb up
  ip -n "$monitor" addr add 10.99.0.1/24 dev va
  ip -n "$responder" addr add 10.99.0.2/24 dev vb
  ip -n "$responder" route add local 10.100.0.0/14 dev lo
  ip -n "$monitor" route add 10.100.0.0/14 via 10.99.0.2
}

# write_config INTERVAL TARGETS
write_config() {
  local last=$(($2 - 1))
  local end=10.$((100 + last / 65536)).$((last / 256 % 256)).$((last % 256))
  cat > "$work/sounder.yaml" <<YAML
listen: 127.0.0.1:0
broker: {enabled: false}
engine: {rate_limit: 10000000}
defaults: {interval: $1, timeout: 500ms}
groups:
  - name: bench
    targets: ["10.100.0.0-$end"]
YAML
}

start_daemon() {
  # Not through the function: $! must be the daemon itself, which ip(8) becomes.
  ip netns exec "$monitor" "$bin/app/sounder" run -c "$work/sounder.yaml" 2> "$work/log" &
  daemon=$!
  for _ in $(seq 100); do
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

# How many replies all targets have had, and the CPU seconds of the daemon.
sample() {
  in_monitor curl -fsS "http://$url/metrics" | awk '
    /^sounder_probes_total\{.*outcome="reply"/ { replies += $NF }
    /^process_cpu_seconds_total/ { cpu = $NF }
    END { printf "%.0f %.6f %.9f\n", replies, cpu, 0 }'
}

now() { date +%s.%N; }

# Prints "rate cpu_us".
measure_daemon() {
  local before after t0 t1
  start_daemon
  sleep 2
  t0=$(now); before=$(sample)
  sleep "$seconds"
  t1=$(now); after=$(sample)
  stop_daemon
  echo "$before $after $t0 $t1" | awk '{ n = $4 - $1; printf "%.0f %.3f\n", n / ($8 - $7), ($5 - $2) * 1e6 / n }'
}

measure_fping() {
  local t0 t1 replies
  t0=$(now)
  # One pass over the hosts as fast as it can; its own summary counts the replies.
  replies=$(in_monitor fping -q -s -i 0 -r 0 -t 1000 -f "$work/hosts" 2>&1 | awk '/ICMP Echo Replies received/ { print $1 }' || true)
  t1=$(now)
  echo "$replies $t0 $t1" | awk '{ printf "%.0f\n", $1 / ($3 - $2) }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

measure_rates() {
  awk -v n=$hosts 'BEGIN { for (i = 0; i < n; i++) printf "10.100.%d.%d\n", i / 256, i % 256 }' > "$work/hosts"
  # More than a core can do: the daemon is never short of due times.
  write_config 100ms $hosts

  echo "round  bare_loop/s  cpu_us  sounder/s  cpu_us  fping/s  sounder/bare  sounder/fping"
  for round in $(seq "$rounds"); do
    read -r bare bare_cpu _ < <(in_monitor "$bin/bench/bare_loop" 10.100.0.0 $hosts $((seconds * 200000)) 56)
    read -r ours ours_cpu < <(measure_daemon)
    theirs=$(measure_fping)
    echo "$round $bare $bare_cpu $ours $ours_cpu $theirs" |
      awk '{ printf "%-6s %-12s %-7s %-10s %-7s %-8s %-13.3f %.1f\n", $1, $2, $3, $4, $5, $6, $4 / $2, $4 / $6 }'
    echo "$ours $bare" | awk '{ print $1 / $2 }' >> "$work/ratios"
  done
  echo "median sounder/bare: $(median < "$work/ratios")"

  # System calls a probe at 50,000/s.
  write_config 1s $hosts
  start_daemon
  sleep 2
  before=$(sample)
  timeout -s INT "$seconds" strace -c -f -p "$daemon" 2> "$work/strace" || true
  after=$(sample)
  stop_daemon
  calls=$(awk '$NF == "total" { print $4 }' "$work/strace")
  echo "$before $after $calls" | awk '{ printf "system calls a probe at 50,000/s: %.3f (%d calls, %d replies)\n", $7 / ($4 - $1), $7, $4 - $1 }'
}

# CPU seconds of the daemon, those of the responder among them: it answers within the send call.
cpu_seconds() { awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) / tick }' "/proc/$daemon/stat"; }

# measure_targets COUNT: one row, of the daemon's whole life. The scrape comes last: for so many targets it, and whoever
# reads it, are no small part of the work of two processors.
measure_targets() {
  local cpu t0 t1
  write_config 1s "$1"
  start_daemon
  sleep 2
  t0=$(now); cpu=$(cpu_seconds)
  sleep "$seconds"
  t1=$(now); cpu="$cpu $(cpu_seconds)"
  in_monitor curl -fsS -o "$work/metrics" "http://$url/metrics"
  stop_daemon
  awk -v targets="$1" -v cpu="$cpu" -v t0="$t0" -v t1="$t1" '
    /^sounder_probes_total/ && match($1, /outcome="[a-z_]+"/) { outcomes[substr($1, RSTART + 9, RLENGTH - 10)] += $NF }
    /^sounder_probes_due_total/ { due += $NF }
    END {
      split(cpu, spent, " ")
      printf "| %d | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.2f |\n", targets, due, outcomes["reply"],
        outcomes["timeout"], outcomes["local_drop"], outcomes["send_failed"], outcomes["slipped"],
        (spent[2] - spent[1]) / (t1 - t0)
    }' "$work/metrics"
}

measure_sizes() {
  local count
  echo "| targets at 1 s | due | reply | timeout | local_drop | send_failed | slipped | processors |"
  echo "|---|---|---|---|---|---|---|---|"
  for count in 10000 50000 100000 150000 200000 250000; do measure_targets "$count"; done
}

lab_up
case ${1:-} in
  '') measure_rates ;;
  --targets) measure_sizes ;;
  *) echo "usage: bench_rate [--targets]" >&2; exit 2 ;;
esac
