# Without the right to raw sockets; sourced. Wine's server decides: without CAP_NET_RAW it refuses them with 10013, as
# Windows does to who is no Administrator.
test_rights() {
  local output status=0
  stop_server
  start_server "$server" setpriv --bounding-set=-net_raw --inh-caps=-net_raw
  output=$("$windows_tests/wine" "$build/app/sounder.exe" run -c "$root/config/example.yaml" --listen 127.0.0.1:0 \
    </dev/null 2>&1) || status=$?
  printf '%s\n' "$output" >"$logs/rights.log"
  check rights.refused "sounder.exe ran without raw sockets" test "$status" -ne 0
  check rights.names_the_error "10013 is not in $logs/rights.log" grep -q 10013 "$logs/rights.log"
  check rights.says_how_to_mend_it "Administrators is not in $logs/rights.log" grep -q Administrators "$logs/rights.log"
  stop_server
  start_server "$server"
}
