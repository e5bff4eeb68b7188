"""infer against forward passes in Python: the same features, the same model file, the same number of threads."""

import json
import shutil
import sys

from harness import corpus, packages
from harness.agreement import ACROSS, FLOAT32, SAME_BFLOAT16, labels_agree
from harness.contest import Contest, Side
from harness.measure import run

PEERS = ["torch", "safetensors"]
COMMANDS = []

THREADS = 2
TRIED = [1, 2, 4, 8, 16, 32]
"""Batch sizes that the Python side tries before the contest; its best is what ours is compared with."""
NOTE = (
    "Whole processes, start and loading included, two threads on both sides. Ours also checks the SHA-256 of the model "
    "and of every input, runs the model's known answer, and leaves a sealed version whose bytes are flushed to the "
    "disk; the script writes lines to the page cache.")
PIPELINE = """\
format = 1
[fetch]
source = "{source}/"
[clean]
[featurize]
[infer]
model = "{model}"
threads = {threads}
"""


class Work:
    """The features that both sides read, and the models."""

    def __init__(self, bench):
        self.bench = bench
        # The trials take each size once over the whole, so the full round has no more than what shows the difference.
        self.count = bench.size(500, 24)
        self.folder = bench.folder(f"infer-{self.count}")
        self.recordings = corpus.make(self.folder / "recordings", self.count, seed=7)
        self.root = self.folder / "root"
        self.models = bench.folder("models")
        self.original = packages.two_million(self.models)
        (self.folder / "pipeline.toml").write_text(
            PIPELINE.format(source=self.recordings.folder, threads=THREADS, model=self.original.reference))
        for tool in ["fetch", "clean", "featurize"]:
            run([bench.tools / tool, *self.words], self.folder)

    @property
    def words(self) -> list:
        return ["bench", "night", "--root", self.root, "--config", "pipeline.toml"]

    @property
    def features(self) -> list:
        return sorted((self.root / "bench/night/featurize/current/").glob("part-*/features.safetensors"))

    @property
    def environment(self) -> dict:
        return {"NOCTURNE_MODELS": str(self.models)}

    def ours(self, package) -> Side:
        """infer with its defaults; for a compiled package with what docs/compiled-models.md says."""
        settings = {}
        if package.version != "1":
            settings["frame_grid"] = 128
        if package.precision == "bfloat16":
            settings["max_batch_frames"] = 8000
        words = [word for key, value in settings.items() for word in ("--set", f"infer.{key}={value}")]
        stage = self.root / "bench" / "night" / "infer"
        return Side(
            "infer", [self.bench.tools / "infer", *self.words, "--set", f"infer.model={package.reference}", *words],
            str(self.folder), self.environment, prepare=lambda: shutil.rmtree(stage, ignore_errors=True),
            setting=", ".join(f"{key} = {value}" for key, value in settings.items()))

    def python(self, package, batch: int, out: str, *options) -> list:
        """The Python script over a version of the model."""
        return [
            self.bench.python, self.bench.peers / "infer_torch.py", "--model", package.file, "--precision",
            package.precision, "--batch", batch, "--threads", THREADS, *options, "--out", self.folder / f"{out}.jsonl",
            *self.features]

    def sorted_by_length(self, name: str, package, reach: float = 0) -> Side:
        """The script with batches of items of like length, of the size that it is fastest with."""
        batch, took = self.best_batch(package)
        return Side(
            name, self.python(package, batch, f"sorted-{package.version}"), str(self.folder),
            reach={"wall": reach} if reach else {}, setting=f"sorted by length, batches of {batch}; tried: {took}")

    def as_they_come(self, name: str, package, batch: int) -> Side:
        """The script with batches of items as they are listed; the goal is what it pads."""
        command = self.python(package, batch, "arrival", "--order", "arrival")
        run(command, self.folder)
        share = self.took("arrival")["padding_share"]
        return Side(
            name, command, str(self.folder), reach={"wall": round(1 / (1 - share), 2)},
            setting=f"batches of {batch}, {100 * share:.0f} % of the frames are padding")

    def best_batch(self, package) -> tuple:
        """The batch size that the script is fastest with, whole process, tried once each; and what each took."""
        if len(self.tried) == 1:
            return self.tried[0], "no other"
        took = {batch: run(self.python(package, batch, "trial"), self.folder).wall for batch in self.tried}
        return min(took, key=took.get), ", ".join(f"{batch}: {wall:.1f} s" for batch, wall in took.items())

    @property
    def tried(self) -> list:
        return self.bench.size(TRIED, [8])

    def predictions(self) -> dict:
        """Ours, by item."""
        rows = {}
        for path in sorted((self.root / "bench/night/infer/current/").glob("part-*/items.jsonl")):
            for line in path.read_text().splitlines():
                row = json.loads(line)
                rows[row["id"]] = (row["infer"]["label"], row["infer"]["score"])
        return rows

    def agree(self, other: str, tolerance: tuple) -> str:
        """Compares ours with what a Python side wrote, item by item; says how much either spent in the model."""
        lines = [json.loads(line) for line in (self.folder / f"{other}.jsonl").read_text().splitlines()]
        theirs = {line["id"]: (packages.LABELS[line["label"]], line["score"]) for line in lines}
        agreed = labels_agree(self.predictions(), theirs, *tolerance)
        passes = self.took(other)
        return (
            f"{agreed}. Forward passes alone took {self.forward_seconds():.2f} s here and "
            f"{passes['forward_seconds']:.2f} s in Python ({100 * self.padding():.1f} and "
            f"{100 * passes['padding_share']:.1f} % padding)")

    def took(self, other: str) -> dict:
        """What a Python side said of its last run."""
        return json.loads((self.folder / f"{other}.jsonl.took").read_text())

    def batches(self) -> list:
        """Our batches, from the last run's log."""
        log = (self.root / "bench/night/infer/current/events.jsonl").read_text().splitlines()
        return [event for event in map(json.loads, log) if event.get("event") == "batch"]

    def forward_seconds(self) -> float:
        """What our batches took, packing and reading the answers included."""
        return sum(batch["seconds"] for batch in self.batches())

    def padding(self) -> float:
        """The share of our frames that was padding."""
        frames = [batch["items"] * batch["length"] for batch in self.batches()]
        return sum(count * batch["padding_share"] for count, batch in zip(frames, self.batches())) / sum(frames)


