"""Ten times the recordings: ten times the time, and no more memory. There is no peer; the two nights are the two sides."""

import json

from harness import corpus, packages
from harness.contest import Contest, Disagreement
from harness.nights import Night
from harness.postgres import Server

PEERS = []
COMMANDS = ["postgresql"]
STAGES = ["fetch", "clean", "featurize", "infer", "store"]
TIMES = 10

NOTE = (
    "The recordings of the large night have the lengths and containers of the small one's, ten times over. A part is the "
    "small night (`part_items`), so that both work on whole parts: memory depends on a part, and the question is whether it "
    "depends on their number. The fixed cost of a night (starting the tools, loading the model) is a larger share of the "
    "small one: a little less than ten times the time is expected."
)

_servers = []


def contests(bench):
    """One contest: the whole night; what each stage took is in the seals."""
    few = bench.size(200, 8)
    recordings = [
        corpus.make(bench.folder("scaling") / f"recordings-{count}", count, seed=5, distinct=few)
        for count in (few, few * TIMES)
    ]
    server = Server()
    _servers.append(server)
    package = packages.two_million(bench.folder("models"))
    nights = [
        Night(
            bench, f"scaling-{one.count}", one.folder, package, server, fetch=f"part_items = {few}\n",
            infer="max_batch_items = 4\n")
        for one in recordings
    ]
    sides = [night.side() for night in nights]
    for side, one in zip(sides, recordings):
        side.name = f"{one.count:,} recordings, {one.seconds:,.0f} s of sound"
    sides[1].reach = {"wall": (0.9 * TIMES, 1.1 * TIMES), "peak": (0.9, 1.1)}
    yield Contest(
        name="scaling", title="The whole night, a model of 2.1 M parameters in TorchScript", ours=sides[0],
        peers=[sides[1]], agree=lambda: _counted(nights, recordings), runs=3, note=NOTE, closing=lambda: _stages(nights))


def finish():
    """Stops the server."""
    while _servers:
        _servers.pop().stop()


def _counted(nights, recordings) -> str:
    """Every recording of both nights is in the tables."""
    counts = [night.stored() for night in nights]
    if counts != [one.count for one in recordings]:
        raise Disagreement(f"{counts} predictions of {[one.count for one in recordings]} recordings")
    return f"{counts[0]:,} and {counts[1]:,} predictions are stored"


def _stages(nights) -> str:
    """What each stage took in the last round, from the seals of both nights."""
    lines = [
        "By stage, in the last round, from the seals (the kernel's peak of the largest process):", "",
        "| stage | small, s | large, s | times | small, MiB | large, MiB | times |", "|" + " --- |" * 7]
    for stage in STAGES:
        runs = [json.loads((night.stages / stage / "current" / "batch.json").read_text())["run"] for night in nights]
        seconds = [run["seconds"] for run in runs]
        peaks = [run["peak_memory_bytes"] for run in runs]
        lines.append(
            f"| {stage} | {seconds[0]:.3f} | {seconds[1]:.3f} | {seconds[1] / seconds[0]:.2f} | {peaks[0] / 2**20:.0f} | "
            f"{peaks[1] / 2**20:.0f} | {peaks[1] / peaks[0]:.2f} |")
    return "\n".join(lines)
