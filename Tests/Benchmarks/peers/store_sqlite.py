"""Loads a version's items.jsonl files into SQLite, as an engineer would with Python's sqlite3 and orjson.

    store_sqlite.py FILE VERSION_DIR SCHEMA_SQL

One transaction, one prepared statement, a write-ahead log, the same table and primary key, flushed at the commit.
"""

import sqlite3
import sys
from pathlib import Path

import orjson


def rows(version: Path):
    """The rows, one by one."""
    for part in orjson.loads((version / "batch.json").read_bytes())["parts"]:
        for line in (version / part["name"] / "items.jsonl").read_bytes().splitlines():
            item = orjson.loads(line)
            output, fields = item["infer"], item["fields"]
            model, _, model_version = output["model"].rpartition("@")
            yield ("digits", "2026-11-20", "infer", version.name, item["id"], model, model_version, output["label"],
                   output["score"], orjson.dumps(output).decode(), orjson.dumps(fields).decode(),
                   fields["recorded_at"][:-1] + ".000000Z")


def main():
    file, version, schema = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]).read_text()
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(schema)
    database.execute("BEGIN IMMEDIATE")
    database.execute("DELETE FROM predictions WHERE pipeline = 'digits' AND batch = '2026-11-20' AND stage = 'infer'")
    database.executemany(f"INSERT INTO predictions VALUES ({', '.join('?' * 12)})", rows(version))
    database.execute("COMMIT")


main()
