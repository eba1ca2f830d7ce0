"""Bringing a home to this version, with a backup, a look at the outcome, and a way back."""

import json
import tarfile
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import SetupError, StorageError, refuse_as
from orchestration.home_migration import migrate_home
from orchestration.instance_files import write_instance_configuration
from orchestration.verification import Verification, verification
from resources.base.clock import Clock
from resources.base.database.migrations import newest_version, version_of
from resources.base.database.roles import owner_url
from resources.base.files import make_folder, new_private_file, write_once
from resources.base.home import Home
from resources.base.program import code_digest
from resources.maintenance.database_backup import SUFFIX, read_backup, write_backup
from resources.maintenance.database_setup import as_owner, drop_everything
from resources.maintenance.home_contents import taken
from resources.maintenance.kept_rows import columns_of, fingerprints, lost, rows_of
from resources.stores.scores.lost_in_restore import NOT_BACKED_UP

Progress = Callable[[str], AbstractContextManager[object]]

REHEARSAL_HOLDS = timedelta(days=7)
"""How long a rehearsal counts: the home it was of is not much another one."""

_RECORD = "rehearsal.json"
_FILES = ".files"
_WRITTEN_ANEW = "public"
"""A migration writes nothing there, and it is large."""


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


def keep_as_it_is(home: Home, owner: URL, folder: Path, *, scores: bool = True) -> Path:
    """Write the database and the home's files to two files (0600); no key, nothing that is public.

    Args:
        home: the home.
        owner: the owner's URL of its database.
        folder: where; `lifetimes` deletes them in time from the home's own.
        scores: whether with vectors and scores, whose keys are elsewhere.

    Returns:
        That of the database; the other's name is the same with `.files` before the suffix.

    Raises:
        StorageError: what `write_backup` raises, `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    make_folder(folder)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    file = folder / f"{stamp}-before-{newest_version()}{SUFFIX}"
    write_backup(owner, file, without_rows_of=() if scores else NOT_BACKED_UP)
    with (
        refuse_as(StorageError("BACKUP_FAILED"), OSError, tarfile.TarError),
        new_private_file(_files_beside(file)) as out,
        tarfile.open(fileobj=out, mode="w") as tar,
    ):
        for one in taken(home.root):
            if one.name != _WRITTEN_ANEW:
                tar.add(one, one.relative_to(home.root))
    return file


def put_files_back(file: Path, root: Path) -> None:
    """Put a home's files back as they were when `keep_as_it_is` wrote this file of its database.

    Raises:
        StorageError: `BACKUP_UNREADABLE`.
    """
    damaged = StorageError("BACKUP_UNREADABLE")
    with (
        refuse_as(damaged, OSError, tarfile.TarError),
        tarfile.open(_files_beside(file)) as tar,
    ):
        tar.extractall(root, filter="data")


def upgrade(home: Home, url: URL, clock: Clock, progress: Progress) -> Upgraded:
    """Back up, migrate, and look whether all is as it was.

    Args:
        home: a home that nothing works on.
        url: its database.
        clock: for what is past its time.
        progress: tells of each part.

    Raises:
        StorageError: what `keep_as_it_is` and `migrate_home` raise; `MIGRATION_LOST_ROWS` where a
            row that may never change is not there as it was.
    """
    owner = owner_url(url)
    with progress("backing up the database and the home's files"):
        backup = keep_as_it_is(home, owner, home.backups)
        columns = columns_of(owner)
        before = rows_of(owner, columns)
    with progress("migrating"):
        migrate_home(home, url)
        write_instance_configuration(home)
    with progress("looking whether all is as it was"):
        after = rows_of(owner, columns)
        _note_end(backup, owner)
        if lost(before, after):
            raise StorageError("MIGRATION_LOST_ROWS")
        return Upgraded(backup, verification(home, owner, clock))


def roll_back(home: Home, url: URL, file: Path) -> str:
    """Put a home back as it was before an upgrade, while nothing has been recorded since.

    Args:
        home: the home.
        url: its database.
        file: the backup that `upgrade` wrote.

    Returns:
        The version that the database has now.

    Raises:
        SetupError: `FILE_NOT_FOUND`, `ROLLBACK_TOO_LATE` where something has been recorded.
        StorageError: `BACKUP_UNREADABLE`, and what `as_owner` raises. Cut off, it is done again.
    """
    owner = owner_url(url)
    end = _end_beside(file)
    with refuse_as(SetupError("FILE_NOT_FOUND"), OSError, ValueError):
        told = json.loads(end.read_text("utf-8"))
    with as_owner(owner) as connection:
        begun = sa.inspect(connection).has_table("home", "restricted")
    # Emptied by a rollback that was cut off, it holds nothing that could be lost.
    if begun and fingerprints(owner) != told:
        raise SetupError("ROLLBACK_TOO_LATE")
    drop_everything(owner)
    read_backup(owner, file)
    put_files_back(file, home.root)
    return database_version(owner)


def _note_end(file: Path, owner: URL) -> None:
    """Beside a backup, what there was when the upgrade was done."""
    write_once(_end_beside(file), json.dumps(fingerprints(owner)).encode())


def _files_beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}{_FILES}{SUFFIX}")


def _end_beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}.rows{SUFFIX}")
