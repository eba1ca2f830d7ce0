"""The restricted side of a home's database: transactions on it, in a role that changes no table."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from assets.core.errors import StorageError, refuse_as
from resources.base.database.asked_when_spoken import ask_only_where_something_came
from resources.base.database.migrations import require_newest
from resources.base.database.roles import Role, url_as
from resources.base.database.tables import home


class Database:
    """The engine of a home's database in one role.

    Args:
        url: the home's database.
        role: the role of every session.
    """

    def __init__(self, url: URL, role: Role = Role.RESTRICTED) -> None:
        self.url = url
        self.engine = ask_only_where_something_came(
            sa.create_engine(url_as(url, role), pool_pre_ping=True, hide_parameters=True)
        )

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One transaction; commits on leaving, rolls back on any error.

        Raises:
            StorageError: `POSTGRES_NOT_REACHABLE`, or `DATABASE_REFUSED` where the server turned
                a statement down.
        """
        with refuse_as(database_error, SQLAlchemyError), self.engine.begin() as connection:
            yield connection

    def require(self, home_id: str, mode: str) -> None:
        """Refuse to work on a database that is not this home's, or of another version.

        Raises:
            StorageError: `DATABASE_OF_ANOTHER_HOME`, `DATABASE_EMPTY`, `DATABASE_NEEDS_MIGRATION`,
                `DATABASE_OF_ANOTHER_VERSION`, `POSTGRES_NOT_REACHABLE`.
        """
        refuse_other_version(self.url)
        with self.transaction() as connection:
            row = connection.execute(sa.select(home.c.home_id, home.c.mode)).one_or_none()
        if row is None:
            raise StorageError("DATABASE_EMPTY")
        if tuple(row) != (home_id, mode):
            raise StorageError("DATABASE_OF_ANOTHER_HOME")

    def dispose(self) -> None:
        """Close the pool's connections."""
        self.engine.dispose()


def refuse_other_version(url: URL) -> None:
    """Ask without a role for the version: a database of an older one does not know the roles.

    Raises:
        StorageError: what `require_newest` raises, `POSTGRES_NOT_REACHABLE`.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    with refuse_as(database_error, SQLAlchemyError), engine.connect() as connection:
        require_newest(connection)


def database_error(error: BaseException) -> StorageError:
    """Whether the server was not there, or went away, or turned a statement down."""
    return StorageError("POSTGRES_NOT_REACHABLE" if _is_gone(error) else "DATABASE_REFUSED")


def server_gone(error: BaseException) -> bool:
    """Whether an error, or one that it came from, says that the database's server went away.

    Dagster's own storages raise such errors, too, and what is done while one is on its way out may
    raise others.
    """
    seen: set[int] = set()
    asked: BaseException | None = error
    while asked is not None and id(asked) not in seen:
        if _is_gone(asked):
            return True
        seen.add(id(asked))
        asked = asked.__cause__ or (None if asked.__suppress_context__ else asked.__context__)
    return False


def _is_gone(error: BaseException) -> bool:
    # One that ends in the middle of an answer leaves errors of other classes, too.
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | psycopg2.OperationalError)
