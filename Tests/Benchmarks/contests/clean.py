"""Recordings of many rates and containers to float32 at 16 kHz."""

import json
import os
import shutil
from pathlib import Path

import numpy
import safetensors

from harness import corpus
from harness.contest import Contest, Disagreement, Side
from harness.measure import run

PEERS = ["soundfile", "soxr", "numpy"]
COMMANDS = ["ffmpeg", "libsndfile1", "libsoxr0"]

NIGHT = "2026-11-20"
PIPELINE = 'format = 1\n[fetch]\nsource = "{source}"\n[infer]\nmodel = "none@1"\n[store]\nurl = "sqlite:none.db"\n'

NOTE = (
    "clean also checks every input against its SHA-256 and checks its structure (a truncated WAV passes the others), "
    "decodes in separate processes, so that a crash costs one recording, measures level, clipping, offset, SNR and "
    "bandwidth, and flushes its result to the disk before it seals it, with a SHA-256. The others leave their files in the "
    "page cache."
)

# The same resampler with the same recipe on every side: what is left is the order in which channels are mixed.
NEAR = {"soundfile": 1e-5, "ffmpeg": 1e-5}


def contests(bench):
    """One contest: all of them over one folder."""
    count = bench.size(500, 24)
    recordings = corpus.make(bench.folder("recordings") / str(count), count)
    home = bench.folder("clean")
    ours = _ours(bench, home, recordings)
    places = {name: home / name for name in NEAR}
    soundfile = [
        bench.python, bench.peers / "clean_soundfile.py", recordings.folder, places["soundfile"], "--format", "f32"]
    peers = [
        _peer("soundfile + soxr, two processes", places["soundfile"], {"wall": 1.3}, soundfile, "HQ, bare float32 files"),
        _peer("the same, with SHA-256 of everything read and written, and sync", places["soundfile"], {}, [
            *soundfile, "--durable"], "HQ, bare float32 files"),
        _peer("one ffmpeg per file, two at a time", places["ffmpeg"], {"wall": 5}, [
            bench.peers / "clean_ffmpeg.sh", recordings.folder, places["ffmpeg"]], "resampler=soxr, one thread each"),
    ]

    def agree() -> str:
        version = home / "data" / "bench" / NIGHT / "clean" / "current"
        return _compare(version, places, count)

    yield Contest(
        name="clean",
        title=f"{count} recordings in WAV, FLAC and Ogg ({recordings.seconds:,.0f} s of sound) to float32 at 16 kHz",
        ours=ours, peers=peers, agree=agree, amount=recordings.seconds, unit="s of sound", note=NOTE)


def _ours(bench, home: Path, recordings) -> Side:
    """clean, on a batch that fetch has downloaded before."""
    pipeline = home / "pipelines" / "bench" / "pipeline.toml"
    pipeline.parent.mkdir(parents=True, exist_ok=True)
    pipeline.write_text(PIPELINE.format(source=recordings.folder))
    environment = {"NOCTURNE_ROOT": str(home / "data"), "NOCTURNE_PIPELINES": str(home / "pipelines")}
    shutil.rmtree(home / "data", ignore_errors=True)
    run([bench.tools / "fetch", "bench", NIGHT, "--quiet"], home, environment)

    def prepare():
        shutil.rmtree(home / "data" / "bench" / NIGHT / "clean", ignore_errors=True)
        os.sync()

    return Side("clean", [bench.tools / "clean", "bench", NIGHT, "--quiet"], str(home), environment, prepare)


def _peer(name: str, place: Path, reach: dict, command: list, setting: str) -> Side:
    def prepare():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        os.sync()

    return Side(name, command, str(place.parent), prepare=prepare, reach=reach, setting=setting)


def _compare(version: Path, places: dict, count: int) -> str:
    """Every recording, sample by sample."""
    furthest = dict.fromkeys(places, 0.0)
    compared = 0
    for part in sorted(version.glob("part-*")):
        ids = [json.loads(line)["id"] for line in (part / "items.jsonl").read_text().splitlines()]
        with safetensors.safe_open(part / "audio.safetensors", "numpy") as audio:
            for item in ids:
                mine = audio.get_tensor(item)
                compared += 1
                for peer, place in places.items():
                    theirs = numpy.fromfile(place / f"{item}.f32", dtype=numpy.float32)
                    furthest[peer] = max(furthest[peer], _distance(item, peer, mine, theirs))
    if compared != count:
        raise Disagreement(f"{compared} of {count} recordings came through clean")
    told = [f"samples within {far:.1g} of {peer}'s" for peer, far in furthest.items()]
    return f"{compared} recordings, {' and '.join(told)}"


def _distance(item: str, peer: str, mine: numpy.ndarray, theirs: numpy.ndarray) -> float:
    """The largest difference between two recordings; the last sample may be rounded away."""
    if abs(len(mine) - len(theirs)) > 1:
        raise Disagreement(f"{item}: {len(mine)} samples here, {len(theirs)} from {peer}")
    length = min(len(mine), len(theirs))
    far = float(numpy.abs(mine[:length] - theirs[:length]).max())
    # Turned this way round, a difference that is not a number is too large as well.
    if not far <= NEAR[peer]:
        raise Disagreement(f"{item}: samples differ by {far:.2g} from {peer}'s, allowed are {NEAR[peer]}")
    return far
