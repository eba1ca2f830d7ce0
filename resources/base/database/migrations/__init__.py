"""The database's versions: what a home of each has, and how an older one becomes this one.

Alembic keeps the version in a table of its own, for Dagster's own Alembic shares the database. All
that is pending is one transaction: it is done as a whole, or nothing of it is.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from assets.core.errors import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "schema_version"
VERSION_SCHEMA = "restricted"
BASELINE = "2026_11_22"
"""The version that had no migrations yet; it is known by its columns."""

_COLUMNS_OF_BASELINE = "ce056f3f"
_LOCK = 7431905


@dataclass(frozen=True)
class Migration:
    """One step from a version to the next.

    Attributes:
        version: what the database is after it.
        what: what it does, in a sentence.
    """

    version: str
    what: str


@cache
def newest_version() -> str:
    """The version that this program works with: the last in `versions`, by the files' names.

    Every command compares it, and Alembic, which would read it from the files, loads slowly.
    """
    newest = max(path.name for path in (Path(__file__).parent / "versions").glob("v*.py"))
    return newest[1 : 1 + len(BASELINE)]


def is_known(version: str) -> bool:
    """Whether this program can migrate a database of that version, or works with it as it is."""
    return version in [one.version for one in _versions()]


def version_of(connection: sa.Connection) -> str | None:
    """The database's version; None if it has no tables of ours.

    Raises:
        StorageError: `DATABASE_OF_ANOTHER_VERSION` where its tables are older than the first
            version that can be migrated.
    """
    if _exists(connection, f"{VERSION_SCHEMA}.{VERSION_TABLE}"):
        query = sa.text(f"SELECT version_num FROM {VERSION_SCHEMA}.{VERSION_TABLE}")  # noqa: S608
        return connection.execute(query).scalar()
    if not _exists(connection, f"{VERSION_SCHEMA}.home"):
        return None
    if _digest_of_columns(connection) != _COLUMNS_OF_BASELINE:
        raise StorageError("DATABASE_OF_ANOTHER_VERSION")
    return BASELINE


def pending(connection: sa.Connection) -> list[Migration]:
    """What is to be done, in order; empty for a database of this version.

    Raises:
        StorageError: `DATABASE_OF_ANOTHER_VERSION`, also where a newer program made it.
    """
    version = version_of(connection)
    if version == newest_version():
        return []
    versions = _versions()
    if version is None:
        return versions
    names = [one.version for one in versions]
    if version not in names:
        raise StorageError("DATABASE_OF_ANOTHER_VERSION")
    return versions[names.index(version) + 1 :]


def require_newest(connection: sa.Connection) -> None:
    """Refuse to work on a database of another version.

    Raises:
        StorageError: `DATABASE_EMPTY`, `DATABASE_NEEDS_MIGRATION`, and what `pending` raises.
    """
    code = None
    if version_of(connection) is None:
        code = "DATABASE_EMPTY"
    elif pending(connection):
        code = "DATABASE_NEEDS_MIGRATION"
    if code:
        raise StorageError(code)


def upgrade(connection: sa.Connection) -> list[Migration]:
    """Do what is pending within the caller's transaction, and say what that was.

    Raises:
        StorageError: what `pending` raises.
    """
    # Two that start at once: the second finds nothing left to do.
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    known, to_do = version_of(connection), pending(connection)
    if to_do:
        from alembic import command  # noqa: PLC0415  (loaded where something is to be done)

        connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {VERSION_SCHEMA}"))
        config = _config(connection)
        if known == BASELINE and not _exists(connection, f"{VERSION_SCHEMA}.{VERSION_TABLE}"):
            command.stamp(config, BASELINE)
        command.upgrade(config, "head")
    return to_do


@cache
def _versions() -> list[Migration]:
    """Every version, oldest first."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  (as in `upgrade`)

    scripts = list(ScriptDirectory.from_config(_config(None)).walk_revisions())
    return [Migration(one.revision, one.doc) for one in reversed(scripts)]


def _config(connection: sa.Connection | None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415  (as in `upgrade`)

    config = Config(attributes={"connection": connection})
    # Alembic interpolates, and a path may hold its sign.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


def _exists(connection: sa.Connection, table: str) -> bool:
    return (
        connection.execute(sa.text("SELECT to_regclass(:name)"), {"name": table}).scalar()
        is not None
    )


def _digest_of_columns(connection: sa.Connection) -> str:
    rows: Any = connection.execute(
        sa.text(
            "SELECT table_schema || '.' || table_name || '.' || column_name AS name"
            " FROM information_schema.columns"
            " WHERE table_schema IN ('restricted', 'release')"
        )
    ).scalars()
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()[:8]
