"""Writing all of a home that must last into one file, while the home is at work."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import SetupError
from resources.base.database.connection import Database
from resources.base.database.migrations import newest_version
from resources.base.database.roles import owner_url
from resources.base.database.tables import home as home_table
from resources.base.database.tables import pulse_answers
from resources.base.files import make_folder
from resources.base.home import Home, inbox_beside
from resources.maintenance import backup_archive, database_backup
from resources.maintenance.backup_archive import Manifest, Part, write_archive
from resources.maintenance.database_backup import write_backup
from resources.maintenance.home_contents import taken, unknown
from resources.stores import ledger
from resources.stores.scores.lost_in_restore import NOT_BACKED_UP


@dataclass(frozen=True)
class Written:
    """A backup that was written.

    Attributes:
        file: where.
        size: in bytes.
        unknown: names in the home of which nobody has said whether they are to be kept; left out.
    """

    file: Path
    size: int
    unknown: list[str]


def back_up(home: Home, url: URL, target: Path, recipients: Sequence[str] = ()) -> Written:
    """Write a home's backup.

    The database is read as of one moment, and the journals after it: a line is noted before its row
    is committed, so they hold all that the database tells of. Newer ones may go with an older
    database, never the other way round.

    Args:
        home: the home.
        url: its database (`postgres_url`).
        target: the file to be written, or a folder for one that is named by home and moment.
        recipients: public keys of age that it is sealed to.

    Raises:
        SetupError: `BACKUP_INSIDE_HOME`, `FILE_EXISTS`, `RECIPIENT_INVALID`.
        StorageError: what `write_backup` and `write_archive` raise; nothing is left behind. What
            `Database.transaction` raises where the whole file could not be noted in the ledger.
    """
    made_at = datetime.now(UTC)
    file = _file(home, target, made_at)
    make_folder(home.backups)
    # Where `lifetimes` finds it if a crash leaves it.
    name = f"{made_at:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}{database_backup.SUFFIX}"
    dump = home.backups / name
    try:
        write_backup(owner_url(url), dump, without_rows_of=(*NOT_BACKED_UP, pulse_answers))
        size = write_archive(file, _manifest(home, url, made_at), dump, _parts(home), recipients)
    finally:
        dump.unlink(missing_ok=True)
    _record(url, made_at)
    return Written(file, size, unknown(path.name for path in home.root.iterdir()))


def _record(url: URL, made_at: datetime) -> None:
    """Note in the ledger that there is one as of this moment; `tideline doctor` asks for it."""
    database = Database(url)
    try:
        with database.transaction() as connection:
            ledger.record(connection, ledger.Kind.BACKUP_WRITTEN, 1, made_at)
    finally:
        database.dispose()


def _file(home: Home, target: Path, made_at: datetime) -> Path:
    file = target.expanduser().resolve()
    if file.is_dir():
        name = f"tideline-{home.config.home_id[:8]}-{made_at:%Y%m%dT%H%M%SZ}"
        file /= f"{name}{backup_archive.SUFFIX}"
    if any(file.is_relative_to(one) for one in (home.root, home.secrets)):
        raise SetupError("BACKUP_INSIDE_HOME")
    if file.exists():
        raise SetupError("FILE_EXISTS")
    return file


def _manifest(home: Home, url: URL, made_at: datetime) -> Manifest:
    columns = {"master": home_table.c.master_check, "member": home_table.c.member_check}
    database = Database(url)
    with database.transaction() as connection:
        row = connection.execute(sa.select(*columns.values())).one()
    database.dispose()
    return Manifest(
        home.config.home_id,
        made_at.isoformat(timespec="seconds"),
        newest_version(),
        home.config.inbox == str(inbox_beside(home.root)),
        {name: check for name, check in zip(columns, row, strict=True) if check is not None},
    )


def _parts(home: Home) -> Iterator[Part]:
    for one in taken(home.root):
        files = [one] if one.is_file() else sorted(one.rglob("*"))
        for path in files:
            # Hidden are locks, and what somebody is still writing.
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(home.root).as_posix(), partial(_content, path)


def _content(path: Path) -> bytes:
    return path.read_bytes()
