#!/usr/bin/env bash
# Records the trees again: record.sh TOOLS, the folder of the built tools whose results are to be the truth.
#
# RecordedTreesTests compares what the tools of today make with these records, which the first tools with
# clean's behaviour revision 3 made. A record
# is made again only where other bytes are wanted, and the tool's behaviour revision is raised with it.
set -euo pipefail
tools=$(realpath "$1")
cd "$(dirname "$0")"
trees=$PWD/trees.py records=$PWD checkout=$(realpath ../../..)
batch=2026-11-20
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# tool TOOL PIPELINE STAGE
tool() { env -i PATH="$PATH" HOME="$work" LANG=C.UTF-8 ${fault:+NOCTURNE_FAULT=$fault} "$tools/$1" "$2" $batch --stage "$3"; }

# chain PIPELINE: the night's stages, one after the other
chain() {
  local stage tool rest
  while IFS=: read -r stage tool rest; do tool "$tool" "$1" "$stage" </dev/null; done < <("$tools/nocturne" stages "$1")
}

for night in small several split; do
  python3 "$trees" lay $night "$work/$night"
  cd "$work/$night"
  chain $night
  python3 "$trees" record data >"$records/$night.json"
done

# The demo, with infer as it is the same on every machine with the same kind of processor.
mkdir -p "$work/demo/pipelines/digits"
cd "$work/demo"
ln -s "$checkout/pipelines/models" pipelines/models
sed 's/^model = .*/&\ndevice = "cpu"\nthreads = 1/' "$checkout/pipelines/digits/pipeline.toml" >pipelines/digits/pipeline.toml
"$checkout/.deps/venv/bin/python" -B "$checkout/pipelines/digits/demo_uploads.py" data/uploads $batch
chain digits
python3 "$trees" record data >"$records/demo.json"

# A finished night, and beside it a version of clean that a killed run left: its first part is sealed, its second is not.
python3 "$trees" lay small "$work/old"
cd "$work/old"
chain small
sed -i.plain 's/^\[clean\]$/[clean]\nresampler = "soxr-vhq"/' pipelines/small/pipeline.toml
fault=rename:5:KILL tool clean small clean || true
mv pipelines/small/pipeline.toml.plain pipelines/small/pipeline.toml
rm -r pipelines/models
tar --sort=name --owner=0 --group=0 --numeric-owner -cf - . | gzip -9n >"$records/old-root.tar.gz"

# What comes of it: the version is resumed; then a recording more and another setting, for the next versions.
mkdir "$work/continued"
cd "$work/continued"
python3 "$trees" unpack .
sed -i 's/^\[clean\]$/[clean]\nresampler = "soxr-vhq"/' pipelines/small/pipeline.toml
chain small
sed -i 's/fill = 0.0/fill = 1.0/' pipelines/small/pipeline.toml
python3 "$trees" add .
chain small
python3 "$trees" record data >"$records/continued.json"
