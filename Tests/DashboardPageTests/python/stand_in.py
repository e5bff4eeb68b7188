"""A small server that answers as the dashboard does, under the same content security policy, and that
misbehaves on request: POST /stand-in {"scenario", "delay", "status", "database", "events", "signed_out", "role", "empty_pages",
"most_batches", "most_alerts", "trials"}.

    python stand_in.py PAGE_FOLDER VENDOR_FOLDER [PORT]
"""

import http.server
import json
import math
import io
import pathlib
import sys
import threading
import time
import urllib.parse
import wave

import stand_in_data as data

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "media-src 'self' blob:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
PLAIN = {
    "scenario": "mixed",
    "delay": 0,
    "status": None,
    "database": "back",
    "signed_out": False,
    "role": "engineer",
    "root": True,
    "events": True,
    "extra": 0,
    "empty_pages": 0,
    "most_batches": 1000,
    "most_alerts": 1000,
    "trials": False,
}
mood = dict(PLAIN)
listeners = threading.Condition()
events = []


class Problem(Exception):
    def __init__(self, status, title, detail):
        self.body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        self.status = status


def in_range(query):
    every = data.TRIALS + data.nights() if mood["trials"] else data.nights()
    names = [name for name in sorted(every, reverse=True) if query.get("from", "") <= name <= query.get("to", "~")]
    return [] if mood["scenario"] == "empty" else names


def stored(query):
    return [name for name in in_range(query) if data.fate(query["pipeline"], name, mood["scenario"]) == "sealed"]


def kind(pipeline):
    return pipeline if pipeline in data.DESCRIPTIONS else "digits"


def pipelines(query):
    names = {"empty": [], "mixed": list(data.DESCRIPTIONS)}.get(mood["scenario"], ["digits"])
    rows = [data.state(name, mood["scenario"]) for name in names]
    if mood["trials"] == "unscheduled":
        rows = [data.unscheduled(row, data.TRIALS[0]) for row in rows]
    for number in range(mood["extra"]):
        rows.append(data.state("digits", "green") | {"pipeline": f"line-{number:02d}"})
    return {"now": data.stamp(data.NOW), "pipelines": rows}


def first_page(name, rows, query):
    most = min(int(query.get("limit", 100)), mood[f"most_{name}"])
    return {name: rows[:most], "next": "more" if len(rows) > most else None}


def batches(query):
    known = [query["pipeline"]] if "pipeline" in query else [row["pipeline"] for row in pipelines(query)["pipelines"]]
    rows = [
        data.batch_row(kind(name), batch, data.fate(name, batch, mood["scenario"])) | {"pipeline": name}
        for batch in in_range(query)
        for name in known
    ]
    return first_page("batches", rows, query)


def predictions(query):
    pipeline, rows = query.get("pipeline", "digits"), []
    for name in in_range(query)[:4]:
        rows += [data.prediction(pipeline, name, number) for number in range(1, 61)]
    for key in ("label", "stage"):
        rows = [row for row in rows if key not in query or row[key] == query[key]]
    rows = [
        row
        for row in rows
        if row["score"] >= float(query.get("min_score", 0)) and row["score"] <= float(query.get("max_score", 1))
    ]
    rows = [
        row for row in rows if query.get("q", "") in row["item"] and query.get("device", "") in row["fields"]["device"]
    ]
    order = query.get("sort", "-batch")
    rows.sort(key=lambda row: row[order.lstrip("-")], reverse=order.startswith("-"))
    start, limit = int(query.get("cursor", 0)), int(query.get("limit", 100))
    if start < 60 * mood["empty_pages"]:
        # As a search that was cut short before it found anything.
        return {"predictions": [], "next": str(start + 60)}
    following = start + limit
    return {"predictions": rows[start:following], "next": str(following) if following < len(rows) else None}


def labels(query):
    values = [""]
    if query.get("by") == "device":
        values = [f"device-{number:02d}" for number in range(1, 7)]
    elif query.get("by"):
        values = ["gate", "yard", "roof"]
    return {
        "batches": [
            {
                "batch": name,
                "stage": "infer",
                "model": data.batch_row(query["pipeline"], name)["model"],
                "value": value,
                "labels": data.shares(query["pipeline"], name, value),
            }
            for name in stored(query)
            for value in values
        ]
    }


def scores(query):
    return {
        "edges": [step / 20 for step in range(21)],
        "batches": [
            {
                "batch": name,
                "stage": "infer",
                "model": data.batch_row(query["pipeline"], name)["model"],
                "counts": data.histogram(query["pipeline"], name),
            }
            for name in stored(query)
        ],
    }


def rejections(query):
    rows = []
    for name in in_range(query):
        draw = data.chance(query["pipeline"], name, "rejects")
        rows += [
            {
                "batch": name,
                "stage": "fetch" if reason == "duplicate" else "clean",
                "reason": reason,
                "items": draw.randint(0, 6),
            }
            for reason in data.REASONS
        ]
    return {"batches": rows}


