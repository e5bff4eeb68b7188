"""Makes the tiny model packages that the tests run. Needs nothing but torch.

    PYTHONHASHSEED=0 python make_models.py   the TorchScript packages beside this file, which are committed
    python make_models.py --aoti DIR         AOTInductor packages in DIR, compiled for this machine; not committed

Every package takes 4 mel bins a frame (or a waveform), so that a test can write its inputs by hand.
"""

import argparse
import hashlib
import json
import pathlib
import shutil
import struct
from typing import NamedTuple

import torch
from torch import Tensor, nn

BINS = 4
LABELS = ["yes", "no", "maybe"]
WORDS = f"labels = {json.dumps(LABELS)}"


def mask_of(values: Tensor, lengths: Tensor) -> Tensor:
    """1 where a frame belongs to its item, 0 where it is padding: [batch, frames, 1]."""
    frames = torch.arange(values.shape[1], device=values.device)
    return (frames[None, :] < lengths[:, None]).unsqueeze(-1).to(values.dtype)


class Masked(nn.Module):
    """Convolution and mean over an item's own frames: padding does not matter."""

    def __init__(self, outputs: int):
        super().__init__()
        self.convolution = nn.Conv1d(BINS, 8, kernel_size=3, padding=1)
        self.output = nn.Linear(8, outputs)

    def frames(self, values: Tensor, mask: Tensor) -> Tensor:
        hidden = self.convolution((values * mask).transpose(1, 2)).transpose(1, 2)
        return torch.relu(hidden) * mask

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        hidden = self.frames(values, mask_of(values, lengths))
        return self.output(hidden.sum(dim=1) / lengths[:, None].to(values.dtype))


