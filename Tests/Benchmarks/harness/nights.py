"""Nocturne's side of a whole night: a pipeline over a folder of recordings, and a fresh root for each run."""

import os
import shutil
from pathlib import Path

from .bench import Bench
from .contest import Side
from .packages import Package
from .postgres import Server

NIGHT = "2026-11-20"
PIPELINE_TOML = """\
format = 1
[fetch]
source = "{source}"
{fetch}[infer]
model = "{model}"
{infer}[store]
url = "{url}"
"""


class Night:
    """A pipeline, its place for batches and its database, all of one name."""

    def __init__(
        self, bench: Bench, name: str, recordings: Path, package: Package, server: Server, fetch: str = "", infer: str = "",
    ):
        """`fetch` and `infer` hold further lines for the sections of these names."""
        self.name = name
        self._infer = infer
        self._bench, self._server, self._package = bench, server, package
        self._folder = bench.folder(f"nights/{name}")
        pipeline = self._folder / "pipelines" / name / "pipeline.toml"
        pipeline.parent.mkdir(parents=True, exist_ok=True)
        pipeline.write_text(
            PIPELINE_TOML.format(
                source=recordings, model=package.reference, url=server.url(name), fetch=fetch, infer=infer))

    @property
    def stages(self) -> Path:
        """The folder of the night's stages."""
        return self._folder / "data" / self.name / NIGHT

    @property
    def environment(self) -> dict:
        return {
            "NOCTURNE_ROOT": str(self._folder / "data"), "NOCTURNE_PIPELINES": str(self._folder / "pipelines"),
            "NOCTURNE_MODELS": str(self._package.models),
        }

    def prepare(self):
        """Nothing of an earlier run is left, and the disk has no old debts."""
        shutil.rmtree(self._folder / "data", ignore_errors=True)
        self._server.fresh_database(self.name)
        os.sync()

    def side(self) -> Side:
        """The whole night, from the listing to the committed rows."""
        command = [self._bench.tools / "nocturne", "nightly", self.name, NIGHT, "--silent"]
        return Side(
            "Nocturne", command, str(self._folder), self.environment, self.prepare, setting=", ".join(self._infer.splitlines()))

    def stored(self) -> int:
        """How many predictions the database holds."""
        return self._server.rows(self.name, "SELECT count(*) FROM predictions")[0][0]
