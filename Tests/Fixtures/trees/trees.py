"""Lays out small nights, records the trees that the tools made of them, and compares others with the record.

    python3 trees.py lay NIGHT FOLDER             a night's recordings, pipeline and models, in an empty folder
    python3 trees.py unpack FOLDER                the root that older tools left, in an empty folder
    python3 trees.py add FOLDER                   one recording more, which the night has not seen
    python3 trees.py record ROOT > RECORD.json    what stands below a root of batches
    python3 trees.py compare RECORD.json ROOT     prints each difference and exits with 65, or prints nothing

It knows the batch format from docs/batch-format.md alone and shares nothing with Nocturne's own code. The standard library is
enough. What may differ between two runs is left out: `run` in seals, `events.jsonl`, names that start with a dot.

Everything is compared exactly, but what `infer` computed and `store` counted of it: scores depend on the kind of
processor. Where their bytes differ, scores may differ by 1e-5 and stored numbers by 1e-4, and digests are not compared.
Of `run.json` the configuration may have gained keys since.
"""

import base64
import copy
import hashlib
import json
import os
import re
import struct
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent.parent
BATCH = "2026-11-20"
NIGHTS = ["small", "several", "split"]


# --- the nights ---


class Chance:
    """A linear congruential generator (Knuth's MMIX): integers alone, so that every machine makes the same sound."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def triangle(position, period):
    """A wave between -1000 and 1000."""
    phase = position % period * 4000 // period
    return phase - 1000 if phase < 2000 else 3000 - phase


def sound(seed, milliseconds, rate, pause_every=None):
    """A 16-bit WAV file: a buzz that rises and falls, some noise, and a pause of half a second now and then."""
    chance = Chance(seed)
    period = rate // (90 + chance.below(150))
    count = milliseconds * rate // 1000
    samples = []
    for index in range(count):
        noise = chance.below(401) - 200
        if pause_every and index % (pause_every * rate) < rate // 2:
            samples.append(noise // 100)
            continue
        envelope = min(index, count - 1 - index, rate // 10) * 1000 // (rate // 10)
        tone = triangle(index, period) * 4 + triangle(index, max(2, period // 3)) * 3
        samples.append(envelope * tone // 1000 + noise)
    data = struct.pack(f"<{len(samples)}h", *samples)
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def recordings(night):
    """Names and bytes: seven that are whole, one again, one that was cut, and for `split` one that lasts 65 seconds."""
    rates = [8000, 16000, 22050]
    files = {
        f"device-0{number % 3 + 1}/rec-{number}.wav": sound(number, 300 + 50 * number, rates[number % 3])
        for number in range(1, 7)
    }
    files["device-03/flac.flac"] = (CHECKOUT / "Tests/Fixtures/audio/flac16.flac").read_bytes()
    files["device-04/again.wav"] = sound(3, 450, 8000)
    whole = sound(9, 400, 8000)
    files["device-04/cut.wav"] = whole[: len(whole) // 2]
    if night == "split":
        files["device-01/long.wav"] = sound(11, 65000, 8000, pause_every=7)
    return files


def upload(folder, name, content, second):
    """Writes a recording; its time is part of what `fetch` records."""
    path = folder / "recordings" / BATCH / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1_795_125_600 + second, 1_795_125_600 + second))


def lay(night, folder):
    """Writes what a night starts from."""
    for index, (name, content) in enumerate(sorted(recordings(night).items())):
        upload(folder, name, content, index)
    (folder / "known.csv").write_text(
        'key,site,gain_db\ndevice-01/rec-3.wav,gate,3.5\ndevice-02/rec-1.wav,"yard, north",\ndevice-03/rec-2.wav,,-6\n'
    )
    pipeline = folder / "pipelines" / night / "pipeline.toml"
    pipeline.parent.mkdir(parents=True)
    pipeline.write_bytes((HERE / "pipelines" / f"{night}.toml").read_bytes())
    link_models(folder)


def link_models(folder):
    """The packages of models that the nights name."""
    models = folder / "pipelines" / "models"
    models.mkdir()
    for package in ["pipelines/models/digits", "Tests/Fixtures/models/embedding", "Tests/Fixtures/models/waveform"]:
        (models / Path(package).name).symlink_to(CHECKOUT / package)


# --- the record ---


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def made_by(version):
    """The tool that a version is of, and the stage."""
    run = json.loads((version / "run.json").read_text("utf-8"))
    return run["tool"], run["stage"]


def entry(path, tool, stage):
    """What the record keeps of a file: enough to tell whether another is equal, or as good as equal."""
    data = path.read_bytes()
    if path.suffix == ".json":
        seal = json.loads(data)
        del seal["run"]
        kept = {"digest": sha256(canonical(seal))}
        return kept | {"seal": seal} if tool in ("infer", "store") or path.name == "run.json" else kept
    kept = {"sha256": sha256(data)}
    if tool == "infer" and path.name == "items.jsonl":
        lines = [json.loads(line) for line in data.decode().splitlines()]
        kept["results"] = [[line["id"], line.pop(stage)] for line in lines]
        kept["rest"] = sha256(b"\n".join(canonical(line) for line in lines))
    if tool == "infer" and path.suffix == ".safetensors":
        kept["content"] = base64.b64encode(data).decode()
    return kept


def record(root):
    """Every file of every version below a root, and where the links point."""
    files = {}
    for path in sorted(root.glob("*/*/*/*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            files[name] = {"link": os.readlink(path)}
        elif re.fullmatch(r"v[0-9]+", path.name):
            tool, stage = made_by(path)
            for file in sorted(path.rglob("*")):
                hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
                if file.is_file() and file.name != "events.jsonl" and not hidden:
                    files[file.relative_to(root).as_posix()] = entry(file, tool, stage)
    return {"format": 1, "files": files}


def written(recorded):
    """The record as a text with a line for each file."""
    lines = [f"{json.dumps(name)}: {json.dumps(kept, ensure_ascii=False)}" for name, kept in recorded["files"].items()]
    return '{"format": 1, "files": {\n' + ",\n".join(lines) + "\n}}"


# --- the comparison ---


def near(one, other):
    """Whether two results are the same but for the last digits of their numbers."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-5
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(near(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(near, one, other))
    return type(one) is type(other) and one == other


def near_tensors(one, other):
    """Whether two files of tensors have the same header, and numbers that are close."""
    one, other = base64.b64decode(one), base64.b64decode(other)
    start = 8 + struct.unpack("<Q", one[:8])[0]
    if len(one) != len(other) or one[:start] != other[:start]:
        return False
    pairs = zip(struct.iter_unpack("<f", one[start:]), struct.iter_unpack("<f", other[start:]), strict=True)
    return all(abs(a - b) <= 1e-4 for (a,), (b,) in pairs)


def without_results(seal):
    """A seal of `infer` or `store` without what follows from the scores' last digits."""
    seal = copy.deepcopy(seal)
    for name in ("bytes", "fingerprint") if seal.get("tool") == "store" or seal["kind"] == "receipt" else ("bytes",):
        seal.pop(name, None)
    for listed in [*seal.get("files", []), *seal.get("parts", []), *seal.get("inputs", []), *seal.get("loaded", [])]:
        for name in ("bytes", "sha256", "digest"):
            listed.pop(name, None)
    return seal


def alike(name, old, new):
    """Whether a file is as good as the recorded one."""
    if old == new:
        return True
    if old.keys() != new.keys():
        return False
    if name.endswith("/run.json"):
        old, new = copy.deepcopy(old["seal"]), copy.deepcopy(new["seal"])
        if old.get("tool") == "store":
            old, new = without_results(old), without_results(new)
        then, now = old.pop("effective_config"), new.pop("effective_config")
        return old == new and without_gains(now, then) == then
    if "results" in old:
        return old["rest"] == new["rest"] and near(old["results"], new["results"])
    if "content" in old:
        return near_tensors(old["content"], new["content"])
    return "seal" in old and without_results(old["seal"]) == without_results(new["seal"])


def without_gains(now, then):
    """A configuration without the keys that tables have gained since another."""
    if not isinstance(now, dict) or not isinstance(then, dict):
        return now
    return {key: without_gains(now[key], then[key]) for key in then if key in now}


def differences(old, new):
    """The paths at which two records differ, each with how."""
    found = []
    for name in sorted(old["files"].keys() | new["files"].keys()):
        if name not in new["files"]:
            found.append(f"{name}: is not there any more")
        elif name not in old["files"]:
            found.append(f"{name}: was not there")
        elif not alike(name, old["files"][name], new["files"][name]):
            found.append(f"{name}: differs")
    return found


def main(words):
    match words:
        case ["lay", night, folder] if night in NIGHTS:
            lay(night, Path(folder))
        case ["unpack", folder]:
            with tarfile.open(HERE / "old-root.tar.gz") as archive:
                archive.extractall(folder)
            link_models(Path(folder))
        case ["add", folder]:
            upload(Path(folder), "device-05/rec-7.wav", sound(7, 500, 16000), 100)
        case ["record", root]:
            print(written(record(Path(root))))
        case ["compare", recorded, root]:
            found = differences(json.loads(Path(recorded).read_text("utf-8")), record(Path(root)))
            print("\n".join(found), end="\n" if found else "")
            return 65 if found else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 64
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
