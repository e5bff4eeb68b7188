"""Makes a night of uploads: real spoken digits as a dozen devices would have recorded them, and some broken files.

    python3 demo_uploads.py data/uploads 2026-11-20

makes, unless they exist already,

    data/uploads/2026-11-20/device-07/rec-00012.flac  the recordings, which `fetch` lists
    data/uploads/2026-11-20.metadata.csv              the metadata: recorded_at, site, gain_db (with gaps)
    data/uploads/2026-11-20.truth.csv                 the digit spoken, and each broken file's reason: for report.py only

The speech is that of Debian's asterisk-core-sounds-en-wav. The same batch name and seed give the same bytes. Needs
numpy, soundfile and soxr.
"""

import argparse
import csv
import datetime
import os
import shutil
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy
import soundfile
import soxr
from numpy.random import Generator

from containers import encoded, wav

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison/digits")


@dataclass(frozen=True)
class Device:
    """How one device records. `noise_db` is its noise below the speech, `pan_db` the second channel's loss."""

    rate: int
    encoding: str
    site: str
    noise_db: float = 40.0
    channels: int = 1
    pan_db: float = 0.0


DEVICES = {
    "device-01": Device(8000, "pcm16", "gate", noise_db=45.0),
    "device-02": Device(16000, "pcm16", "gate"),
    "device-03": Device(44100, "flac16", "yard", channels=2),
    "device-04": Device(48000, "pcm24", "yard"),
    "device-05": Device(22050, "vorbis", "pier"),
    "device-06": Device(48000, "float", "pier", channels=2, pan_db=9.0),
    "device-07": Device(16000, "flac16", "office", noise_db=50.0),
    "device-08": Device(44100, "vorbis", "office", channels=2),
    "device-09": Device(22050, "pcm16", "mast", noise_db=30.0),
    "device-10": Device(48000, "flac24", "mast", noise_db=20.0),
    "device-11": Device(8000, "flac16", "road", noise_db=15.0),
}
EXTENSIONS = {"pcm16": "wav", "pcm24": "wav", "float": "wav", "flac16": "flac", "flac24": "flac", "vorbis": "ogg"}


def written(samples: numpy.ndarray, rate: int, encoding: str) -> bytes:
    """The recording as a file's bytes."""
    if encoding == "vorbis":
        return encoded(samples, rate, "OGG", "VORBIS")
    if encoding.startswith("flac"):
        return encoded(samples, rate, "FLAC", "PCM_" + encoding[4:])
    return wav(samples, rate, encoding)


def recording(prompt: numpy.ndarray, prompt_rate: int, device: Device, chance: Generator) -> numpy.ndarray:
    """One prompt as the device hears it: its rate, its noise, some level, a pause before and a longer one after."""
    speech = soxr.resample(prompt, prompt_rate, device.rate, quality="HQ")
    before, after = chance.uniform(0.0, 0.3), chance.uniform(0.1, 1.0)
    speech = numpy.pad(speech, (int(before * device.rate), int(after * device.rate)))
    loudness = numpy.sqrt(numpy.mean(numpy.square(speech)))
    peak = 10.0 ** (chance.uniform(-24.0, -2.0) / 20.0) / numpy.abs(speech).max()
    noise = loudness * 10.0 ** (-device.noise_db / 20.0)
    tracks = []
    for channel in range(device.channels):
        track = speech * 10.0 ** (-device.pan_db * channel / 20.0) + chance.standard_normal(len(speech)) * noise
        tracks.append(numpy.clip(track * peak, -1.0, 1.0))
    return tracks[0] if len(tracks) == 1 else numpy.stack(tracks, axis=1)


