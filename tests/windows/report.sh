# What the parts of scripts/windows-test report, and what is made of it; sourced. $results: the file of lines
# "pass|fail|skip <tab> name <tab> reason".
pass() { printf 'pass\t%s\t\n' "$1" >>"$results"; }
skip() { printf 'skip\t%s\t%s\n' "$1" "$2" >>"$results"; }
fail() {
  printf 'fail\t%s\t%s\n' "$1" "$2" >>"$results"
  printf 'FAILED %s: %s\n' "$1" "$2" >&2
}

# check NAME WHAT COMMAND...: passes if the command succeeds.
check() {
  local name=$1 what=$2
  shift 2
  if "$@"; then pass "$name"; else fail "$name" "$what"; fi
}

# until_true SECONDS COMMAND...: tries until it succeeds; the bound finds hangs.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

# Counts, every failure, and for every reason to skip how many and an example. Fails if anything failed, or nothing ran.
summarize() {
  awk -F '\t' '
    { count[$1]++ }
    $1 == "fail" { failures = failures sprintf("  %s: %s\n", $2, $3) }
    $1 == "skip" { if (!($3 in skipped)) { order[++reasons] = $3; example[$3] = $2 }; skipped[$3]++ }
    END {
      if (count["skip"]) print "Skipped:"
      for (i = 1; i <= reasons; i++) printf "  %4d  %s (%s)\n", skipped[order[i]], order[i], example[order[i]]
      if (failures != "") printf "Failed:\n%s", failures
      printf "Windows programs in Wine: %d passed, %d failed, %d skipped\n", count["pass"], count["fail"], count["skip"]
      exit !(count["pass"] > 0 && count["fail"] == 0)
    }' "$results"
}
