"""Taking an upgrade back, while nothing has been recorded since."""

import hashlib
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import SetupError, StorageError, refuse_as
from orchestration.upgrade_backup import (
    Note,
    changed_since,
    put_files_back,
    read_note,
    require_whole,
    write_note,
)
from resources.base.database.migrations import version_of
from resources.base.database.roles import owner_url
from resources.base.home import Home
from resources.maintenance.database_backup import REFUSED, read_backup
from resources.maintenance.database_setup import EMPTYING, LOCKING, as_owner
from resources.maintenance.kept_rows import guard

_MARK = "tideline_rolling_back_{}"
"""An empty schema: the database is as it was before, and the home's files are still to follow."""


def roll_back(home: Home, url: URL, file: Path) -> str:
    """Put a home back as it was before an upgrade, while nothing has been recorded since.

    The database is compared, emptied and filled in one transaction that holds all of its tables;
    the files follow. Journals, and what was revoked, stay as the home has them.

    Args:
        home: the home.
        url: its database.
        file: the backup that `upgrade` wrote.

    Returns:
        The version that the database has now.

    Raises:
        SetupError: `FILE_NOT_FOUND`, `ROLLBACK_TOO_LATE` where something has been recorded.
        StorageError: `BACKUP_UNREADABLE`, `MIGRATION_BLOCKED`, and what `as_owner` raises; the
            database is as it was. Cut off later, as by a full disk, it goes on when done again.
    """
    owner, note = owner_url(url), read_note(file)
    require_whole(file, note)
    if note.recorded or changed_since(home, note):
        raise SetupError("ROLLBACK_TOO_LATE")
    mark = _MARK.format(hashlib.sha256(file.name.encode()).hexdigest()[:12])
    with as_owner(owner) as connection:
        begun = mark in sa.inspect(connection).get_schema_names()
    if not begun:
        first = [LOCKING, *_guard(note), *EMPTYING]
        read_backup(owner, file, first=first, last=[f"CREATE SCHEMA {mark}"])
    put_files_back(file, home.root)
    with as_owner(owner) as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {mark}"))
        version = version_of(connection)
    if version is None:
        raise StorageError("DATABASE_EMPTY")
    # Once only: what is recorded from here on is the older program's.
    write_note(file, replace(note, recorded=True))
    return version


def _guard(note: Note) -> list[str]:
    """Against the end of the upgrade; or, where it was cut off, against rows that it can't add."""
    with refuse_as(StorageError("BACKUP_UNREADABLE"), ValueError, KeyError):
        if note.rows_after is None:
            return guard(dict(note.columns), note.rows, REFUSED)
        return guard(dict.fromkeys(note.rows_after), note.rows_after, REFUSED)
