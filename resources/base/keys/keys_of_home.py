"""A home's master and member key, known to be its own by what its database says of them.

Which master key is in use the database says alone, so that a rotation is one statement. Whoever
reads that and then the file holds a lock meanwhile, and so does who wraps a key by it: none is
wrapped by one that has just been replaced.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from assets.core.errors import StorageError
from resources.base.database.connection import Database
from resources.base.database.tables import home
from resources.base.keys.long_lived_keys import LongLived, load_key, load_keys


class KeysOfHome:
    """Opens the keys of one home.

    Args:
        folder: of the home's secrets.
        database: the home's.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database

    def master(self) -> bytes:
        """The master key; raises as `load_key` does."""
        return self.masters()[0]

    def masters(self) -> tuple[bytes, ...]:
        """The master key that is in use, then another while it is rotated; raises as `master`."""
        with self._unchanging() as keys:
            return keys

    @contextmanager
    def making(self) -> Iterator[bytes]:
        """The master key, which stays in use until this is left; raises as `master`."""
        with self._unchanging() as keys:
            yield keys[0]

    @contextmanager
    def _unchanging(self) -> Iterator[tuple[bytes, ...]]:
        with self._database.transaction() as connection:
            _lock(connection, "pg_advisory_xact_lock_shared")
            check = connection.execute(sa.select(home.c.master_check)).scalar_one()
            yield load_keys(LongLived.MASTER, self._folder, check)

    def member(self) -> bytes:
        """The member key; raises as `load_key` does."""
        with self._database.transaction() as connection:
            check = connection.execute(sa.select(home.c.member_check)).scalar_one()
        return load_key(LongLived.MEMBER, self._folder, check)

    def has_member(self) -> bool:
        """Whether the member key is there, and the home's own."""
        try:
            self.member()
        except StorageError:
            return False
        return True


def take_master(connection: sa.Connection) -> None:
    """Let nobody load or use the master key until the transaction ends."""
    _lock(connection, "pg_advisory_xact_lock")


def _lock(connection: sa.Connection, function: str) -> None:
    key = int.from_bytes(hashlib.sha256(b"master key").digest()[:8], "big", signed=True)
    connection.execute(sa.text(f"SELECT {function}(:key)"), {"key": key})
