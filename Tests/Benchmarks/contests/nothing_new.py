"""A night that was run already, run again: what it costs to find that nothing is new."""

import shutil
import subprocess

from harness import corpus
from harness.contest import Contest, Disagreement, Side

PEERS = []
COMMANDS = ["make", "libsqlite3-0"]
TOOLS = ["fetch", "clean", "featurize", "infer", "store"]
PIPELINE, BATCH = "fleet", "2026-11-20"

CONFIGURATION = """
format = 1
[fetch]
source = "{source}"
[clean]
max_reject_ratio = 1.0
[featurize]
kind = "kaldi-fbank"
[infer]
model = "digits@production"
[store]
url = "sqlite:{database}"
"""


def contests(bench):
    """One contest: the five tools, and the commands that call them."""
    items = bench.size(500, 24)
    recordings = corpus.make(bench.folder("recordings") / str(items), items)
    place = bench.folder(f"nothing-new-{items}")
    pipeline = place / "pipelines" / PIPELINE / "pipeline.toml"
    pipeline.parent.mkdir(parents=True, exist_ok=True)
    pipeline.write_text(CONFIGURATION.format(source=recordings.folder, database=place / "results.db"))
    environment = {
        "NOCTURNE_ROOT": str(place / "data"), "NOCTURNE_PIPELINES": str(pipeline.parents[1]),
        "NOCTURNE_MODELS": str(bench.repository / "pipelines" / "models")}
    five = " && ".join(f"'{bench.tools / tool}' {PIPELINE} {BATCH} --quiet" for tool in TOOLS)
    # The night that is new.
    subprocess.run(["sh", "-c", five], check=True, env=environment, stdout=subprocess.DEVNULL)
    versions = _versions(place)

    def agree():
        if _versions(place) != versions:
            raise Disagreement(f"there were {versions}, and now there are {_versions(place)}")
        told = _loaded(["sh", "-c", five], place, environment)
        for tool in TOOLS:
            if f"{bench.tools / tool}" not in told:
                raise Disagreement(f"the loader says nothing of {tool}: what it loaded is not known")
        if "libtorch" in told:
            raise Disagreement("a tool loaded libtorch, though there was nothing for it to do")
        return "no stage made a version, and no process loaded libtorch (the loader's own log)"

    yield Contest(
        "nothing new", f"{items} recordings, all five tools, with nothing new",
        Side("fetch … store, in sequence", ["sh", "-c", five], place, environment),
        [
            Side("make nightly", ["make", "-s", "-f", bench.repository / "pipelines" / "night.mk", "nightly",
                                  f"NOCTURNE={bench.tools / 'nocturne'}",
                                  f"PIPELINE={PIPELINE}", f"BATCH={BATCH}"], place, environment),
            Side("nocturne nightly", [bench.tools / "nocturne", "nightly", PIPELINE, BATCH], place, environment),
        ],
        agree, runs=10,
        note="The goal is 0.3 s for the five tools together. `make` and `nocturne nightly` do more: they read the pipeline "
        "for its rules, keep stamps, record the runs and print a summary.")


def _versions(place) -> list:
    return sorted(str(path.relative_to(place)) for path in (place / "data" / PIPELINE / BATCH).glob("*/v*"))


def _loaded(command, place, environment) -> str:
    """What the dynamic loader says that it loaded, in all processes of a command."""
    logs = place / "loader"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    subprocess.run(
        command, check=True, cwd=place, stdout=subprocess.DEVNULL,
        env={**environment, "LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(logs / "log")})
    return "".join(log.read_text(errors="replace") for log in logs.iterdir())
