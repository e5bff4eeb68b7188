"""The dashboard's answers over ten million predictions, against the same questions in FastAPI on the same PostgreSQL."""

import contextlib
import datetime
import functools
import json
import os
import socket
import statistics
import subprocess
import time
import urllib.request

from harness import predictions
from harness.contest import Contest, Disagreement, Side
from harness.http_load import is_ready
from harness.measure import proportional_set_size
from harness.postgres import Server

PEERS = ["fastapi", "uvicorn", "uvloop", "httptools", "asyncpg", "orjson"]
COMMANDS = ["wrk", "postgresql"]

BATCHES = 100
CONNECTIONS = 16
PIPELINE, NEWEST = "fleet", "2026-11-19"
QUESTION = f"/api/v1/predictions?pipeline={PIPELINE}&from={NEWEST}&to={NEWEST}&limit=100"
FIRST_PAGES = {
    "newest batch first": "",
    "one label": "&label=seven",
    "scores of 0.9 and more": "&min_score=0.9",
    "one device": "&device=device-0007",
    "one device, one label": "&device=device-0007&label=seven",
    "one batch, lowest scores first": f"&sort=score&from={NEWEST}&to={NEWEST}",
    "a week, lowest scores first": f"&sort=score&from=2026-11-13&to={NEWEST}",
    "every night, lowest scores first": "&sort=score",
    "every night, highest scores of one label first": "&sort=-score&label=seven",
    "by item": "&sort=item",
}
# Every request asks for other rows than the one before, so that no answer can be kept.
EVER_OTHER = """
local number = 0
request = function()
  number = (number + 7919) % 700000
  return wrk.format("GET", wrk.path .. string.format("&min_score=0.%06d", number))
end
"""

_server = None


def contests(bench):
    """Two contests: the same page many times, as many open browsers request it, and pages that were not requested before."""
    global _server
    items = bench.size(10_000_000, 50_000)
    _server = server = Server(durable=True)
    _fill(bench, server, items)
    script = bench.folder("dashboard") / "ever-other.lua"
    script.write_text(EVER_OTHER)
    seconds = bench.size(10, 1)

    def sides(script):
        ours = _Service(bench, server, "ours")
        peers = [
            (_Service(bench, server, workers), f"FastAPI + uvicorn, {workers} worker{'s' if workers > 1 else ''}")
            for workers in bench.size((1, 2), (2,))]
        made = [ours.side("dashboard", script, seconds)]
        made += [one.side(name, script, seconds) for one, name in peers]
        for side in made[1:]:
            side.setting = "asyncpg, orjson, uvloop, httptools, no access log"
        return made

    rounds = [
        ("again", f"A page of 100 of {items:,} predictions, the same one each time", "", {"wall": 5}),
        ("other", f"A page of 100 of {items:,} predictions, a different one with each request", str(script), {}),
    ]
    for name, title, script_file, reach in bench.size(rounds, rounds[:1]):
        latencies = _Latencies()
        ours, *peers = sides(script_file)
        for side in (ours, *peers):
            latencies.watch(side)
        for peer in peers:
            peer.reach = reach
        closing = latencies.table
        if name == "again":
            closing = functools.partial(_closing, latencies, bench, server)
        yield Contest(
            name, title, ours, peers, lambda: _agree(bench, server), amount=1000, unit="requests", runs=bench.size(5, 1),
            note=f"wrk keeps {CONNECTIONS} connections busy for {seconds} s, after a second of warming up; the wall time is that "
            "of a thousand requests. Server, PostgreSQL and wrk share the two cores. Memory is that of server and load "
            "together, without PostgreSQL.", closing=closing)


def finish():
    if _server:
        _server.stop()


def _closing(latencies, bench, server) -> str:
    return "\n\n".join([latencies.table(), _first_pages(bench, server), _idle(bench, server)])


def _fill(bench, server, items: int):
    """`store` makes the tables and loads one night, counts included; it is multiplied in the server."""
    each = items // BATCHES
    night = predictions.make(bench.folder("predictions") / str(each), each)
    config = bench.repository / "pipelines" / "examples" / "digits-s3-postgresql.toml"
    subprocess.run(
        [bench.tools / "store", predictions.PIPELINE, predictions.BATCH, "--config", config, "--root", night.root, "--force",
         "--quiet"], check=True, env={"NOCTURNE_DATABASE_URL": server.url()}, stdout=subprocess.DEVNULL)
    for table in ["runs", "receipts", "label_counts", "predictions"]:
        names = [name for (name,) in server.rows(
            "postgres", "SELECT column_name FROM information_schema.columns "
            f"WHERE table_name = '{table}' AND column_name NOT IN ('pipeline', 'batch') ORDER BY ordinal_position")]
        columns = ", ".join(names)
        server.rows("postgres", f"""
            INSERT INTO {table} (pipeline, batch, {columns})
            SELECT '{PIPELINE}', to_char(date '{NEWEST}' - day, 'YYYY-MM-DD'), {columns}
            FROM generate_series({BATCHES - 1}, 0, -1) AS day, {table}
            WHERE pipeline = '{predictions.PIPELINE}' ORDER BY 2""")
    server.rows("postgres", "VACUUM ANALYZE")