def contests(bench):
    work = Work(bench)
    amount = {"amount": work.recordings.seconds, "unit": "s of sound"}
    what = f"a model of 2 million parameters over {work.count} recordings of 1 to 30 s"
    script = work.sorted_by_length("Python, TorchScript", work.original, reach=0.97)
    peers, compared = [script], ["sorted-1"]
    if not bench.quick:
        peers.append(work.as_they_come("Python, TorchScript, unsorted", work.original, 8))
        compared.insert(0, "arrival")
    yield Contest(
        "infer", f"infer: {what}, TorchScript float32", work.ours(work.original), peers,
        lambda: [work.agree(other, FLOAT32) for other in compared][-1], **amount, note=NOTE)
    if bench.quick and not packages.is_compiled(work.models):
        print("infer-bfloat16: left out, for no full round has compiled its model yet", file=sys.stderr)
        return
    script.reach = {"wall": 3.5}
    yield _compiled(work, "bfloat16", what, script, SAME_BFLOAT16, ACROSS, amount)
    if bench.quick:
        return
    script.reach = {}
    yield _compiled(work, "float32", what, script, FLOAT32, FLOAT32, amount)


def _compiled(work, precision: str, what: str, script: Side, same: tuple, across: tuple, amount: dict) -> Contest:
    """The compiled package against the script with TorchScript in float32, and against the script with the package."""
    package = packages.two_million_compiled(work.models, precision)
    peers = [script]
    if not work.bench.quick:
        peers.append(work.sorted_by_length("Python, the same AOTInductor package", package))

    def agree() -> str:
        told = f"TorchScript float32: {work.agree('sorted-1', across)}"
        return told if work.bench.quick else f"the same package: {work.agree(f'sorted-{package.version}', same)}; {told}"

    return Contest(
        f"infer-{precision}", f"infer: {what}, AOTInductor {precision}", work.ours(package), peers, agree, **amount, note=NOTE)