def rejected_items(query):
    draw = data.chance("rejected")
    return {
        "rejections": [
            {
                "pipeline": query["pipeline"],
                "batch": name,
                "stage": "clean",
                "version": "v1",
                "item": f"device-0{draw.randint(1, 9)}/rec-9{n:04d}.wav",
                "reason": query.get("reason", "truncated"),
                "message": "the header promises 10.00 s, the file holds 6.02 s",
            }
            for name in in_range(query)[:3]
            for n in range(4)
        ],
        "next": None,
    }


def quality(query):
    rows, values = [], [""]
    if query.get("by"):
        values = [f"device-{number:02d}" for number in range(1, 9)]
    for name in in_range(query):
        for value in values:
            for figure, (mean, spread, low, high) in data.FIGURES.items():
                draw = data.chance(query["pipeline"], name, value, figure)
                rows.append(
                    {
                        "batch": name,
                        "value": value,
                        "figure": figure,
                        "items": 1200 // len(values),
                        "mean": min(high, max(low, mean + draw.gauss(0, spread))),
                        "minimum": low,
                        "maximum": high,
                    }
                )
    return {"batches": rows}


def alerts(query):
    nights = in_range(query)
    rows = [
        row
        for row in data.alerts()
        if query.get("pipeline", row["pipeline"]) == row["pipeline"] and row["batch"] in nights
    ]
    return first_page("alerts", [] if mood["scenario"] == "empty" else rows, query)


def item(query):
    number = int(query["id"].rsplit("-", 1)[1].split(".")[0]) if "rec-" in query["id"] else 0
    if not number:
        raise Problem(404, "No such item", f"there is no item '{query['id']}' in {query['pipeline']}/{query['batch']}")
    row = data.prediction(query["pipeline"], query["batch"], number)
    ledger = {
        "id": query["id"],
        "fetch": {
            "sha256": "dc396390cfddd50b07e03717bfaa6567a658fe1fa1b5a62a8bc050deb4a1cee0",
            "bytes": 30664,
            "object": "objects/device-01,rec-00001.wav",
            "verified": ["size"],
        },
        "fields": row["fields"],
        "clean": {
            "filled": ["gain_db"],
            "seconds": 1.914,
            "source_rate": 8000,
            "source_channels": 1,
            "source_encoding": "pcm_s16",
            "peak_dbfs": -3.5,
            "rms_dbfs": -19.9,
            "silence_ratio": 0.12,
            "clipping_ratio": 0.0,
            "snr_db": 53.7,
            "bandwidth_hz": 3844,
        },
        "featurize": {"frames": 189, "bins": 80, "sample_rate": 16000},
        "infer": row["output"],
    }
    stages = data.batch_row(query["pipeline"], query["batch"])["stages"]
    return {
        "predictions": [row],
        "rejections": [],
        "ledger": ledger if mood["root"] else None,
        "ledger_missing": None if mood["root"] else "this server was started without --root",
        "lineage": [
            {
                "stage": s["stage"],
                "version": s["version"],
                "fingerprint": s["fingerprint"],
                "tool": s["tool"],
                "model": f"{row['model']}@{row['model_version']}" if s["stage"] == "infer" else None,
                "started_at": s["started_at"],
            }
            for s in stages
        ],
    }


def waveform(query):
    count = int(query.get("points", 800))
    envelope = [abs(math.sin(n / 37)) * math.exp(-(((n - count / 2) / (count / 3.2)) ** 2)) for n in range(count)]
    draw = data.chance("wave")
    return {
        "seconds": 1.914,
        "sample_rate": 16000,
        "minimum": [-e * draw.uniform(0.6, 1) for e in envelope],
        "maximum": [e * draw.uniform(0.6, 1) for e in envelope],
    }


def spectrogram(query):
    draw = data.chance("spectrum")
    return {
        "seconds": 1.914,
        "frames": 189,
        "bands": 80,
        "values": [
            [
                -14
                + 11 * math.exp(-(((band - 18 - 12 * math.sin(frame / 31)) / 7) ** 2)) * abs(math.sin(frame / 9))
                + draw.gauss(0, 0.7)
                for band in range(80)
            ]
            for frame in range(189)
        ],
    }


