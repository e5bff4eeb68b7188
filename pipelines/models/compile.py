"""Compiles a model into an AOTInductor package for this machine, and reports how close it stays to its original.

    python3 compile.py network.py:build --original digits/1 --version 1-bf16 --precision bfloat16
    python3 compile.py mypackage.network:build --original digits/1 --version 1-aoti --lengths 100,800,3000

The first argument names a function that returns the `torch.nn.Module`, in a file or in a module on the path. The module
gets its weights from the original package, unless that was saved frozen (then it needs its own). `--original` is the
registered package: a folder NAME/VERSION with a TorchScript `model.pt`; its `model.toml` and its known input are copied.
The known answer is the compiled model's own, after it was found close enough to the original: `infer` checks whether the
package still does what it did, not how close bfloat16 is. The new version is next to the original; an existing one is
never overwritten.

Run it where the model will run, with the libtorch that `infer` uses: a compiled package is machine code for one kind of
processor. It needs g++. docs/compiled-models.md says when it is worthwhile.
"""

import argparse
import hashlib
import importlib
import json
import os
import re
import sys
import tempfile
import time
import tomllib
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

# The largest allowed difference of a score (after softmax or sigmoid; of other outputs unchanged, relative to their largest).
TOLERANCE = {"float32": 1e-4, "bfloat16": 5e-2}


class InPrecision(torch.nn.Module):
    """A model in its own precision that returns float32."""

    def __init__(self, model: torch.nn.Module, precision: torch.dtype):
        super().__init__()
        self.model = model.to(precision)

    def forward(self, *inputs):
        outputs = self.model(*inputs)
        if isinstance(outputs, torch.Tensor):
            return (outputs.float(),)
        return tuple(output.float() if output.is_floating_point() else output for output in outputs)


@dataclass(frozen=True)
class Parity:
    """How a compiled model's first output compares with the original's."""

    precision: str
    items: int
    lengths: list
    """Frames or samples of the longer of each pair compared."""
    worst_score_difference: float
    mean_score_difference: float
    label_agreement: float
    """The share of items, or frames, whose best label is the same; it means little if `labels_seen` is 1."""
    labels_seen: int
    score_spread: float
    """How far the original's scores differ from item to item: the scale for differences."""
    original_ms_per_item: float
    compiled_ms_per_item: float
    threads: int


def build(name: str) -> torch.nn.Module:
    """Calls the function that `FILE.py:FUNCTION` or `MODULE:FUNCTION` names."""
    place, _, function = name.rpartition(":")
    if place.endswith(".py"):
        path = Path(place).resolve()
        # Its neighbours can be imported, as if it had been run.
        sys.path.insert(0, str(path.parent))
        place = path.stem
    else:
        sys.path.insert(0, os.getcwd())
    return getattr(importlib.import_module(place), function)().eval()


def with_weights(model: torch.nn.Module, original: torch.jit.ScriptModule) -> torch.nn.Module:
    """The model with the original's weights; a frozen original has none."""
    weights = original.state_dict()
    if weights:
        model.load_state_dict(weights)
    return model


def compiled(model: torch.nn.Module, example: tuple, options: argparse.Namespace, path: Path) -> None:
    """Compiles with free batch size and length. The weights are known, so they are folded and laid out ("freezing")."""
    precision = getattr(torch, options.precision)
    example = tuple(one.to(options.device) for one in example)
    batch = torch.export.Dim("batch", min=1, max=options.most_items)
    length = torch.export.Dim("length", min=options.shortest, max=options.longest)
    free = ({0: batch, 1: length}, {0: batch})[: len(example)]
    inputs = (example[0].to(precision), *example[1:])
    with torch.inference_mode():
        program = torch.export.export(
            InPrecision(model, precision).to(options.device), inputs, dynamic_shapes=(free,))
        torch._inductor.aoti_compile_and_package(
            program, package_path=str(path), inductor_configs={"freezing": True})


def scores(output: torch.Tensor, kind: str) -> torch.Tensor:
    """An output as the ledger shows it, copied to the CPU, which waits for the device."""
    output = output.double().cpu()
    if kind in ("labels", "tokens"):
        return torch.softmax(output, -1)
    if kind == "tags":
        return torch.sigmoid(output)
    return output / output.abs().max().clamp(min=1e-12)


def first(output):
    return output if isinstance(output, torch.Tensor) else output[0]


