"""Makes a model package that `infer` can load, from trained weights or from an existing package.

    python3 export.py --weights data/train-digits/weights.safetensors --version 1     # model.pt (TorchScript)
    python3 export.py --from 1 --version 1-aoti --engine aoti                         # model.pt2, for this machine
    python3 export.py --from 1 --version 1-aoti-bf16 --engine aoti --precision bfloat16

A TorchScript package runs anywhere and may be committed. An AOTInductor package is machine code for the kind of
processor that compiled it (it needs g++): make it where it will run, and keep it out of the repository.
"""

import argparse
import hashlib
import os
import sys
import tempfile
import warnings
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file, save_file
from torch.nn.utils.fusion import fuse_conv_bn_eval

import devices
import voices
from features import log_mel, normalised
from network import DigitClassifier
from train import padded

MODELS = Path(__file__).resolve().parents[2] / "models"
MODEL_TOML = """\
# Made by pipelines/digits/train/export.py; what it can do and cannot: docs/digits.md
format = 1
name = "digits"
version = "{version}"
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
labels = [{labels}]
"""


def deployable(weights: dict[str, torch.Tensor]) -> DigitClassifier:
    """The trained network with each batch normalisation folded into the convolution before it. Dropout is off."""
    model = DigitClassifier()
    trained = any("normalisation" in name for name in weights)
    if trained:
        model.load_state_dict(weights)
    model.eval()
    for block in model.children():
        if hasattr(block, "normalisation"):
            block.convolution = fuse_conv_bn_eval(block.convolution, block.normalisation)
            block.normalisation = torch.nn.Identity()
    if not trained:
        model.load_state_dict(weights)
    return model


def known_example() -> tuple[torch.Tensor, torch.Tensor]:
    """Two synthetic words of different lengths in one padded batch, so that the check also proves the masking."""
    clips = []
    for index, word in enumerate(["three", "zero"]):
        samples, rate = voices.espeak(word + ".", "en-us", "f2", 140, 50, 100)
        chance = numpy.random.default_rng([7, index])
        clips.append(normalised(log_mel(devices.upload(voices.trimmed(samples, rate), rate, chance))))
    return padded(clips)


def without_source_paths(script: Path) -> None:
    """Rewrites a TorchScript archive without its debugging records, which contain this machine's paths."""
    reader = torch._C.PyTorchFileReader(str(script))
    records = {name: reader.get_record(name) for name in sorted(reader.get_all_records())}
    # "model" names the archive's root folder; by default it would be named after the file.
    writer = torch._C.PyTorchFileWriter(str(script.with_name("model")))
    for name, content in records.items():
        if not name.endswith(".debug_pkl") and not name.startswith((".data", "version", "byteorder")):
            writer.write_record(name, content, len(content))
    writer.write_end_of_file()
    os.replace(script.with_name("model"), script)


def write_torchscript(model: DigitClassifier, path: Path) -> None:
    """Scripts the model, unfrozen: the loader chooses the precision first and freezes afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(model).save(str(path))
    without_source_paths(path)


def write_aoti(
    model: DigitClassifier, path: Path, precision: torch.dtype, example: tuple[torch.Tensor, torch.Tensor]
) -> None:
    """Compiles the model for this machine, with free batch size (1...256) and length (5...20000 frames).

    Inputs and output stay float32 whatever the precision inside, so that every package is called alike.
    """
    wrapped = InPrecision(model, precision).eval()
    batch, frames = torch.export.Dim("batch", min=1, max=256), torch.export.Dim("frames", min=5, max=20000)
    with torch.inference_mode():
        program = torch.export.export(wrapped, example, dynamic_shapes=({0: batch, 1: frames}, {0: batch}))
        settings = {"freezing": True}
        torch._inductor.aoti_compile_and_package(program, package_path=str(path), inductor_configs=settings)


class InPrecision(torch.nn.Module):
    """Runs a model in its own precision between float32 inputs and float32 outputs."""

    def __init__(self, model: DigitClassifier, precision: torch.dtype) -> None:
        super().__init__()
        self.model = model.to(precision)
        self.precision = precision

    def forward(self, features: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        return self.model(features.to(self.precision), lengths).float()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = arguments.add_mutually_exclusive_group(required=True)
    source.add_argument("--weights", type=Path, help="weights.safetensors of train.py")
    source.add_argument("--from", dest="package", metavar="VERSION", help="a TorchScript version already in --models")
    arguments.add_argument("--version", required=True, help="the version to make; an existing one is never overwritten")
    arguments.add_argument("--models", type=Path, default=MODELS, help=f"default: {MODELS}")
    arguments.add_argument("--engine", choices=["torchscript", "aoti"], default="torchscript")
    arguments.add_argument(
        "--precision", choices=["float32", "bfloat16"], default="float32", help="inside an AOTInductor package"
    )
    options = arguments.parse_args()
    torch.set_num_threads(1)

    folder = options.models / "digits" / options.version
    if folder.exists():
        arguments.error(f"{folder} exists; versions are never changed: name another, or remove it yourself")
    if options.engine == "torchscript" and options.precision != "float32":
        arguments.error("a TorchScript package is float32; choose the precision when it runs (infer.precision)")
    if options.weights:
        weights = load_file(options.weights)
    else:
        weights = torch.jit.load(options.models / "digits" / options.package / "model.pt").state_dict()
    model, example = deployable(weights), known_example()
    with torch.inference_mode():
        answer = model(*example)

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=folder.parent) as making:
        made = Path(making) / options.version
        made.mkdir()
        file = made / ("model.pt" if options.engine == "torchscript" else "model.pt2")
        if options.engine == "torchscript":
            write_torchscript(model, file)
        else:
            write_aoti(model, file, getattr(torch, options.precision), example)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        labels = ", ".join(f'"{word}"' for word in voices.WORDS)
        (made / "model.toml").write_text(
            MODEL_TOML.format(version=options.version, file=file.name, sha256=digest, labels=labels)
        )
        save_file({"input": example[0], "lengths": example[1], "output": answer}, made / "check.safetensors")
        (made / "check.safetensors").chmod(0o644)
        os.rename(made, folder)
    print(folder)


if __name__ == "__main__":
    # TorchScript writes a module's constants in the order of a Python set: with a fixed hash seed the same weights give
    # the same file, and so the same digest.
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, *sys.argv])
    main()
