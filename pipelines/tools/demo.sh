#!/usr/bin/env bash
# Plays a night: a dozen devices upload spoken digits, the five tools run, and a report says what was heard.
set -euo pipefail
cd "$(dirname "$0")/../.."

batch=${1:-2026-11-20}
uploads=${NOCTURNE_ROOT:-data}/uploads
python=.deps/venv/bin/python

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }

step "1. Devices upload a night of recordings"
"$python" pipelines/digits/demo_uploads.py "$uploads" "$batch"

step "2. The night runs: nocturne nightly digits $batch"
.build/release/nocturne nightly digits "$batch"

step "3. What came of it"
"$python" pipelines/digits/report.py digits "$batch" --truth "$uploads/$batch.truth.csv"
