"""Giving a home other keys while it is at work, and knowing rotated ones after a restore.

Of the master key the order is the whole of it: the new key lies in the file beside the one in use;
the database says that it is the one in use, in one statement that waits for nobody longer than a
key takes to write; every key of a group-day is wrapped anew; the earlier master key goes. Whatever
cuts it off, both are there or only the new one is needed, and the same command goes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import SetupError, StorageError
from resources.base.database.tables import home as home_table
from resources.base.home import Home, change_recipient
from resources.base.keys.key_store import wipe
from resources.base.keys.keys_of_home import take_master
from resources.base.keys.long_lived_keys import (
    LongLived,
    check_of,
    load_key,
    load_keys,
    rotate_identity,
)
from resources.base.keys.master_rotation import (
    opens_nearly_all,
    put_in,
    rewrap,
    take_out_earlier,
)
from resources.maintenance.database_setup import as_owner
from resources.stores import ledger
from resources.stores.consent.key_lines import Retirement, require_newest
from resources.stores.consent.leaving_journal import LeavingJournal

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
        before = connection.execute(sa.select(home_table.c.master_check)).scalar_one()
        if before != check:
            connection.execute(home_table.update().values(master_check=check))
            if before is not None:
                # Last before the commit, as whatever else the journal tells of.
                _retire(home, before, check, now)
            ledger.record(connection, ledger.Kind.MASTER_KEY_ROTATED, 1, now)


def rotate_inbox(home: Home, now: datetime) -> None:
    """Seal new files of the inbox to another key, or go on with a rotation that was cut off.

    Args:
        home: the home; it may be at work.
        now: for the journal.

    Raises:
        SetupError: what `rotate_identity` and `change_recipient` raise.
        StorageError: likewise; `DISK_NOT_WRITABLE`.
    """
    in_use = home.config.inbox_recipient
    newest = rotate_identity(home.secrets, in_use)
    _retire(home, in_use, newest, now)
    change_recipient(home, newest)


def _retire(home: Home, key: str, successor: str, now: datetime) -> None:
    LeavingJournal(home.leaving_journal).note_retired(Retirement(key, successor, now))


def require_newest_keys(home: Home, owner: URL, master: bytes, recipient: str) -> None:
    """Refuse keys of a backup that are not shown to be the home's newest.

    Args:
        home: the home that they are to be put back to.
        owner: the owner's URL of its database.
        master: the master key of the backup.
        recipient: the public key of its newest identity.

    Raises:
        SetupError: what `require_newest` raises.
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        in_use = connection.execute(sa.select(home_table.c.master_check)).scalar_one()
    retirements = LeavingJournal(home.leaving_journal).retirements()
    require_newest(retirements, check_of(LongLived.MASTER, master), in_use)
    require_newest(retirements, recipient, home.config.inbox_recipient)


def record_inbox_put_back(owner: URL, now: datetime) -> None:
    """Record in the ledger that new files are sealed to a key that was put back.

    Raises:
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        ledger.record(connection, ledger.Kind.INBOX_KEY_PUT_BACK, 1, now)


def know_later_master(home: Home, owner: URL, now: datetime, *, trusted: bool = False) -> bool:
    """Tell a database that came back from before a rotation which master key the home has since.

    The leaving journal says which one is the newest; the member key, which is never rotated, says
    whose the keys are; and the master key has to open the keys of group-days that are there, but
    for a few damaged ones.

    Args:
        home: the home; nothing works on it.
        owner: the owner's URL of its database.
        now: for the ledger.
        trusted: True where somebody answers for its being the newest, whatever the journal says.

    Returns:
        Whether the database knew another one. Where a key is missing, is another home's or opens
        too little, all stays as it is, and says so when it is needed.

    Raises:
        SetupError: what `require_newest` raises.
        StorageError: what `as_owner` raises.
    """
    columns = (home_table.c.master_check, home_table.c.member_check)
    with as_owner(owner) as connection:
        take_master(connection)
        master_check, member_check = connection.execute(sa.select(*columns)).one()
        try:
            master = load_key(LongLived.MASTER, home.secrets)
        except StorageError:
            return False
        check = check_of(LongLived.MASTER, master)
        if not trusted:
            retirements = LeavingJournal(home.leaving_journal).retirements()
            require_newest(retirements, check, master_check)
        if master_check in (None, check) or member_check is None:
            return False
        try:
            load_key(LongLived.MEMBER, home.secrets, member_check)
        except StorageError:
            return False
        if not opens_nearly_all(home.keys, master):
            return False
        connection.execute(home_table.update().values(master_check=check))
        ledger.record(connection, ledger.Kind.MASTER_KEY_PUT_BACK, 1, now)
        return True
