"""The model of the benchmarks: a masked convolutional network of 2 million parameters over fbank features.

`ConvTagger(channels=...)` gives others of its kind; `small()` has the size of the demo's.
"""

import torch
from torch import nn


class Block(nn.Module):
    """A depth-wise convolution over time and a feed-forward pair, with a residual; padding never leaks into frames."""

    def __init__(self, channels: int, kernel: int):
        super().__init__()
        self.depthwise = nn.Conv1d(channels, channels, kernel, padding=kernel // 2, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, 4 * channels)
        self.narrow = nn.Linear(4 * channels, channels)

    def forward(self, frames: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Frames [batch, frames, channels], mask [batch, frames, 1] of ones and zeros."""
        mixed = self.depthwise((frames * mask).transpose(1, 2)).transpose(1, 2)
        return frames + self.narrow(torch.nn.functional.gelu(self.widen(self.norm(mixed))))


class ConvTagger(nn.Module):
    """float32 [batch, frames, 80] and int64 [batch] lengths to logits [batch, labels]."""

    def __init__(self, channels: int = 256, blocks: int = 4, labels: int = 10, kernel: int = 9):
        super().__init__()
        self.into = nn.Linear(80, channels)
        self.blocks = nn.ModuleList([Block(channels, kernel) for _ in range(blocks)])
        self.head = nn.Linear(channels, labels)

    def forward(self, features: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        places = torch.arange(features.shape[1], device=features.device).unsqueeze(0)
        mask = (places < lengths.unsqueeze(1)).to(features.dtype).unsqueeze(2)
        frames = self.into(features)
        for block in self.blocks:
            frames = block(frames, mask)
        pooled = (frames * mask).sum(1) / lengths.clamp(min=1).unsqueeze(1).to(features.dtype)
        return self.head(pooled)


def two_million() -> ConvTagger:
    """2.1 million parameters, with weights that depend on nothing but the seed."""
    torch.manual_seed(2)
    return ConvTagger(channels=256, blocks=4).eval()


def small() -> ConvTagger:
    """0.15 million parameters, as the demo's model has."""
    torch.manual_seed(3)
    return ConvTagger(channels=96, blocks=2).eval()
