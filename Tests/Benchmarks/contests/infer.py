"""infer against forward passes in Python: the same features, the same model file, the same number of threads."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from harness import conv_model, corpus
from harness.contest import Contest, Disagreement, Side
from harness.measure import run

PEERS = ["torch", "safetensors"]
COMMANDS = []

LABELS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
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
model = "conv-2m@1"
threads = {threads}
"""
MODEL = """\
format = 1
name = "conv-2m"
version = "1"
file = "model.pt"
sha256 = "{digest}"

[input]
kind = "features"
lengths = true
padding = "masked"
[input.features]
kind = "kaldi-fbank"
sample_rate = 16000
mel_bins = 80
normalize = "item"

[output]
kind = "labels"
labels = {labels}
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
        (self.folder / "pipeline.toml").write_text(
            PIPELINE.format(source=self.recordings.folder, threads=THREADS))
        for tool in ["fetch", "clean", "featurize"]:
            run([bench.tools / tool, *self.words], self.folder)
        self.original = self.models / "conv-2m" / "1"
        make_original(self.original)

    @property
    def words(self) -> list:
        return ["bench", "night", "--root", self.root, "--config", "pipeline.toml"]

    @property
    def features(self) -> list:
        return sorted((self.root / "bench/night/featurize/current/").glob("part-*/features.safetensors"))

    @property
    def environment(self) -> dict:
        return {"NOCTURNE_MODELS": str(self.models)}

    def ours(self, version: str) -> Side:
        """infer with its defaults; for a compiled package with the coarser grid that docs/compiled-models.md says."""
        compiled = version != "1"
        settings = ["--set", "infer.frame_grid=128"] if compiled else []
        stage = self.root / "bench" / "night" / "infer"
        return Side(
            "infer", [self.bench.tools / "infer", *self.words, "--set", f"infer.model=conv-2m@{version}", *settings],
            str(self.folder), self.environment, prepare=lambda: shutil.rmtree(stage, ignore_errors=True),
            setting="frame_grid = 128" if compiled else "")

    def python(self, version: str, batch: int, out: str, *options) -> list:
        """The Python script over a version of the model."""
        folder = self.models / "conv-2m" / version
        model = folder / ("model.pt" if version == "1" else "model.pt2")
        precision = "bfloat16" if version.endswith("bfloat16") else "float32"
        return [
            self.bench.python, self.bench.peers / "infer_torch.py", "--model", model, "--precision", precision,
            "--batch", batch, "--threads", THREADS, *options, "--out", self.folder / f"{out}.jsonl", *self.features]

    def sorted_by_length(self, name: str, version: str, reach: float = 0) -> Side:
        """The script with batches of items of like length, of the size that it is fastest with."""
        batch, took = self.best_batch(version)
        return Side(
            name, self.python(version, batch, f"sorted-{version}"), str(self.folder),
            reach={"wall": reach} if reach else {}, setting=f"sorted by length, batches of {batch}; tried: {took}")

    def as_they_come(self, name: str, version: str, batch: int) -> Side:
        """The script with batches of items as they are listed; the goal is what it pads."""
        command = self.python(version, batch, "arrival", "--order", "arrival")
        run(command, self.folder)
        share = self.took("arrival")["padding_share"]
        return Side(
            name, command, str(self.folder), reach={"wall": round(1 / (1 - share), 2)},
            setting=f"batches of {batch}, {100 * share:.0f} % of the frames are padding")

    def best_batch(self, version: str) -> tuple:
        """The batch size that the script is fastest with, whole process, tried once each; and what each took."""
        took = {batch: run(self.python(version, batch, "trial"), self.folder).wall for batch in self.tried}
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

    def agree(self, other: str, share: float) -> str:
        """Compares ours with what a Python side wrote, item by item.

        The model is untrained: it gives nearly every item the same label, and its scores lie close together. So neither
        the labels nor a fixed tolerance would tell a right answer from a constant one; scores must agree within a share
        of their own spread.
        """
        ours = self.predictions()
        lines = [json.loads(line) for line in (self.folder / f"{other}.jsonl").read_text().splitlines()]
        theirs = {line["id"]: (LABELS[line["label"]], line["score"]) for line in lines}
        if ours.keys() != theirs.keys():
            raise Disagreement(f"infer has {len(ours)} items, Python {len(theirs)}, or others")
        same = sum(ours[item][0] == theirs[item][0] for item in ours) / len(ours)
        worst = max(abs(ours[item][1] - theirs[item][1]) for item in ours)
        scores = [score for _, score in theirs.values()]
        spread = max(scores) - min(scores)
        if not worst <= share * spread or same < 0.98:
            raise Disagreement(
                f"scores differ by up to {worst:g} where they spread over {spread:g}, "
                f"{100 * same:.1f} % of the labels are the same")
        occur = len({label for label, _ in theirs.values()})
        passes = self.took(other)["forward_seconds"]
        return (
            f"{len(ours)} items, scores within {worst:.1g}, which is {100 * worst / spread:.2g} % of their "
            f"spread (allowed: {100 * share:g} %; labels that occur: {occur}). Forward passes alone took "
            f"{self.forward_seconds():.2f} s here and {passes:.2f} s in Python ({100 * self.padding():.1f} and "
            f"{100 * self.took(other)['padding_share']:.1f} % padding)")

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


def make_original(folder: Path):
    """The package as a user would export it: scripted, not frozen, with a known answer."""
    if (folder / "model.toml").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    model = conv_model.two_million()
    torch.jit.script(model).save(str(folder / "model.pt"))
    values, lengths = torch.randn(2, 120, 80), torch.tensor([120, 70])
    with torch.inference_mode():
        answer = model(values, lengths)
    save_file({"input": values, "lengths": lengths, "output": answer}, folder / "check.safetensors")
    digest = hashlib.sha256((folder / "model.pt").read_bytes()).hexdigest()
    (folder / "model.toml").write_text(MODEL.format(digest=digest, labels=json.dumps(LABELS)))


def make_compiled(work: Work, precision: str) -> str:
    """A version compiled by the helper that users have, and its name."""
    version = f"1-aoti-{precision}"
    if not (work.models / "conv-2m" / version).exists():
        subprocess.run(
            [work.bench.python, work.bench.repository / "pipelines/models/compile.py",
             work.bench.repository / "Tests/Benchmarks/harness/conv_model.py:two_million",
             "--original", work.original, "--version", version, "--precision", precision],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return version


def contests(bench):
    work = Work(bench)
    amount = {"amount": work.recordings.seconds, "unit": "s of sound"}
    what = f"a model of 2 million parameters over {work.count} recordings of 1 to 30 s"
    script = work.sorted_by_length("Python, TorchScript", "1", reach=0.97)
    yield Contest(
        "infer", f"infer: {what}, TorchScript float32", work.ours("1"),
        [script, work.as_they_come("Python, TorchScript, as they come", "1", 8)],
        lambda: work.agree("arrival", 0.01) and work.agree("sorted-1", 0.01),
        **amount, note=NOTE)
    if bench.quick and not (work.models / "conv-2m" / "1-aoti-bfloat16").exists():
        print("infer-bfloat16: left out, for no full round has compiled its model yet", file=sys.stderr)
        return
    script.reach = {"wall": 3.5}
    bfloat16 = make_compiled(work, "bfloat16")
    yield Contest(
        "infer-bfloat16", f"infer: {what}, AOTInductor bfloat16", work.ours(bfloat16),
        [script, work.sorted_by_length("Python, the same AOTInductor package", bfloat16)],
        lambda: work.agree(f"sorted-{bfloat16}", 0.2) and work.agree("sorted-1", 0.2),
        **amount, note=NOTE)
    if bench.quick:
        return
    script.reach = {}
    float32 = make_compiled(work, "float32")
    yield Contest(
        "infer-float32", f"infer: {what}, AOTInductor float32", work.ours(float32),
        [script, work.sorted_by_length("Python, the same AOTInductor package", float32)],
        lambda: work.agree(f"sorted-{float32}", 0.01) and work.agree("sorted-1", 0.01),
        **amount, note=NOTE)
