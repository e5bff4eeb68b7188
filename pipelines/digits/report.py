"""Prints the report of a night: what arrived, what was rejected and why, what was recognized.

    python3 report.py digits 2026-11-20 --truth data/uploads/2026-11-20.truth.csv

Reads the tables that `store` fills in SQLite (runs, rejections, predictions); with a truth file (key,digit,expected) it
also says how much was recognized correctly, and whether each broken file was rejected for its own reason. Exits with 66
if the night does not exist.
"""

import argparse
import csv
import sqlite3
import sys
from collections import Counter, defaultdict
from pathlib import Path

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
STAGES = ["fetch", "clean", "featurize", "infer", "store"]


def rows(database: sqlite3.Connection, columns: str, table: str, pipeline: str, batch: str) -> list[sqlite3.Row]:
    """The columns of the pipeline's and batch's rows in a table, in the order in which they were stored."""
    query = f"SELECT {columns} FROM {table} WHERE pipeline = ? AND batch = ? ORDER BY rowid"
    return database.execute(query, (pipeline, batch)).fetchall()


def aligned(table: list[list[str]], right: set[int]) -> str:
    """The table's cells in columns, two spaces apart and indented; the columns in `right` are flush right."""
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = []
    for row in table:
        cells = [
            cell.rjust(width) if at in right else cell.ljust(width) for at, (cell, width) in enumerate(zip(row, widths))
        ]
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines)


def megabytes(count: int | None) -> str:
    """A byte count as "12.3 MB", or a dash if it was not measured."""
    return "-" if count is None else f"{count / 1e6:.1f} MB"


def print_stages(runs: list[sqlite3.Row]) -> None:
    """Prints one line per stage: items, rejected items, time, memory, bytes."""
    order = {stage: place for place, stage in enumerate(STAGES)}
    table = [["stage", "version", "items", "rejected", "seconds", "peak memory", "out", "status"]]
    for run in sorted(runs, key=lambda run: order.get(run["stage"], len(order))):
        # A run that failed has no counts.
        counts = ["-" if run[name] is None else str(run[name]) for name in ("items", "rejected")]
        seconds = "-" if run["seconds"] is None else f"{run['seconds']:.2f}"
        sizes = [megabytes(run["peak_memory_bytes"]), megabytes(run["bytes_out"])]
        table.append([run["stage"], str(run["version"]), *counts, seconds, *sizes, str(run["status"])])
    print(aligned(table, right={2, 3, 4, 5, 6}))


def print_rejections(rejections: list[sqlite3.Row]) -> None:
    """Prints one line per rejected item."""
    print(f"\nrejected: {len(rejections)}")
    if rejections:
        print(
            aligned(
                [[row["reason"], row["stage"], row["item_id"], row["message"] or ""] for row in rejections], right=set()
            )
        )


def print_labels(predictions: list[sqlite3.Row]) -> None:
    """Prints the count of each label, when there is no truth to compare with."""
    counts = Counter(row["label"] for row in predictions)
    labels = ", ".join(f"{label} {count}" for label, count in counts.most_common())
    print(f"\nrecognized: {len(predictions)}   {labels}")


def print_accuracy(predictions: list[sqlite3.Row], truth: dict[str, dict[str, str]]) -> None:
    """Prints the accuracy in total and per digit, and every mistake."""
    judged = [
        (row, truth[row["item_id"]]["digit"]) for row in predictions if truth.get(row["item_id"], {}).get("digit")
    ]
    if not judged:
        print("\nno prediction is for a recording in the truth file")
        return
    right = sum(row["label"] == digit for row, digit in judged)
    share = f"{right} of {len(judged)} ({right / len(judged):.1%})"
    print(f"\nrecognized: {share}; one speaker, and the model was trained on synthetic speech only")
    tally: dict[str, list[bool]] = defaultdict(list)
    for row, digit in judged:
        tally[digit].append(row["label"] == digit)
    print("  " + ", ".join(f"{digit} {sum(tally[digit])}/{len(tally[digit])}" for digit in WORDS if digit in tally))
    mistakes = [
        [f"  {row['item_id']}", f"{digit} recognized as {row['label']}", f"score {row['score']:.2f}"]
        for row, digit in judged
        if row["label"] != digit
    ]
    if mistakes:
        print("  mistakes:")
        print(aligned(mistakes, right=set()))


