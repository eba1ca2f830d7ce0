"""Rows of a database by digest: what no migration may change, and whether anything has changed."""

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import URL

from resources.base.database.tables import APPEND_ONLY, metadata
from resources.maintenance.database_setup import as_owner

Columns = Mapping[str, list[str]]
"""By table, its columns."""
Rows = Mapping[str, Counter[str]]
"""By table, how often each row's digest is there."""

_SETTINGS = ("SET LOCAL TimeZone = 'UTC'", "SET LOCAL DateStyle = 'ISO'")


def columns_of(owner: URL) -> Columns:
    """The append-only tables that a database has, and their columns.

    Args:
        owner: the owner's URL, as for all functions here.

    Raises:
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        inspector = sa.inspect(connection)
        return {
            table.fullname: sorted(
                one["name"] for one in inspector.get_columns(table.name, table.schema)
            )
            for table in APPEND_ONLY
            if inspector.has_table(table.name, table.schema)
        }


def rows_of(owner: URL, columns: Columns) -> Rows:
    """Digests of all rows, over these columns alone.

    Raises:
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        for setting in _SETTINGS:
            connection.execute(sa.text(setting))
        return {table: _digests(connection, table, names) for table, names in columns.items()}


def _digests(connection: sa.Connection, table: str, names: list[str]) -> Counter[str]:
    # Names are this program's own and the database's.
    row = ", ".join(f'"{name}"::text' for name in names)
    query = f"SELECT md5(ROW({row})::text) AS digest FROM {table}"  # noqa: S608
    return Counter(connection.execute(sa.text(query)).scalars())


def lost(before: Rows, after: Rows) -> list[str]:
    """Tables of which a row is not there any more as it was."""
    return [table for table, rows in before.items() if rows - after.get(table, Counter())]


def counts(rows: Rows) -> dict[str, int]:
    """How many rows each table has."""
    return {table: found.total() for table, found in rows.items()}


def fingerprints(owner: URL) -> dict[str, str | None]:
    """Of all rows of each of our tables, one digest; None of an empty one.

    Raises:
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        for setting in _SETTINGS:
            connection.execute(sa.text(setting))
        return {name: _fingerprint(connection, name) for name in sorted(metadata.tables)}


def _fingerprint(connection: sa.Connection, table: str) -> str | None:
    each = f"SELECT md5(t::text) AS digest FROM {table} AS t"  # noqa: S608
    query = f"SELECT md5(string_agg(digest, '' ORDER BY digest)) FROM ({each}) AS rows"  # noqa: S608
    return connection.execute(sa.text(query)).scalar_one()