def audio():
    """A tone of the length that `waveform` says."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16000)
        samples = (int(9000 * math.sin(n / 9)) for n in range(30624))
        sound.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
    return file.getvalue()


def versions(query):
    if not mood["root"]:
        raise Problem(404, "No batch folders", "this server was started without --root")
    rows = [
        {
            "stage": stage,
            "version": "v1",
            "state": "current",
            "fingerprint": "5d95c0f9fef4b577",
            "started_at": "2026-11-21T02:00:00Z",
            "config": {"sample_rate": 16000},
        }
        for stage in data.STAGES
    ]
    held = {"version": "v2", "fingerprint": "99aac0f9fef4b577", "state": "held_back"}
    return {"versions": rows + [rows[3] | held | {"started_at": "2026-11-21T07:10:00Z"}]}


def said(label, score):
    return {"model": "digits@3", "label": label, "score": score, "top": [[label, score]]}


def diff(query):
    return {
        "changes": [{"key": "max_batch_items", "a": 16, "b": 8}, {"key": "model", "a": "digits@2", "b": "digits@3"}],
        "making": ["model: digits@3, was digits@2"],
        "only_in_a": [],
        "only_in_a_items": 0,
        "only_in_b": ["device-05/rec-00004.wav", "device-05/rec-00016.wav"],
        "only_in_b_items": 2,
        "changed": [
            {"item": f"device-03/rec-{n:05d}.wav", "a": said("nine", 0.61), "b": said("five", 0.72)}
            for n in range(1, 4)
        ],
        "changed_items": 61,
    }


def me(query):
    engineer = mood["role"] == "engineer"
    return {
        "name": "local",
        "role": mood["role"],
        "root": mood["root"],
        "audio": engineer and mood["root"],
        "version": "0.5.0",
        "database": "postgresql",
    }


def one_batch(pipeline, batch):
    if batch not in data.nights() + data.TRIALS:
        raise Problem(404, "No such batch", f"nothing is known of {pipeline}/{batch}")
    return data.batch_row(pipeline, batch, data.fate(pipeline, batch, mood["scenario"]))


ROUTES = {
    "/me": me,
    "/pipelines": pipelines,
    "/batches": batches,
    "/predictions": predictions,
    "/labels": labels,
    "/scores": scores,
    "/rejections": rejections,
    "/rejections/items": rejected_items,
    "/quality": quality,
    "/alerts": alerts,
    "/item": item,
    "/item/waveform": waveform,
    "/item/spectrogram": spectrogram,
    "/versions": versions,
    "/diff": diff,
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def answer(self, status, kind, body, **headers):
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": len(body),
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
            **headers,
        }.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def answer_json(self, value, status=200):
        kind = "application/json" if status < 400 else "application/problem+json"
        self.answer(status, kind, json.dumps(value).encode())

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path == "/stand-in":
            with listeners:
                before = mood["database"]
                mood.update(PLAIN if body.get("reset") else {})
                for event in body.pop("announce", []):
                    events.append(event)
                mood.update({key: value for key, value in body.items() if key in PLAIN})
                if mood["database"] != before:
                    events.append({"event": "database", "data": {"state": mood["database"]}})
                listeners.notify_all()
            return self.answer_json({})
        if self.path == "/login":
            if body.get("token") != "let-me-in":
                return self.answer_json(Problem(401, "Unauthorized", "this token is not known").body, 401)
            mood["signed_out"] = False
        elif self.path == "/logout":
            mood["signed_out"] = True
        self.answer_json({})

    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        if not address.path.startswith("/api/v1"):
            return self.static(address.path)
        path = urllib.parse.unquote(address.path.removeprefix("/api/v1"))
        try:
            if mood["signed_out"]:
                raise Problem(401, "Unauthorized", "sign in with a token")
            if path == "/events":
                return self.stream()
            time.sleep(mood["delay"])
            if mood["database"] == "lost" and path != "/me":
                raise Problem(
                    503, "The database is unavailable", "the database does not answer; it is tried again every second"
                )
            if mood["status"] and path not in ("/me", "/pipelines"):
                raise Problem(mood["status"], "Something is wrong", "the stand-in was set to fail")
            if path.startswith("/batches/"):
                return self.answer_json(one_batch(*path.split("/")[2:4]))
            if path == "/item/audio":
                return self.answer(200, "audio/wav", audio(), **{"Accept-Ranges": "none", "Cache-Control": "no-store"})
            if path not in ROUTES:
                raise Problem(404, "Not found", f"there is no {path}")
            self.answer_json(ROUTES[path](query))
        except Problem as problem:
            self.answer_json(problem.body, problem.status)
        except OSError:
            # The page went on to something else.
            self.close_connection = True

    def stream(self):
        if not mood["events"]:
            raise Problem(502, "Bad gateway", "no events now")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        with listeners:
            seen = len(events)
            greeting = json.dumps({"state": mood["database"]})
        try:
            self.wfile.write(f"retry: 2000\n\nevent: database\ndata: {greeting}\n\n".encode())
            self.wfile.flush()
            while mood["events"]:
                with listeners:
                    listeners.wait(1)
                    fresh, seen = events[seen:], len(events)
                for event in fresh:
                    text = f"id: {seen}\nevent: {event['event']}\ndata: {json.dumps(event['data'])}\n\n"
                    self.wfile.write(text.encode())
                self.wfile.write(b": beat\n\n")
                self.wfile.flush()
        except OSError:
            pass
        self.close_connection = True

    def static(self, path):
        folder = self.server.page
        if path.startswith("/vendor/"):
            folder, path = self.server.vendor, path.removeprefix("/vendor")
        file = (folder / path.lstrip("/")).resolve()
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file() or not file.is_relative_to(folder.resolve()):
            return self.answer_json(Problem(404, "Not found", path).body, 404)
        self.answer(200, KINDS.get(file.suffix, "application/octet-stream"), file.read_bytes())


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        # A browser that leaves the page or is closed resets its connections; that is not an error.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def serve(page, vendor, port=0):
    server = Server(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.page, server.vendor = pathlib.Path(page), pathlib.Path(vendor)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    running = serve(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    print(f"http://127.0.0.1:{running.server_address[1]}", flush=True)
    threading.Event().wait()
