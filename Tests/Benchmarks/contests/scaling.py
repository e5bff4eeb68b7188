"""Ten times the recordings: ten times the time, and no more memory. There is no peer; the two nights are the two sides."""

from harness import corpus, packages
from harness.contest import Contest, Disagreement
from harness.nights import Night
from harness.postgres import Server

PEERS = []
COMMANDS = ["postgresql"]
STAGES = ["fetch", "clean", "featurize", "infer", "store"]

_servers = []


def contests(bench):
    """The whole night, then each stage alone on what the night before it has left."""
    few, times = bench.size(200, 16), 10
    # The same lengths and containers ten times over, so that ten times the recordings is ten times the sound.
    recordings = [
        corpus.make(bench.folder("scaling") / f"recordings-{count}", count, seed=5, distinct=few)
        for count in (few, few * times)
    ]
    server = Server()
    _servers.append(server)
    package = packages.two_million(bench.folder("models"))
    nights = [
        Night(bench, f"scaling-{one.count}", one.folder, package, server, infer="max_batch_items = 4\n")
        for one in recordings
    ]

    def contest(name, title, sides, agree, runs, goal) -> Contest:
        for side, one in zip(sides, recordings):
            side.name = f"{one.count:,} recordings, {one.seconds:,.0f} s of sound"
        sides[1].reach = goal
        return Contest(name=name, title=title, ours=sides[0], peers=[sides[1]], agree=agree, runs=runs)

    goal = {"wall": (0.9 * times, 1.1 * times), "peak": (0.9, 1.1)}
    yield contest(
        "scaling-night", "The whole night, a model of 2.1 M parameters in TorchScript", [night.side() for night in nights],
        lambda: _counted(nights, recordings), bench.size(3, 1), goal)
    for tool in STAGES:
        yield contest(
            f"scaling-{tool}", f"{tool} alone", [night.stage_side(tool) for night in nights],
            lambda: _counted(nights, recordings), bench.size(3, 1), goal)


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
