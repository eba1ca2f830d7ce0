"""Writing a database to a file and reading it back, with the PostgreSQL tools that come along."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, cast

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from assets.core.errors import SetupError, StorageError, refuse_as
from resources.base.database.embedded_postgres.binaries import (
    MAJOR,
    clean_environment,
    client_command,
    run_client,
    tool,
)
from resources.base.files import made_before

LOCK_TIMEOUT = "10s"
"""How long whoever changes the tables waits for those who work on them."""

SUFFIX = ".dump"
REHEARSAL = "rehearsal-"
"""What the folder of a rehearsal begins with, which a killed one leaves among the backups."""

REFUSED = "TL001"
"""SQLSTATE of a statement given to `read_backup` where the database may not be emptied."""

_BLOCKED = (b"55P03", b"40P01")
"""No lock within its time, or a deadlock."""
_NO_TIME_LIMIT = (
    "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings"
    " WHERE name = 'transaction_timeout';\n"
)
_SETTINGS = (
    "SET LOCAL client_min_messages = 'error';\n",
    f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}';\n",
)
_END_OF_HEAD = b"SELECT pg_catalog.set_config('search_path'"
"""What comes before it are settings; after it, a line may be of a row."""

_LONGEST_REHEARSAL = timedelta(days=1)
_TO_BE_HELD = timedelta(minutes=1)
"""Between a folder's making and its process's hold on it."""


def delete_backups(folder: Path, before: datetime, now: datetime) -> int:
    """Delete the backups that were written before a moment, and what rehearsals left.

    Args:
        folder: of the backups.
        before: the moment.
        now: a rehearsal that began a day before it has been killed, like one that nobody holds.

    Returns:
        How many.
    """
    due = [path for path in folder.glob(f"*{SUFFIX}") if made_before(path, before)]
    for path in due:
        path.unlink(missing_ok=True)
    left = [
        path
        for path in folder.glob(f"{REHEARSAL}*")
        if made_before(path, now - _LONGEST_REHEARSAL)
        or (made_before(path, now - _TO_BE_HELD) and is_left(path))
    ]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(due) + len(left)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a rehearsal's folder, until the process ends at the latest, so that it `is_left` not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # A file system without locks leaves it to the longest time.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_left(folder: Path) -> bool:
    """Whether the process whose rehearsal's folder it is has gone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def write_backup(
    url: URL,
    file: Path,
    *,
    without_rows_of: Sequence[sa.Table] = (),
    snapshot: str | None = None,
) -> None:
    """Write the whole database, as of one moment, to a file that `read_backup` reads.

    Args:
        url: the owner's (`owner_url`).
        file: to be written (0600).
        without_rows_of: tables that come back empty.
        snapshot: the moment, as an open transaction exported it (default: now).

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
            if snapshot is not None:
                options.append(f"--snapshot={snapshot}")
            failed = run_client("pg_dump", options, url, stdout=out).returncode != 0
    except OSError:
        failed = True
    if failed:
        file.unlink(missing_ok=True)
        raise StorageError("BACKUP_FAILED")


def read_backup(
    url: URL, file: Path, *, first: Sequence[str] = (), last: Sequence[str] = ()
) -> None:
    """Fill an empty database with what `write_backup` wrote, all of it or nothing.

    It is one transaction, which is committed only when the whole file has been read: whatever
    fails, the database is as it was. Servers of PostgreSQL 15 and later can hold it.

    Args:
        url: the owner's.
        file: the backup.
        first: statements before it, in the same transaction, as those that empty the database.
        last: statements after it, in the same transaction.

    Raises:
        SetupError: `ROLLBACK_TOO_LATE` where a statement of `first` raised `REFUSED`.
        StorageError: `BACKUP_UNREADABLE`; `MIGRATION_BLOCKED` where a running program holds the
            tables.
    """
    script = [_NO_TIME_LIMIT, "BEGIN ISOLATION LEVEL READ COMMITTED;\n", *_SETTINGS]
    script += [f"{one};\n" for one in first]
    options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=sqlstate"]
    command, environment = client_command("psql", options, url)
    whole = False
    with (
        refuse_as(StorageError("BACKUP_UNREADABLE"), OSError),
        _script_of(file) as source,
        subprocess.Popen(  # noqa: S603  (a list of arguments; no shell)
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as client,
    ):
        # It ends where a statement fails, and takes no more.
        with suppress(BrokenPipeError), cast("IO[bytes]", client.stdin) as sink:
            sink.write("".join(script).encode())
            _copy_script(cast("IO[bytes]", source.stdout), sink)
            if source.wait() == 0:
                sink.write("".join(f"{one};\n" for one in (*last, "COMMIT")).encode())
                sink.flush()
                whole = True
        said = cast("IO[bytes]", client.stderr).read()
    if client.returncode == 0 and whole:
        return
    # Only codes are in it (VERBOSITY), never data.
    if REFUSED.encode() in said:
        raise SetupError("ROLLBACK_TOO_LATE")
    blocked = any(code in said for code in _BLOCKED)
    raise StorageError("MIGRATION_BLOCKED" if blocked else "BACKUP_UNREADABLE")


@contextmanager
def _script_of(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """What `pg_restore` would have a server do, as SQL on its standard output."""
    with subprocess.Popen(  # noqa: S603  (a list of arguments; no shell)
        [tool("pg_restore"), "--no-owner", "--file=-", file],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as source:
        try:
            yield source
        finally:
            source.kill()


def _copy_script(source: IO[bytes], sink: IO[bytes]) -> None:
    """Copy it but for a setting of its head that servers before PostgreSQL 17 do not know."""
    for line in source:
        if line.strip() != b"SET transaction_timeout = 0;":
            sink.write(line)
        if line.startswith(_END_OF_HEAD):
            break
    shutil.copyfileobj(source, sink)


def _refuse_newer_server(url: URL) -> None:
    """`pg_dump` writes out servers of its own version and of older ones only."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    refused = StorageError("POSTGRES_NOT_REACHABLE")
    with refuse_as(refused, SQLAlchemyError), engine.connect() as connection:
        query = sa.text("SELECT current_setting('server_version_num')")
        version = int(str(connection.execute(query).scalar()))
    if version // 10_000 > MAJOR:
        raise StorageError("BACKUP_SERVER_NEWER")
