"""A home's master and member key, known to be its own by what its database says of them."""

from pathlib import Path

import sqlalchemy as sa

from assets.core.errors import StorageError
from resources.base.database.connection import Database
from resources.base.database.tables import home
from resources.base.keys.long_lived_keys import LongLived, load_key


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
        return load_key(LongLived.MASTER, self._folder, self._checks()[0])

    def member(self) -> bytes:
        """The member key; raises as `load_key` does."""
        return load_key(LongLived.MEMBER, self._folder, self._checks()[1])

    def has_member(self) -> bool:
        """Whether the member key is there, and the home's own."""
        try:
            self.member()
        except StorageError:
            return False
        return True

    def _checks(self) -> tuple[str | None, str | None]:
        with self._database.transaction() as connection:
            row = connection.execute(sa.select(home.c.master_check, home.c.member_check)).one()
        return row[0], row[1]
