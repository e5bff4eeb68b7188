"""Runs of infer in a scratch folder, and a process that fills a GPU's memory."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent

HOG = """
import sys, torch
free, _ = torch.cuda.mem_get_info()
held = torch.empty(free - int(sys.argv[1]), dtype=torch.uint8, device="cuda")
print("holding", flush=True)
sys.stdin.read()
"""


@dataclass
class Run:
    """How one run of infer ended."""

    code: int
    summary: dict
    events: list
    said: str
    seconds: float

    def event(self, name: str) -> dict:
        """The first event of a name; what the run said, if there is none."""
        found = next((event for event in self.events if event.get("event") == name), None)
        assert found is not None, f"no event {name}: exit {self.code}, {self.said[-600:]}"
        return found

    def ended(self, code: int, *words: str) -> "Run":
        assert self.code == code, f"exit {self.code}, expected {code}: {self.said[-600:]}"
        for word in words:
            assert word in self.said, f"nothing of '{word}' in: {self.said[-600:]}"
        return self

    @property
    def version(self) -> Path:
        return Path(self.summary["path"])

    @property
    def digests(self) -> list:
        """The digests of the parts: equal if and only if every byte is."""
        return [part["digest"] for part in json.loads((self.version / "batch.json").read_text())["parts"]]

    @property
    def answers(self) -> dict:
        """Label and score by item."""
        lines = [line for path in sorted(self.version.glob("part-*/items.jsonl")) for line in path.open()]
        rows = [json.loads(line) for line in lines]
        return {row["id"]: (row["infer"]["label"], row["infer"]["score"]) for row in rows}


class Place:
    """A data root with the batch's features, and a models folder that checks add to."""

    def __init__(self, scratch: Path, bin_folder: Path, batch: Path):
        self.scratch, self.bin, self.batch = scratch, bin_folder.resolve(), batch.name
        self.stage = scratch / "root/digits" / batch.name / "infer"
        for stage in ["clean", "featurize"]:
            shutil.copytree(batch / stage, self.stage.parent / stage, symlinks=True,
                            ignore=shutil.ignore_patterns("audio.safetensors"))
        self.models = scratch / "models"
        shutil.copytree(REPOSITORY / "pipelines/models/digits", self.models / "digits", symlinks=True)
        (scratch / "tmp").mkdir()

    def start(self, device: str, *settings: str, model: str = "digits@1") -> subprocess.Popen:
        words = [self.bin / "infer", "digits", self.batch, "--root", self.scratch / "root", "--json", "--verbose",
                 "--config", REPOSITORY / "pipelines/digits/pipeline.toml", "--log-format", "json"]
        for setting in [f"device={device}", f"model={model}", *settings]:
            words += ["--set", f"infer.{setting}"]
        environment = {**os.environ, "NOCTURNE_MODELS": str(self.models), "TMPDIR": str(self.scratch / "tmp"),
                       "NOCTURNE_CACHE": str(self.scratch / "cache")}
        return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def infer(self, device: str, *settings: str, model: str = "digits@1", fresh: bool = True) -> Run:
        """One run; `fresh` removes earlier ones and what they learned about memory."""
        if fresh:
            for folder in [self.stage, self.scratch / "cache"]:
                shutil.rmtree(folder, ignore_errors=True)
        began = time.perf_counter()
        process = self.start(device, *settings, model=model)
        out, said = process.communicate()
        events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        summary = json.loads(out) if process.returncode == 0 else {}
        return Run(process.returncode, summary, events, said, time.perf_counter() - began)

    def compile(self, version: str, device: str, precision: str):
        """Compiles the demo's model with pipelines/models/compile.py."""
        subprocess.run(
            [sys.executable, REPOSITORY / "pipelines/models/compile.py",
             Path(__file__).with_name("device_models.py").as_posix() + ":digits", "--original", self.models / "digits/1",
             "--version", version, "--device", device, "--precision", precision, "--shortest", "5"],
            check=True, stderr=subprocess.PIPE)


@contextmanager
def hog(left: int):
    """Another process that uses the GPU's memory except for a number of bytes."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOG, str(left)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "holding\n", "no process could take the GPU's memory"
        yield
    finally:
        process.communicate()
