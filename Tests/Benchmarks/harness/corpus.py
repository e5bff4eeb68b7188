"""Recordings like a fleet's: of several rates and containers, of log-normal lengths, the same bytes each time."""

import multiprocessing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy
import soundfile

# Container and subtype, sample rate, channels: what devices send, in turn.
KINDS = [
    (".wav", "PCM_16", 44100, 1), (".flac", "PCM_16", 48000, 1), (".ogg", "VORBIS", 44100, 1), (".wav", "PCM_16", 48000, 2),
    (".wav", "PCM_16", 16000, 1), (".flac", "PCM_16", 44100, 2), (".wav", "PCM_24", 48000, 1), (".wav", "PCM_16", 8000, 1),
]


@dataclass(frozen=True)
class Corpus:
    """A folder of recordings."""

    folder: Path
    count: int
    seconds: float
    """How long they last, all together."""


def lengths(count: int, seed: int) -> numpy.ndarray:
    """Log-normal lengths in seconds, from 1 to 30, 8.7 in the mean."""
    random = numpy.random.default_rng(seed)
    return numpy.clip(random.lognormal(numpy.log(7.4), 0.6, count), 1.0, 30.0)


def sound(random, seconds: float, rate: int, channels: int) -> numpy.ndarray:
    """Noise that swells and falls like syllables, on a gliding tone; float32 [samples, channels]."""
    time = numpy.arange(int(seconds * rate), dtype=numpy.float32) / rate
    swell = 0.5 * (1 + numpy.sin(2 * numpy.pi * (2 + 3 * random.random()) * time))
    tone = 0.2 * numpy.sin(2 * numpy.pi * (150 + 400 * random.random() + 40 * time) * time)
    noise = 0.08 * random.standard_normal((time.size, channels), dtype=numpy.float32)
    return numpy.clip((swell * tone)[:, None] + swell[:, None] * noise, -1, 1).astype(numpy.float32)


def make(folder: Path, count: int, seed: int = 1, distinct: int | None = None) -> Corpus:
    """Writes the recordings, unless they exist already. After `distinct` recordings their lengths repeat, not their
    sound."""
    folder.mkdir(parents=True, exist_ok=True)
    done = folder.with_suffix(".done")
    drawn = lengths(distinct or count, seed)
    wanted = numpy.resize(drawn, count)
    made = f"{count} {seed} {distinct or count}"
    if not done.exists() or done.read_text() != made:
        # Spawned, not forked: a fork would copy whatever threads a contest has loaded by now.
        with multiprocessing.get_context("spawn").Pool() as pool:
            pool.starmap(partial(_record, folder, seed), enumerate(wanted), chunksize=16)
        done.write_text(made)
    return Corpus(folder, count, float(wanted.sum()))


def _record(folder: Path, seed: int, place: int, seconds: float):
    """Writes one recording."""
    suffix, subtype, rate, channels = KINDS[place % len(KINDS)]
    path = folder / f"device-{place % 20:02}" / f"rec-{place:05}{suffix}"
    path.parent.mkdir(exist_ok=True)
    samples = sound(numpy.random.default_rng((seed, place)), float(seconds), rate, channels)
    with soundfile.SoundFile(path, "w", rate, channels, subtype) as file:
        # libsndfile's Vorbis encoder overflows its stack on long writes.
        for start in range(0, len(samples), rate):
            file.write(samples[start : start + rate])
