"""The benchmarks' models as packages that `infer` loads, and as files that a peer loads: the same bytes for both."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from peers import night

from . import conv_model, corpus

LABELS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

MODEL_TOML = """\
format = 1
name = "{name}"
version = "1"
file = "{file}"
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
    file: Path
    """The TorchScript file or the compiled package."""

    @property
    def reference(self) -> str:
        """As `[infer] model` names it."""
        return f"{self.name}@1"


class InBfloat16(nn.Module):
    """A model that computes in bfloat16 between a float32 input and a float32 output."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model.to(torch.bfloat16)

    def forward(self, features: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        return self.model(features.to(torch.bfloat16), lengths).float()


def small(models: Path) -> Package:
    """0.15 million parameters as TorchScript."""
    return _make(models, "small", "model.pt", lambda file: _script(_telling(conv_model.small(), models), file))


def two_million(models: Path) -> Package:
    """2.1 million parameters as TorchScript."""
    return _make(
        models, "two-million", "model.pt", lambda file: _script(_telling(conv_model.two_million(), models), file))


def two_million_compiled(models: Path) -> Package:
    """The same in bfloat16, compiled by AOTInductor for this machine. Takes about a minute the first time."""
    return _make(
        models, "two-million-bf16", "model.pt2",
        lambda file: _compile(InBfloat16(_telling(conv_model.two_million(), models)), file))


def is_compiled(models: Path) -> bool:
    """Whether the package of `two_million_compiled` is there already."""
    return (models / "two-million-bf16" / "1" / "model.toml").exists()


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


def _script(model: nn.Module, file: Path):
    torch.jit.script(model).save(str(file))


def _compile(model: nn.Module, file: Path):
    example = (torch.zeros(4, 512, 80), torch.full((4,), 512, dtype=torch.int64))
    batch, frames = torch.export.Dim("batch", min=1, max=1024), torch.export.Dim("frames", min=2, max=1 << 20)
    exported = torch.export.export(model.eval(), example, dynamic_shapes=({0: batch, 1: frames}, {0: batch}))
    with torch.no_grad():
        torch._inductor.aoti_compile_and_package(
            exported, package_path=str(file), inductor_configs={"freezing": True})


def _make(models: Path, name: str, file_name: str, write) -> Package:
    """Writes a package, unless it is there already; its model.toml comes last and says that it is whole."""
    folder = models / name / "1"
    file, manifest = folder / file_name, folder / "model.toml"
    if not manifest.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write(file)
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        labels = "[" + ", ".join(f'"{label}"' for label in LABELS) + "]"
        manifest.write_text(MODEL_TOML.format(name=name, file=file_name, sha256=sha256, labels=labels))
    return Package(models, name, file)
