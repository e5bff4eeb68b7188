"""Figures as Markdown, and their place in docs/benchmarks.md."""

import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
import textwrap
from pathlib import Path


def processor() -> str:
    """The processor, which may differ in the next round."""
    name = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()).group(1)
    return f"{os.cpu_count()} cores of {name}"


def machine() -> str:
    """The machine without its processor, and the versions, in a few lines of Markdown."""
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()).group(1)) >> 20
    release = re.search(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text()).group(1)
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.split("version ")[-1].split()[0]
    return (
        f"{memory + 1} GiB, {release}, Linux {platform.release()}, Swift {swift}, Python {platform.python_version()}; the "
        "processor is above each table"
    )


def versions(packages, commands) -> str:
    """Versions of Python packages and of Debian packages."""
    found = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    for name in commands:
        asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True)
        if asked.returncode == 0:
            found.append(f"{name} {asked.stdout}")
    return ", ".join(found)


def spread(figure: dict, unit=1.0) -> str:
    """The median and, in brackets, the smallest and largest, with three significant digits."""
    return f"{_number(figure['median'] / unit)} ({_number(figure['least'] / unit)}–{_number(figure['most'] / unit)})"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def table(played: dict) -> str:
    """One contest as a heading, a table and its remarks."""
    rate = played["amount"] > 0
    lines = [f"### {played['title']}", ""]
    header = ["", "wall, s", "CPU, s", "peak, MiB"]
    if rate:
        header.append(f"{played['unit']} per second")
    header += ["time ÷ ours", "memory ÷ ours"]
    if any(side["reach"] for side in played["sides"]):
        header.append("goal")
    lines += ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    for place, side in enumerate(played["sides"]):
        name = side["name"] + (f" ({side['setting']})" if side["setting"] else "")
        row = [f"**{name}**" if place == 0 else name]
        row += [spread(side["wall"]), spread(side["cpu"]), spread(side["peak"], 1 << 20)]
        if rate:
            row.append(_number(played["amount"] / side["wall"]["median"]))
        row += ["", ""] if place == 0 else [f"**{spread(side['wall']['ratio'])}**", spread(side["peak"]["ratio"])]
        if "goal" in header:
            row.append(goal(side))
        lines.append("| " + " | ".join(row) + " |")
    lines += ["", wrapped(f"{played['runs']} runs of each, alternating. Checked first: {played['agreed']}.")]
    if played["note"]:
        lines += ["", wrapped(played["note"])]
    return "\n".join(lines) + "\n"


def wrapped(paragraph: str) -> str:
    """A paragraph in lines of at most 120 columns."""
    return textwrap.fill(paragraph, 120, break_long_words=False, break_on_hyphens=False)


def goal(side: dict) -> str:
    """The goals of a side and whether the median ratios reach them."""
    words = {"wall": "time", "cpu": "CPU", "peak": "memory"}
    goals = []
    for figure, least in side["reach"].items():
        ratio = side[figure]["ratio"]["median"]
        if isinstance(least, tuple):
            reached, aim = least[0] <= ratio <= least[1], f"{least[0]:g}–{least[1]:g}"
        else:
            reached, aim = ratio >= least, f"≥ {least:g}"
        goals.append(f"{words[figure]} {aim}: {'reached' if reached else '**not reached**'}")
    return ", ".join(goals)


def put(document: Path, name: str, text: str):
    """Puts text between the document's marks for a name; the marks are added at the end if there are none."""
    first, last = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    old = document.read_text()
    new = f"{first}\n{text.strip()}\n{last}"
    if first in old:
        start, end = old.index(first), old.index(last) + len(last)
        old = old[:start] + new + old[end:]
    else:
        old = old.rstrip() + "\n\n" + new + "\n"
    document.write_text(old)


def stamp(command: str, peers: str) -> str:
    """When, where, how and with what a section was measured."""
    day = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    load = os.getloadavg()[0]
    return wrapped(f"{day}, {processor()}, `{command}`, load {load:.1f} at the end. {peers}")
