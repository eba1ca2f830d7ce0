"""Short locks by which those who leave and those who store never pass each other unseen.

Each is held to the end of a transaction of a few statements, so nobody waits longer than those
take. Who stores something of a group holds it still and looks whether it has left; who leaves takes
it for itself: what was stored before is found by the deletion, and what comes after sees the
leaving. Groups are locked before the register, and several groups in the order of their names.
"""

import hashlib
from collections.abc import Iterable

import sqlalchemy as sa

_REGISTER = "consent register"


def hold_groups(connection: sa.Connection, group_refs: Iterable[str]) -> None:
    """Let nobody of these groups leave until the transaction ends."""
    for group_ref in sorted(set(group_refs)):
        _lock(connection, "pg_advisory_xact_lock_shared", f"group|{group_ref}")


def take_group(connection: sa.Connection, group_ref: str) -> None:
    """Let nothing of the group be stored until the transaction ends."""
    _lock(connection, "pg_advisory_xact_lock", f"group|{group_ref}")


def hold_register(connection: sa.Connection) -> None:
    """Let no consent be recorded or withdrawn until the transaction ends."""
    _lock(connection, "pg_advisory_xact_lock_shared", _REGISTER)


def take_register(connection: sa.Connection) -> None:
    """Let no region-day be debited or closed until the transaction ends."""
    _lock(connection, "pg_advisory_xact_lock", _REGISTER)


def take_retractions(connection: sa.Connection, region: str) -> None:
    """Let no other retraction of the region be recorded, nor a day of it be stored."""
    _lock(connection, "pg_advisory_xact_lock", f"retractions|{region}")


def _lock(connection: sa.Connection, function: str, name: str) -> None:
    digest = hashlib.sha256(name.encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    connection.execute(sa.text(f"SELECT {function}(:key)"), {"key": key})
