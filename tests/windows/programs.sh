# Runs every test program of the preset windows; sourced. Results are those of the tests in them.

# gtest_results PROGRAM: from GoogleTest's output on stdin. A skipped test's reason is the line after "…: Skipped".
gtest_results() {
  tr -d '\r' | awk -v program="$1" '
    function report(kind, name, reason) { printf "%s\t%s.%s\t%s\n", kind, program, name, reason }
    after_skip { reason = $0; after_skip = 0 }
    /: Skipped$/ { after_skip = 1 }
    /: Failure$/ { failure = $0 }
    /^\[       OK \]/ { report("pass", $4, "") }
    /^\[  SKIPPED \]/ && /\(.* ms\)$/ { report("skip", $4, reason); reason = "" }
    /^\[  FAILED  \]/ && /\(.* ms\)$/ { sub(/,$/, "", $4); report("fail", $4, failure); failure = "" }
    /^\[==========\] .* ran\./ { whole = 1 }
    END { if (!whole) report("fail", "(program)", "it ended before its last test") }'
}

# What Wine 8 can't be asked: of sends that wait when their socket is closed, some seem never to complete, so that what the
# completion holds is not freed. The first of these tests hung so; the others wait for the same.
closes_while_sending=(HttpLimits.AClientThatDoesNotReadIsClosedAndItsTargetsAreFreed HttpLimits.AnAnswerMayNotLastForEver
  Server.StopEndsEveryConnectionAndLeavesNothingToRun)

run_gtest() {
  local program=$1 name output
  name=$(basename "$program" .exe)
  output=$logs/$name
  "$windows_tests/wine" "$program" --gtest_color=no --gtest_filter="-$(IFS=: && echo "${closes_while_sending[*]}")" \
    </dev/null >"$output.log" 2>&1 || true
  # Whole, since another program's are written beside them.
  gtest_results "$name" <"$output.log" >"$output.results" && cat "$output.results" >>"$results"
}

# run_program KIND REST...: a line of test_programs.txt, which CMake wrote: "gtest PROGRAM" or "plain NAME PROGRAM
# ARGUMENTS".
run_program() {
  local kind=$1 name
  shift
  if [[ $kind == gtest ]]; then
    run_gtest "$1"
  else
    name=$1
    shift
    check "$name" "see $logs/$name.log" run_plain "$logs/$name.log" "$@"
  fi
}

# What changes addresses, or sends as fast as it may, runs alone: one thread serves all programs of Wine.
runs_alone='/(contract_windows_[a-z_]*|platform_test)\.exe$'

run_programs() {
  local words name
  while read -ra words; do run_program "${words[@]}"; done < <(grep -E "$runs_alone" "$build/test_programs.txt")
  # Two at a time: much of what they do is to wait.
  while read -ra words; do
    [[ $(jobs -rp | wc -l) -lt 2 ]] || wait -n
    { run_program "${words[@]}" || fail "${words[1]}" "its results could not be taken"; } &
  done < <(grep -Ev "$runs_alone" "$build/test_programs.txt")
  wait
  for name in "${closes_while_sending[@]}"; do
    skip "exporters_test.$name" "Wine 8 may lose the end of a send whose socket is closed"
  done
  grep -q property_test "$build/test_programs.txt" ||
    skip "the property tests" "not built: the mirror has not RapidCheck's source (scripts/windows-deps)"
}

run_plain() {
  local output=$1
  shift
  "$windows_tests/wine" "$@" </dev/null >"$output" 2>&1
}
