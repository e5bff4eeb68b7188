"""A sealed version of `infer` with the given number of items, and the rows that must result; the same bytes each time.

The lines have the members that the demo's ledger has. The format is docs/batch-format.md's.
"""

import hashlib
import json
import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

PIPELINE, BATCH = "digits", "2026-11-20"
PART_ITEMS = 256
LABELS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
SITES = ["gate", "yard", "dock", "häuschen", "roof"]


@dataclass(frozen=True)
class Predictions:
    """A root with one version in it, and the same rows in COPY's text format."""

    root: Path
    rows: Path
    items: int

    @property
    def version(self) -> Path:
        return self.root / PIPELINE / BATCH / "infer" / "v1"


def canonical(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def seal(path: Path, body: dict, run: dict) -> str:
    """Writes sealed JSON; gives its digest."""
    text = json.dumps({**body, "run": {**run, "checksum": "0" * 64}}, ensure_ascii=False, indent=2) + "\n"
    data = text.encode()
    path.write_bytes(data[:-72] + sha256(data).encode() + data[-8:])
    return sha256(canonical(body))


def line(number: int, chance: random.Random) -> tuple[str, list]:
    """An item's line in the ledger, and its columns in `predictions`."""
    device, recording = number // 5000, number % 5000
    item = f"device-{device:04}/rec-{recording:05}.wav"
    moment = f"2026-11-19T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
    seconds = round(1 + 20 * chance.random(), 3)
    frames = int(seconds * 100)
    fields = {"device": f"device-{device:04}", "recorded_at": moment + "Z", "site": SITES[number % len(SITES)],
              "gain_db": round(chance.uniform(-6, 6), 1)}
    first, second, third = chance.sample(LABELS, 3)
    score = round(0.4 + 0.6 * chance.random(), 6)
    output = {"model": "digits@1", "label": first, "score": score,
              "top": [[first, score], [second, round((1 - score) * 0.7, 6)], [third, round((1 - score) * 0.2, 6)]]}
    whole = {
        "id": item,
        "fetch": {"sha256": f"{chance.getrandbits(256):064x}", "bytes": 44 + 2 * int(seconds * 8000),
                  "object": "objects/" + item.replace("/", ","), "last_modified": moment + "Z", "verified": ["size"]},
        "fields": fields,
        "clean": {"filled": ["gain_db"], "seconds": seconds, "source_rate": 8000, "source_channels": 1,
                  "source_encoding": "pcm_s16", "peak_dbfs": -3.5, "rms_dbfs": -19.9, "clipping_ratio": 0.0,
                  "dc_offset": 0.0, "snr_db": 53.7, "bandwidth_hz": 3844},
        "featurize": {"frames": frames, "bins": 80, "sample_rate": 16000},
        "infer": output,
    }
    columns = [PIPELINE, BATCH, "infer", "v1", item, "digits", "1", first, repr(score),
               json.dumps(output, ensure_ascii=False), json.dumps(fields, ensure_ascii=False), moment + ".000000Z"]
    return json.dumps(whole, ensure_ascii=False), columns


def make(folder: Path, items: int) -> Predictions:
    """Writes the version and the rows, unless they exist already."""
    made = Predictions(folder / "root", folder / "rows.tsv", items)
    done = folder / "done"
    if done.exists() and done.read_text() == str(items):
        return made
    shutil.rmtree(folder, ignore_errors=True)
    made.version.mkdir(parents=True)
    identity = {"pipeline": PIPELINE, "batch": BATCH, "stage": "infer", "tool": "infer", "revision": 1,
                "config": {"model": "digits@1", "top": 3},
                "model": {"name": "digits", "version": "1", "digest": sha256(b"a model")}, "inputs": []}
    run = {"host": "bench", "started_at": "2026-11-20T02:00:00.000Z", "tool_version": "bench", "jobs": 2}
    parts = []
    with open(made.rows, "w", encoding="utf-8") as rows:
        for start in range(0, items, PART_ITEMS):
            parts.append(_part(made.version, range(start, min(items, start + PART_ITEMS)), identity, run, rows))
    fingerprint = sha256(canonical([part["key"] for part in parts]))
    seal(made.version / "run.json",
         {"format": 1, "kind": "run", **identity, "effective_config": {}, "fingerprint": fingerprint}, run)
    seal(made.version / "batch.json", {
        "format": 1, "kind": "version", **identity, "fingerprint": fingerprint, "items_in": items, "items": items,
        "rejected": 0, "rejected_by_reason": {}, "bytes": sum(part["bytes"] for part in parts), "parts": parts,
    }, {**run, "finished_at": "2026-11-20T02:10:00.000Z", "seconds": 600.0, "peak_memory_bytes": 1 << 28})
    os.symlink("v1", made.version.parent / "current")
    done.write_text(str(items))
    return made


def _part(version: Path, numbers: range, identity: dict, run: dict, rows) -> dict:
    name = f"part-{numbers.start // PART_ITEMS:05}"
    chance = random.Random(numbers.start)
    lines = []
    for number in numbers:
        text, columns = line(number, chance)
        lines.append(text + "\n")
        rows.write("\t".join(column.replace("\\", "\\\\") for column in columns) + "\n")
    data = "".join(lines).encode()
    (version / name).mkdir()
    (version / name / "items.jsonl").write_bytes(data)
    source = sha256(name.encode())
    key = sha256(canonical({"format": 1, "tool": "infer", "stage": "infer", "revision": 1, "config": identity["config"],
                            "model": identity["model"]["digest"], "input": source}))
    counts = {"items": len(numbers), "rejected": 0}
    digest = seal(version / name / "part.json", {
        "format": 1, "kind": "part", "tool": "infer", "key": key, "input": source, "items_in": len(numbers), **counts,
        "rejected_by_reason": {}, "bytes": len(data),
        "files": [{"name": "items.jsonl", "bytes": len(data), "sha256": sha256(data)}],
    }, {**run, "seconds": 0.2, "peak_memory_bytes": 1 << 28})
    return {"name": name, "digest": digest, "key": key, **counts, "bytes": len(data)}