class WithEmbedding(Masked):
    """Two outputs: the scores and the mean hidden vector."""

    def forward(self, values: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.frames(values, mask_of(values, lengths))
        mean = hidden.sum(dim=1) / lengths[:, None].to(values.dtype)
        return self.output(mean), mean


class Exact(Masked):
    """Takes no lengths, so padding would change the answer."""

    def forward(self, values: Tensor) -> Tensor:
        return self.output(torch.relu(self.convolution(values.transpose(1, 2))).mean(dim=2))


class Faulty(Masked):
    """Raises on the value 9999, and gives not-a-number for an item that holds -9999."""

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        if bool((values == 9999.0).any()):
            raise ValueError("a recording that this model cannot take")
        hidden = self.frames(values, mask_of(values, lengths))
        scores = self.output(hidden.sum(dim=1) / lengths[:, None].to(values.dtype))
        poisoned = (values == -9999.0).any(dim=2).any(dim=1)
        return torch.where(poisoned[:, None], torch.full_like(scores, float("nan")), scores)


class Hungry(Masked):
    """Asks for more memory than there is as soon as a batch holds more than two items or 40 frames."""

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        if values.shape[0] > 2 or values.shape[0] * values.shape[1] > 40:
            values = values + torch.zeros([1 << 46])[0]
        hidden = self.frames(values, mask_of(values, lengths))
        return self.output(hidden.sum(dim=1) / lengths[:, None].to(values.dtype))


class Tokens(nn.Module):
    """Reads each frame's largest bin as a token, and halves the frames as subsampling models do."""

    def forward(self, values: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        kept = values[:, ::2]
        return kept * 10.0, torch.div(lengths + 1, 2, rounding_mode="floor")


class Waveform(nn.Module):
    """Compares the energy of the samples with that of their differences."""

    def forward(self, samples: Tensor, lengths: Tensor) -> Tensor:
        mask = (torch.arange(samples.shape[1])[None, :] < lengths[:, None]).to(samples.dtype)
        samples = samples * mask
        differences = (samples[:, 1:] - samples[:, :-1]) * mask[:, 1:]
        energy = (samples * samples).sum(dim=1) / lengths
        change = (differences * differences).sum(dim=1) / lengths
        return torch.stack([energy, change], dim=1) * 10.0


class Greedy(nn.Module):
    """Fills 16 KiB of memory for each sample, some 100 MiB for a recording of 0.4 s, and gives it back."""

    def forward(self, samples: Tensor, lengths: Tensor) -> Tensor:
        filled = torch.ones([samples.shape[0], samples.shape[1], 4096])
        energy = (samples * samples).sum(dim=1) / lengths
        return torch.stack([energy, filled[:, 0, 0]], dim=1) * 10.0


class Named(Masked):
    """A dictionary: scores, a vector, a number for each frame, and how many frames are an item's own."""

    def forward(self, values: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        hidden = self.frames(values, mask_of(values, lengths))
        mean = hidden.sum(dim=1) / lengths[:, None].to(values.dtype)
        return {"activity": torch.sigmoid(hidden.mean(dim=2)), "frames": lengths, "vector": mean,
                "word": self.output(mean)}


class Fields(NamedTuple):
    word: Tensor
    speakers: Tensor


class WithFields(Masked):
    """A named tuple of two outputs, both probabilities already."""

    def forward(self, values: Tensor, lengths: Tensor) -> Fields:
        hidden = self.frames(values, mask_of(values, lengths))
        scores = self.output(hidden.sum(dim=1) / lengths[:, None].to(values.dtype))
        return Fields(torch.softmax(scores, dim=1), torch.sigmoid(scores))


class Unmasked(Masked):
    """Takes lengths, but normalises over the padding too, as group normalisation does."""

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        hidden = self.frames(values, mask_of(values, lengths))
        hidden = (hidden - hidden.mean(dim=1, keepdim=True)) / (hidden.std(dim=1, keepdim=True) + 1e-5)
        mask = mask_of(values, lengths)
        return self.output((hidden * mask).sum(dim=1) / lengths[:, None].to(values.dtype))


class Heads(Masked):
    """A matrix for each item whose rows are not steps in time."""

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        hidden = self.frames(values, mask_of(values, lengths))
        mean = hidden.sum(dim=1) / lengths[:, None].to(values.dtype)
        return torch.stack([mean, mean * 2.0, mean * 3.0], dim=1)


def safetensors(tensors: dict[str, Tensor]) -> bytes:
    """The bytes of a safetensors file: largest elements first, as the format's own writer orders them."""
    types = {torch.float32: "F32", torch.int64: "I64"}
    header, data = {}, b""
    for name, tensor in sorted(tensors.items(), key=lambda pair: (-pair[1].element_size(), pair[0])):
        # Bytes without numpy, which this needs nothing else of.
        raw = bytes(tensor.contiguous().view(torch.uint8).flatten().tolist())
        header[name] = {"dtype": types[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def save_script(model: nn.Module, path: pathlib.Path):
    """Saves a module as TorchScript without its debug records, which hold paths of the machine that it was made on."""
    torch.jit.save(torch.jit.script(model), str(path))
    reader = torch._C.PyTorchFileReader(str(path))
    records = {name: reader.get_record(name) for name in reader.get_all_records()}
    del reader
    # The writer adds these two itself.
    for name in ["version", ".data/serialization_id"]:
        records.pop(name, None)
    writer = torch._C.PyTorchFileWriter(str(path))
    for name, record in records.items():
        if not name.endswith(".debug_pkl"):
            writer.write_record(name, record, len(record))
    writer.write_end_of_file()


def write_package(folder: pathlib.Path, name: str, file: str, sections: str, check: dict[str, Tensor] | None):
    """Writes model.toml and check.safetensors next to an existing model file."""
    digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    (folder / "model.toml").write_text(
        f'format = 1\nname = "{name}"\nversion = "{folder.name}"\nfile = "{file}"\nsha256 = "{digest}"\n\n{sections}')
    if check is not None:
        (folder / "check.safetensors").write_bytes(safetensors(check))


def sections(kind: str, lengths: bool = True, padding: str = "masked", labels: list[str] | None = LABELS,
             input_kind: str = "features", more: str = "", outputs: str | None = None) -> str:
    features = f'kind = "kaldi-fbank"\nsample_rate = 16000\nmel_bins = {BINS}\n'
    if input_kind == "waveform":
        features = 'kind = "waveform"\nsample_rate = 16000\n'
    return (f'[input]\nkind = "{input_kind}"\nlengths = {str(lengths).lower()}\npadding = "{padding}"\n'
            f'[input.features]\n{features}\n'
            + (outputs or f'[output]\nkind = "{kind}"\n'
               + (f"labels = {json.dumps(labels)}\n" if labels else "") + more))


def output(name: str, kind: str, *more: str) -> str:
    """A table of model.toml for one of several outputs."""
    return "\n".join([f"[output.{name}]", f'kind = "{kind}"', *more]) + "\n"


def known_answer(model: nn.Module, lengths: bool) -> dict[str, Tensor]:
    values = torch.randn(2, 12, BINS)
    if not lengths:
        output = model(values)
        return {"input": values, "output": output}
    counts = torch.tensor([12, 7])
    output = model(values, counts)
    if isinstance(output, dict):
        first, *others = output.items()
        named = {f"output.{name}": tensor for name, tensor in others if tensor.dtype == torch.float32}
        return {"input": values, "lengths": counts, "output": first[1]} | named
    return {"input": values, "lengths": counts, "output": output[0] if isinstance(output, tuple) else output}


def make_torchscript(here: pathlib.Path):
    packages = {
        "masked": (Masked(3), sections("labels"), True),
        "exact": (Exact(3), sections("labels", lengths=False, padding="exact"), False),
        "faulty": (Faulty(3), sections("labels"), True),
        "hungry": (Hungry(3), sections("labels"), True),
        "tags": (Masked(3), sections("tags"), True),
        "values": (Masked(2), sections("values", labels=None), True),
        "embedding": (Masked(5), sections("embedding", labels=None), True),
        "two-outputs": (WithEmbedding(3), sections("", outputs=output("word", "labels", WORDS)
                                                   + output("vector", "embedding")), True),
        "tokens": (Tokens(), sections("tokens", labels=["", "a", "b", "|"], more="blank = 0\n"), True),
        "waveform": (Waveform(), sections("labels", labels=["low", "high"], input_kind="waveform"), None),
        "greedy": (Greedy(), sections("labels", labels=["low", "high"], input_kind="waveform"), None),
    }
    write_packages(here, packages)
    # Later additions: weights and known answers of the packages above stay as they are.
    write_packages(here, {
        "named": (Named(3), sections("", outputs=output("activity", "values", "axis = 0") + output("frames", "lengths")
                                     + output("vector", "embedding") + output("word", "labels", WORDS)), True),
        "fields": (WithFields(3), sections("", outputs=output("word", "labels", WORDS, 'activation = "none"')
                                           + output("speakers", "tags", WORDS, 'activation = "none"')), True),
        "unmasked": (Unmasked(3), sections("labels"), True),
        "heads": (Heads(3), sections("embedding", labels=None, more='axis = "none"\n'), True),
    })
    alias = here / "masked" / "production"
    alias.unlink(missing_ok=True)
    alias.symlink_to("1")


def write_packages(here: pathlib.Path, packages: dict[str, tuple[nn.Module, str, bool | None]]):
    """Writes each package: its model, whether it takes lengths (None: no known answer), and its manifest."""
    for name, (model, text, lengths) in packages.items():
        folder = here / name / "1"
        folder.mkdir(parents=True, exist_ok=True)
        model.eval()
        save_script(model, folder / "model.pt")
        check = None if lengths is None else known_answer(model, lengths)
        write_package(folder, name, "model.pt", text, check)


def make_aoti(out: pathlib.Path, device: str):
    """The masked model, from the same weights as the TorchScript one, in float32 and in bfloat16."""
    here = pathlib.Path(__file__).parent
    script = torch.jit.load(str(here / "masked" / "1" / "model.pt"))
    for name, dtype in {"compiled": torch.float32, "compiled-bfloat16": torch.bfloat16}.items():
        model = Masked(3).eval()
        model.load_state_dict(script.state_dict())
        answer = known_answer(model, True)
        folder = out / name / "1"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        example = (torch.randn(2, 16, BINS, dtype=dtype, device=device), torch.tensor([16, 9], device=device))
        batch, frames = torch.export.Dim("batch", min=1, max=64), torch.export.Dim("frames", min=1, max=4096)
        program = torch.export.export(
            model.to(device, dtype), example, dynamic_shapes=({0: batch, 1: frames}, {0: batch}))
        torch._inductor.aoti_compile_and_package(
            program, package_path=str(folder / "model.pt2"), inductor_configs={"freezing": True})
        write_package(folder, name, "model.pt2", sections("labels"), answer)
    (out / "stamp").write_text(stamp(device))


def stamp(device: str) -> str:
    """What compiled packages depend on: this script, the version of torch and the device."""
    return hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest() + f" {torch.__version__} {device}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aoti", type=pathlib.Path, metavar="DIR")
    parser.add_argument("--device", default="cpu", help="what to compile for: cpu or cuda")
    arguments = parser.parse_args()
    torch.manual_seed(20261120)
    with torch.no_grad():
        if arguments.aoti is None:
            make_torchscript(pathlib.Path(__file__).parent)
        elif (not (arguments.aoti / "stamp").exists()
              or (arguments.aoti / "stamp").read_text() != stamp(arguments.device)):
            make_aoti(arguments.aoti, arguments.device)
