"""Writing a database to a file and reading it back, with the PostgreSQL tools that come along."""

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from assets.core.errors import StorageError, refuse_as
from resources.base.database.embedded_postgres.binaries import MAJOR, run_client
from resources.base.files import made_before

SUFFIX = ".dump"
REHEARSAL = "rehearsal-"
"""What the folder of a rehearsal begins with, which a killed one leaves among the backups."""

_LONGEST_REHEARSAL = timedelta(days=1)


def delete_backups(folder: Path, before: datetime, now: datetime) -> int:
    """Delete the backups that were written before a moment, and what rehearsals left.

    Args:
        folder: of the backups.
        before: the moment.
        now: a rehearsal that began a day before it has been killed.

    Returns:
        How many.
    """
    due = [path for path in folder.glob(f"*{SUFFIX}") if made_before(path, before)]
    for path in due:
        path.unlink(missing_ok=True)
    left = [
        path for path in folder.glob(f"{REHEARSAL}*") if made_before(path, now - _LONGEST_REHEARSAL)
    ]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(due) + len(left)


def write_backup(url: URL, file: Path, *, without_rows_of: Sequence[sa.Table] = ()) -> None:
    """Write the whole database, as of one moment, to a file that `read_backup` reads.

    Args:
        url: the owner's (`owner_url`).
        file: to be written (0600).
        without_rows_of: tables that come back empty.

    Raises:
        StorageError: `BACKUP_SERVER_NEWER`, `POSTGRES_NOT_REACHABLE`, `BACKUP_FAILED`; nothing is
            left behind.
    """
    _refuse_newer_server(url)
    failed = False
    try:
        file.touch(mode=0o600)
        with file.open("wb") as out:
            options = ["--format=custom", "--no-owner"]
            options += [f"--exclude-table-data={one.fullname}" for one in without_rows_of]
            failed = run_client("pg_dump", options, url, stdout=out).returncode != 0
    except OSError:
        failed = True
    if failed:
        file.unlink(missing_ok=True)
        raise StorageError("BACKUP_FAILED")


def read_backup(url: URL, file: Path) -> None:
    """Fill an empty database with what `write_backup` wrote, all of it or nothing.

    Raises:
        StorageError: `BACKUP_UNREADABLE`.
    """
    options = ["--no-owner", "--exit-on-error", "--single-transaction"]
    if run_client("pg_restore", [*options, file], url).returncode != 0:
        raise StorageError("BACKUP_UNREADABLE")


def _refuse_newer_server(url: URL) -> None:
    """`pg_dump` writes out servers of its own version and of older ones only."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    refused = StorageError("POSTGRES_NOT_REACHABLE")
    with refuse_as(refused, SQLAlchemyError), engine.connect() as connection:
        query = sa.text("SELECT current_setting('server_version_num')")
        version = int(str(connection.execute(query).scalar()))
    if version // 10_000 > MAJOR:
        raise StorageError("BACKUP_SERVER_NEWER")
