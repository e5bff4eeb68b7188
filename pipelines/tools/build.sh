#!/usr/bin/env bash
# Builds in release mode: build.sh night (what a night needs) or build.sh dashboard.
#
# One build tree serves everything: the tests run what users run, and nothing is compiled twice.
# SwiftPM takes seconds to find that nothing changed. So each build leaves a stamp, .build/NAME.stamp, and a build whose stamp
# is newer than every source is over at once.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf 'build: %s\n' "$*"; }

case "${1:?usage: build.sh night|dashboard}" in
  night)
    made=(fetch clean featurize infer store batches nocturne libnocturne-torch.so)
    steps=("--product nocturne-torch" "--target night-tools")
    first="compiling the tools; the first time, this takes about five minutes on two cores" ;;
  dashboard)
    made=(dashboard)
    steps=("--product dashboard")
    first="compiling the dashboard; the first time, its packages take a few minutes on two cores" ;;
  *) echo "build.sh: not a thing to build: $1" >&2; exit 64 ;;
esac
name=$1 stamp=.build/$1.stamp

# What a build depends on besides the sources. `--version` of the tools names the commit.
surroundings() {
  readlink -m "$(command -v swift)" "${LIBTORCH:-.deps/libtorch}"
  if git rev-parse HEAD 2>/dev/null; then git status --porcelain --untracked-files=no | sed -n '1s/.*/changed/p'; fi
}

is_current() {
  [ "$(cat "$stamp" 2>/dev/null)" = "$(surroundings)" ] || return 1
  local file
  for file in "${made[@]}"; do [ -e ".build/release/$file" ] || return 1; done
  local sources=(Package.swift Sources)
  [ ! -e Package.resolved ] || sources+=(Package.resolved)
  # By the time of change, which no copy can set back. A folder's own time shows what was removed from it.
  [ -z "$(find "${sources[@]}" -cnewer "$stamp" -print -quit)" ]
}

is_current && exit 0

SECONDS=0
mkdir -p .build
if [ ! -d .build/checkouts ]; then
  say "fetching the Swift packages (about a minute)"
  swift package resolve
fi
if [ -e "$stamp" ]; then say "compiling what changed"; else say "$first"; fi
# Dated before the build, so that what is edited meanwhile is built the next time.
surroundings >"$stamp.new"
for step in "${steps[@]}"; do
  # shellcheck disable=SC2086 # a step is an option and its value
  swift build -c release $step
done
mv "$stamp.new" "$stamp"
say "$name is ready after $SECONDS s"
