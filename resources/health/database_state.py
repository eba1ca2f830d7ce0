"""Whether the home's database answers, is the home's, and of which version it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from assets.core.errors import StorageError, refuse_as
from resources.base.clock import Clock
from resources.base.database.connection import Database, database_error
from resources.base.database.migrations import require_newest
from resources.base.database.tables import home as home_table
from resources.base.database.tables import ledger
from resources.base.home import Home
from resources.base.keys.long_lived_keys import LongLived
from resources.stores.ledger import Kind

_PATIENCE_SECONDS = 5


@dataclass(frozen=True)
class DatabaseState:
    """What was found.

    Attributes:
        ahead: how far the database's clock is ahead of ours.
        of_version: the code of what is wrong with its version; None if it is this program's.
        of_home: the code of what is wrong with whose it is; None if it is this home's, or where the
            version does not let it be asked.
        newest_record: when the newest entry of the ledger was made (aware), None without one.
        checks: by which it knows the home's keys.
        master_since: when the master key was last rotated (aware), or the ledger's first entry if
            it never was; None in a home that has recorded nothing.
    """

    ahead: timedelta
    of_version: str | None
    of_home: str | None = None
    newest_record: datetime | None = None
    checks: Mapping[LongLived, str | None] | None = None
    master_since: datetime | None = None


def impatient(url: URL) -> URL:
    """The URL of a look that ends by itself: a server that does not answer is a finding."""
    return url.update_query_dict({"connect_timeout": str(_PATIENCE_SECONDS)})


def database_state(home: Home, url: URL, clock: Clock) -> DatabaseState:
    """Ask the database.

    Args:
        home: the home that it should serve.
        url: `impatient`.
        clock: ours, which its own is compared with.

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE`, `DATABASE_REFUSED`, `DATABASE_URL_INVALID`.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    of_version = None
    with refuse_as(database_error, SQLAlchemyError), engine.connect() as connection:
        before = clock.now()
        theirs = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        ahead = theirs - before
        try:
            require_newest(connection)
        except StorageError as error:
            of_version = error.code
    if of_version is not None:
        return DatabaseState(ahead, of_version)
    return _of_home(home, url, ahead)


def _of_home(home: Home, url: URL, ahead: timedelta) -> DatabaseState:
    database = Database(url)
    columns = (home_table.c.home_id, home_table.c.mode)
    checks = (home_table.c.master_check, home_table.c.member_check)
    try:
        with database.transaction() as connection:
            row = connection.execute(sa.select(*columns, *checks)).one_or_none()
            newest, oldest, rotated = connection.execute(
                sa.select(
                    sa.func.max(ledger.c.at),
                    sa.func.min(ledger.c.at),
                    sa.func.max(ledger.c.at).filter(ledger.c.kind == Kind.MASTER_KEY_ROTATED),
                )
            ).one()
    finally:
        database.dispose()
    of_home = None
    if row is None:
        of_home = "DATABASE_EMPTY"
    elif tuple(row[:2]) != (home.config.home_id, home.config.mode.value):
        of_home = "DATABASE_OF_ANOTHER_HOME"
    known = dict(zip(LongLived, row[2:], strict=True)) if row is not None else {}
    return DatabaseState(ahead, None, of_home, newest, known, rotated or oldest)
