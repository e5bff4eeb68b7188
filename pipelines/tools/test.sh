#!/usr/bin/env bash
# Builds and runs the tests, and ends with a list of all failures.
#
#   test.sh [FILTER]           all tests, or those whose names match
#   test.sh --fast [FILTER]    of these, the quick ones that need no server and no browser
set -euo pipefail
cd "$(dirname "$0")/../.."

# Release mode without testable imports: the tests link the very modules that the tools are made of.

fast=
if [ "${1:-}" = --fast ]; then
  fast=1
  shift
fi

swift build -c release --build-tests
program=$(swift build -c release --show-bin-path)/nocturnePackageTests.xctest

# The tags of the tests decide. An untagged test that starts a server fails.
skipped=()
if [ -n "$fast" ]; then
  export NOCTURNE_TESTS=fast
  mapfile -t skipped < <(python3 pipelines/tools/tagged_tests.py "$program" server browser slow)
  [ ${#skipped[@]} -gt 0 ] || { echo "test.sh: no test has a tag" >&2; exit 70; }
fi

# All of them take about ten minutes on two cores; tests that wait for each other would never end.
limit=${NOCTURNE_TEST_SECONDS:-2400}
log=.build/tests.log
stacks=.build/tests.stacks

# Not by `swift test`: it passes on the output with a delay, and waits for every process that holds the output open. The
# file is followed until the tests' process has ended, not until the last of its children has closed it.
"$program" --testing-library swift-testing ${1:+--filter "$1"} "${skipped[@]}" >"$log" 2>&1 &
tests=$!
trap 'kill "$tests" 2>/dev/null || true' EXIT
tail -n +1 -s 0.2 --pid="$tests" -f "$log" &
follower=$!
late=
SECONDS=0
while kill -0 "$tests" 2>/dev/null; do
  if [ -z "$late" ] && ((SECONDS > limit)); then
    late=1
    # All processes except the kernel's.
    ps --ppid 2 -p 2 --deselect --forest -o pid,ppid,stat,etimes,args | cut -c -200 >"$stacks"
    # A debugger is not part of the set-up; if there is one, it shows what waits for what, and flushes the last lines.
    if command -v gdb >/dev/null; then
      timeout -k 5 300 gdb -p "$tests" -batch -ex 'set pagination off' -ex 'thread apply all bt 20' \
        -ex 'call (int) fflush(0)' >>"$stacks" 2>/dev/null || true
    fi
    kill -KILL "$tests"
  fi
  sleep 0.2
done
wait "$follower" || true
status=0
wait "$tests" || status=$?
trap - EXIT
((status == 0)) && exit 0

# Failures are hard to find among thousands of lines, and often only a log's end is kept.
echo
echo "What failed (all of the output is in $log):"
awk '
  / recorded an issue / { lines = 60; print; next }
  /^(◇|✔|✘)/ { lines = 0 }
  lines > 0 { lines--; print }
  match($0, /Test .+ started\.$/) { open[substr($0, RSTART + 5, RLENGTH - 14)] = 1 }
  match($0, /Test .+ (with [0-9]+ test cases? )?(passed|failed) after/) {
    name = substr($0, RSTART + 5, RLENGTH - 5)
    sub(/ (with [0-9]+ test cases? )?(passed|failed) after$/, "", name)
    delete open[name]
  }
  END { for (name in open) if (name != "run" && name !~ /^case passing /) print "never ended: " name }
' "$log"
if [ -n "$late" ]; then
  echo "The tests had not ended after $limit s and were killed. What ran then (all of it is in $stacks):"
  awk -v RS= 'NR == 1 || /Tests/' "$stacks" | cut -c -200 | head -n 300
fi
exit "$status"
