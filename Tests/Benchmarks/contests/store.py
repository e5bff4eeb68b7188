"""A million predictions into PostgreSQL and into SQLite."""

import hashlib
import shutil
import sqlite3
import subprocess

import orjson

from harness import predictions
from harness.contest import Contest, Disagreement, Side
from harness.postgres import Server

PEERS = ["psycopg", "psycopg-binary", "orjson"]
COMMANDS = ["postgresql", "postgresql-client", "libsqlite3-0"]

_server = None


def contests(bench):
    """The contests, in turn."""
    items = bench.size(1_000_000, 20_000)
    night = predictions.make(bench.folder("predictions") / str(items), items)
    subprocess.run([bench.tools / "batches", "verify", night.version], check=True, stdout=subprocess.DEVNULL)
    yield postgres(bench, night)
    yield sqlite(bench, night)


def finish():
    if _server:
        _server.stop()


def _ours(bench, night, url) -> Side:
    config = bench.repository / "pipelines" / "examples" / "digits-s3-postgresql.toml"
    return Side(
        "store",
        [bench.tools / "store", predictions.PIPELINE, predictions.BATCH, "--config", config, "--root", night.root, "--quiet"],
        night.root, {"NOCTURNE_DATABASE_URL": url})


def _forget(night):
    """Makes store's work undone on disk."""
    shutil.rmtree(night.root / predictions.PIPELINE / predictions.BATCH / "store", ignore_errors=True)


def postgres(bench, night) -> Contest:
    global _server
    _server = server = Server(durable=True)
    ours = _ours(bench, night, server.url())
    # store makes the tables; the peers' are like them, with and without the primary key.
    subprocess.run(
        [*map(str, ours.command[:3]), *map(str, ours.command[3:]), "--runs-only"], check=True, cwd=night.root,
        env={"NOCTURNE_DATABASE_URL": server.url()}, stdout=subprocess.DEVNULL)
    peers = {"bare": "", "staged": "INCLUDING ALL", "direct": "INCLUDING ALL"}
    for table, how in peers.items():
        server.rows("postgres", f"CREATE TABLE {table} (LIKE predictions {how})")

    def emptied(*tables):
        def prepare():
            _forget(night)
            # The log of earlier runs is written out before the clock starts, for every side alike.
            server.rows("postgres", f"TRUNCATE {', '.join(tables)}")
            server.rows("postgres", "CHECKPOINT")
        return prepare

    def rows(table):
        return server.rows(
            "postgres", f"SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {table} t")[0]

    def agree():
        found = {table: rows(table) for table in ["predictions", *peers]}
        if len(set(found.values())) != 1 or found["bare"][0] != night.items:
            raise Disagreement(f"the tables hold different rows: {found}")
        return f"all four tables have the same {night.items:,} rows (count and a hash over every column)"

    ours.prepare = emptied("predictions", "rejections", "runs", "receipts")
    script = [bench.python, bench.peers / "store_psycopg.py", server.url(), night.version]
    return Contest(
        "postgres", f"{night.items:,} predictions into PostgreSQL", ours,
        [
            Side("psql \\copy", ["psql", "-Xq", server.url(), "-c", f"\\copy bare FROM '{night.rows}'"], night.root,
                 prepare=emptied("bare"), reach={"wall": 0.7},
                 setting="rows prepared outside the time; a table without a key"),
            Side("psycopg COPY, staged", [*script, "staged", "staging"], night.root, prepare=emptied("staged"),
                 reach={"wall": 1}, setting="orjson; temporary table, then swap; primary key"),
            Side("psycopg COPY, direct", [*script, "direct", "direct"], night.root, prepare=emptied("direct"),
                 setting="orjson; delete and COPY in one transaction; primary key"),
        ],
        agree, amount=night.items, unit="rows",
        note="Besides the rows, `store` checks the SHA-256 of every ledger, keeps receipts and runs, and loads only what "
        "both databases can store. One server for all, durable as by default; its own processor time is not counted.")


def sqlite(bench, night) -> Contest:
    place = bench.fresh_folder("sqlite")
    ours = _ours(bench, night, f"sqlite:{place / 'ours.db'}")
    subprocess.run([*ours.command, "--runs-only"], check=True, cwd=night.root, stdout=subprocess.DEVNULL,
                   env={key: str(value) for key, value in ours.environment.items()})
    with sqlite3.connect(place / "ours.db") as database:
        schema = database.execute("SELECT sql FROM sqlite_master WHERE name = 'predictions'").fetchone()[0]
    (place / "schema.sql").write_text(schema)

    def without(name):
        def prepare():
            _forget(night)
            for end in ("", "-wal", "-shm"):
                (place / f"{name}.db{end}").unlink(missing_ok=True)
        return prepare

    def rows(name):
        sum_ = hashlib.blake2b()
        with sqlite3.connect(place / f"{name}.db") as database:
            for *row, output, fields in database.execute(
                    "SELECT item_id, pipeline, batch, stage, version, model, model_version, label, score, recorded_at, "
                    "output, fields FROM predictions ORDER BY 1"):
                # Writers differ in spaces, and in how they write a number.
                sum_.update(repr((row, orjson.loads(output), orjson.loads(fields))).encode())
            return database.execute("SELECT count(*) FROM predictions").fetchone()[0], sum_.hexdigest()

    def agree():
        found = {name: rows(name) for name in ("ours", "theirs")}
        if len(set(found.values())) != 1 or found["ours"][0] != night.items:
            raise Disagreement(f"the files hold different rows: {found}")
        return f"both files have the same {night.items:,} rows (count and a hash over every column)"

    ours.prepare = without("ours")
    return Contest(
        "sqlite", f"{night.items:,} predictions into SQLite", ours,
        [Side("sqlite3, executemany",
              [bench.python, bench.peers / "store_sqlite.py", place / "theirs.db", night.version, place / "schema.sql"],
              place, prepare=without("theirs"),
              setting="orjson; one transaction, WAL, synchronous FULL, the same primary key")],
        agree, amount=night.items, unit="rows", runs=3)
