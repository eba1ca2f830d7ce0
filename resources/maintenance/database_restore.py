"""Filling an empty database from a backup, so that it can be begun again wherever it is cut off."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import StorageError
from resources.base.database.grants import create_roles
from resources.maintenance.database_backup import read_backup
from resources.maintenance.database_setup import as_owner, drop_everything, is_empty, set_up

_MARK = "tideline_restoring_{}"
"""An empty schema: a database that has it holds nothing but what the restore of that name brought.

Named, so that one that a crash left in a database at work gives nobody leave to empty it.
"""


def fill(owner: URL, dump: Path, name: str) -> None:
    """Fill a database with what `write_backup` wrote; `done` is to follow.

    Args:
        owner: the owner's URL (`owner_url`).
        dump: the file.
        name: of the restore, the same when it is begun again (hex digits).

    Raises:
        StorageError: `DATABASE_NOT_EMPTY` where it holds anything but an earlier restore's
            beginning, `BACKUP_UNREADABLE`, and what `set_up` raises.
    """
    if _is_begun(owner, name):
        drop_everything(owner)
    elif not is_empty(owner):
        raise StorageError("DATABASE_NOT_EMPTY")
    with as_owner(owner) as connection:
        connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {_MARK.format(name)}"))
        # They are the server's, and what the backup grants is granted to them.
        create_roles(connection)
    read_backup(owner, dump)
    set_up(owner)


def done(owner: URL, name: str) -> None:
    """Say that a restore is whole: nothing of it may be taken for a beginning any more."""
    with as_owner(owner) as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {_MARK.format(name)}"))


def take_back(owner: URL, name: str) -> None:
    """Empty a database that `fill` began to fill."""
    if _is_begun(owner, name):
        drop_everything(owner)
        done(owner, name)


def _is_begun(owner: URL, name: str) -> bool:
    with as_owner(owner) as connection:
        return _MARK.format(name) in sa.inspect(connection).get_schema_names()
