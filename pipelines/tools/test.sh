#!/usr/bin/env bash
# Builds and runs the tests; test.sh FILTER runs those whose names match. Ends with the failures, all together.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Release mode without testable imports: the tests link the very modules that the tools are made of.

swift build -c release --build-tests

log=.build/tests.log
status=0
swift test -c release --disable-testable-imports --skip-build ${1:+--filter "$1"} 2>&1 | tee "$log" || status=$?
((status == 0)) && exit 0

# Thousands of lines hide what failed among them, and who keeps only a log's end has nothing of it.
echo
echo "What failed (all of the output is in $log):"
awk '
  / recorded an issue / { lines = 60; print; next }
  /^(◇|✔|✘)/ { lines = 0 }
  lines > 0 { lines--; print }
  match($0, /Test [^ ]+\(.*\) started\.$/) { open[substr($0, RSTART + 5, RLENGTH - 14)] = 1 }
  match($0, /Test [^ ]+\(.*\) (with [0-9]+ test cases? )?(passed|failed) after/) {
    name = substr($0, RSTART + 5, RLENGTH - 5)
    sub(/ (with [0-9]+ test cases? )?(passed|failed) after$/, "", name)
    delete open[name]
  }
  END { for (name in open) print "never ended: " name }
' "$log"
exit "$status"
