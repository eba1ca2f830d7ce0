"""Giving a home another master key while it is at work, and knowing a rotated one after a restore.

The order is the whole of it: the new key lies in the file beside the one in use; the database says
that it is the one in use, in one statement that waits for nobody longer than a key takes to write;
every key of a group-day is wrapped anew; the earlier master key goes. Whatever cuts it off, both
are there or only the new one is needed, and the same command goes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import SetupError, StorageError
from resources.base.database.tables import home as home_table
from resources.base.home import Home
from resources.base.keys.key_store import wipe
from resources.base.keys.keys_of_home import take_master
from resources.base.keys.long_lived_keys import LongLived, check_of, load_key, load_keys
from resources.base.keys.master_rotation import opens_all, put_in, rewrap, take_out_earlier
from resources.maintenance.database_setup import as_owner
from resources.stores import ledger

_ROTATING = 0x6B657973
"""Of the advisory lock that one rotation holds; any number that nobody else has."""


@dataclass(frozen=True)
class Rotated:
    """A home with another master key.

    Attributes:
        keys: of group-days, that it opens.
        damaged: that neither it nor the earlier one opens, nor opened before.
        earlier_is_gone: whether no file holds the earlier one; False where the environment gives
            both.
    """

    keys: int
    damaged: int
    earlier_is_gone: bool


def rotate_master(home: Home, owner: URL, now: datetime) -> Rotated:
    """Give a home another master key, or go on with a rotation that was cut off.

    Args:
        home: the home; it may be at work.
        owner: the owner's URL of its database (`owner_url`).
        now: for the ledger.

    Raises:
        SetupError: `KEY_ROTATION_RUNNING` beside another one; what `put_in` raises.
        StorageError: what `put_in`, `rewrap`, `take_out_earlier` and `as_owner` raise.
    """
    with _alone(owner):
        _require_own(home, owner)
        new = put_in(home.secrets)
        _put_to_use(home, owner, new, now)
        _, *earlier = load_keys(LongLived.MASTER, home.secrets, check_of(LongLived.MASTER, new))
        found = rewrap(home.keys, new, earlier)
        with as_owner(owner) as connection:
            take_master(connection)
            gone = take_out_earlier(home.secrets, new)
    return Rotated(found.keys, found.damaged, gone)


@contextmanager
def _alone(owner: URL) -> Iterator[None]:
    with as_owner(owner) as connection:
        lock = sa.text("SELECT pg_try_advisory_xact_lock(:key)")
        if not connection.execute(lock, {"key": _ROTATING}).scalar_one():
            raise SetupError("KEY_ROTATION_RUNNING")
        yield


def _require_own(home: Home, owner: URL) -> None:
    """Refuse to rotate a key that is another home's."""
    with as_owner(owner) as connection:
        check = connection.execute(sa.select(home_table.c.master_check)).scalar_one()
    load_key(LongLived.MASTER, home.secrets, check)


def _put_to_use(home: Home, owner: URL, new: bytes, now: datetime) -> None:
    check = check_of(LongLived.MASTER, new)
    with as_owner(owner) as connection:
        # From here nobody is writing a key, and whoever writes the next one finds this.
        take_master(connection)
        for partial in home.keys.glob(".*.partial"):
            wipe(partial)
        changed = home_table.c.master_check.is_distinct_from(check)
        done = connection.execute(home_table.update().where(changed).values(master_check=check))
        if done.rowcount:
            ledger.record(connection, ledger.Kind.MASTER_KEY_ROTATED, 1, now)


def know_later_master(home: Home, owner: URL) -> bool:
    """Tell a database that came back from before a rotation which master key the home has since.

    The member key is never rotated, so it says whose the keys are; and the master key has to open
    every key of a group-day that is there.

    Args:
        home: the home; nothing works on it.
        owner: the owner's URL of its database.

    Returns:
        Whether the database knew an earlier one. Where a key is missing or is another home's all
        stays as it is, and says so when it is needed.

    Raises:
        StorageError: what `as_owner` raises.
    """
    columns = (home_table.c.master_check, home_table.c.member_check)
    with as_owner(owner) as connection:
        take_master(connection)
        master_check, member_check = connection.execute(sa.select(*columns)).one()
        if master_check is None or member_check is None:
            return False
        try:
            load_key(LongLived.MEMBER, home.secrets, member_check)
            master = load_key(LongLived.MASTER, home.secrets)
        except StorageError:
            return False
        check = check_of(LongLived.MASTER, master)
        if check == master_check or not opens_all(home.keys, master):
            return False
        connection.execute(home_table.update().values(master_check=check))
        return True
