#!/usr/bin/env bash
# Cleans a folder of recordings with one ffmpeg for each, two at a time: OUT/KEY.f32 holds bare float32 samples at 16 kHz, the
# mean of all channels (without rematrix_maxval, ffmpeg mixes float samples louder). soxr's precision of 20 bits is its HQ.
#
#   clean_ffmpeg.sh FOLDER OUT
set -euo pipefail
folder=$1 out=$2
(cd "$folder" && find . -type d -print0) | (cd "$out" && xargs -0 mkdir -p)
export folder out
(cd "$folder" && find . -type f -print0) | xargs -0 -P 2 -I KEY \
    ffmpeg -nostdin -v error -threads 1 -i "$folder/KEY" -ac 1 -ar 16000 \
    -resampler soxr -precision 20 -rematrix_maxval 1 -f f32le -y "$out/KEY.f32"
