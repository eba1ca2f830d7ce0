"""Transactions of those who leave: done within seconds, or refused with nothing half done."""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from assets.core.errors import StorageError
from resources.base.database.connection import Database
from resources.base.database.tables.portal_bounds import FULL

T = TypeVar("T")

TRIES = 3
LOCK_TIMEOUT = "1500ms"
STATEMENT_TIMEOUT = "3000ms"

_WORTH_ANOTHER_TRY = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "55P03",  # lock_not_available
        "57014",  # query_canceled, by the timeout
    }
)


def at_once(database: Database, work: Callable[[sa.Connection], T]) -> T:
    """Do `work` in one transaction that waits for nobody longer than a few seconds.

    Args:
        database: the home's database.
        work: called with the connection, again after a conflict; so it must be repeatable.

    Raises:
        StorageError: `DATABASE_BUSY` if others were in the way each time, `DATABASE_REFUSED`,
            `PORTAL_FULL`, `POSTGRES_NOT_REACHABLE`; nothing was recorded. What `work` raises.
    """
    code = ""
    for _ in range(TRIES):
        try:
            with database.engine.begin() as connection:
                connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
                connection.execute(sa.text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
                return work(connection)
        except SQLAlchemyError as error:
            state = getattr(error.orig, "pgcode", None) if isinstance(error, DBAPIError) else None
            if state == FULL:
                code = "PORTAL_FULL"
                break
            if state not in _WORTH_ANOTHER_TRY:
                unreachable = isinstance(error, OperationalError)
                code = "POSTGRES_NOT_REACHABLE" if unreachable else "DATABASE_REFUSED"
                break
            code = "DATABASE_BUSY"
    raise StorageError(code)
