"""Runs a command and writes what the kernel counted of it: launch.py DESCRIPTOR COMMAND…

A small process of its own, because the kernel's peak of a process never falls below the size of the one that started it,
and the benchmarks' own is large.
"""

import json
import os
import signal
import sys
import time

report, command = int(sys.argv[1]), sys.argv[2:]
os.set_inheritable(report, False)
began = time.monotonic()
# Python ignores these two, and a child would inherit that.
process = os.posix_spawnp(command[0], command, os.environ, setsigdef=[signal.SIGPIPE, signal.SIGXFSZ])
_, status, usage = os.wait4(process, 0)
figures = {
    "wall": time.monotonic() - began, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024,
    "code": os.waitstatus_to_exitcode(status),
}
os.write(report, json.dumps(figures).encode())
