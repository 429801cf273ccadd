#!/bin/sh
# canary_dies.sh PROGRAM SEEDS VIOLATION: succeeds if a swarm with a fault built in fails, and the first thing that it
# finds is VIOLATION.
found=$("$1" --seed 1 --runs "$2" --shrink 0)
status=$?
printf '%s\n' "$found" | head -n 14
test $status -eq 1 || { echo "the fault went unnoticed: status $status"; exit 1; }
printf '%s\n' "$found" | sed -n 2p | grep -q -- "$3" || { echo "noticed, but not for: $3"; exit 1; }
