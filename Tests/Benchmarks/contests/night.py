"""Whole nights: from a folder of recordings to rows in PostgreSQL, against one Python script."""

import sys

from harness import corpus, packages
from harness.agreement import ACROSS, FLOAT32, SAME_BFLOAT16, labels_agree
from harness.contest import Contest, Disagreement, Side
from harness.nights import NIGHT, Night
from harness.postgres import Server

PEERS = ["torch", "soundfile", "soxr", "torchaudio", "kaldi_native_fbank", "psycopg", "numpy"]
COMMANDS = ["postgresql"]

_servers = []

NOTE = (
    "The script reads the recordings in place, keeps features in memory and writes nothing but rows. Nocturne copies "
    "the recordings, and writes each stage's result as a sealed version: flushed to the disk, with a SHA-256 of every file, "
    "checked by the next stage; it also measures each recording's quality. PostgreSQL runs on loopback without flushing, "
    "for both."
)


def contests(bench):
    """The small model, the large one, and the large one compiled in bfloat16."""
    count = bench.size(500, 24)
    recordings = corpus.make(bench.folder("recordings") / str(count), count)
    models = bench.folder("models")
    server = Server()
    _servers.append(server)

    small, large = packages.small(models), packages.two_million(models)
    # In a small round each model meets the script that a goal is set against, and no other.
    most = bench.size(None, 1)
    yield _contest(bench, "night-small", "a model of 0.15 M parameters", recordings, server, small, [
        ("Python script", small, ["--batch-items", "8"], {"wall": 2, "peak": 4}, FLOAT32),
        ("Python script, kaldi-native-fbank", small, ["--batch-items", "8", "--fbank", "kaldi-native-fbank"], {}, FLOAT32),
    ][:most])
    if not bench.quick:
        yield _contest(bench, "night-large", "a model of 2.1 M parameters", recordings, server, large, [
            ("Python script", large, ["--batch-items", "4"], {"wall": 1.2, "peak": 4}, FLOAT32),
        ])
    if bench.quick and not packages.is_compiled(models):
        # The compiler alone takes a minute.
        print("night-compiled: left out, for no full round has compiled its model yet", file=sys.stderr)
        return
    compiled = packages.two_million_compiled(models)
    yield _contest(
        bench, "night-compiled", "the same model compiled by AOTInductor in bfloat16", recordings, server, compiled, [
            ("Python script, TorchScript float32", large, ["--batch-items", "4"], {"wall": 2.5, "peak": 4},
             ACROSS),
            ("Python script, the same package", compiled, ["--batch-items", "16", "--precision", compiled.precision], {}, SAME_BFLOAT16),
        ][:most])


def finish():
    """Stops the server."""
    while _servers:
        _servers.pop().stop()


def _contest(bench, name, model, recordings, server, package, scripts) -> Contest:
    # Small batches suit a CPU: found best, as the scripts' sizes were. What docs/compiled-models.md says of compiled packages
    # is another grid, and more frames at once.
    compiled = package.version != "1"
    ours = Night(
        bench, name, recordings.folder, package, server,
        infer="frame_grid = 128\nmax_batch_frames = 8000\n" if compiled else "max_batch_items = 4\n")
    peers = [
        _script(bench, f"{name}-{place}", label, recordings.folder, script_package, server, options, reach)
        for place, (label, script_package, options, reach, _) in enumerate(scripts)
    ]

    def agree() -> str:
        return "; ".join(
            f"{label}: {_compare(server, name, f'{name}-{place}', *tolerance)}"
            for place, (label, _, _, _, tolerance) in enumerate(scripts))

    return Contest(
        name=name,
        title=f"A night of {recordings.count} recordings ({recordings.seconds:,.0f} s of sound), {model}",
        ours=ours.side(), peers=peers, agree=agree, amount=recordings.seconds, unit="s of sound", runs=3, note=NOTE)


def _script(bench, database, label, recordings, package, server, options, reach) -> Side:
    command = [
        bench.python, bench.peers / "night.py", recordings, package.file, server.url(database), "--night", NIGHT,
        "--labels", ",".join(packages.LABELS), *options,
    ]
    return Side(
        label, command, str(bench.folder("night")), prepare=lambda: server.fresh_database(database), reach=reach,
        setting=" ".join(options))


def _compare(server, ours: str, theirs: str, share: float, allowed: float) -> str:
    """The rows of two databases: the same items and rejections; enough labels the same, and their scores close."""
    predicted = "SELECT item_id, label, score FROM predictions"
    mine, other = ({key: (label, score) for key, label, score in server.rows(side, predicted)} for side in (ours, theirs))
    rejected = "SELECT item_id, reason FROM rejections ORDER BY item_id"
    if server.rows(ours, rejected) != server.rows(theirs, rejected):
        raise Disagreement("different rejections")
    return labels_agree(mine, other, share, allowed)
