"""Makes model packages that stress a GPU: each answers like a given TorchScript package, with a side effect.

    device_models.py PACKAGE MODELS     PACKAGE: NAME/VERSION of a model that takes lengths; MODELS: a models folder

- huge:   asks for more memory than any device has.
- square: takes 32 MiB for each pair of items in a batch, so that what one item takes says little of sixteen.
- slow:   computes long enough to be killed in the middle.
- broken: reads past the end of a table, which CUDA answers by failing until the process ends.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


class Huge(nn.Module):
    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        filled = torch.ones([1 << 46], device=values.device)
        return self.model(values, lengths) + 0.0 * filled[0]


class Square(nn.Module):
    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        items = values.shape[0]
        filled = torch.ones([items, items, 8 << 20], device=values.device)
        return self.model(values, lengths) + 0.0 * filled[0, 0, 0]


class Slow(nn.Module):
    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        ones = torch.ones([2048, 2048], device=values.device)
        for _ in range(400):
            product = torch.mm(ones, ones)
            values = values + 0.0 * product[0, 0]
        return self.model(values, lengths)


class Broken(nn.Module):
    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        table = torch.zeros([8], device=values.device)
        return self.model(values, lengths) + table[lengths + (1 << 20)].sum()


def digits() -> nn.Module:
    """The demo's network as it was exported, without its weights, as compile.py needs it."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pipelines/digits/train"))
    from network import DigitClassifier

    model = DigitClassifier().eval()
    for block in model.children():
        if hasattr(block, "normalisation"):
            block.convolution = fuse_conv_bn_eval(block.convolution, block.normalisation)
            block.normalisation = nn.Identity()
    return model


def write(name: str, module: nn.Module, original: Path, models: Path, has_answer: bool):
    """A package like the original, with another model inside."""
    folder = models / name / "1"
    folder.mkdir(parents=True)
    torch.jit.save(torch.jit.script(module.eval()), str(folder / "model.pt"))
    digest = hashlib.sha256((folder / "model.pt").read_bytes()).hexdigest()
    text = (original / "model.toml").read_text()
    for key, value in {"name": name, "sha256": digest}.items():
        text = re.sub(rf"^{key}\s*=.*$", f'{key} = "{value}"', text, count=1, flags=re.MULTILINE)
    (folder / "model.toml").write_text(text)
    if has_answer:
        shutil.copy(original / "check.safetensors", folder)


def main():
    original, models = Path(sys.argv[1]), Path(sys.argv[2])
    for kind, has_answer in [(Huge, False), (Square, True), (Slow, True), (Broken, False)]:
        model = torch.jit.load(str(original / "model.pt"))
        write(kind.__name__.lower(), kind(model), original, models, has_answer)


if __name__ == "__main__":
    main()
