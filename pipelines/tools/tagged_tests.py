"""Prints the options that make a test program leave out the tests with certain tags.

    python3 tagged_tests.py TEST_PROGRAM TAG…

Swift Testing's command line chooses by name alone. But the program can list its tests with their tags, as events; of those the
names follow, a line each: `--skip`, an expression, `--skip`, …
"""

import json
import os
import re
import subprocess
import sys
import tempfile


def tests(program: str) -> list[dict]:
    """What the program says of its suites and tests."""
    with tempfile.TemporaryDirectory() as folder:
        events = os.path.join(folder, "tests.jsonl")
        # Without the variable the events have no tags.
        environment = os.environ | {"SWT_EXPERIMENTAL_EVENT_STREAM_FIELDS_ENABLED": "1"}
        words = ["--testing-library", "swift-testing", "--list-tests"]
        words += ["--event-stream-version", "6.3", "--event-stream-output-path", events]
        subprocess.run([program, *words], env=environment, stdout=subprocess.DEVNULL, check=True)
        with open(events, encoding="utf-8") as lines:
            return [event["payload"] for event in map(json.loads, lines) if event["kind"] == "test"]


def expression(test: dict) -> str:
    """Matches the test, or everything in the suite, and nothing else."""
    if test["kind"] == "suite":
        return f"^{re.escape(test['id'])}(/|$)"
    return f"^{re.escape(test['id'])}$"


def main(words: list[str]) -> int:
    program, tags = words[0], {f".{tag}" for tag in words[1:]}
    for test in tests(program):
        if tags & set(test.get("_tags", [])):
            print(f"--skip\n{expression(test)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
