# sounder.exe in Wine, started, scraped and ended from Linux; sourced.

# start_daemon NAME CONFIG: until it listens. Sets $daemon (process), $port and $log.
start_daemon() {
  log=$logs/$1.log
  : >"$log"
  SOUNDER_WINE_SECONDS=0 "$windows_tests/wine" "$build/app/sounder.exe" run -c "$2" --listen 127.0.0.1:0 \
    </dev/null >"$log" 2>&1 &
  daemon=$!
  until_true 60 listening
}
listening() {
  kill -0 "$daemon" 2>/dev/null || return 1
  port=$(sed -n 's/.*msg="\?listening"\?.* port=\([0-9]*\).*/\1/p' "$log" | head -n 1)
  [[ -n $port ]]
}

http() { ip netns exec wine curl -sS --max-time 30 "$@"; }
scrape() { http "http://127.0.0.1:$port/metrics"; }

# total METRIC PATTERN: the sum of a metric's series whose line fits the pattern.
total() { scrape | tr -d '\r' | awk -v metric="$1" -v pattern="$2" \
  'index($0, metric "{") == 1 || index($0, metric " ") == 1 { if ($0 ~ pattern) sum += $NF } END { printf "%.0f\n", sum }'; }
# series METRIC PATTERN VALUE: how many have this value.
series() { scrape | tr -d '\r' | awk -v metric="$1" -v pattern="$2" -v value="$3" \
  'index($0, metric "{") == 1 && $0 ~ pattern && $NF == value { n++ } END { print n + 0 }'; }

total_is() { [[ $(total "$1" "$2") == "$3" ]]; }
total_above() { (($(total "$1" "$2") > $3)); }
series_are() { [[ $(series "$1" "$2" "$3") == "$4" ]]; }

# stop_daemon: by Ctrl-C, which is what SIGINT is in Wine. Succeeds if it ended well.
stop_daemon() {
  kill -INT "$daemon"
  until_true 30 ended || return 1
  wait "$daemon"
}
ended() { ! kill -0 "$daemon" 2>/dev/null; }
