"""Reports how a packaged model performs on real recorded speech, which was not used to make it.

    python3 evaluate.py ../../models/digits/1

Three readings of the same ten human recordings (asterisk-core-sounds-en-wav, one speaker): as they are; as the demo's
devices would upload them, over several nights; and in white noise. The path is that of the pipeline: mono mean, soxr HQ
to 16 kHz, fbank, one answer per recording. Also checks that padding changes no answer.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import soundfile
import torch

from features import at_model_rate, log_mel, normalised
from train import padded
from voices import WORDS

HERE = Path(__file__).resolve().parent
PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison/digits")


def features_of(samples: numpy.ndarray, rate: int) -> numpy.ndarray:
    """Normalised features of a recording with any number of channels: float32 [frames, 80]."""
    mono = samples.mean(axis=1) if samples.ndim == 2 else samples
    return normalised(log_mel(at_model_rate(mono.astype(numpy.float32), rate)))


def prompts() -> list[tuple[numpy.ndarray, int]]:
    """The ten recordings: float32 samples and their rate."""
    return [soundfile.read(PROMPTS / f"{digit}.wav", dtype="float32") for digit in range(10)]


def night(folder: Path, batch: str, seed: int) -> list[tuple[str, int, numpy.ndarray]]:
    """(device, digit, features) of every sound upload of one demo night."""
    command = [sys.executable, HERE.parent / "demo_uploads.py", folder, batch, "--seed", str(seed)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    rows = csv.DictReader((folder / f"{batch}.truth.csv").read_text().splitlines())
    heard = []
    for row in rows:
        if row["expected"] == "stored":
            samples, rate = soundfile.read(folder / batch / row["key"], dtype="float32")
            heard.append((row["key"].split("/")[0], WORDS.index(row["digit"]), features_of(samples, rate)))
    return heard


def probabilities(model: torch.jit.ScriptModule, clips: list[numpy.ndarray]) -> torch.Tensor:
    """Softmax of the model's answers, each item alone: [items, 10]."""
    with torch.inference_mode():
        return torch.cat([torch.softmax(model(*padded([clip])), dim=1) for clip in clips])


def padding_difference(model: torch.jit.ScriptModule, clips: list[numpy.ndarray]) -> float:
    """The largest change of any logit when an item shares a batch with longer ones, and the padding contains garbage."""
    with torch.inference_mode():
        alone = torch.cat([model(*padded([clip])) for clip in clips])
        batch, lengths = padded(clips)
        beyond = torch.arange(batch.shape[1]).unsqueeze(0) >= lengths.unsqueeze(1)
        batch[beyond] = 1e6
        return float((model(batch, lengths) - alone).abs().max())


def tell(title: str, answers: torch.Tensor, digits: list[int]) -> None:
    """One line: accuracy, the winner's mean probability, the confusions."""
    named = answers.argmax(dim=1).tolist()
    right = sum(name == digit for name, digit in zip(named, digits))
    wrong: dict[str, int] = {}
    for name, digit in zip(named, digits):
        if name != digit:
            pair = f"{WORDS[digit]} as {WORDS[name]}"
            wrong[pair] = wrong.get(pair, 0) + 1
    mistakes = (
        ", ".join(f"{pair} x{count}" for pair, count in sorted(wrong.items(), key=lambda pair: -pair[1])) or "none"
    )
    print(f"{title:34} {right:4}/{len(digits):4} = {right / len(digits):6.1%}   wrong: {mistakes}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("package", type=Path, help="folder with model.pt")
    arguments.add_argument("--nights", type=int, default=5, help="number of demo nights to evaluate, each with another seed")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    model = torch.jit.load(options.package / "model.pt").eval()

    clean = prompts()
    clips = [features_of(samples, rate) for samples, rate in clean]
    answers = probabilities(model, clips)
    tell("the recordings as they are", answers, list(range(10)))
    print("   probability of the right digit: " + ", ".join(f"{WORDS[d]} {answers[d, d]:.2f}" for d in range(10)))

    heard = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, options.nights + 1):
            heard += night(Path(folder) / str(seed), "2026-11-20", seed)
    answers = probabilities(model, [clip for _, _, clip in heard])
    tell(f"{options.nights} nights of uploads", answers, [digit for _, digit, _ in heard])
    for device in sorted({device for device, _, _ in heard}):
        rows = [index for index, row in enumerate(heard) if row[0] == device]
        tell(f"   {device}", answers[rows], [heard[index][1] for index in rows])

    for ratio in (30, 20, 10, 5):
        noisy = []
        for seed in range(10):
            for digit, (samples, rate) in enumerate(clean):
                chance = numpy.random.default_rng([seed, digit, ratio])
                noise = chance.standard_normal(len(samples)) * numpy.sqrt(numpy.mean(samples**2)) * 10 ** (-ratio / 20)
                noisy.append(features_of((samples + noise).astype(numpy.float32), rate))
        tell(f"white noise at {ratio} dB", probabilities(model, noisy), list(range(10)) * 10)
    print(f"padding moves no logit by more than {padding_difference(model, [clip for _, _, clip in heard[:40]]):.1e}")


if __name__ == "__main__":
    main()
