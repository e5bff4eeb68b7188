#!/usr/bin/env bash
# Checks of the sources: formatting, shell scripts, words, alerting rules, and imports.
set -euo pipefail
cd "$(dirname "$0")/../.."

echo "check: swift format"
swift format lint --strict -r Sources Tests Package.swift

echo "check: shellcheck"
# Links to folders (model aliases) are listed as files too; grep skips them.
git ls-files -z | xargs -0 grep -d skip -lZE '^#!.*\b(ba)?sh\b' | xargs -0 shellcheck

echo "check: alerting rules"
.deps/promtool test rules pipelines/prometheus/nocturne.rules.test.yml >.build/rules.log 2>&1 \
  || { cat .build/rules.log >&2; exit 1; }

echo "check: words and line lengths (docs/style.md)"
python3 pipelines/tools/check_words.py

echo "check: floors (docs/architecture.md)"
swift package dump-package | python3 pipelines/tools/check_architecture.py

echo "check: imports are declared"
# Trust the exit status: the build may still print "Build complete!".
swift build -c release --explicit-target-dependency-import-check error >.build/check.log 2>&1 \
  || { grep -E 'error|warning' .build/check.log >&2; exit 1; }
# Warnings about other packages' manifests are not ours.
if grep -E 'error:|warning:' .build/check.log | grep -vE "^warning: '[^']+': found [0-9]+ file" >&2; then exit 1; fi
echo "check: all passed"
