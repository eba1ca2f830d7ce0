"""Rehearsing an upgrade on a copy of a home, which is gone afterwards and never held a key.

The copy has the database without scores, in a server of its own, and the home's small files. It is
migrated, looked at, and put back as it was; nothing is read, drawn or published in it.
"""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy.engine import URL

from assets.core.errors import StorageError, TidelineError
from orchestration.home_migration import key_checks, migrate_files
from orchestration.upgrade import (
    Progress,
    Rehearsal,
    database_version,
)
from orchestration.upgrade_backup import keep_as_it_is, put_files_back
from orchestration.verification import verification
from resources.base.clock import Clock
from resources.base.database.grants import create_roles
from resources.base.database.migrations import newest_version
from resources.base.database.postgres import embedded_url, stop_embedded
from resources.base.database.roles import LOGINS, owner_url
from resources.base.files import make_folder
from resources.base.home import Home, load_home
from resources.base.program import code_digest
from resources.maintenance.database_backup import REHEARSAL, held, is_left, read_backup
from resources.maintenance.database_setup import (
    EMPTYING,
    LOCKING,
    as_owner,
    mark_keys,
    set_up,
)
from resources.maintenance.kept_rows import columns_of, counts, lost, rows_of
from resources.stores.consent.sealed_lines import Sealing
from resources.stores.published.releases import Releases


def rehearse(home: Home, url: URL, clock: Clock, progress: Progress) -> Rehearsal:
    """Bring a copy of a home to this version and back, and say what that took.

    Args:
        home: the home, which may be at work; nothing of it changes.
        url: its database.
        clock: for what is past its time.
        progress: tells of each part.

    Raises:
        AuditError: what `verification` found in the migrated copy.
        StorageError: `MIGRATION_LOST_ROWS`, `ROLLBACK_DIFFERS`, and what backup, restore and
            migration raise. Nothing of the copy is left.
    """
    version_before, checks = database_version(owner_url(url)), key_checks(home)
    with _scratch(home) as folder:
        began = time.monotonic()
        with progress("backing up the home"):
            file = keep_as_it_is(home, owner_url(url), folder / "backup", scores=False).file
        backed_up = time.monotonic()
        copy = Home(folder / "home", home.config)
        with _no_server_of_the_home():
            own = embedded_url(copy.postgres)
            with progress("restoring it to a server of its own"):
                with as_owner(own) as connection:
                    create_roles(connection)
                read_backup(own, file)
                put_files_back(file, copy.root)
                columns = columns_of(own)
                before = rows_of(own, columns)
            restored = time.monotonic()
            with progress("migrating it, and looking whether all is as it was"):
                set_up(own)
                mark_keys(own, checks)
                # The copy has no member key, and nobody is to open what it notes.
                nobodys = Sealing(partial(secrets.token_bytes, 32))
                migrate_files(load_home(copy.root), own, nobodys)
                if lost(before, rows_of(own, columns)):
                    raise StorageError("MIGRATION_LOST_ROWS")
                releases = Releases(home.public)
                verification(copy, own, clock, releases=releases).require_none()
            upgraded = time.monotonic()
            with progress("putting it back as it was"):
                read_backup(own, file, first=[LOCKING, *EMPTYING])
                put_files_back(file, copy.root)
                if (database_version(own), rows_of(own, columns)) != (version_before, before):
                    raise StorageError("ROLLBACK_DIFFERS")
            ended = time.monotonic()
    return Rehearsal(
        program=code_digest(),
        version_before=version_before,
        version=newest_version(),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        rows=sum(counts(before).values()),
        backup_seconds=round(backed_up - began, 1),
        upgrade_seconds=round(upgraded - restored, 1),
        rollback_seconds=round(ended - upgraded, 1),
    )


@contextmanager
def _scratch(home: Home) -> Iterator[Path]:
    """A private folder on the home's own disk, gone afterwards with the server in it.

    One that a killed rehearsal left goes first; `lifetimes` deletes it else.
    """
    make_folder(home.backups)
    for left in home.backups.glob(f"{REHEARSAL}*"):
        if is_left(left):
            _delete(left)
    folder = Path(tempfile.mkdtemp(prefix=REHEARSAL, dir=home.backups))
    try:
        make_folder(folder / "home")
        with held(folder):
            yield folder
    finally:
        _delete(folder)


def _delete(folder: Path) -> None:
    data = folder / "home" / "postgres"
    if (data / "postmaster.pid").exists():
        # One that a killed process left running.
        with suppress(TidelineError):
            embedded_url(data)
    stop_embedded(data)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _no_server_of_the_home() -> Iterator[None]:
    """Without the variables that name the home's server: for a role they win over any URL."""
    before = {name: os.environ.pop(name) for name in LOGINS if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(before)
