"""Trying a migration on a copy of the database, which is deleted afterwards."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from assets.core.errors import StorageError, refuse_as
from resources.base.database.migrations import Migration
from resources.maintenance.database_backup import read_backup, write_backup
from resources.maintenance.database_setup import set_up


def rehearse(owner: URL, folder: Path) -> list[Migration]:
    """Migrate a copy and say what was done.

    Args:
        owner: the owner's URL of the home's database, which stays as it is.
        folder: where the copy's file lies meanwhile.

    Raises:
        StorageError: `REHEARSAL_NOT_POSSIBLE` where the login may not make a database, and what
            `write_backup`, `read_backup` and `set_up` raise.
    """
    with tempfile.TemporaryDirectory(dir=folder) as here, _empty_database(owner) as copy:
        file = Path(here) / "copy.dump"
        write_backup(owner, file)
        read_backup(copy, file)
        return set_up(copy)


@contextmanager
def _empty_database(url: URL) -> Iterator[URL]:
    name = f"rehearsal_{secrets.token_hex(6)}"
    server = sa.create_engine(
        url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool, hide_parameters=True
    )
    refused = StorageError("REHEARSAL_NOT_POSSIBLE")
    with refuse_as(refused, SQLAlchemyError), server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE template0"))
    try:
        yield url.set(database=name)
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