def compare(original, package, example: tuple, kind: str, options: argparse.Namespace) -> Parity:
    """Runs both over pairs of items: cut from real features, or seeded noise, spread as normalised features are.

    Pairs, because some compiled packages refuse a batch of one (`infer` fills it up); and if the model takes lengths,
    the second of a pair is padded, so that the masking is compared too.
    """
    random = torch.Generator().manual_seed(1)
    # End to end, so that any length can be cut from them.
    real = torch.cat(list(load_file(options.features).values())) if options.features else None
    differences, agreements, wanted, seconds = [], [], [], [0.0, 0.0]
    with torch.inference_mode():
        for length in options.lengths:
            values = torch.randn(2, length, *example[0].shape[2:], generator=random)
            if real is not None:
                starts = torch.randint(0, max(1, len(real) - length), (2,), generator=random).tolist()
                values = torch.stack([real[start : start + length] for start in starts])
            rest = [torch.tensor([length, max(1, 2 * length // 3)])] if len(example) > 1 else []
            made = []
            for place, call in enumerate((original, package)):
                taken = values if place == 0 else values.to(getattr(torch, options.precision))
                taken, lengths = taken.to(options.device), [one.to(options.device) for one in rest]
                scores(first(call(taken, *lengths)), kind)  # the first call of a shape lays things out
                began = time.perf_counter()
                made.append(scores(first(call(taken, *lengths)), kind))
                seconds[place] += time.perf_counter() - began
            wanted.append(made[0].reshape(-1, made[0].shape[-1]))
            differences.append((made[0] - made[1]).abs())
            agreements.append((made[0].argmax(-1) == made[1].argmax(-1)).double().mean())
    pairs, wanted = len(options.lengths), torch.cat(wanted)
    return Parity(
        precision=options.precision, items=2 * pairs, lengths=options.lengths,
        worst_score_difference=float(max(one.max() for one in differences)),
        mean_score_difference=float(sum(one.mean() for one in differences) / pairs),
        label_agreement=float(sum(agreements) / pairs), labels_seen=len(wanted.argmax(-1).unique()),
        score_spread=float((wanted.amax(0) - wanted.amin(0)).max()),
        original_ms_per_item=round(500 * seconds[0] / pairs, 3),
        compiled_ms_per_item=round(500 * seconds[1] / pairs, 3), threads=torch.get_num_threads())


def known_answer(package, example: tuple, options: argparse.Namespace) -> torch.Tensor:
    """The compiled model's answer to the known input, whose rows occur twice in the example."""
    inputs = (example[0].to(getattr(torch, options.precision)), *example[1:])
    with torch.inference_mode():
        output = first(package(*(one.to(options.device) for one in inputs)))
    return output[::2].float().cpu().contiguous()


def manifest(text: str, version: str, digest: str) -> str:
    """The original's model.toml with the new version, file and digest."""
    for key, value in {"version": version, "file": "model.pt2", "sha256": digest}.items():
        text = re.sub(rf'^{key}\s*=.*$', f'{key} = "{value}"', text, count=1, flags=re.MULTILINE)
    return text


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("factory", help="FILE.py:FUNCTION or MODULE:FUNCTION")
    parser.add_argument("--original", type=Path, required=True, help="the TorchScript package, NAME/VERSION")
    parser.add_argument("--version", required=True, help="the version to make, next to the original")
    parser.add_argument("--precision", choices=sorted(TOLERANCE), default="float32", help="the precision to compute in")
    parser.add_argument("--device", default="cpu", help="the device to compile for: cpu or cuda (default: %(default)s)")
    parser.add_argument("--most-items", type=int, default=256, help="the largest batch (default: %(default)s)")
    parser.add_argument("--shortest", type=int, default=1, help="the fewest frames or samples (default: %(default)s)")
    parser.add_argument("--longest", type=int, default=100_000, help="the most (default: %(default)s)")
    parser.add_argument("--lengths", type=lambda text: [int(one) for one in text.split(",")],
                        default=[50, 100, 200, 400, 800, 1600, 3200], help="of the items compared")
    parser.add_argument("--features", type=Path, help="a features.safetensors to cut the items from; default: noise")
    parser.add_argument("--tolerance", type=float, help="the largest allowed score difference; default: "
                        + ", ".join(f"{name} {value:g}" for name, value in TOLERANCE.items()))
    options = parser.parse_args()
    if not (options.original / "check.safetensors").exists():
        parser.error(f"{options.original} has no check.safetensors: the shapes that the model takes are read from it")
    if (options.original.resolve().parent / options.version).exists():
        parser.error(f"{options.version} exists; versions are never changed: name another, or remove it yourself")
    return options


def main() -> int:
    options = arguments()
    # On CUDA, convolutions in float32 would be rounded to TF32's 10 bits, which infer does not do either.
    torch.backends.cudnn.allow_tf32 = False
    text = (options.original / "model.toml").read_text()
    described = tomllib.loads(text)
    known = load_file(options.original / "check.safetensors")
    rows = known["input"].repeat_interleave(2, 0)  # a batch of one would be taken for a constant
    example = (rows, known["lengths"].repeat_interleave(2)) if "lengths" in known else (rows,)
    original = torch.jit.load(options.original / described["file"], map_location=options.device).eval()
    model = with_weights(build(options.factory), original)

    target = options.original.resolve().parent / options.version
    with tempfile.TemporaryDirectory(prefix=".making-", dir=target.parent) as making:
        made = Path(making) / options.version
        made.mkdir()
        compiled(model, example, options, made / "model.pt2")
        package = torch._inductor.aoti_load_package(str(made / "model.pt2"), run_single_threaded=True)
        parity = compare(original, package, example, described["output"]["kind"], options)
        tolerance = options.tolerance or TOLERANCE[options.precision]
        print(json.dumps(asdict(parity), indent=2), file=sys.stderr)
        if not parity.worst_score_difference <= tolerance:
            print(f"the worst score is off by {parity.worst_score_difference:g}, more than {tolerance:g}: nothing is "
                  "registered; try --precision float32, or say --tolerance if that is good enough", file=sys.stderr)
            return 1
        (made / "parity.json").write_text(json.dumps(asdict(parity), indent=2) + "\n")
        digest = hashlib.sha256((made / "model.pt2").read_bytes()).hexdigest()
        (made / "model.toml").write_text(manifest(text, options.version, digest))
        save_file({**known, "output": known_answer(package, example, options)}, made / "check.safetensors")
        if name := described["output"].get("labels_file"):
            (made / name).write_bytes((options.original / name).read_bytes())
        os.rename(made, target)
    print(target)
    return 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main())
