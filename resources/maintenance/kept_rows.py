"""Rows of a database by digest: what no migration may change, and whether anything has changed."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import URL

from resources.base.database.tables import (
    APPEND_ONLY,
    DELETED_WHEN_DUE,
    WRITTEN_BY_TRIGGERS,
    home,
    metadata,
    method_breaks,
)
from resources.maintenance.database_setup import as_owner

Columns = Mapping[str, list[str]]
"""By table, its columns."""
Rows = Mapping[str, Counter[str]]
"""By table, how often each row's digest is there."""

_NAME, _DIGEST = re.compile("[a-z_][a-z0-9_]*"), re.compile("[0-9a-f]{32}")
_SETTINGS = ("SET LOCAL TimeZone = 'UTC'", "SET LOCAL DateStyle = 'ISO'")


def columns_of(owner: URL) -> Columns:
    """The tables whose rows are never changed, of those that a database has, and their columns.

    Args:
        owner: the owner's URL, as for all functions here.

    Raises:
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        return columns_in(connection)


def columns_in(connection: sa.Connection) -> Columns:
    """The same, as a transaction sees them."""
    return _columns(connection, (*APPEND_ONLY, *DELETED_WHEN_DUE))


def _columns(connection: sa.Connection, tables: Sequence[sa.Table]) -> Columns:
    inspector = sa.inspect(connection)
    return {
        table.fullname: sorted(
            one["name"] for one in inspector.get_columns(table.name, table.schema)
        )
        for table in tables
        if inspector.has_table(table.name, table.schema)
    }


def rows_of(owner: URL, columns: Columns) -> Rows:
    """Digests of all rows, over these columns alone.

    Raises:
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        return rows_in(connection, columns)


def rows_in(connection: sa.Connection, columns: Columns) -> Rows:
    """The same, as a transaction sees them."""
    for setting in _SETTINGS:
        connection.execute(sa.text(setting))
    return {table: _digests(connection, table, names) for table, names in columns.items()}


def _digests(connection: sa.Connection, table: str, names: list[str]) -> Counter[str]:
    query = f"SELECT md5({_row(names)}::text) AS digest FROM {table}"  # noqa: S608
    return Counter(connection.execute(sa.text(query)).scalars())


def lost(before: Rows, after: Rows) -> list[str]:
    """Tables of which a row is not there any more as it was."""
    return [table for table, rows in before.items() if rows - after.get(table, Counter())]


def counts(rows: Rows) -> dict[str, int]:
    """How many rows each table has."""
    return {table: found.total() for table, found in rows.items()}


_MIGRATIONS_WRITE = {one.fullname for one in (home, method_breaks, *WRITTEN_BY_TRIGGERS)}


def compared_in(connection: sa.Connection) -> Columns:
    """All tables that no migration writes to, and their columns: what changes there is somebody's.

    What triggers write goes with a row of another table.
    """
    tables = [one for one in metadata.sorted_tables if one.fullname not in _MIGRATIONS_WRITE]
    return _columns(connection, tables)


Fingerprints = Mapping[str, str | None]
"""By table, one digest of all of its rows; None of an empty one."""


def fingerprints(owner: URL) -> Fingerprints:
    """Of each of our tables.

    Raises:
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        return fingerprints_in(connection, dict.fromkeys(sorted(metadata.tables)))


def fingerprints_in(
    connection: sa.Connection, columns: Mapping[str, list[str] | None]
) -> Fingerprints:
    """Of these tables, over these columns alone (None: all), as a transaction sees them."""
    for setting in _SETTINGS:
        connection.execute(sa.text(setting))
    return {
        table: connection.execute(sa.text(_fingerprint(table, names))).scalar_one()
        for table, names in columns.items()
    }


def guard(columns: Mapping[str, list[str] | None], told: Fingerprints, refusal: str) -> list[str]:
    """Statements that fail where tables are not as they were.

    Args:
        columns: those that are compared, as for `fingerprints_in`.
        told: what that gave.
        refusal: the SQLSTATE that they fail with.

    Raises:
        ValueError: if a name or digest is none.
    """
    names = [part for table in columns for part in table.split(".")]
    names += [name for one in columns.values() for name in one or ()]
    digests = [told[table] for table in columns]
    if not all(_NAME.fullmatch(one) for one in names) or not all(
        one is None or _DIGEST.fullmatch(one) for one in digests
    ):
        raise ValueError
    checks = "".join(
        f" IF ({_fingerprint(table, one)}) IS DISTINCT FROM"
        f" {'NULL' if told[table] is None else repr(told[table])}"
        f" THEN RAISE EXCEPTION USING ERRCODE = '{refusal}'; END IF;"
        for table, one in columns.items()
    )
    return [*_SETTINGS, f"DO $guard$ BEGIN{checks} END $guard$"]


def _fingerprint(table: str, names: list[str] | None) -> str:
    row = "t" if names is None else _row(names)
    each = f"SELECT md5({row}::text) AS digest FROM {table} AS t"  # noqa: S608
    return f"SELECT md5(string_agg(digest, '' ORDER BY digest)) FROM ({each}) AS rows"  # noqa: S608


def _row(names: list[str]) -> str:
    # Names are this program's own and the database's.
    each = ", ".join(f'"{name}"::text' for name in names)
    return f"ROW({each})"
