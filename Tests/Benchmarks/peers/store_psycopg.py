"""Loads a version's items.jsonl files into PostgreSQL, as an engineer would with psycopg 3 and orjson.

    store_psycopg.py URL VERSION_DIR TABLE staging|direct

`staging`: COPY into a temporary table, then one transaction that deletes the batch's old rows and inserts the new ones.
`direct`: one transaction that deletes the old rows and COPYs into the table.

COPY's text is built by hand and written in blocks: faster than `write_row`, which adapts value by value.
"""

import sys
from pathlib import Path

import orjson
import psycopg

COLUMNS = ("pipeline, batch, stage, version, item_id, model, model_version, label, score, output, fields, recorded_at")
WHOSE = ("digits", "2026-11-20", "infer")


def escaped(data: bytes) -> bytes:
    """A value in COPY's text format; JSON text holds no raw tabs or line ends, ids could."""
    return data.replace(b"\\", b"\\\\").replace(b"\t", b"\\t").replace(b"\n", b"\\n").replace(b"\r", b"\\r")


def blocks(version: Path):
    """The rows in COPY's text format, a block for each part."""
    head = "\t".join([*WHOSE, version.name]).encode()
    for part in orjson.loads((version / "batch.json").read_bytes())["parts"]:
        rows = []
        for line in (version / part["name"] / "items.jsonl").read_bytes().splitlines():
            item = orjson.loads(line)
            output, fields = item["infer"], item["fields"]
            model, _, model_version = output["model"].rpartition("@")
            rows.append(b"\t".join((
                head, escaped(item["id"].encode()), model.encode(), model_version.encode(),
                escaped(output["label"].encode()), repr(output["score"]).encode(),
                orjson.dumps(output).replace(b"\\", b"\\\\"), orjson.dumps(fields).replace(b"\\", b"\\\\"),
                fields["recorded_at"].encode())))
        rows.append(b"")
        yield b"\n".join(rows)


def copy(cursor, table: str, version: Path):
    with cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN") as copying:
        for block in blocks(version):
            copying.write(block)


def main():
    url, version, table, way = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        if way == "staging":
            cursor.execute(f"CREATE TEMPORARY TABLE incoming (LIKE {table})")
            copy(cursor, "incoming", version)
        cursor.execute(f"DELETE FROM {table} WHERE pipeline = %s AND batch = %s AND stage = %s", WHOSE)
        if way == "staging":
            cursor.execute(f"INSERT INTO {table} ({COLUMNS}) SELECT {COLUMNS} FROM incoming")
        else:
            copy(cursor, table, version)


main()
