"""Starts a server, waits until it answers, puts it under load with wrk, and stops it.

    http_load.py READY_URL URL SECONDS CONNECTIONS SCRIPT -- COMMAND…

SCRIPT is a file that says what wrk sends, or empty. Prints {"seconds": time for a thousand requests, "p50": …, "p99": …,
"requests": …} (latencies in milliseconds) as its last line. An answer that is no 2xx, and a request without an answer, make it fail.
"""

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def is_ready(url: str, server: subprocess.Popen) -> bool:
    """Waits until a server answers; false if it ends before, or takes half a minute."""
    for _ in range(600):
        if server.poll() is not None:
            return False
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(url, timeout=5).read()
            return True
        time.sleep(0.05)
    return False


def load(url: str, seconds: int, connections: int, script: str) -> dict:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    if script:
        command += ["-s", script]
    told = subprocess.run([*command, url], check=True, stdout=subprocess.PIPE, text=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        sys.exit(f"not every request was answered:\n{told}")
    quantiles = {
        name: float(value) * MILLISECONDS[unit]
        for name, value, unit in re.findall(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m)$", told, re.MULTILINE)}
    requests, rate = re.search(r"(\d+) requests in", told), re.search(r"Requests/sec:\s+([\d.]+)", told)
    return {
        "seconds": 1000 / float(rate.group(1)), "p50": quantiles["50"], "p99": quantiles["99"],
        "requests": int(requests.group(1))}


def main():
    at = sys.argv.index("--")
    ready, url, seconds, connections, script = sys.argv[1:at]
    server = subprocess.Popen(sys.argv[at + 1:], stdout=subprocess.DEVNULL)
    try:
        if not is_ready(ready, server):
            sys.exit(f"{ready} did not answer")
        # Connections are opened, plans and caches made.
        load(url, 1, int(connections), script)
        figures = load(url, int(seconds), int(connections), script)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
