"""A PostgreSQL server of our own on loopback."""

import os
import subprocess
import tempfile

import psycopg

from .bench import REPOSITORY

SCRIPT = REPOSITORY / "Tests" / "Servers" / "postgres.sh"

# What `postgres.sh` turns off is on again, as in production. Memory and a log large enough that no checkpoint and no
# vacuum falls into a run; everything else is the default.
DURABLE = {
    "fsync": "on", "full_page_writes": "on", "shared_buffers": "1GB", "max_wal_size": "8GB",
    "checkpoint_timeout": "60min", "autovacuum": "off",
}


class Server:
    """Runs from here to `stop`, or to the end of this process.

    Unless it is to be durable it does not flush to the disk: that is the same for all sides, and only adds noise where
    little is written.
    """

    def __init__(self, durable: bool = False):
        # Not below the repository: the server runs as a user of its own, who may not be let in there.
        self._folder = tempfile.mkdtemp(prefix="nocturne-bench-")
        settings = " ".join(f"-c {name}={value}" for name, value in (DURABLE if durable else {}).items())
        started = subprocess.run(
            [SCRIPT, "start", self._folder, str(os.getpid())], stdout=subprocess.PIPE, text=True, check=True,
            env={**os.environ, "POSTGRES_SETTINGS": settings})
        self.port = int(started.stdout)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://nocturne@127.0.0.1:{self.port}/{database}"

    def fresh_database(self, name: str):
        """Makes a database, in place of the one that is there."""
        self.rows("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.rows("postgres", f'CREATE DATABASE "{name}"')

    def rows(self, database: str, statement: str) -> list:
        """Runs one statement and returns its rows; empty if it is not a query."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []

    def stop(self):
        subprocess.run([SCRIPT, "stop", self._folder], check=True)
