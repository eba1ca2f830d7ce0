"""The small file system that holds the whole home runs full in the middle of a run."""

import os
from contextlib import suppress
from pathlib import Path

from bench.reliability.children import Child, once_before
from bench.reliability.disturbed import DisturbedSite, Run, noted, struck
from resources.base.database.embedded_postgres import open_server

FILLER = "filler"


class FullDisk:
    """Each job once; room is made again afterwards, as somebody would who was told."""

    def __init__(self) -> None:
        self._acts: dict[str, int] = {}

    def __call__(self, site: DisturbedSite, job: str, run: Run) -> None:
        """Fill it once."""
        filler = site.session.home.root.with_name(FILLER)
        number = struck(site, self._acts, job)
        ended = Child(site, run, once_before(number, lambda: fill(filler))).wait()
        filler.unlink(missing_ok=True)
        # A server that could not write its log has ended.
        open_server(site.session.home.postgres)
        noted(site, job, ended, self._acts)


def fill(path: Path) -> None:
    """Write until the file system takes not one byte more."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    os.write(descriptor, b"\0" * size)
    finally:
        os.close(descriptor)
