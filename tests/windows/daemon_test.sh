# sounder.exe end to end; sourced.

# write_config FILE [GROUP...]: 1,000 targets, or 500 where there is no ICMPv6, and what a router refuses.
write_config() {
  local file=$1
  shift
  {
    echo 'defaults: {interval: 1s, timeout: 900ms}'
    echo 'groups:'
    echo '  - {name: v4, targets: [10.200.0.1 - 10.200.1.244]}'
    echo '  - {name: refused, targets: [10.199.79.9]}'
    if $ipv6; then
      echo '  - {name: v6, targets: ["fd99:200::1 - fd99:200::1f4"]}'
      echo '  - {name: refused-v6, targets: ["fd99:79::9"]}'
    fi
    for group in "$@"; do echo "  - $group"; done
  } >"$file"
}

# Every target's due times are its outcomes and what is in flight, in one scrape.
accounts_add_up() {
  scrape | tr -d '\r' | awk '
    match($0, /\{.*\}/) {
      name = substr($0, 1, RSTART - 1)
      labels = substr($0, RSTART, RLENGTH)
      sub(/outcome="[a-z_]*",?/, "", labels)
      gsub(/,\}/, "}", labels)
      if (name == "sounder_probes_due_total") { due[labels] = $NF; targets++ }
      if (name == "sounder_probes_total" || name == "sounder_probes_in_flight") sum[labels] += $NF
    }
    END {
      for (labels in due) if (due[labels] != sum[labels]) wrong++
      exit !(targets > 0 && wrong == 0)
    }'
}

reload() { http -o /dev/null -w '%{http_code}' -X POST "http://127.0.0.1:$port/-/reload"; }
reload_gives() { [[ $(reload) == "$1" ]]; }

test_daemon() {
  local config=$work/daemon.yaml all=1000
  $ipv6 || all=500
  write_config "$config"
  check daemon.starts "it did not listen; see $logs/daemon.log" start_daemon daemon "$config" || return 0
  check daemon.probes_both_families "not all of $all targets came up" \
    until_true 90 series_are sounder_target_up '' 1 "$all"
  check daemon.hears_icmp_errors "no ICMP error of the router was counted" \
    until_true 60 total_above sounder_probes_total 'group="refused".*outcome="icmp_error"' 1
  if $ipv6; then
    check daemon.hears_icmpv6_errors "no ICMPv6 error of the router was counted" \
      until_true 60 total_above sounder_probes_total 'group="refused-v6".*outcome="icmp_error"' 1
  else
    skip daemon.hears_icmpv6_errors "this Wine gives no raw ICMPv6 sockets"
  fi
  check daemon.accounts_add_up "due times and outcomes differ" accounts_add_up

  blackhole add
  check daemon.sees_a_blackhole "245 targets should have gone down, and no other" \
    until_true 60 series_are sounder_target_up '"10[.]200[.]' 0 245
  check daemon.counts_timeouts "nothing timed out" total_above sounder_probes_total 'outcome="timeout"' 244
  blackhole del
  check daemon.sees_the_way_back "not all targets came back" \
    until_true 60 series_are sounder_target_up '' 1 "$all"
  check daemon.accounts_still_add_up "due times and outcomes differ" accounts_add_up

  test_network "$all"
  test_reloads "$config"
  test_ends "$config"
}

# While there is no way to the targets it is not they that are down; and nobody has to restart anything afterwards.
test_network() {
  way_to_router del
  check daemon.sees_the_route_go "500 targets should be unreachable from here" \
    until_true 60 series_are sounder_target_state_info '"10[.]200[.].*state="unreachable"' 1 500
  check daemon.calls_that_a_failed_send "nothing was refused for want of a route" \
    total_above sounder_send_errors_total 'reason="no_route"' 0
  # Another address takes over, and the route comes back.
  ip -n wine addr del 10.199.77.1/24 dev wv0
  ip -n wine addr add 10.199.77.9/24 dev wv0
  way_to_router add
  check daemon.sees_the_route_come_back "not all targets came back" \
    until_true 60 series_are sounder_target_up '' 1 "$1"
  check daemon.accounts_add_up_without_a_route "due times and outcomes differ" accounts_add_up
}

test_reloads() {
  local config=$1 before
  before=$(total sounder_probes_due_total 'group="v4"')
  write_config "$config" '{name: added, targets: [10.200.2.1]}'
  check daemon.reloads_on_request "POST /-/reload was not answered with 200" reload_gives 200
  check daemon.has_the_new_target "the new target is not there" total_is sounder_targets 'group="added"' 1
  check daemon.keeps_the_counters "a reload lost counts of targets that it did not change" \
    total_above sounder_probes_due_total 'group="v4"' "$((before - 1))"
  write_config "$config" '{name: added, targets: [10.200.2.1, 10.200.2.2]}'
  check daemon.reloads_a_changed_file "a changed file was not noticed" \
    until_true 60 total_is sounder_targets 'group="added"' 2
  echo 'groups: 7' >"$config"
  check daemon.refuses_a_bad_file "a bad configuration was not refused with 400" reload_gives 400
  check daemon.says_that_it_refused "the metric says that the last reload was good" \
    total_is sounder_config_last_reload_successful '' 0
  check daemon.goes_on_as_before "it lost targets" total_is sounder_targets 'group="added"' 2
  write_config "$config"
}

test_ends() {
  kill -KILL "$daemon"
  wait "$daemon" 2>/dev/null || true
  check daemon.starts_after_a_kill "it did not listen; see $logs/after-kill.log" start_daemon after-kill "$1"
  check daemon.probes_after_a_kill "no replies" until_true 60 total_above sounder_probes_total 'outcome="reply"' 0
  check daemon.stops_on_ctrl_c "it did not end with status 0; see $log" stop_daemon
  check daemon.says_that_it_stops "no word of it in $log" grep -q 'msg="\?stopping' "$log"

  printf 'groups:\n  - {name: few, targets: [10.200.0.1 - 10.200.0.10]}\n' >"$1"
  check daemon.starts_with_few "it did not listen; see $logs/reloads.log" start_daemon reloads "$1"
  check daemon.stays_flat_over_reloads "see above" flat_over_reloads
  check daemon.stops_after_reloads "it did not end with status 0" stop_daemon
}

# What the process and Wine's server hold, as Linux counts it: open files (a Windows handle of a socket, a file or a pipe
# is one in both) and resident memory in KiB. Wine itself answers 0 to GetProcessHandleCount().
held() {
  local server_process files
  server_process=$(pgrep -o wineserver64)
  files=$(($(ls "/proc/$daemon/fd" | wc -l) + $(ls "/proc/$server_process/fd" | wc -l)))
  echo "$files $(awk '/^VmRSS:/ { print $2 }' "/proc/$daemon/status")"
}

reload_times() {
  local i
  for ((i = 0; i < $1; i++)); do reload_gives 200 || return 1; done
}

flat_over_reloads() {
  local files memory files_then memory_then
  reload_times 200 || return 1
  read -r files memory <<<"$(held)"
  reload_times 1000 || return 1
  read -r files_then memory_then <<<"$(held)"
  echo "1,000 reloads: open files $files, then $files_then; resident $memory KiB, then $memory_then KiB"
  # Connections that have just been closed may still count; a leak of one for each reload would be a thousand.
  ((files_then <= files + 10 && memory_then <= memory + 2048))
}
