"""Sides that do the same work, in turn, and the ratios between them."""

import json
import statistics
from dataclasses import dataclass, field
from typing import Callable

from .measure import Run, run


class Disagreement(Exception):
    """The sides' outputs differ: there is nothing to compare."""


@dataclass
class Side:
    """One way to do the work."""

    name: str
    command: list
    folder: str
    """Where it runs."""
    environment: dict = field(default_factory=dict)
    prepare: Callable[[], None] = lambda: None
    """Called before each run, not timed: removes the last run's output, for instance."""
    reports_seconds: bool = False
    """Whether the wall time is what the command says, as {"seconds": …} in its last line of output, and not the
    process's: for a contest of computation alone."""
    reach: dict = field(default_factory=dict)
    """For a peer: the least ratio peer ÷ ours to reach, by figure ("wall", "cpu", "peak"); or a pair, the least and the most."""
    setting: str = ""
    """The options that were found best for it, in words for the table."""
    watch: Callable[[str], None] = lambda output: None
    """Called with what each run printed: for a contest that tells more of its runs than what they took."""


@dataclass
class Contest:
    """One piece of work, our side and the others."""

    name: str
    title: str
    """What work is done, with its size: a line for the table."""
    ours: Side
    peers: list
    agree: Callable[[], str]
    """Called after each side's first run: compares the outputs, raises `Disagreement`, says what was compared."""
    amount: float = 0
    unit: str = ""
    """How much work it is, for a rate: 17,409 and "s of sound", for instance."""
    runs: int = 5
    note: str = ""
    """What a reader must know beside the figures."""
    closing: Callable[[], str] = lambda: ""
    """Called after the last run: what its outputs tell beside the figures."""


def play(contest: Contest, say=print) -> dict:
    """Runs all sides in turn, and gives the figures as plain data (what the report is made of)."""
    sides = [contest.ours, *contest.peers]
    if len({side.name for side in sides}) < len(sides):
        raise ValueError(f"two sides of {contest.name} have one name: their runs would be taken for one another's")
    taken: dict[str, list[Run]] = {side.name: [] for side in sides}
    agreed = ""
    for turn in range(contest.runs):
        for side in sides:
            side.prepare()
            one = run(side.command, side.folder, side.environment)
            if side.reports_seconds:
                seconds = json.loads(one.output.strip().splitlines()[-1])["seconds"]
                one = Run(seconds, one.cpu, one.peak, one.output)
            side.watch(one.output)
            taken[side.name].append(one)
            say(f"  {contest.name} {turn + 1}/{contest.runs} {side.name}: {one.wall:.3f} s, {one.peak >> 20} MiB")
        if turn == 0:
            agreed = contest.agree()
            say(f"  {contest.name}: {agreed}")
    return {
        "name": contest.name, "title": contest.title, "amount": contest.amount, "unit": contest.unit,
        "runs": contest.runs, "agreed": agreed,
        "note": "\n\n".join(text for text in (contest.note, contest.closing()) if text),
        "sides": [_figures(side, taken[side.name], taken[contest.ours.name]) for side in sides],
    }


def _spread(values) -> dict:
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def _figures(side: Side, runs: list, ours: list) -> dict:
    figures = {"name": side.name, "setting": side.setting, "reach": side.reach}
    for figure in ("wall", "cpu", "peak"):
        values = [getattr(one, figure) for one in runs]
        figures[figure] = _spread(values)
        # Pair by pair: the machine's speed drifts, and two runs that follow each other saw the same machine.
        figures[figure]["ratio"] = _spread(
            [value / max(1e-9, getattr(own, figure)) for value, own in zip(values, ours)])
    return figures
