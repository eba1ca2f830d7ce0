"""Whether a session of the portal's login holds a lock for long, which keeps others from leaving.

The portal holds one for milliseconds. A login without the right to see others' statistics is not
told since when a lock is held, so it is looked for again and again: what is there each time is held
for long. Nobody's lock is taken or ended.
"""

import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from assets.core.errors import refuse_as
from resources.base.database.connection import database_error
from resources.base.database.roles import Role

LOOKS, SECONDS_BETWEEN = 11, 0.3
HELD_SECONDS = round((LOOKS - 1) * SECONDS_BETWEEN)
"""For so long at least."""

# Of logins that have the portal's rights and not the home's. Whoever waits for somebody holds
# others up by no fault of their own. A lock that a transaction took is the same lock only in the
# same transaction; an advisory one may be a session's, which goes on through all of its own.
_HELD = sa.text("""
    SELECT locks.pid, locks.locktype, locks.relation, locks.classid, locks.objid, locks.mode,
        CASE locks.locktype WHEN 'advisory' THEN '' ELSE locks.virtualtransaction END
    FROM pg_locks AS locks
    JOIN pg_stat_activity AS activity USING (pid)
    JOIN pg_roles AS login ON login.oid = activity.usesysid
    WHERE locks.granted AND locks.locktype IN ('advisory', 'relation')
        AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND NOT login.rolsuper
        AND pg_has_role(login.oid, :portal, 'MEMBER')
        AND NOT pg_has_role(login.oid, :restricted, 'MEMBER')
        AND NOT EXISTS (SELECT FROM pg_locks AS waiting
            WHERE waiting.pid = locks.pid AND NOT waiting.granted)
""")


def sessions_holding_locks(url: URL, pause: Callable[[float], Any] = time.sleep) -> int:
    """How many sessions of the portal's login held one lock at all of `LOOKS` looks.

    It takes `HELD_SECONDS` where there is a lock to begin with, and no time where there is none.

    Args:
        url: of the home's database, in whatever role.
        pause: between two looks; tests do something then.

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE`, `DATABASE_REFUSED`.
    """
    roles = {"portal": Role.PORTAL.value, "restricted": Role.RESTRICTED.value}
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    with refuse_as(database_error, SQLAlchemyError), engine.connect() as opened:
        # Each look by itself: a transaction goes on seeing the sessions that it saw first.
        connection = opened.execution_options(isolation_level="AUTOCOMMIT")
        held = set(connection.execute(_HELD, roles).all())
        for _ in range(LOOKS - 1):
            if not held:
                break
            pause(SECONDS_BETWEEN)
            held &= set(connection.execute(_HELD, roles).all())
    return len({row.pid for row in held})