def damaged(content: bytes) -> bytes:
    """The same bytes with the bits of one in the middle inverted."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


def broken_files(whole: bytes, speech: numpy.ndarray, rate: int) -> list[tuple[str, bytes, str]]:
    """(extension, bytes, expected reason code), made from one good recording."""
    with_nan = speech.copy()
    with_nan[len(with_nan) // 2] = numpy.nan
    return [
        ("wav", whole[: len(whole) // 3], "truncated"),
        ("wav", b"", "truncated"),
        ("wav", b"the recorder's card was full, this is only its log\n" * 20, "unsupported"),
        ("ogg", damaged(encoded(speech, rate, "OGG", "VORBIS")), "undecodable"),
        ("wav", wav(numpy.zeros(2 * rate), rate, "pcm16"), "silent"),
        ("wav", wav(speech[: rate // 50], rate, "pcm16"), "too_short"),
        ("wav", wav(with_nan, rate, "float"), "not_finite"),
        ("wav", encoded(speech, rate, "WAV", "IMA_ADPCM"), "unsupported"),
        ("wav", whole, "duplicate"),
    ]


class Night:
    """The files, metadata rows and truth rows of one batch, in a folder that is renamed into place when it is complete."""

    def __init__(self, folder: Path, batch: str, seed: int) -> None:
        self.folder = folder
        # The batch's name is part of the seed, so that two nights differ; hash() would change from run to run.
        self.chance = numpy.random.default_rng([seed, zlib.crc32(batch.encode())])
        try:
            day = datetime.date.fromisoformat(batch)
        except ValueError:
            day = datetime.date(2026, 11, 20)
        self.clock = datetime.datetime.combine(day, datetime.time(), datetime.timezone.utc) - datetime.timedelta(
            hours=6
        )
        self.metadata: list[dict[str, str]] = []
        self.truth: list[dict[str, str]] = []
        self.bytes = 0

    def add(self, device: str, extension: str, content: bytes, digit: str, expected: str, **known: str) -> None:
        """Writes one upload. `known` overrides its metadata."""
        self.clock += datetime.timedelta(seconds=int(self.chance.integers(20, 400)))
        number = sum(row["key"].startswith(device + "/") for row in self.truth) + 1
        key = f"{device}/rec-{number:05d}.{extension}"
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (self.clock.timestamp(), self.clock.timestamp()))
        self.bytes += len(content)
        # Sometimes the gain or the time is missing, and `clean` has to fill it in.
        gap = self.chance.random()
        row = {
            "key": key,
            "recorded_at": "" if gap < 0.05 else self.clock.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "site": DEVICES[device].site if device in DEVICES else "gate",
            "gain_db": "" if gap > 0.8 else f"{self.chance.choice([0, 3, 6, 12]):.1f}",
        }
        self.metadata.append(row | known)
        self.truth.append({"key": key, "digit": digit, "expected": expected})


def play(night: Night, prompts: list[tuple[numpy.ndarray, int]]) -> None:
    """Every device uploads the ten digits in its own order; then come the broken files and the bad metadata."""
    chance = night.chance
    for name, device in DEVICES.items():
        for digit in chance.permutation(10):
            content = written(recording(*prompts[digit], device, chance), device.rate, device.encoding)
            night.add(name, EXTENSIONS[device.encoding], content, WORDS[digit], "stored")
    for field, known in {"missing_field": {"site": ""}, "invalid_field": {"gain_db": "99"}}.items():
        content = written(recording(*prompts[5], DEVICES["device-02"], chance), 16000, "pcm16")
        night.add("device-12", "wav", content, WORDS[5], field, **known)
    good = recording(*prompts[4], DEVICES["device-02"], chance)
    whole = wav(good, 16000, "pcm16")
    night.add("device-12", "wav", whole, WORDS[4], "stored")
    for extension, content, reason in broken_files(whole, good, 16000):
        night.add("device-12", extension, content, "", reason)


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    """A CSV file with a header line."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, help="output folder: the night is FOLDER/BATCH/")
    arguments.add_argument("batch")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--prompts", type=Path, default=PROMPTS, help=f"folder of 0.wav...9.wav; default: {PROMPTS}")
    options = arguments.parse_args()

    place, truth = options.folder / options.batch, options.folder / f"{options.batch}.truth.csv"
    if truth.exists() and place.exists():
        print(f"{place}: the uploads already exist")
        return 0
    missing = [digit for digit in range(10) if not (options.prompts / f"{digit}.wav").is_file()]
    if missing:
        print(
            f"no recording of {missing} in {options.prompts}: install the package asterisk-core-sounds-en-wav",
            file=sys.stderr,
        )
        return 66
    prompts = [soundfile.read(options.prompts / f"{digit}.wav", dtype="float64") for digit in range(10)]

    making = options.folder / f".{options.batch}.making"
    shutil.rmtree(making, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
    night = Night(making, options.batch, options.seed)
    play(night, prompts)
    os.rename(making, place)
    write_table(options.folder / f"{options.batch}.metadata.csv", night.metadata)
    write_table(truth, night.truth)
    print(f"{place}: {len(night.truth)} uploads from {len(DEVICES) + 1} devices, {night.bytes / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
