#!/usr/bin/env bash
# Generates manual pages and shell completions from the built tools: manuals.sh TOOL…
set -euo pipefail
cd "$(dirname "$0")/../.."

python3 pipelines/tools/manuals.py .build/man "${@/#/.build/release/}"
for shell in bash zsh fish; do
  mkdir -p ".build/completions/$shell"
  # Only the front command is on the PATH of an installation.
  .build/release/nocturne --generate-completion-script "$shell" >".build/completions/$shell/nocturne"
done
