"""A PostgreSQL server of our own on loopback, with a database for each side."""

import os
import subprocess
import tempfile

import psycopg

from .bench import REPOSITORY

SCRIPT = REPOSITORY / "Tests" / "Servers" / "postgres.sh"


class Server:
    """Runs from here to `stop`, or to the end of this process. It does not flush to the disk, for either side."""

    def __init__(self):
        # Not below the repository: the server runs as a user of its own, who may not be let in there.
        self._folder = tempfile.mkdtemp(prefix="nocturne-bench-")
        started = subprocess.run(
            [SCRIPT, "start", self._folder, str(os.getpid())], stdout=subprocess.PIPE, text=True, check=True)
        self.port = int(started.stdout)

    def url(self, database: str) -> str:
        return f"postgresql://nocturne@127.0.0.1:{self.port}/{database}"

    def fresh_database(self, name: str):
        """Makes a database, in place of the one that is there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')

    def rows(self, database: str, query: str) -> list:
        with psycopg.connect(self.url(database)) as connection:
            return connection.execute(query).fetchall()

    def stop(self):
        subprocess.run([SCRIPT, "stop", self._folder], check=True)