def print_faults(
    predictions: list[sqlite3.Row], rejections: list[sqlite3.Row], truth: dict[str, dict[str, str]]
) -> None:
    """Prints whether each upload ended as expected: stored, or rejected for its own reason."""
    ended = {row["item_id"]: row["reason"] for row in rejections} | {row["item_id"]: "stored" for row in predictions}
    expected = {key: row["expected"] for key, row in truth.items()}
    strays = [(key, fate, ended.get(key, "nowhere")) for key, fate in expected.items() if ended.get(key) != fate]
    broken = sum(row["expected"] != "stored" for row in truth.values())
    good = len(truth) - broken
    if not strays:
        print(
            f"\nall {broken} faulty uploads were rejected, each for its own reason;"
            f" all {good} good ones were stored"
        )
        return
    print(f"\n{len(strays)} of {len(truth)} uploads did not end as expected:")
    print(aligned([[key, f"should be {fate}", f"is {actual}"] for key, fate, actual in strays], right=set()))


def print_next(pipeline: str, batch: str, database: Path, root: Path) -> None:
    """Prints where the results are and what to try next."""
    where = f"pipeline = '{pipeline}' AND batch = '{batch}'"
    query = f"SELECT item_id, label, score FROM predictions WHERE {where} ORDER BY score LIMIT 5"
    print(f"\nthe results: {database} (tables predictions, rejections, runs)")
    print(f"every stage's files: {root / pipeline / batch}/")
    print("\nwhat to try next:")
    for command, why in [
        ("make dashboard", "the night in a browser"),
        (f'sqlite3 {database} "{query}"', "the least certain results"),
        (f"make nightly PIPELINE={pipeline} BATCH={batch}", "again: nothing has changed, so there is nothing to do"),
        (f".build/release/batches show {pipeline} {batch}", "counts, timings and lineage of every stage"),
        (f".build/release/batches verify {pipeline} {batch}", "every byte against its digest"),
        (
            f".build/release/infer {pipeline} {batch} --set infer.max_batch_items=4 --why",
            "what a changed setting would change",
        ),
    ]:
        print(f"  {command}\n      {why}")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("pipeline")
    arguments.add_argument("batch")
    arguments.add_argument("--database", type=Path, default=Path("data/nocturne.db"), help="default: data/nocturne.db")
    arguments.add_argument("--root", type=Path, default=Path("data"), help="folder of the batches; default: data")
    arguments.add_argument("--truth", type=Path, help="CSV of key,digit,expected, as demo_uploads.py writes it")
    options = arguments.parse_args()

    if not options.database.is_file():
        hint = f"make nightly PIPELINE={options.pipeline} BATCH={options.batch}"
        print(f"no database {options.database}: run the night first ({hint})", file=sys.stderr)
        return 66
    database = sqlite3.connect(f"{options.database.resolve().as_uri()}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    night = (options.pipeline, options.batch)
    runs = rows(database, "*", "runs", *night)
    rejections = rows(database, "stage, item_id, reason, message", "rejections", *night)
    predictions = rows(database, "item_id, label, score", "predictions", *night)
    if not runs:
        print(f"{options.database} has no run of {options.pipeline} {options.batch}", file=sys.stderr)
        return 66

    print(f"{options.pipeline} {options.batch}\n")
    print_stages(runs)
    print_rejections(rejections)
    if options.truth:
        with options.truth.open(newline="", encoding="utf-8") as file:
            truth = {row["key"]: row for row in csv.DictReader(file)}
        print_accuracy(predictions, truth)
        print_faults(predictions, rejections, truth)
    else:
        print_labels(predictions)
    print_next(*night, options.database, options.root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
