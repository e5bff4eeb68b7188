"""Plausible answers of the dashboard's API, the same at every run, for states a real night does not easily get into."""

import datetime
import math
import random

NOW = datetime.datetime(2026, 11, 21, 8, 12, 0, tzinfo=datetime.timezone.utc)
STAGES = ["fetch", "clean", "featurize", "infer", "store"]
LABELS = {
    "digits": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
    "birds": ["blackbird", "robin", "great tit", "wren", "none"],
    "pumps": ["normal", "cavitation", "bearing wear"],
}
DESCRIPTIONS = {
    "digits": "Spoken digits from field devices",
    "birds": "Dawn chorus at the three reserves",
    "pumps": "Waterworks pump monitoring",
}
# Named by no day; as bytes, one is newer than every night.
TRIALS = ["trial", "2026-11-19-again"]
REASONS = ["duplicate", "truncated", "silent", "too_short", "missing_field", "undecodable"]
FIGURES = {
    "seconds": (3.2, 1.1, 0.4, 11.0),
    "snr_db": (38.0, 3.0, 9.0, 62.0),
    "peak_dbfs": (-4.0, 0.6, -31.0, 0.0),
    "rms_dbfs": (-21.0, 1.0, -48.0, -9.0),
    "silence_ratio": (0.14, 0.02, 0.0, 0.71),
    "clipping_ratio": (0.0006, 0.0003, 0.0, 0.04),
    "bandwidth_hz": (3850.0, 60.0, 1900.0, 7900.0),
    "filled.gain_db": (0.21, 0.04, 0.0, 1.0),
}


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def chance(*words):
    return random.Random("/".join(map(str, words)))


def nights(count=34):
    last = NOW.date() - datetime.timedelta(days=1)
    return [(last - datetime.timedelta(days=age)).isoformat() for age in range(count)]


def day(batch):
    return batch[:10] if batch[:10] in nights() else nights()[0]


def stage_row(pipeline, batch, index, stage, items, rejected, status):
    draw = chance(pipeline, batch, stage)
    pace = [0.012, 0.02, 0.006, 0.11, 0.003][index] * (1.9 if (batch, stage) == ("2026-11-11", "infer") else 1)
    seconds = round(items * pace * draw.uniform(0.92, 1.1), 3)
    begun = datetime.datetime.fromisoformat(day(batch)).replace(tzinfo=datetime.timezone.utc)
    begun += datetime.timedelta(days=1, hours=2, minutes=4 * index)
    done = status in ("sealed", "held_back")
    summary = {
        "tool": stage,
        "tool_version": "0.4.0",
        "host": "night-1",
        "jobs": 4,
        "parts": 12,
        "rejected_by_reason": {},
        "inputs": [{"stage": STAGES[index - 1], "version": "v1"}] if index else [],
    }
    if stage == "infer":
        summary["model"] = {"name": pipeline, "version": "3"}
    if stage == "featurize":
        summary["waited_for_input"] = round(draw.uniform(0, 6), 1)
    if status == "failed":
        summary["failure"] = "the model digits@3 does not fit: trained on 40 mel bins, the batch has 80"
    return {
        "stage": stage,
        "tool": stage,
        "version": None if status == "missing" else "v2" if draw.random() < 0.08 else "v1",
        "status": status,
        "items": items if status != "missing" else None,
        "rejected": rejected if status != "missing" else None,
        "seconds": seconds if done else None,
        "peak_memory_bytes": int([90, 240, 260, 2900, 70][index] * 2**20 * draw.uniform(0.9, 1.15)) if done else None,
        "memory_limit_bytes": 8 << 30 if done else None,
        "bytes_in": items * 60_000 if index else None,
        "bytes_out": items * 55_000,
        "started_at": stamp(begun) if status != "missing" else None,
        "finished_at": stamp(begun + datetime.timedelta(seconds=seconds)) if done else None,
        "fingerprint": f"{draw.getrandbits(256):064x}" if done else None,
        "is_stale": False,
        "summary": summary,
        "pinned": None,
        "loaded": None,
    }


