"""The benchmarks' models as packages that `infer` loads, and as files that a peer loads: the same bytes for both."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from peers import night

from . import conv_model, corpus
from .bench import REPOSITORY

LABELS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

MODEL_TOML = """\
format = 1
name = "{name}"
version = "1"
file = "model.pt"
sha256 = "{sha256}"

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


@dataclass(frozen=True)
class Package:
    """A model package in a models folder."""

    models: Path
    """The folder for NOCTURNE_MODELS."""
    name: str
    version: str

    @property
    def reference(self) -> str:
        """As `[infer] model` names it."""
        return f"{self.name}@{self.version}"

    @property
    def folder(self) -> Path:
        return self.models / self.name / self.version

    @property
    def file(self) -> Path:
        """The TorchScript file or the compiled package."""
        return self.folder / ("model.pt" if self.version == "1" else "model.pt2")

    @property
    def precision(self) -> str:
        """What its input is, and what it computes in."""
        return "bfloat16" if self.version.endswith("bfloat16") else "float32"

    @property
    def is_whole(self) -> bool:
        return (self.folder / "model.toml").exists()


def small(models: Path) -> Package:
    """0.15 million parameters as TorchScript."""
    return _script(Package(models, "tagger-small", "1"), conv_model.small)


def two_million(models: Path) -> Package:
    """2.1 million parameters as TorchScript."""
    return _script(Package(models, "tagger-2m", "1"), conv_model.two_million)


def two_million_compiled(models: Path, precision: str = "bfloat16") -> Package:
    """The same, compiled for this machine by the helper that users have. Takes about a minute the first time."""
    package = Package(models, "tagger-2m", f"1-{precision}")
    if not package.is_whole:
        # The helper registers nothing that strays from the original by more than the tolerance: random weights make many
        # answers close calls in bfloat16.
        subprocess.run(
            [sys.executable, REPOSITORY / "pipelines/models/compile.py",
             REPOSITORY / "Tests/Benchmarks/harness/conv_model.py:two_million",
             "--original", two_million(models).folder, "--version", package.version, "--precision", precision,
             "--tolerance", "0.3" if precision == "bfloat16" else "0.001"],
            check=True, stdout=sys.stderr)
    return package


def is_compiled(models: Path) -> bool:
    """Whether the package of `two_million_compiled` exists already."""
    return Package(models, "tagger-2m", "1-bfloat16").is_whole


def _telling(model: nn.Module, models: Path) -> nn.Module:
    """The model with its last layer scaled so that recordings tell in its answers.

    With weights as they are drawn, every recording gets the same label and nearly the same score, and outputs would agree
    whatever went into the model. Here each label's logit has mean 0 and deviation 1 over some recordings.
    """
    folder = models / "tuning"
    corpus.make(folder, 64, seed=9)
    night.start_worker(str(folder))
    with torch.inference_mode():
        logits = torch.cat([
            model(torch.from_numpy(features)[None], torch.tensor([len(features)]))
            for _, features, _ in (night.work(key) for key, _ in night.recordings(str(folder)))
        ])
    mean, deviation = logits.mean(0), logits.std(0)
    with torch.no_grad():
        model.head.weight /= deviation[:, None]
        model.head.bias.copy_((model.head.bias - mean) / deviation)
    return model


def _script(package: Package, build) -> Package:
    """Writes a package as a user would export it: scripted, not frozen, with a known answer; unless it exists already."""
    if package.is_whole:
        return package
    package.folder.mkdir(parents=True, exist_ok=True)
    model = _telling(build(), package.models)
    torch.jit.script(model).save(str(package.file))
    values, lengths = torch.randn(2, 120, 80, generator=torch.Generator().manual_seed(4)), torch.tensor([120, 70])
    with torch.inference_mode():
        answer = model(values, lengths)
    save_file({"input": values, "lengths": lengths, "output": answer}, package.folder / "check.safetensors")
    sha256 = hashlib.sha256(package.file.read_bytes()).hexdigest()
    # Written last; marks the package as complete.
    (package.folder / "model.toml").write_text(
        MODEL_TOML.format(name=package.name, sha256=sha256, labels=json.dumps(LABELS)))
    return package
