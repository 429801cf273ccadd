# The client library on Windows, by the programs of its port guide (client/examples/windows), and the commands that are
# clients themselves; sourced. Each program of before is held against the one of after.

guide() { "$windows_tests/wine" "$build/client/port_$1.exe" "${@:2}" </dev/null 2>&1 | tr -d '\r'; }
command_of() { "$windows_tests/wine" "$build/app/sounder.exe" "$@" </dev/null 2>&1 | tr -d '\r'; }
guide_says() { guide "${@:2}" >"$logs/guide_$2.log" && grep -qE "$1" "$logs/guide_$2.log"; }
command_says() { command_of "${@:2}" >"$logs/command_$2.log" && grep -qE "$1" "$logs/command_$2.log"; }

test_client() {
  local config=$work/client.yaml
  {
    echo 'broker: {policy: [{for: everybody, packets_per_second: 100}]}'
    echo 'groups: [{name: lab, interval: 500ms, targets: [127.0.0.1]}]'
  } >"$config"
  check client.says_that_there_is_no_daemon "see $logs/guide_after.log" \
    eval '! guide after 127.0.0.1 >"$logs/guide_after.log" && grep -q "^after: " "$logs/guide_after.log"'
  check client.daemon_starts "it did not listen; see $logs/client.log" start_daemon client "$config" || return 0
  check client.guide_before "see $logs/guide_before.log" guide_says '^127\.0\.0\.1: reply, [0-9]+ ms$' before 127.0.0.1
  check client.guide_after "see $logs/guide_after.log" guide_says '^127\.0\.0\.1: reply, [0-9.]+ ms$' after 127.0.0.1
  check client.guide_watch_before "see $logs/guide_watch_before.log" \
    guide_says '^here on interface [0-9]+$' watch_before 1
  check client.guide_watch_after "see $logs/guide_watch_after.log" \
    guide_says '^here on interface [0-9]+: 127\.0\.0\.1$' watch_after 5
  check client.ping "see $logs/command_ping.log" \
    command_says '2 packets transmitted, 2 received' ping -c 2 -i 0.1 --via-broker 127.0.0.1
  check client.watch "see $logs/command_watch.log" command_says '^\+ address 127\.0\.0\.1/8 on ' watch --network --once
  check client.top "see $logs/command_broker.log" command_says 'sounder broker top' broker top --once
  check client.daemon_stops "it did not stop" stop_daemon
}
