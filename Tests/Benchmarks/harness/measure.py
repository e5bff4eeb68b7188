"""Runs a command and tells what it took: wall time, processor time, peak resident memory of its whole process tree."""

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path


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
    """Samples the proportional set size of a process tree while it runs.

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
            self.peak = max(self.peak, sum(proportional_set_size(process) for process in tree(self._root)))
            if self._stop.wait(max(0.05, 50 * (time.monotonic() - began))):
                return

    def stop(self):
        self._stop.set()
        self._thread.join()


def run(command, folder, environment=None, timeout=1800) -> Run:
    """Runs a command in a folder to its end. Raises `CommandFailed` when it exits with anything but 0."""
    command = [str(word) for word in command]
    errors = Path(folder) / ".stderr"
    with open(errors, "wb") as error_file:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=error_file)
        memory = TreeMemory(process.pid)
        guard = threading.Timer(timeout, process.kill)
        guard.start()
        output = process.stdout.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        guard.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        memory.stop()
    if process.returncode != 0:
        said = errors.read_text(errors="replace")[-2000:]
        raise CommandFailed(f"{' '.join(command)} exited with {process.returncode}:\n{output[-1000:]}\n{said}")
    errors.unlink()
    return Run(wall, usage.ru_utime + usage.ru_stime, max(memory.peak, usage.ru_maxrss * 1024), output)
