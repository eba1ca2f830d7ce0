"""The restricted side of a home's database: its tables, its rules, and transactions on it."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from assets.governance.errors import StorageError
from resources.postgres import PUBLIC_ROLE
from resources.tables import APPEND_ONLY, DELETED_WHEN_DUE, home, metadata


class Database:
    """The restricted engine of a home's database."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.engine = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One transaction; commits on leaving, rolls back on any error.

        Raises:
            StorageError: `POSTGRES_NOT_REACHABLE`, or `DATABASE_REFUSED` where the server turned
                a statement down.
        """
        code = None
        try:
            with self.engine.begin() as connection:
                yield connection
        except OperationalError:
            code = "POSTGRES_NOT_REACHABLE"
        except SQLAlchemyError:
            code = "DATABASE_REFUSED"
        if code:
            raise StorageError(code)

    def prepare(self, home_id: str, mode: str) -> None:
        """Make the tables, the append-only triggers and the public role, where missing.

        Raises:
            StorageError: `DATABASE_OF_ANOTHER_HOME` if the database serves another home or mode,
                `DATABASE_OF_ANOTHER_VERSION` if its tables have other columns.
        """
        with self.transaction() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7431905)"))
            for schema in ("restricted", "release"):
                connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
            metadata.create_all(connection)
            same = _columns_as_here(connection)
            if not same:
                # Before anything of this version is written into it.
                connection.rollback()
                raise StorageError("DATABASE_OF_ANOTHER_VERSION")
            _refuse_changes(connection)
            _grant_public_role(connection)
            row = connection.execute(sa.select(home.c.home_id, home.c.mode)).one_or_none()
            if row is None:
                connection.execute(
                    home.insert().values(
                        single_row=True, home_id=home_id, mode=mode, messages_read=0
                    )
                )
                row = (home_id, mode)
        if tuple(row) != (home_id, mode):
            raise StorageError("DATABASE_OF_ANOTHER_HOME")

    def dispose(self) -> None:
        """Close the pool's connections."""
        self.engine.dispose()


def _columns_as_here(connection: sa.Connection) -> bool:
    """Whether every table has the columns that this version of the program gives it."""
    found: dict[str, set[str]] = {}
    for schema, table, column in connection.execute(
        sa.text(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " WHERE table_schema IN ('restricted', 'release')"
        )
    ):
        found.setdefault(f"{schema}.{table}", set()).add(column)
    return all(
        found.get(name) == {column.name for column in table.columns}
        for name, table in metadata.tables.items()
    )


def _refuse_changes(connection: sa.Connection) -> None:
    connection.execute(
        sa.text(
            "CREATE OR REPLACE FUNCTION restricted.refuse_change() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE EXCEPTION 'append-only'; END $$"
        )
    )
    for table in APPEND_ONLY:
        connection.execute(
            sa.text(
                f"CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
                f" ON {table.fullname} FOR EACH STATEMENT"
                " EXECUTE FUNCTION restricted.refuse_change()"
            )
        )
    connection.execute(
        sa.text(
            "CREATE OR REPLACE FUNCTION restricted.refuse_unless_due() RETURNS trigger"
            " LANGUAGE plpgsql AS $$ BEGIN"
            " IF current_setting('tideline.due', true) IS DISTINCT FROM 'on' THEN"
            " RAISE EXCEPTION 'deleted when due'; END IF; RETURN NULL; END $$"
        )
    )
    for table in DELETED_WHEN_DUE:
        for name, verbs, function in (
            ("never_changed", "UPDATE OR TRUNCATE", "refuse_change"),
            ("deleted_when_due", "DELETE", "refuse_unless_due"),
        ):
            connection.execute(
                sa.text(
                    f"CREATE OR REPLACE TRIGGER {name} BEFORE {verbs} ON {table.fullname}"
                    f" FOR EACH STATEMENT EXECUTE FUNCTION restricted.{function}()"
                )
            )


def _grant_public_role(connection: sa.Connection) -> None:
    known = connection.execute(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": PUBLIC_ROLE}
    ).one_or_none()
    if known is None:
        connection.execute(sa.text(f"CREATE ROLE {PUBLIC_ROLE} NOLOGIN"))
    connection.execute(sa.text(f"GRANT USAGE ON SCHEMA release TO {PUBLIC_ROLE}"))
    connection.execute(sa.text(f"GRANT SELECT ON ALL TABLES IN SCHEMA release TO {PUBLIC_ROLE}"))
