"""Whether the triggers that keep and chain what is recorded are all there, and do what they did."""

import hashlib
from collections.abc import Iterator

import sqlalchemy as sa

from resources.base.database.tables import APPEND_ONLY, CHAINED, DIGESTED, member_events

_AFTER_INSERT_OF_ROW = 5
_AFTER_INSERT_OR_DELETE_OF_ROW = 13
_BEFORE_ANY_CHANGE = 58
_BEFORE_UPDATE_OR_TRUNCATE = 50
_BEFORE_DELETE = 10

FUNCTIONS = "7fbc9a230fbb8fa2c11f29178f4c3ae46b3355c60754c0ff74b14ca393a3d1b8"
"""Digest of the functions' sources (`digest_of_functions`); set by who changes one."""

_TRIGGERS = sa.text(
    "SELECT tgrelid::regclass::text AS of_table, tgname, tgtype, tgargs, proname"
    " FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
    " JOIN pg_namespace ON pg_namespace.oid = pronamespace"
    " WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgqual IS NULL AND tgattr = ''"
    " AND nspname = 'restricted'"
)
_SOURCES = sa.text(
    "SELECT proname, prosrc, prosecdef, provolatile::text, array_to_string(proconfig, ' ')"
    " FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace"
    " WHERE nspname = 'restricted' ORDER BY proname, proargtypes::text"
)


def missing_triggers(connection: sa.Connection) -> Iterator[str]:
    """The tables of which a trigger is missing, switched off, or does something else.

    Args:
        connection: of any role that may read the catalogue, which is every one.
    """
    found = {
        (row.of_table, row.tgname, row.tgtype, row.proname, bytes(row.tgargs))
        for row in connection.execute(_TRIGGERS)
    }
    if digest_of_functions(connection) != FUNCTIONS:
        yield "functions"
    yield from sorted({one[0] for one in _expected() - found})


def digest_of_functions(connection: sa.Connection) -> str:
    """A digest of the source of every function of ours, 64 hex digits."""
    rows = [list(map(str, row)) for row in connection.execute(_SOURCES)]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _expected() -> set[tuple[str, str, int, str, bytes]]:
    expected = {
        (table.fullname, "append_only", _BEFORE_ANY_CHANGE, "refuse_change", b"")
        for table in APPEND_ONLY
    }
    for table in CHAINED:
        keys = b"".join(one.name.encode() + b"\0" for one in table.primary_key.columns)
        expected.add((table.fullname, "chained", _AFTER_INSERT_OF_ROW, "chain_row", keys))
    for table in DIGESTED:
        expected.add((table.fullname, "digested", _AFTER_INSERT_OF_ROW, "digest_row", b""))
    members = member_events.fullname
    return expected | {
        (members, "chained", _AFTER_INSERT_OR_DELETE_OF_ROW, "chain_member", b""),
        (members, "never_changed", _BEFORE_UPDATE_OR_TRUNCATE, "refuse_change", b""),
        (members, "deleted_when_due", _BEFORE_DELETE, "refuse_unless_due", b""),
    }
