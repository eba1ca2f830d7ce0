"""The rehearsal itself: run in a scratch home, trace one point, and search everything for words."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

from assets.core.errors import CATALOGUE, SetupError, StepFailed
from orchestration.audited_instance import audited
from orchestration.cli.rehearsal import in_scratch
from orchestration.cli.rehearsal.build import told_by_release, told_by_runs
from orchestration.cli.rehearsal.given import Given
from orchestration.cli.rehearsal.invented import GROUPS, write_invented
from orchestration.cli.rehearsal.scratch import Scratch
from orchestration.cli.rehearsal.trace import Hop, Point, newest_point, trace
from orchestration.cli.rehearsal.words import ToLookFor
from resources.base.database.postgres import embedded_url, stop_embedded
from resources.base.files import make_folder
from resources.base.home import load_home
from resources.maintenance.database_setup import as_owner

DATABASE, OUTPUT, FILES = "database", "output", "files"


@dataclass(frozen=True)
class Left:
    """A place in which words of the exports were found.

    Attributes:
        where: database, output or files.
        place: the table, or the path below the scratch folder.
        words: which. Never shown unless the auditor asks: they are the auditor's own.
    """

    where: str
    place: str
    words: frozenset[str] = field(repr=False)


@dataclass(frozen=True)
class Traced:
    """What the scratch home's own records say.

    Attributes:
        point: a value on its page.
        hops: from the page back to the exports.
        digests: of models, vocabulary and code, as runs and release recorded them.
    """

    point: Point
    hops: Sequence[Hop]
    digests: Mapping[str, str]


def with_company(
    folder: Path, own: Sequence[Given], days: tuple[date, date], home_region: str, rng: Random
) -> list[Given]:
    """The auditor's exports, and so many invented ones that their regions can be published anyhow.

    Args:
        folder: where the invented ones are written.
        own: the auditor's; none for a rehearsal of invented ones alone.
        days: first and last day.
        home_region: for those without any of the auditor's.
        rng: what invents.
    """
    every = list(own)
    for region in sorted({one.region for one in own} or {home_region}):
        every += write_invented(folder, region, days, GROUPS, rng)
    return every


def run_in(scratch: Scratch, exports: Iterable[Given], days: tuple[date, date]) -> bytes:
    """Run everything in a process of its own. Returns all that it printed.

    Raises:
        StepFailed: with the code that it ended with.
        SetupError: `REHEARSAL_BROKEN` if it ended without one.
    """
    asked = {
        "home": str(scratch.home),
        "exports": [(str(one.path), one.region) for one in exports],
        "first": days[0].isoformat(),
        "last": days[1].isoformat(),
    }
    done = subprocess.run(  # noqa: S603  (our own interpreter and module)
        [sys.executable, "-m", in_scratch.__name__],
        input=json.dumps(asked).encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=scratch.folder,
        env=scratch.environment(),
        check=False,
    )
    if done.returncode:
        last = (done.stdout.decode("utf-8", "replace").split() or [""])[-1]
        if last in CATALOGUE:
            raise StepFailed(last)
        raise SetupError("REHEARSAL_BROKEN")
    return done.stdout


def traced(scratch: Scratch) -> Traced:
    """Follow the newest point of the page back to the exports, in the auditor's role.

    Raises:
        AuditError: what `newest_point` and `trace` raise.
    """
    home = load_home(scratch.home)
    url = embedded_url(home.postgres)
    folder = scratch.folder / "auditor"
    make_folder(folder)
    with audited(home, url, folder) as instance:
        point = newest_point(home)
        hops = trace(home, url, instance, point)
        digests = told_by_runs(instance) | told_by_release(home.public)
    return Traced(point, hops, digests)


def left_behind(scratch: Scratch, output: bytes, wanted: ToLookFor) -> list[Left]:
    """Where any of the words is: output, database by cells, then every file, its server stopped."""
    found = []
    if words := wanted.search.found_in(output):
        found.append(Left(OUTPUT, "standard output and error", frozenset(words)))
    data = scratch.home / "postgres"
    with as_owner(embedded_url(data)) as connection:
        found += [
            Left(DATABASE, table, frozenset(words))
            for table, words in wanted.search.in_database(connection)
        ]
    stop_embedded(data)
    found += [
        Left(FILES, path, frozenset(words))
        for path, words in wanted.search.in_folder(scratch.folder)
    ]
    return found