def earlier(row):
    """The version that the results are of, beside a newer one of the stage."""
    figures = ("items", "rejected", "seconds", "peak_memory_bytes", "bytes_out", "started_at")
    return {name: row[name] for name in figures} | {"version": "v1", "model": None, "fingerprint": "5" * 64}


def batch_row(pipeline, batch, fate="sealed"):
    draw = chance(pipeline, batch)
    received = int({"digits": 1260, "birds": 340, "pumps": 4100}[pipeline] * draw.uniform(0.86, 1.08))
    rejected = int(received * draw.uniform(0.006, 0.02))
    stages, left = [], received
    for index, stage in enumerate(STAGES):
        lost = {0: rejected // 4, 1: rejected - rejected // 4}.get(index, 0)
        left -= lost
        status = "sealed"
        if fate == "failed":
            status = "sealed" if index < 3 else "failed" if index == 3 else "missing"
        elif fate == "held_back":
            status = "sealed" if index < 3 else "held_back" if index == 3 else "missing"
        elif fate == "running":
            status = "sealed" if index < 2 else "running" if index == 2 else "missing"
        elif fate == "missing":
            status = "missing"
        stages.append(stage_row(pipeline, batch, index, stage, left, lost, status))
    if fate == "stale":
        stages[4]["is_stale"] = stages[3]["is_stale"] = True
    if fate == "held_back":
        stages[3] |= {"version": "v2", "loaded": earlier(stages[3])}
        stages[1] |= {"version": "v2", "loaded": earlier(stages[1]), "pinned": "v1"}
    model = f"{pipeline}@{3 if batch >= '2026-11-12' else 2}"
    done = [row for row in stages if row["finished_at"]]
    return {
        "pipeline": pipeline,
        "batch": batch,
        "state": fate,
        "model": None if fate == "missing" else model,
        "items": left if fate != "missing" else 0,
        "rejected": rejected if fate != "missing" else 0,
        "seconds": round(sum(row["seconds"] for row in done), 3) if done else None,
        "audio_seconds": round(left * 3.2, 1) if fate not in ("missing",) else None,
        "finished_at": done[-1]["finished_at"] if done else None,
        "stages": stages,
    }


def fate(pipeline, batch, scenario):
    newest = nights()[0]
    if scenario == "missing" and batch == newest:
        return "missing"
    if scenario == "mixed":
        if pipeline == "pumps" and batch == newest:
            return "failed"
        if pipeline == "pumps" and batch == nights()[1]:
            return "missing"
        if pipeline == "birds" and batch == newest:
            return "sealed"
    if (pipeline, batch) == ("digits", "2026-11-05"):
        return "held_back"
    if (pipeline, batch) == ("digits", "2026-10-30"):
        return "failed"
    return "sealed"


def state(pipeline, scenario):
    newest = nights()[0]
    rows = [batch_row(pipeline, batch, fate(pipeline, batch, scenario)) for batch in nights(6)]
    shown = next(row for row in rows if row["state"] == "sealed")
    result = {
        "pipeline": pipeline,
        "description": DESCRIPTIONS[pipeline],
        "due": "06:00",
        "timezone": "Europe/Berlin",
        "expected_batch": newest,
        "next_due": "2026-11-22T05:00:00Z",
        "state": "green",
        "reasons": ["Last night's results are complete."],
        # Of a night that never began there is no run.
        "latest": next(row for row in rows if row["state"] != "missing"),
        "shown": shown,
        "is_current": shown["batch"] >= newest,
    }
    if scenario == "mixed" and pipeline == "pumps":
        result |= {
            "state": "red",
            "reasons": [
                "Last night's results are missing: infer failed (its settings are wrong).",
                "Shown are the results of 18 November.",
            ],
        }
    if scenario == "missing":
        result |= {
            "state": "red",
            "reasons": [
                "Last night's results are missing: the run did not begin.",
                "Shown are the results of 19 November.",
            ],
        }
    if scenario == "mixed" and pipeline == "birds":
        result |= {
            "state": "amber",
            "reasons": ["The results of 20 November are out of date: store has to run again on newer input."],
        }
    return result


def unscheduled(row, batch):
    """A pipeline's row where nothing is due: the server goes by the last name."""
    newest = batch_row(row["pipeline"], batch)
    unknown = {"due": None, "timezone": None, "expected_batch": None, "next_due": None}
    reasons = [f"The results of batch {batch} are complete."]
    return row | unknown | {"latest": newest, "shown": newest, "reasons": reasons}


def shares(pipeline, batch, value=""):
    draw = chance(pipeline, batch, value, "labels")
    total = batch_row(pipeline, batch)["items"] // (1 if not value else 6)
    weights = [
        draw.uniform(0.8, 1.2) / (1 if pipeline == "digits" else 1 + 2.5 * rank)
        for rank, _ in enumerate(LABELS[pipeline])
    ]
    return [
        {"label": label, "items": int(total * weight / sum(weights)), "mean_score": round(draw.uniform(0.7, 0.95), 4)}
        for label, weight in zip(LABELS[pipeline], weights)
    ]


def histogram(pipeline, batch):
    draw = chance(pipeline, batch, "scores")
    total = batch_row(pipeline, batch)["items"]
    weights = [math.exp(rank / 4.2) * draw.uniform(0.8, 1.2) if rank > 2 else 0.05 for rank in range(20)]
    return [int(total * weight / sum(weights)) for weight in weights]


def prediction(pipeline, batch, number):
    draw = chance(pipeline, batch, number)
    label, other, third = draw.sample(LABELS[pipeline], 3)
    score = round(min(0.999, draw.betavariate(7, 2)), 6)
    device = 1 + number % 12
    recorded = datetime.datetime.fromisoformat(day(batch) + "T04:00:00+00:00") + datetime.timedelta(seconds=61 * number)
    model = batch_row(pipeline, batch)["model"]
    return {
        "pipeline": pipeline,
        "batch": batch,
        "stage": "infer",
        "version": "v1",
        "item": f"device-{device:02d}/rec-{number:05d}.wav",
        "model": model.split("@")[0],
        "model_version": model.split("@")[1],
        "label": label,
        "score": score,
        "output": {
            "model": model,
            "label": label,
            "score": score,
            "top": [[label, score], [other, round((1 - score) * 0.7, 6)], [third, round((1 - score) * 0.2, 6)]],
        },
        "fields": {
            "device": f"device-{device:02d}",
            "site": ["gate", "yard", "roof"][device % 3],
            "recorded_at": stamp(recorded),
            "gain_db": 0.0,
        },
        "recorded_at": stamp(recorded),
    }


def alerts():
    newest = nights()[0]
    rows = [
        (
            "pumps",
            newest,
            "infer",
            "critical",
            "stage_failed",
            "infer failed: trained on 40 mel bins, the batch has 80",
            "02:19",
        ),
        ("pumps", newest, None, "critical", "night_late", "results were due at 06:00 and are missing", "05:05"),
        ("digits", "2026-11-11", "infer", "warning", "slow_batch", "a batch took 4.1 times the usual", "02:31"),
        (
            "digits",
            "2026-11-05",
            "clean",
            "critical",
            "gate_failed",
            "12.0 % rejected, more than max_reject_ratio 10 %",
            "02:09",
        ),
        ("digits", "2026-10-30", "infer", "warning", "memory", "resident memory reached 91 % of its limit", "02:41"),
        (
            "digits",
            "2026-10-30",
            "infer",
            "critical",
            "stage_failed",
            "stopped: the memory's hard limit was reached",
            "02:44",
        ),
    ]
    made = []
    for index, (pipeline, batch, stage, severity, reason, message, clock) in enumerate(rows):
        day = datetime.date.fromisoformat(batch) + datetime.timedelta(days=1)
        made.append(
            {
                "id": f"{pipeline}/{batch}/{stage}/{reason}/{index}",
                "pipeline": pipeline,
                "batch": batch,
                "stage": stage,
                "version": "v1",
                "severity": severity,
                "reason": reason,
                "message": message,
                "detail": {},
                "raised_at": f"{day}T{clock}:00Z",
            }
        )
    return made
