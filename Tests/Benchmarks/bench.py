#!/usr/bin/env python3
"""Measures Nocturne's tools against what a user would pick instead, side by side in one run.

    make bench                 everything; the tables go into docs/benchmarks.md
    make bench ONLY=infer      one of the groups below
    make bench-quick           a small round in under two minutes, one run of each side; prints, writes nothing

Each module in contests/ is a group: `contests(bench)` gives its contests, `PEERS` and `COMMANDS` name the Python and Debian
packages whose versions its table shows.
"""

import argparse
import importlib
import sys
import time
from pathlib import Path

# The peers are scripts that import one another; contests import some of them.
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "peers")]

from harness import contest, report  # noqa: E402
from harness.bench import REPOSITORY, Bench  # noqa: E402
from harness.measure import CommandFailed  # noqa: E402

GROUPS = ["fetch", "clean", "features", "infer", "store", "night", "nothing_new", "stream", "scaling", "memory_slope", "dashboard"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=GROUPS, help="a group; may be given again")
    parser.add_argument("--quick", action="store_true", help="a smaller round; nothing is written down")
    arguments = parser.parse_args()
    bench = Bench(quick=arguments.quick)
    document = REPOSITORY / "docs" / "benchmarks.md"
    groups = arguments.only or GROUPS
    failed = []
    for name in groups:
        group = importlib.import_module(f"contests.{name}")
        print(f"{name}: getting ready", file=sys.stderr)
        began = time.monotonic()
        tables = []
        try:
            for one in group.contests(bench):
                if bench.quick:
                    one.runs = 1
                tables.append(report.table(contest.play(one, say=lambda line: print(line, file=sys.stderr))))
                print(tables[-1])
        except (CommandFailed, contest.Disagreement) as problem:
            print(f"{name}: {problem}", file=sys.stderr)
            failed.append(name)
            continue
        finally:
            if hasattr(group, "finish"):
                group.finish()
            print(f"{name}: {time.monotonic() - began:.0f} s in all", file=sys.stderr)
        if not bench.quick:
            peers = report.versions(group.PEERS, group.COMMANDS)
            report.put(document, name, "\n".join([report.stamp(f"make bench ONLY={name}", peers), "", *tables]))
    if not bench.quick:
        report.put(document, "machine", report.machine())
    if failed:
        print(f"no figures for: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
