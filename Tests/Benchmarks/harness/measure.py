"""Runs a command and measures it: wall time, processor time, peak resident memory of its whole process tree."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")


class CommandFailed(Exception):
    """A side did not do its work; what it printed is in the message."""


@dataclass(frozen=True)
class Run:
    """What one run of a command took."""

    wall: float
    """Seconds from start to exit, or the seconds that the command itself reported."""
    cpu: float
    """Seconds of user and system time of the command and of the processes that it waited for."""
    peak: int
    """Bytes. See `TreeMemory`."""
    output: str
    """What it printed on standard output."""


def tree(root: int) -> list[int]:
    """The processes that descend from a process, itself included."""
    found, open_ids = [], [root]
    while open_ids:
        process = open_ids.pop()
        found.append(process)
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                children = Path(f"/proc/{process}/task/{thread}/children").read_text()
                open_ids.extend(int(child) for child in children.split())
        except OSError:
            continue
    return found


def proportional_set_size(process: int) -> int:
    """Bytes of memory that a process answers for: a page that N processes share counts as an Nth."""
    try:
        with open(f"/proc/{process}/smaps_rollup") as lines:
            for line in lines:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class TreeMemory:
    """Samples the proportional set size of all that descends from a launcher, while it runs.

    The peak is the largest sample, or the kernel's own peak of the largest single process where that is larger (a spike
    between two samples). Asking costs time in a large process, so the pauses grow with what an answer took: at most a
    fiftieth of the time goes into asking.
    """

    def __init__(self, root: int):
        self.peak = 0
        self._root = root
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def _sample(self):
        while True:
            began = time.monotonic()
            self.peak = max(self.peak, sum(proportional_set_size(process) for process in tree(self._root)[1:]))
            if self._stop.wait(max(0.05, 50 * (time.monotonic() - began))):
                return

    def stop(self):
        self._stop.set()
        self._thread.join()


def run(command, folder, environment=None, timeout=1800) -> Run:
    """Runs a command in a folder to its end. Raises `CommandFailed` when it exits with anything but 0."""
    command = [str(word) for word in command]
    errors = Path(folder) / ".stderr"
    reading, writing = os.pipe()
    with open(errors, "wb") as error_file, open(reading) as report:
        launcher = subprocess.Popen(
            [sys.executable, "-I", "-S", LAUNCH, str(writing), *command], cwd=folder, pass_fds=[writing],
            env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=error_file)
        os.close(writing)
        memory = TreeMemory(launcher.pid)
        guard = threading.Timer(timeout, _kill, [launcher.pid])
        guard.start()
        output = launcher.stdout.read().decode(errors="replace")
        launcher.wait()
        guard.cancel()
        memory.stop()
        told = report.read()
    figures = json.loads(told) if told else {"code": launcher.returncode}
    if figures["code"] != 0:
        said = errors.read_text(errors="replace")[-2000:]
        raise CommandFailed(f"{' '.join(command)} exited with {figures['code']}:\n{output[-1000:]}\n{said}")
    errors.unlink()
    return Run(figures["wall"], figures["cpu"], max(memory.peak, figures["peak"]), output)


def _kill(launcher: int):
    """Ends a command that takes too long; its launcher then ends by itself."""
    for process in tree(launcher)[1:]:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
