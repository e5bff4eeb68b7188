#!/usr/bin/env python3
"""Cleans a folder of recordings with soundfile and soxr in worker processes: float32 at 16 kHz, all channels mixed.

    clean_soundfile.py FOLDER OUT --jobs 2 --format npy

Writes OUT/KEY.npy (or OUT/KEY.f32, the bare samples) for each recording FOLDER/KEY, and OUT/rejects.txt. Nothing is flushed
to the disk, unless with --durable: then OUT/digests.txt holds the SHA-256 of every recording and of what was made of it, and
all of it is on the disk at the end.
"""

import argparse
import hashlib
import multiprocessing
import os

import numpy
import soundfile
import soxr

RATE = 16000


def clean(path: str) -> numpy.ndarray:
    """A recording as mono samples at the pipeline's rate; raises ValueError for one that cannot be used."""
    samples, rate = soundfile.read(path, dtype="float32")
    if samples.ndim == 2:
        samples = samples.mean(axis=1)
    seconds = len(samples) / rate
    if not 0.1 <= seconds <= 60:
        raise ValueError(f"{seconds:.3f} s")
    if rate != RATE:
        samples = soxr.resample(samples, rate, RATE, quality="HQ")
    if not numpy.isfinite(samples).all():
        raise ValueError("not finite")
    return samples


def digest(source: str, samples: numpy.ndarray) -> str:
    """The SHA-256 of a recording's file and of its samples."""
    with open(source, "rb") as file:
        return f"{hashlib.file_digest(file, 'sha256').hexdigest()} {hashlib.sha256(samples).hexdigest()}"


def work(job: tuple[str, str, bool]) -> tuple[str, str]:
    """Cleans one recording into a file; returns why it could not, or nothing, and its digests, if they are asked for."""
    source, target, durable = job
    try:
        samples = clean(source)
    except (soundfile.LibsndfileError, ValueError) as error:
        return f"{source}: {error}", ""
    if target.endswith(".npy"):
        numpy.save(target, samples)
    else:
        samples.tofile(target)
    return "", f"{source} {digest(source, samples)}" if durable else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--format", choices=["npy", "f32"], default="npy")
    parser.add_argument("--durable", action="store_true")
    arguments = parser.parse_args()
    jobs = []
    for place, _, names in os.walk(arguments.folder):
        target = os.path.join(arguments.out, os.path.relpath(place, arguments.folder))
        os.makedirs(target, exist_ok=True)
        jobs += [
            (os.path.join(place, name), os.path.join(target, f"{name}.{arguments.format}"), arguments.durable)
            for name in names]
    with multiprocessing.Pool(arguments.jobs) as pool:
        done = list(pool.imap_unordered(work, jobs, chunksize=4))
    for name, lines in zip(("rejects.txt", "digests.txt"), zip(*done)):
        with open(os.path.join(arguments.out, name), "w") as file:
            file.write("".join(f"{line}\n" for line in sorted(lines) if line))
    if arguments.durable:
        os.sync()


if __name__ == "__main__":
    main()
