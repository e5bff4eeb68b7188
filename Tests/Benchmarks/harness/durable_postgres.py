"""A PostgreSQL of the benchmarks' own: durable, as a production server is, on 127.0.0.1."""

import glob
import os
import shutil
import socket
import subprocess
from pathlib import Path

# Memory and a log large enough that no checkpoint falls into a run; everything else is the default, durability included.
SETTINGS = {
    "listen_addresses": "127.0.0.1", "unix_socket_directories": "''", "shared_buffers": "1GB", "max_wal_size": "16GB",
    "checkpoint_timeout": "60min", "maintenance_work_mem": "256MB", "autovacuum": "off",
}


class Postgres:
    """A server that runs until `stop`."""

    def __init__(self, folder: Path):
        self._bin = Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self._data = folder / "data"
        # PostgreSQL refuses to run as root, so root runs it as the user that its Debian package made.
        self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if self._data.exists():
            self._control("stop", "-m", "immediate", check=False)
        shutil.rmtree(folder, ignore_errors=True)
        self._data.mkdir(parents=True)
        if self._as:
            shutil.chown(self._data, "postgres", "postgres")
        self._data.chmod(0o700)
        self._run(self._bin / "initdb", "-D", self._data, "-U", "nocturne", "--auth=trust", "--encoding=UTF8", "--locale=C")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        self._control("start", "-w", "-l", self._data / "server.log", "-o", f"-p {self.port} {settings}")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://nocturne@127.0.0.1:{self.port}/{database}"

    def sql(self, text: str) -> str:
        """Runs statements; gives what they print, unaligned."""
        return subprocess.run(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", self.url(), "-c", text], check=True, capture_output=True, text=True
        ).stdout.strip()

    def stop(self):
        self._control("stop", "-m", "fast", "-w", check=False)

    def _control(self, action, *words, check=True):
        self._run(self._bin / "pg_ctl", action, "-D", self._data, "-s", *words, check=check)

    def _run(self, *command, check=True):
        # A server inherits what it is started with, so nothing of ours that somebody may wait for.
        subprocess.run(
            [*self._as, *map(str, command)], check=check, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
