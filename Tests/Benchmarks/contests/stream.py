"""A night whose downloads take their time: all stages at once, against its slowest stage alone and the staged night."""

import functools
import http.server
import json
import os
import shutil
import sqlite3
import threading
import time

from harness import corpus
from harness.contest import Contest, Disagreement, Side

PEERS = []
COMMANDS = ["make", "libsqlite3-0"]
PIPELINE, BATCH = "fleet", "2026-11-20"

CONFIGURATION = """
format = 1
[fetch]
source = "{source}"
part_items = 8
[clean]
max_reject_ratio = 1.0
[infer]
model = "digits@production"
[store]
url = "sqlite:{database}"
"""

_servers = []


def contests(bench):
    """One contest: the goal is 1.1 times the slowest stage, which is fetch."""
    items = bench.size(192, 16)
    recordings = corpus.make(bench.folder("corpus") / str(items), items)
    total = sum(path.stat().st_size for path in recordings.folder.rglob("*.*"))
    # Fetch alone is to take this long: more than any other stage, less than all of them.
    seconds = bench.size(16, 2)
    server = ThrottledFolder(recordings.folder, total / seconds)
    _servers.append(server)
    ours = _Night(bench, "streamed", server)
    fetch, staged = _Night(bench, "fetch-alone", server), _Night(bench, "staged", server)
    fetch_alone = [bench.tools / "fetch", PIPELINE, BATCH, "--quiet"]

    def agree() -> str:
        if ours.rows() != staged.rows():
            raise Disagreement("the two nights did not store the same predictions")
        if ours.digests() != staged.digests():
            raise Disagreement("the two nights' versions have other digests")
        return f"{len(ours.rows())} predictions, and the digest of every stage's version, are the same"

    yield Contest(
        "stream", f"{items} recordings ({total >> 20} MiB) from a server that sends {total / seconds / 1e6:.1f} MB/s",
        ours.side("nocturne stream", [bench.tools / "nocturne", "stream", PIPELINE, BATCH, "--silent"]),
        [
            fetch.side("fetch alone, the slowest stage", fetch_alone, {"wall": 0.909}),
            staged.side("nocturne nightly", [bench.tools / "nocturne", "nightly", PIPELINE, BATCH, "--silent"]),
        ],
        agree, runs=bench.size(3, 1), amount=recordings.seconds, unit="s of sound",
        note="The goal is at most 1.1 times the slowest stage alone: a ratio of 0.91 in its line.")


def finish():
    """Stops the server."""
    while _servers:
        _servers.pop().stop()


class _Night:
    """A place of its own for one side."""

    def __init__(self, bench, name, server):
        self._folder = bench.folder(f"stream/{name}")
        pipeline = self._folder / "pipelines" / PIPELINE / "pipeline.toml"
        pipeline.parent.mkdir(parents=True, exist_ok=True)
        pipeline.write_text(CONFIGURATION.format(source=server.index, database=self._folder / "data" / "results.db"))
        self._environment = {
            "NOCTURNE_ROOT": str(self._folder / "data"), "NOCTURNE_PIPELINES": str(pipeline.parents[1]),
            "NOCTURNE_MODELS": str(bench.repository / "pipelines" / "models")}

    def side(self, name, command, reach=None) -> Side:
        return Side(name, command, str(self._folder), self._environment, self._prepare, reach=reach or {})

    def _prepare(self):
        shutil.rmtree(self._folder / "data", ignore_errors=True)
        os.sync()

    def rows(self) -> list:
        with sqlite3.connect(self._folder / "data" / "results.db") as database:
            return database.execute("SELECT item_id, label, score FROM predictions ORDER BY item_id").fetchall()

    def digests(self) -> list:
        """What each version's seal says, but for its `run`."""
        seals = sorted((self._folder / "data" / PIPELINE / BATCH).glob("*/v1/batch.json"))
        told = [json.loads(seal.read_text()) for seal in seals if seal.parent.parent.name != "store"]
        return [{name: value for name, value in seal.items() if name != "run"} for seal in told]


class ThrottledFolder:
    """Serves a folder and an index of it over HTTP on loopback, with so many bytes a second over all connections."""

    def __init__(self, folder, bytes_per_second: float):
        names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))
        self._listing = "".join(
            json.dumps({"url": name, "size": (folder / name).stat().st_size}) + "\n" for name in names).encode()
        self._rate, self._lock, self._free_at = bytes_per_second, threading.Lock(), 0.0
        handler = functools.partial(_Handler, self, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.index = f"http://127.0.0.1:{self._server.server_port}/index.jsonl"

    @property
    def listing(self) -> bytes:
        return self._listing

    def wait_for(self, count: int):
        """Returns when the line has had time for so many bytes more."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic()) + count / self._rate
            wait = self._free_at - time.monotonic()
        time.sleep(max(0.0, wait))

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, throttle, *arguments, **options):
        self._throttle = throttle
        super().__init__(*arguments, **options)

    def do_GET(self):
        if self.path == "/index.jsonl":
            self.send_response(200)
            self.send_header("Content-Length", str(len(self._throttle.listing)))
            self.end_headers()
            self.wfile.write(self._throttle.listing)
        else:
            super().do_GET()

    def copyfile(self, source, outputfile):
        while block := source.read(1 << 16):
            self._throttle.wait_for(len(block))
            outputfile.write(block)

    def log_message(self, *_):
        pass
