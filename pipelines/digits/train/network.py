"""The classifier: 2-D convolutions over time and mel, then 1-D over time, then pooling over the frames that exist.

Every layer's output is multiplied by a mask of the frames that exist. Beyond an item's end there is thus exactly what
the convolutions' own zero padding would put there, so that an item's answer does not depend on what shares its batch.
"""

import torch
from torch import Tensor, nn


def frame_mask(lengths: Tensor, frames: int) -> Tensor:
    """Bool [batch, frames]: true where a frame belongs to its item."""
    return torch.arange(frames, device=lengths.device).unsqueeze(0) < lengths.unsqueeze(1)


class MaskedConv2d(nn.Module):
    """Convolution over [batch, channels, frames, bins], batch normalisation, ReLU, mask."""

    def __init__(self, inputs: int, outputs: int, time_stride: int, reach: int = 1) -> None:
        super().__init__()
        size = 2 * reach + 1
        self.convolution = nn.Conv2d(inputs, outputs, kernel_size=size, stride=(time_stride, 2), padding=reach)
        self.normalisation = nn.BatchNorm2d(outputs)

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        activations = torch.relu(self.normalisation(self.convolution(values)))
        mask = frame_mask(lengths, activations.shape[2]).to(activations.dtype)
        return activations * mask.unsqueeze(1).unsqueeze(3)


class MaskedConv1d(nn.Module):
    """Convolution over [batch, channels, frames], batch normalisation, ReLU, mask."""

    def __init__(self, inputs: int, outputs: int, dilation: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(inputs, outputs, kernel_size=3, dilation=dilation, padding=dilation)
        self.normalisation = nn.BatchNorm1d(outputs)

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        activations = torch.relu(self.normalisation(self.convolution(values)))
        return activations * frame_mask(lengths, activations.shape[2]).to(activations.dtype).unsqueeze(1)


class DigitClassifier(nn.Module):
    """Normalised features float32 [batch, frames, 80] and lengths int64 [batch] to logits [batch, 10].

    Items may have any length from one frame up; frames beyond an item's length are ignored whatever they hold.
    """

    def __init__(self, labels: int = 10, dropout: float = 0.2) -> None:
        super().__init__()
        self.first = MaskedConv2d(1, 20, time_stride=2, reach=2)
        self.second = MaskedConv2d(20, 28, time_stride=1)
        self.third = MaskedConv2d(28, 40, time_stride=2)
        self.fourth = MaskedConv1d(40 * 10, 72, dilation=1)
        self.fifth = MaskedConv1d(72, 72, dilation=2)
        self.sixth = MaskedConv1d(72, 72, dilation=4)
        self.dropout = nn.Dropout(dropout)
        self.answer = nn.Linear(2 * 72, labels)

    def forward(self, features: Tensor, lengths: Tensor) -> Tensor:
        existing = frame_mask(lengths, features.shape[1]).to(features.dtype)
        values = (features * existing.unsqueeze(2)).unsqueeze(1)
        halved = (lengths + 1) // 2
        quartered = (halved + 1) // 2
        values = self.first(values, halved)
        values = self.second(values, halved)
        values = self.third(values, quartered)
        values = values.permute(0, 2, 1, 3).flatten(2).transpose(1, 2)
        values = self.fourth(values, quartered)
        values = values + self.fifth(values, quartered)
        values = values + self.sixth(values, quartered)
        # ReLU and mask leave nothing below zero, so the maximum over padded frames is the maximum over existing ones.
        count = quartered.clamp(min=1).to(values.dtype).unsqueeze(1)
        pooled = torch.cat([values.sum(dim=2) / count, values.amax(dim=2)], dim=1)
        return self.answer(self.dropout(pooled))
