"""Resident memory over 2,000 batches of varying lengths: a line fitted to it must have no slope. There is no peer."""

import json
import math
import shutil
import sys

import numpy

from harness import corpus, packages
from harness.contest import Contest, Disagreement, Side
from harness.measure import run

PEERS = ["torch"]
COMMANDS = []

PART = 50
"""Batches in a part: each part goes through all lengths again, the longest first."""
SKIPPED = 0.2
"""The share of the run in which caches are still being filled: left out of the fit."""
NOTE = (
    f"One recording per batch, for as many batches as recordings and as many lengths as possible. Within a part the "
    f"batches go from long to short, so the line is fitted to the highest figure of each part of {PART} batches; the first "
    f"{100 * SKIPPED:.0f} % of the parts, in which libtorch's caches of shapes fill, are left out.")
PIPELINE = """\
format = 1
[fetch]
source = "{source}/"
part_items = {part}
[clean]
[featurize]
[infer]
model = "{script}"
max_batch_items = 1
[compiled]
tool = "infer"
input = "featurize"
model = "{compiled}"
max_batch_items = 1
frame_grid = 128
"""
STAGES = {"TorchScript float32": "infer", "AOTInductor bfloat16, frame_grid = 128": "compiled"}


def contests(bench):
    if bench.quick:
        print("memory_slope: left out, a line needs a full round", file=sys.stderr)
        return
    count = 2000
    folder = bench.folder(f"memory-slope-{count}")
    recordings = corpus.make(folder / "recordings", count, seed=11)
    models = bench.folder("models")
    script, compiled = packages.two_million(models), packages.two_million_compiled(models)
    (folder / "pipeline.toml").write_text(PIPELINE.format(
        source=recordings.folder, part=PART, script=script.reference, compiled=compiled.reference))
    words = ["bench", "night", "--root", folder / "root", "--config", "pipeline.toml"]
    for tool in ["fetch", "clean", "featurize"]:
        run([bench.tools / tool, *words], folder)
    sides = [
        Side(
            name, [bench.tools / "infer", *words, "--stage", stage], str(folder), {"NOCTURNE_MODELS": str(models)},
            prepare=lambda place=folder / "root/bench/night" / stage: shutil.rmtree(place, ignore_errors=True))
        for name, stage in STAGES.items()
    ]
    yield Contest(
        "memory-slope", f"infer's resident memory over {count:,} batches of 1 to 30 s", sides[0], sides[1:],
        lambda: _counted(folder, count), amount=recordings.seconds, unit="s of sound", runs=1, note=NOTE,
        closing=lambda: _slopes(folder))


def _batches(folder, stage: str) -> list:
    """A stage's batches, from its log, in the order in which they ran."""
    log = (folder / "root/bench/night" / stage / "current/events.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, log) if event.get("event") == "batch"]


def _counted(folder, count: int) -> str:
    counts = [len(_batches(folder, stage)) for stage in STAGES.values()]
    if counts != [count] * len(counts):
        raise Disagreement(f"{counts} batches of {count} recordings")
    lengths = len({batch["length"] for batch in _batches(folder, "infer")})
    return f"{count:,} batches of each, padded to {lengths} different lengths in TorchScript"


def _slopes(folder) -> str:
    lines = ["|  | slope, MiB per 1,000 batches | standard error | first fitted part, MiB | last part, MiB |",
             "|" + " --- |" * 5]
    for name, stage in STAGES.items():
        resident = [batch["resident_memory_bytes"] / 2**20 for batch in _batches(folder, stage)]
        peaks = [max(resident[start : start + PART]) for start in range(0, len(resident), PART)]
        peaks = peaks[math.ceil(SKIPPED * len(peaks)) :]
        slope, error = fit(PART * numpy.arange(len(peaks)), numpy.array(peaks))
        lines.append(f"| {name} | {1000 * slope:+.2f} | {1000 * error:.2f} | {peaks[0]:.0f} | {peaks[-1]:.0f} |")
    return "\n".join(lines)


def fit(x: numpy.ndarray, y: numpy.ndarray) -> tuple:
    """The slope of the least-squares line, and its standard error (Draper and Smith, Applied Regression Analysis, 1.4)."""
    spread = ((x - x.mean()) ** 2).sum()
    slope = ((x - x.mean()) * (y - y.mean())).sum() / spread
    residuals = y - y.mean() - slope * (x - x.mean())
    return float(slope), float(math.sqrt((residuals**2).sum() / (len(x) - 2) / spread))
