"""Whether a kept connection is still there is asked once it has rested, not before each use."""

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError

RESTED_SECONDS = 1.0
"""What was in use so shortly ago is taken as it is. If its server went away meanwhile, its first
statement says so, as in the middle of a transaction."""

_SINCE = "at rest since"


def ping_after_a_rest(engine: sa.Engine) -> sa.Engine:
    """Let an engine's pool ask a connection that rested, and replace it where the server ended it.

    SQLAlchemy's own `pool_pre_ping` asks before each use: two statements of five where a step's
    transactions follow each other.

    Args:
        engine: made without `pool_pre_ping`.

    Returns:
        The engine.
    """
    driver = engine.dialect.loaded_dbapi

    def at_rest(_: Any, record: Any) -> None:
        record.info[_SINCE] = time.monotonic()

    def ask(connection: Any, record: Any, _: Any) -> None:
        since = record.info.get(_SINCE)
        if since is None or time.monotonic() - since < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except driver.Error as error:
            # The pool tries again with a new one, and lets go of all that are as old.
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", at_rest)
    event.listen(engine, "checkout", ask)
    return engine
