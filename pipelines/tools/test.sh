#!/usr/bin/env bash
# Builds and runs the tests; test.sh FILTER runs those whose names match.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Release mode without testable imports: the tests link the very modules that the tools are made of.

swift build -c release --build-tests
exec swift test -c release --disable-testable-imports --skip-build ${1:+--filter "$1"}
