#!/usr/bin/env python3
"""A night as a Python script: recordings in a directory to predictions in PostgreSQL.

Two processes decode (soundfile), mix, resample (soxr) and make normalised fbank features (torchaudio, or kaldi-native-fbank)
while this one loads the model; then batches of like lengths go through the model, and one COPY stores the results. torch is
imported before the worker processes are forked if they need it, so that they share its pages, and after them if they do not.
"""

import argparse
import multiprocessing
import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy
import soundfile
import soxr
from features import LIBRARIES

RATE = 16000
SUFFIXES = {".wav", ".flac", ".ogg"}


class Rejected(Exception):
    """A recording that cannot be used; the reason's code and a message."""


def recordings(folder: str) -> list[tuple[str, int]]:
    """The keys below a folder, and their sizes."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            if os.path.splitext(name)[1] in SUFFIXES:
                path = os.path.join(place, name)
                found.append((os.path.relpath(path, folder), os.path.getsize(path)))
    return sorted(found)


def audio(path: str) -> numpy.ndarray:
    """A recording as float32 at 16 kHz, all channels mixed."""
    try:
        samples, rate = soundfile.read(path, dtype="float32")
    except soundfile.LibsndfileError as error:
        raise Rejected("undecodable", str(error)) from error
    if samples.ndim == 2:
        samples = samples.mean(axis=1)
    seconds = len(samples) / rate
    if not 0.1 <= seconds <= 60:
        raise Rejected("too_short" if seconds < 0.1 else "too_long", f"{seconds:.3f} s")
    return samples if rate == RATE else soxr.resample(samples, rate, RATE, quality="HQ")


def fbank(samples: numpy.ndarray) -> numpy.ndarray:
    """Kaldi's log-mel features of 80 bins, each bin normalized to mean 0 and deviation 1."""
    rows = numpy.asarray(compute(prepare(samples)))
    if len(rows) == 0:
        raise Rejected("too_short", f"{len(samples)} samples hold no frame")
    rows -= rows.mean(axis=0)
    rows /= rows.std(axis=0) + 1e-5
    return rows


def start_worker(folder: str, library: str = "kaldi-native-fbank"):
    """Sets up what a worker process keeps."""
    global source, prepare, compute
    source = folder
    prepare, compute = LIBRARIES[library]()


def work(key: str):
    """A recording's features, or the reason why it has none."""
    try:
        return key, fbank(audio(os.path.join(source, key))), None
    except Rejected as rejected:
        return key, None, rejected.args


def load(path: str, streams: int):
    """The model, as a function of features and lengths."""
    import torch

    torch.set_num_threads(max(1, os.cpu_count() // streams))
    if path.endswith(".pt2"):
        from torch._inductor.package import load_package

        return load_package(path, run_single_threaded=streams == 1, num_runners=streams)
    return torch.jit.freeze(torch.jit.load(path).eval())


def infer(items: list, model, batch_items: int, streams: int, precision: str) -> dict:
    """Each key's scores; batches hold neighbours in length, so that padding is small."""
    import torch

    # The longest first: what is left for one stream at the end is short.
    items.sort(key=lambda item: -len(item[1]))
    batches = [items[start : start + batch_items] for start in range(0, len(items), batch_items)]

    def forward(batch):
        lengths = torch.tensor([len(features) for _, features in batch])
        block = torch.zeros(len(batch), int(lengths.max()), 80, dtype=getattr(torch, precision))
        for row, (_, features) in enumerate(batch):
            block[row, : len(features)] = torch.from_numpy(features)
        with torch.inference_mode():
            logits = model(block, lengths)
            # A compiled package gives its outputs as a tuple, and in its own precision.
            return (logits if torch.is_tensor(logits) else logits[0]).float().softmax(1).numpy()

    if streams == 1:
        results = map(forward, batches)
    else:
        results = ThreadPoolExecutor(streams).map(forward, batches)
    return {key: row for batch, rows in zip(batches, results) for (key, _), row in zip(batch, rows)}


def store(url: str, night: str, scores: dict, rejects: list, labels: list):
    """Puts the night's rows in place of those that are there, in one transaction."""
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS predictions (batch text, item_id text, label text, score real, "
            "PRIMARY KEY (batch, item_id))")
        connection.execute("CREATE TABLE IF NOT EXISTS rejections (batch text, item_id text, reason text, message text)")
        connection.execute("DELETE FROM predictions WHERE batch = %s", [night])
        connection.execute("DELETE FROM rejections WHERE batch = %s", [night])
        cursor = connection.cursor()
        with cursor.copy("COPY predictions FROM STDIN") as rows:
            for key in sorted(scores):
                best = int(scores[key].argmax())
                rows.write_row((night, key, labels[best], float(scores[key][best])))
        with cursor.copy("COPY rejections FROM STDIN") as rows:
            for key, (reason, message) in sorted(rejects):
                rows.write_row((night, key, reason, message))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="the folder of recordings")
    parser.add_argument("model", help="TorchScript (.pt) or a package of AOTInductor (.pt2)")
    parser.add_argument("url", help="of the database")
    parser.add_argument("--night", default="2026-11-20")
    parser.add_argument("--labels", required=True, help="separated by commas")
    parser.add_argument("--fbank", default="torchaudio", choices=["torchaudio", "kaldi-native-fbank"])
    parser.add_argument("--batch-items", type=int, default=8)
    parser.add_argument("--streams", type=int, default=1, help="forward passes side by side, which share the cores")
    parser.add_argument("--precision", default="float32", help="of the features, as the model takes them")
    arguments = parser.parse_args()
    began = time.monotonic()
    if arguments.fbank == "torchaudio":
        import torch  # noqa: F401
    with multiprocessing.get_context("fork").Pool(
            os.cpu_count(), start_worker, [arguments.source, arguments.fbank]) as pool:
        # Large files first, so that no worker is left alone with one at the end.
        keys = [key for key, _ in sorted(recordings(arguments.source), key=lambda item: -item[1])]
        arriving = pool.imap_unordered(work, keys, chunksize=4)
        model = load(arguments.model, arguments.streams)
        items, rejects = [], []
        for key, features, reason in arriving:
            if reason is None:
                items.append((key, features))
            else:
                rejects.append((key, reason))
    ready = time.monotonic()
    scores = infer(items, model, arguments.batch_items, arguments.streams, arguments.precision)
    inferred = time.monotonic()
    store(arguments.url, arguments.night, scores, rejects, arguments.labels.split(","))
    print(f"features {ready - began:.2f} s, model {inferred - ready:.2f} s, store {time.monotonic() - inferred:.2f} s")


if __name__ == "__main__":
    main()
