"""Where a benchmark's inputs and outputs are, and how large the round is."""

import shutil
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Bench:
    """The settings of a benchmark round."""

    quick: bool
    """A smaller round to check that everything works: its figures are printed, not recorded."""

    @property
    def repository(self) -> Path:
        return REPOSITORY

    @property
    def tools(self) -> Path:
        """Where our tools are."""
        return REPOSITORY / ".build" / "release"

    @property
    def python(self) -> Path:
        """The interpreter that the peers run with."""
        return REPOSITORY / ".deps" / "bench-venv" / "bin" / "python"

    @property
    def peers(self) -> Path:
        return REPOSITORY / "Tests" / "Benchmarks" / "peers"

    def folder(self, name: str) -> Path:
        """A folder of generated things, kept between rounds."""
        place = REPOSITORY / ".bench" / name
        place.mkdir(parents=True, exist_ok=True)
        return place

    def fresh_folder(self, name: str) -> Path:
        """The same, emptied first."""
        shutil.rmtree(REPOSITORY / ".bench" / name, ignore_errors=True)
        return self.folder(name)

    def size(self, full: int, quick: int) -> int:
        """A number of items, runs or bytes that depends on the round."""
        return quick if self.quick else full
