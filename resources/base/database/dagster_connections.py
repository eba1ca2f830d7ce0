"""How Dagster's storages reach the database: by connections that each process keeps."""

import sqlalchemy as sa
from dagster_postgres.utils import create_pg_engine

from resources.base.database.asked_when_spoken import ask_only_where_something_came

_KEPT = 2
"""Storing an event of an asset asks for its tags while the first connection is in use."""

_AT_MOST_BESIDE = 20
"""Threads that ask at the same moment open further ones, which are closed again."""


def keeping_a_connection(opening_each_time: sa.Engine) -> sa.Engine:
    """An engine for the same database, as Dagster's web server has one.

    By itself a storage opens a connection for every event: nearly half the processor time of a run,
    most of it the server's. A kept one that the server has ended is replaced before it is used.

    Args:
        opening_each_time: the engine that a storage made for itself.
    """
    kept = create_pg_engine(
        opening_each_time.url.render_as_string(hide_password=False),
        isolation_level="AUTOCOMMIT",
        pool_size=_KEPT,
        max_overflow=_AT_MOST_BESIDE,
        pool_pre_ping=True,
    )
    return ask_only_where_something_came(kept)