class _Service:
    """A server on a port of its own, as a command."""

    def __init__(self, bench, server, which):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        self._bench, self._database = bench, server.url()
        if which == "ours":
            self.ready = f"{self.base}/readyz"
            self.command = [
                bench.tools / "dashboard", "--database", server.url(), "--listen", f"127.0.0.1:{port}",
                "--rate-limit", "0", "--audit-log", bench.folder("dashboard") / "audit.jsonl"]
        else:
            self.ready = self.base + QUESTION
            self.command = [
                bench.python, "-m", "uvicorn", "dashboard_api:app", "--app-dir", bench.peers, "--host", "127.0.0.1", "--port",
                str(port), "--workers", str(which), "--loop", "uvloop", "--http", "httptools", "--no-access-log",
                "--log-level", "error"]
        self.environment = {"DATABASE_URL": server.url()}

    def side(self, name, script, seconds) -> Side:
        return Side(
            name,
            [self._bench.python, self._bench.repository / "Tests/Benchmarks/harness/http_load.py", self.ready,
             self.base + QUESTION, str(seconds), str(CONNECTIONS), script, "--", *self.command],
            str(self._bench.folder("dashboard")), self.environment, reports_seconds=True)

    @contextlib.contextmanager
    def running(self):
        """Runs the server for as long as the block lasts."""
        process = subprocess.Popen(
            list(map(str, self.command)), env={**os.environ, **self.environment}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        try:
            if not is_ready(self.ready, process):
                raise Disagreement(f"{self.ready} did not answer")
            yield process
        finally:
            process.terminate()
            process.wait()


class _Latencies:
    """Collects what each side's runs said of their latencies."""

    def __init__(self):
        self._sides = []

    def watch(self, side: Side):
        outputs = []
        self._sides.append((side.name, outputs))
        side.watch = outputs.append

    def table(self) -> str:
        lines = ["| latency | median, ms | 99 %, ms | 99 % ÷ ours |", "|" + " --- |" * 4]
        ours = None
        for name, outputs in self._sides:
            told = [json.loads(output.strip().splitlines()[-1]) for output in outputs]
            middle = statistics.median(one["p50"] for one in told)
            last = statistics.median(one["p99"] for one in told)
            ours = ours or last
            lines.append(f"| {name} | {middle:.2f} | {last:.2f} | {last / ours:.2f} |")
        return "\n".join(lines)


def _rows(url: str) -> list:
    with urllib.request.urlopen(url, timeout=30) as answer:
        found = json.load(answer)["predictions"]
    for row in found:
        if row["recorded_at"]:
            row["recorded_at"] = datetime.datetime.fromisoformat(row["recorded_at"].replace("Z", "+00:00"))
    return found


def _agree(bench, server) -> str:
    answers = []
    for which in ("ours", 1):
        service = _Service(bench, server, which)
        with service.running():
            answers.append([_rows(service.base + QUESTION + extra) for extra in ("", "&min_score=0.75", "&label=two")])
    if answers[0] != answers[1] or len(answers[0][0]) != 100 or not all(answers[0]):
        raise Disagreement("the two servers give other rows")
    return f"the same {', '.join(str(len(rows)) for rows in answers[0])} rows, column by column, for three questions"


def _first_pages(bench, server) -> str:
    """How long a first page takes that was not asked for before, warm: another limit each time, so that no answer is kept."""
    service = _Service(bench, server, "ours")
    lines = ["A first page that was not requested before (the database is warm):", "",
             "| first page | median, ms | most, ms |", "|" + " --- |" * 3]
    with service.running():
        for words, extra in FIRST_PAGES.items():
            took = []
            for turn in range(7):
                began = time.monotonic()
                _rows(f"{service.base}/api/v1/predictions?pipeline={PIPELINE}&limit={100 + turn}{extra}")
                took.append(1000 * (time.monotonic() - began))
            lines.append(f"| {words} | {statistics.median(took[1:]):.1f} | {max(took[1:]):.1f} |")
    return "\n".join(lines)


def _idle(bench, server) -> str:
    """What a thousand open pages cost that wait for news."""
    service = _Service(bench, server, "ours")
    host, port = service.base.removeprefix("http://").split(":")
    request = f"GET /api/v1/events HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/event-stream\r\n\r\n".encode()
    with service.running() as process, contextlib.ExitStack() as clients:
        before = proportional_set_size(process.pid)
        listeners = [clients.enter_context(socket.create_connection((host, int(port)))) for _ in range(1000)]
        for listener in listeners:
            listener.sendall(request)
        for listener in listeners:
            if b" 200 " not in listener.recv(4096):
                raise Disagreement("a client was not taken in as a listener")
        time.sleep(2)
        after = proportional_set_size(process.pid)
    return (f"A thousand idle event streams: the server uses {after / 2**20:.0f} MiB, {before / 2**20:.0f} MiB "
            f"of it before they connected.")
