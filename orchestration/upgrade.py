"""Bringing a home to this version, with a backup and a look at the outcome."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import SetupError, StorageError
from orchestration.home_migration import migrate_home
from orchestration.instance_files import write_instance_configuration
from orchestration.upgrade_backup import (
    Kept,
    digests_of,
    ended,
    keep_as_it_is,
    newest_unfinished,
    write_note,
)
from orchestration.verification import Verification, verification
from resources.base.clock import Clock
from resources.base.database.migrations import pending, version_of
from resources.base.database.roles import owner_url
from resources.base.database.tables import metadata
from resources.base.files import make_folder, write_once
from resources.base.home import Home
from resources.base.program import code_digest
from resources.maintenance.database_setup import as_owner
from resources.maintenance.kept_rows import (
    Columns,
    Fingerprints,
    Rows,
    columns_in,
    compared_in,
    fingerprints_in,
    lost,
    rows_in,
)

Progress = Callable[[str], AbstractContextManager[object]]

REHEARSAL_HOLDS = timedelta(days=7)
"""How long a rehearsal counts: the home it was of is not much another one."""

_RECORD = "rehearsal.json"


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal found.

    Attributes:
        program: digest of the program that rehearsed (`code_digest`).
        version_before: of the home's database.
        version: that it was brought to.
        at: when, ISO 8601 in UTC.
        rows: of all append-only tables together.
        backup_seconds: the backup took.
        upgrade_seconds: bringing the copy to this version, and looking at it.
        rollback_seconds: putting the copy back as it was.
    """

    program: str
    version_before: str
    version: str
    at: str
    rows: int
    backup_seconds: float
    upgrade_seconds: float
    rollback_seconds: float


@dataclass(frozen=True)
class Upgraded:
    """A home of this version.

    Attributes:
        backup: the database as it was; beside it the home's files.
        found: by `verification`.
    """

    backup: Path
    found: Verification


def record_rehearsal(home: Home, rehearsal: Rehearsal) -> None:
    """Keep it, in place of an earlier one.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    make_folder(home.backups)
    write_once(home.backups / _RECORD, json.dumps(asdict(rehearsal)).encode())


def require_rehearsal(home: Home, version_before: str, now: datetime) -> None:
    """Refuse an upgrade that this very program has not rehearsed lately on this home.

    Raises:
        SetupError: `UPGRADE_NOT_REHEARSED`.
    """
    with suppress(OSError, ValueError, TypeError, KeyError):
        told: dict[str, Any] = json.loads((home.backups / _RECORD).read_text("utf-8"))
        same = (told["program"], told["version_before"]) == (code_digest(), version_before)
        if same and now - datetime.fromisoformat(told["at"]) <= REHEARSAL_HOLDS:
            return
    raise SetupError("UPGRADE_NOT_REHEARSED")


def database_version(owner: URL) -> str:
    """The version of a home's database.

    Raises:
        StorageError: `DATABASE_EMPTY`, and what `version_of` and `as_owner` raise.
    """
    with as_owner(owner) as connection:
        version = version_of(connection)
    if version is None:
        raise StorageError("DATABASE_EMPTY")
    return version


def unfinished(home: Home, owner: URL) -> Kept | None:
    """The backup of an upgrade that was cut off after its migration, if nothing is recorded since.

    Raises:
        StorageError: what `as_owner` and `migrations.pending` raise.
    """
    found = newest_unfinished(home.backups)
    if found is None:
        return None
    file, note = found
    with as_owner(owner) as connection:
        if pending(connection) or _compared(connection, note.columns) != note.rows:
            return None
        columns = columns_in(connection)
        return Kept(file, note, columns, rows_in(connection, columns))


def upgrade(
    home: Home,
    url: URL,
    clock: Clock,
    progress: Progress,
    backed_up: Callable[[Path], object] = lambda _: None,
) -> Upgraded:
    """Back up, migrate, and look whether all is as it was; one that was cut off goes on.

    Args:
        home: a home that nothing works on.
        url: its database.
        clock: for what is past its time.
        progress: tells of each part.
        backed_up: told where the way back is, before anything changes.

    Raises:
        StorageError: what `keep_as_it_is` and `migrate_home` raise; `MIGRATION_LOST_ROWS` where a
            row that may never change is not there as it was.
    """
    owner = owner_url(url)
    kept = unfinished(home, owner)
    if kept is None:
        with progress("backing up the database and the home's files"):
            kept = keep_as_it_is(home, owner, home.backups)
    backed_up(kept.file)
    with progress("migrating"):
        migrate_home(home, url)
        write_instance_configuration(home)
    with progress("looking whether all is as it was"):
        after = _note_end(home, owner, kept)
        if lost(kept.rows, after):
            raise StorageError("MIGRATION_LOST_ROWS")
        return Upgraded(kept.file, verification(home, owner, clock))


def _note_end(home: Home, owner: URL, kept: Kept) -> Rows:
    """Beside a backup, what there is now that the upgrade is done. Gives the kept rows."""
    with as_owner(owner) as connection:
        connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        after = rows_in(connection, kept.columns)
        worked_on = _is_worked_on(connection, kept, after)
        rows = fingerprints_in(connection, dict.fromkeys(sorted(metadata.tables)))
    note = ended(kept.note, rows, digests_of(home))
    write_note(kept.file, replace(note, recorded=worked_on))
    return after


def _is_worked_on(connection: sa.Connection, kept: Kept, after: Rows) -> bool:
    """Whether there is what no migration writes: somebody's, which may not be forgotten."""
    note = kept.note
    if any(after[table] - kept.rows[table] for table in after if table in note.columns):
        return True
    others = {table: names for table, names in note.columns.items() if table not in after}
    return _compared(connection, others) != {table: note.rows[table] for table in others}


def _compared(connection: sa.Connection, columns: Columns) -> Fingerprints | None:
    """Of these tables; None where a migration took one or a column away."""
    now = compared_in(connection)
    if any(set(names) - set(now.get(table, ())) for table, names in columns.items()):
        return None
    return fingerprints_in(connection, dict(columns))
