"""A database put back to an older version: what an older program would hold of the same rows.

There is no way down in the migrations, nor need there be one. The older version's tables are made
empty by its own migrations, and take what they have columns for of the newer ones' rows.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from sqlalchemy.engine import URL

from resources.base.database import migrations
from resources.base.database.migrations import VERSION_SCHEMA, VERSION_TABLE, newest_version
from resources.base.database.tables import CHAINED
from resources.maintenance.database_setup import as_owner

OLDEST = "2026_12_07"
"""The first that has a table for all that a soak's home chains. An older one's chain would lack
rows that it tells of, which `tideline verify` finds, as it must."""

_SCHEMAS = ("restricted", "release")


def older_versions() -> list[str]:
    """Those that a home of many days can be put back to, oldest first."""
    folder = Path(migrations.__file__).parent / "versions"
    found = sorted(path.name[1 : 1 + len(OLDEST)] for path in folder.glob("v*.py"))
    return [one for one in found if OLDEST <= one < newest_version()]


def put_back(owner: URL, version: str) -> None:
    """Make the database one of an older version, in one transaction.

    Rows of tables and columns that the version has not are gone, as if they had never been
    recorded; no table of the hash chain may be among them with a row.

    Args:
        owner: the owner's URL of a home's database of the newest version.
        version: of `older_versions`.

    Raises:
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        for schema in _SCHEMAS:
            connection.execute(sa.text(f"ALTER SCHEMA {schema} RENAME TO newer_{schema}"))
        # As for an empty database: Alembic keeps the version there.
        connection.execute(sa.text(f"CREATE SCHEMA {VERSION_SCHEMA}"))
        command.upgrade(migrations._config(connection), version)
        # Rows come as they are: no trigger chains, refuses or bounds them again.
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for schema in _SCHEMAS:
            _fill(connection, schema)
        lost = _chained_rows_lost(connection)
        assert not lost, (version, lost)
        for schema in _SCHEMAS:
            connection.execute(sa.text(f"DROP SCHEMA newer_{schema} CASCADE"))


def _fill(connection: sa.Connection, schema: str) -> None:
    inspector = sa.inspect(connection)
    for table in inspector.get_table_names(schema):
        if table == VERSION_TABLE:
            continue
        newer = {one["name"] for one in inspector.get_columns(table, f"newer_{schema}")}
        columns = inspector.get_columns(table, schema)
        names = ", ".join(one["name"] for one in columns if one["name"] in newer)
        into, of = f"{schema}.{table}", f"newer_{schema}.{table}"
        connection.execute(sa.text(f"DELETE FROM {into}"))
        copied = f"INSERT INTO {into} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM {of}"
        connection.execute(sa.text(copied))
        for one in columns:
            if one.get("identity") or "nextval(" in str(one.get("default")):
                _go_on_after(connection, into, one["name"])


def _chained_rows_lost(connection: sa.Connection) -> list[str]:
    """Tables of the chain that the older version has not, and of which there are rows."""
    inspector = sa.inspect(connection)
    there = {
        f"{schema}.{name}" for schema in _SCHEMAS for name in inspector.get_table_names(schema)
    }
    gone = [one.fullname for one in CHAINED if one.fullname not in there]
    asked = "SELECT EXISTS (SELECT FROM newer_{})"
    return [one for one in gone if connection.execute(sa.text(asked.format(one))).scalar()]


def _go_on_after(connection: sa.Connection, table: str, column: str) -> None:
    statement = (
        f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'),"
        f" greatest(max({column}), 1), max({column}) IS NOT NULL) FROM {table}"
    )
    connection.execute(sa.text(statement))
