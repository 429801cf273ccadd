# The same configuration gives the same metric families on both systems; sourced.

# families: of an exposition on stdin, each family's help and type, and the labels of its series.
families() {
  tr -d '\r' | awk '
    /^# (HELP|TYPE) / { print; next }
    {
      name = $0
      sub(/[{ ].*/, "", name)
      labels = ""
      rest = $0
      while (match(rest, /[a-zA-Z_][a-zA-Z0-9_]*="/)) {
        labels = labels substr(rest, RSTART, RLENGTH - 2) ","
        rest = substr(rest, RSTART + RLENGTH)
        match(rest, /([^"\\]|\\.)*"/)
        rest = substr(rest, RLENGTH + 1)
      }
      print name "{" labels "}"
    }' | LC_ALL=C sort -u
}

test_families() {
  local config=$work/families.yaml
  write_config "$config"
  start_daemon families "$config" || { fail families.wine "sounder.exe did not listen"; return 0; }
  until_true 90 total_above sounder_probes_total 'group="refused".*outcome="icmp_error"' 0 || true
  scrape | families >"$work/families.windows"
  stop_daemon || true

  log=$logs/families-linux.log
  ip netns exec wine "$root/build/dev/app/sounder" run -c "$config" --listen 127.0.0.1:0 \
    --broker "$work/broker.sock" >"$log" 2>&1 &
  daemon=$!
  until_true 60 listening || { fail families.linux "the daemon for Linux did not listen; see $log"; return 0; }
  until_true 90 total_above sounder_probes_total 'group="refused".*outcome="icmp_error"' 0 || true
  scrape | families >"$work/families.linux"
  stop_daemon || true

  check families.are_many "the scrape of Linux has hardly any" test "$(wc -l <"$work/families.linux")" -gt 60
  check families.are_the_same "names, types, help or labels differ, as shown" \
    diff "$work/families.linux" "$work/families.windows"
}
