"""What only `init` and `migrate` do to the database, in the owner's name.

All of it can be done again from the start, and the version is marked by what commits last: a set-up
that was killed goes on when it is started anew.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from assets.core.errors import StorageError, refuse_as
from resources.base.database.connection import database_error
from resources.base.database.grants import DAGSTER_SCHEMAS, create_roles, grant_all
from resources.base.database.migrations import Migration, pending, upgrade
from resources.base.database.roles import with_option
from resources.base.database.tables import home
from resources.maintenance.dagster_tables import make_tables, migrate_tables
from resources.maintenance.database_backup import LOCK_TIMEOUT

_OUR_SCHEMAS = ("restricted", "release", "canary")

EMPTYING = (
    *(f"DROP SCHEMA IF EXISTS {schema} CASCADE" for schema in _OUR_SCHEMAS),
    "DO $$ DECLARE one record; BEGIN"
    " FOR one IN SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public' LOOP"
    " EXECUTE format('DROP TABLE public.%I CASCADE', one.tablename);"
    " END LOOP; END $$",
)
"""Statements that empty a home's database: our schemas, and Dagster's tables in `public`."""

LOCKING = (
    "DO $$ DECLARE one record; BEGIN"
    " FOR one IN SELECT schemaname, tablename FROM pg_catalog.pg_tables"
    " WHERE schemaname IN ('restricted', 'release', 'canary', 'public')"
    " ORDER BY 1, 2 LOOP"
    " EXECUTE format('LOCK TABLE %I.%I IN ACCESS EXCLUSIVE MODE', one.schemaname, one.tablename);"
    " END LOOP; END $$"
)
"""A statement that keeps everybody else from a home's tables until the transaction ends."""


@contextmanager
def as_owner(owner: URL) -> Iterator[sa.Connection]:
    """One transaction of the owner.

    Args:
        owner: the owner's URL (`owner_url`).

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE`; `MIGRATION_BLOCKED` where a running program holds
            the tables; `DATABASE_REFUSED` for anything else that the server turned down.
    """
    engine = sa.create_engine(owner, poolclass=sa.NullPool, hide_parameters=True)
    with refuse_as(_owners_error, SQLAlchemyError), engine.begin() as connection:
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        yield connection


def _owners_error(error: BaseException) -> StorageError:
    if isinstance(error, OperationalError) and getattr(error.orig, "pgcode", None) == "55P03":
        return StorageError("MIGRATION_BLOCKED")
    return database_error(error)


def set_up(owner: URL) -> list[Migration]:
    """Make the tables of an empty database, or migrate an older one. Says what was done.

    Args:
        owner: the owner's URL of the database (`owner_url`), as for all functions here.

    Raises:
        StorageError: what `as_owner` and `migrations.pending` raise.
    """
    with as_owner(owner) as connection:
        # Before anything is written into a database that is none of ours.
        pending(connection)
    for schema in DAGSTER_SCHEMAS:
        _set_up_dagster(owner, schema)
    with as_owner(owner) as connection:
        create_roles(connection)
        done = upgrade(connection)
        grant_all(connection)
    return done


def register_home(owner: URL, home_id: str, mode: str, checks: Mapping[str, str]) -> None:
    """Say in the database which home it serves; `init` alone does.

    Args:
        owner: the owner's URL.
        home_id: the home's.
        mode: the home's.
        checks: `master_check` and `member_check`, by which its keys are known.

    Raises:
        StorageError: `DATABASE_OF_ANOTHER_HOME` if it serves one already, and what `as_owner`
            raises.
    """
    with as_owner(owner) as connection:
        taken = connection.execute(sa.select(home.c.home_id)).one_or_none() is not None
        if not taken:
            connection.execute(
                home.insert().values(
                    single_row=True, home_id=home_id, mode=mode, messages_read=0, **checks
                )
            )
    if taken:
        raise StorageError("DATABASE_OF_ANOTHER_HOME")


def mark_keys(owner: URL, checks: Mapping[str, str]) -> None:
    """Say by what an older home's keys are known, where that is not known yet.

    Raises:
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        for name, check in checks.items():
            column = home.c[name]
            connection.execute(home.update().where(column.is_(None)).values({name: check}))


def is_empty(owner: URL) -> bool:
    """Whether the database has no table at all, so that all that is in it later is `init`'s.

    Raises:
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        inspector = sa.inspect(connection)
        return not any(inspector.get_table_names(schema) for schema in _schemas(inspector))


def drop_everything(owner: URL) -> None:
    """Empty a database that `init` found empty and could not finish.

    Raises:
        StorageError: what `as_owner` raises.
    """
    with as_owner(owner) as connection:
        for statement in EMPTYING:
            connection.execute(sa.text(statement))


def _schemas(inspector: sa.Inspector) -> list[str]:
    return [
        name
        for name in inspector.get_schema_names()
        if not name.startswith("pg_") and name != "information_schema"
    ]


def _set_up_dagster(owner: URL, schema: str) -> None:
    url = with_option(owner, f"-csearch_path={schema}")
    with as_owner(url) as connection:
        connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        make_tables(connection)
    with refuse_as(StorageError("DATABASE_REFUSED"), SQLAlchemyError):
        migrate_tables(url)
