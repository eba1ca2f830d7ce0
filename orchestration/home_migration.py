"""Bringing an older home to this version: its database first, then what lies beside it."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
import yaml
from sqlalchemy.engine import URL

from assets.core.errors import StudyError
from assets.core.modes import Mode
from resources.base.database.connection import Database
from resources.base.database.migrations import newest_version
from resources.base.database.roles import owner_url
from resources.base.database.tables import member_events, seen_senders, told_names
from resources.base.files import PASSABLE_FOLDER, make_folder, write_once
from resources.base.home import CONTACT_NOT_SET, Home
from resources.base.keys.long_lived_keys import LongLived, check_of, load_key, make_key
from resources.maintenance.database_backup import SUFFIX, write_backup
from resources.maintenance.database_setup import as_owner, mark_keys, set_up
from resources.stores.consent.leaving_journal import LeavingJournal
from resources.stores.consent.sealed_lines import Sealing
from resources.stores.study.made_up import write_made_up_register
from resources.stores.study.older_record import bring_along
from resources.stores.study.register import file_of, read_register
from resources.stores.study.standing import MADE_UP_CONTACT, findings
from resources.wiring.ways_out import WaysOut


def backup_of(home: Home, owner: URL) -> Path:
    """Write the database to a new file in `HOME/backups` (0600); `lifetimes` deletes it in time.

    Raises:
        StorageError: `BACKUP_FAILED`.
    """
    make_folder(home.backups)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    file = home.backups / f"{stamp}-before-{newest_version()}{SUFFIX}"
    write_backup(owner, file)
    return file


def migrate_home(home: Home, url: URL) -> None:
    """Do all that is pending; again, it does nothing.

    Args:
        home: the home.
        url: its database (`postgres_url`).

    Raises:
        StorageError: what `set_up` raises, `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    owner = owner_url(url)
    set_up(owner)
    _complete_keys(home, owner)
    mark_keys(owner, key_checks(home))
    migrate_files(home, url)


def migrate_files(home: Home, url: URL, sealing: Sealing | None = None) -> None:
    """Bring what lies beside a migrated database to this version.

    Args:
        home: the home.
        url: its database.
        sealing: of what members said, in a leaving journal that is begun (default: by the home's
            member key).

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`, `MEMBER_KEY_MISSING` where what members
            said is to be noted, and what `Database.transaction` raises.
    """
    reconciliation = WaysOut(home, Database(url)).reconciliation
    if sealing is not None:
        journal = LeavingJournal(home.leaving_journal, sealing)
        reconciliation = replace(reconciliation, leaving=journal)
    if not reconciliation.leaving.begun():
        # From here on it is what a restored database is held against.
        reconciliation.rebuild(datetime.now(UTC))
    # The version before left them as the caller's umask made them.
    home.root.chmod(PASSABLE_FOLDER)
    bring_register_along(home)
    for name in ("home.yaml", "study.yaml"):
        if (home.root / name).exists():
            (home.root / name).chmod(0o600)


def bring_register_along(home: Home) -> None:
    """Give a home of an earlier version a study register: drafts, or a made-up one.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    if home.config.mode is Mode.STUDY:
        bring_along(home)
    elif home.config.mode is Mode.SYNTHETIC and not _is_complete(home):
        if home.config.contact == CONTACT_NOT_SET:
            # What the version before wrote for want of a contact, which no page shows any more.
            config = home.config.model_copy(update={"contact": MADE_UP_CONTACT})
            home = Home(home.root, config)
            content = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)
            write_once(home.root / "home.yaml", content.encode())
        write_made_up_register(home, home.config.first_day)


def _is_complete(home: Home) -> bool:
    """Whether a home of made-up data has a register that answers all that is asked by now."""
    if not file_of(home).exists():
        return False
    with suppress(StudyError):
        register = read_register(file_of(home))
        if register.made_up:
            found = findings(home, register, home.config.first_day)
            return not any(one.code == "STUDY_ENTRY_INCOMPLETE" for one in found)
    return True


def key_checks(home: Home) -> dict[str, str]:
    """By what the home's keys are known, of those that are there."""
    checks = {}
    for which in LongLived:
        if which.value.is_given(home.secrets):
            key = load_key(which, home.secrets)
            checks[f"{which.name.lower()}_check"] = check_of(which, key)
    return checks


def _complete_keys(home: Home, owner: URL) -> None:
    """Make the keys that the version before made when they were first needed, if never."""
    with as_owner(owner) as connection:
        members_marked = any(
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()
            for table in (member_events, seen_senders, told_names)
        )
    if not any(home.keys.iterdir()):
        make_key(LongLived.MASTER, home.secrets)
    if not members_marked:
        make_key(LongLived.MEMBER, home.secrets)
