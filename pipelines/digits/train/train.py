"""Trains the digits classifier on synthetic speech only and writes its weights.

    python3 train.py --work data/train-digits          # ten minutes of one quiet core

The schedule is fixed: no early stopping and no choosing among checkpoints, on any data. Validation accuracy (speakers
kept out of training, and another synthesiser) is printed, not acted on. Real recordings are never opened here.
"""

import argparse
import time
from pathlib import Path

import numpy
import torch
from safetensors.torch import save_file
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import devices
import voices
from articulation import articulated
from features import log_mel, normalised
from network import DigitClassifier


def examples(utterances: list[voices.Utterance], copies: int, seed: int) -> tuple[list[numpy.ndarray], list[int]]:
    """`copies` random journeys of each utterance: log-mel float16 [frames, 80] (half the memory) and the digits."""
    clips, digits = [], []
    for copy in range(copies):
        for index, utterance in enumerate(utterances):
            chance = numpy.random.default_rng([seed, copy, index])
            samples = devices.upload(utterance.samples, utterance.rate, chance)
            clips.append(log_mel(samples).astype(numpy.float16))
            digits.append(utterance.digit)
    return clips, digits


def padded(clips: list[numpy.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """A batch: float32 [batch, frames, 80], zero beyond each clip's end, and int64 lengths."""
    lengths = torch.tensor([len(clip) for clip in clips])
    batch = torch.zeros(len(clips), int(lengths.max()), clips[0].shape[1])
    for row, clip in zip(batch, clips):
        row[: len(clip)] = torch.from_numpy(clip)
    return batch, lengths


def perturbed(batch: torch.Tensor, lengths: torch.Tensor, chance: numpy.random.Generator) -> torch.Tensor:
    """Hides random bands of mel bins and frames and shifts each bin's level, differently at every visit."""
    count, _, bins = batch.shape
    batch = batch + torch.from_numpy(chance.normal(0.0, 0.15, (count, 1, bins)).astype(numpy.float32))
    for row in range(count):
        for _ in range(int(chance.integers(0, 3))):
            start = int(chance.integers(0, bins))
            batch[row, :, start : start + int(chance.integers(1, 16))] = 0.0
        if chance.random() < 0.4:
            batch[row, :, int(chance.integers(52, 76)) :] = 0.0
        if chance.random() < 0.4:
            start = int(chance.integers(0, max(1, int(lengths[row]))))
            batch[row, start : start + int(chance.integers(1, 10))] = 0.0
    return batch


def accuracy(model: DigitClassifier, clips: list[numpy.ndarray], digits: list[int]) -> float:
    """Share of clips whose digit the model names, in batches of one length or nearly."""
    order = sorted(range(len(clips)), key=lambda index: len(clips[index]))
    right = 0
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            chosen = order[start : start + 64]
            answers = model(*padded([normalised(clips[index].astype(numpy.float32)) for index in chosen])).argmax(dim=1)
            right += sum(int(answer) == digits[index] for answer, index in zip(answers, chosen))
    return right / len(clips)


def batches(clips: list[numpy.ndarray], size: int, chance: numpy.random.Generator) -> list[list[int]]:
    """Shuffled batches of similar lengths, so that batch normalisation sees little padding."""
    order = sorted(range(len(clips)), key=lambda index: len(clips[index]) * chance.uniform(0.9, 1.1))
    cut = [order[start : start + size] for start in range(0, len(order), size)]
    return [cut[index] for index in chance.permutation(len(cut))]


def train(clips: list[numpy.ndarray], digits: list[int], epochs: int, seed: int, report) -> DigitClassifier:
    """One-cycle AdamW over `epochs`, label smoothing 0.05; calls `report(epoch, loss, model)` after each.

    The model reported and returned is the running mean of the weights (decay 0.998 a step): it follows the
    synthesiser's peculiarities less than the last step's weights do.
    """
    torch.manual_seed(seed)
    chance = numpy.random.default_rng([seed, 1])
    # Convolutions over few channels run a third faster in this layout on a CPU.
    model = DigitClassifier().to(memory_format=torch.channels_last)
    size = 64
    steps = epochs * -(-len(clips) // size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.02)
    mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.998), use_buffers=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps, pct_start=0.15)
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for chosen in batches(clips, size, chance):
            # One pace for a whole batch keeps its lengths alike.
            pace = chance.uniform(0.6, 1.2)
            spoken = [articulated(clips[index].astype(numpy.float32), pace, chance) for index in chosen]
            batch, lengths = padded([normalised(features) for features in spoken])
            wanted = torch.tensor([digits[index] for index in chosen])
            loss = functional.cross_entropy(
                model(perturbed(batch, lengths, chance), lengths), wanted, label_smoothing=0.05
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimizer.step()
            schedule.step()
            mean.update_parameters(model)
            total += float(loss.detach()) * len(chosen)
        mean.eval()
        report(epoch, total / len(clips), mean.module)
    return mean.module


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--work", type=Path, default=Path("data/train-digits"), help="folder for speech and weights")
    arguments.add_argument("--takes", type=int, default=6, help="readings of each digit by each training speaker")
    arguments.add_argument("--copies", type=int, default=3, help="random device journeys of each reading")
    arguments.add_argument("--epochs", type=int, default=12)
    arguments.add_argument("--seed", type=int, default=20261120)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {text}", flush=True)

    speech = voices.cached(
        options.work / f"espeak-{options.takes}-{options.seed}.npz",
        lambda: voices.espeak_set(voices.TRAINING_SPEAKERS, options.takes, options.seed),
    )
    unheard = voices.cached(
        options.work / f"unheard-{options.seed}.npz",
        lambda: voices.espeak_set(voices.VALIDATION_SPEAKERS, 6, options.seed + 1),
    )
    other = voices.cached(options.work / f"flite-{options.seed}.npz", lambda: voices.flite_set(6, options.seed + 2))
    say(f"{len(speech)} words by {len(voices.TRAINING_SPEAKERS)} speakers; validation {len(unheard)} and {len(other)}")
    clips, digits = examples(speech, options.copies, options.seed)
    validation = {
        "unheard espeak-ng speakers": examples(unheard, 2, options.seed + 3),
        "flite": examples(other, 4, options.seed + 4),
    }
    say(f"{len(clips)} training examples, {numpy.mean([len(clip) for clip in clips]):.0f} frames on average")

    def report(epoch: int, loss: float, model: DigitClassifier) -> None:
        shares = ", ".join(f"{name} {accuracy(model, *held):.4f}" for name, held in validation.items())
        say(f"epoch {epoch + 1}/{options.epochs}: loss {loss:.4f}; {shares}")

    model = train(clips, digits, options.epochs, options.seed, report)
    save_file(
        {name: value.contiguous() for name, value in model.state_dict().items()}, options.work / "weights.safetensors"
    )
    say(f"wrote {options.work / 'weights.safetensors'}")


if __name__ == "__main__":
    main()
