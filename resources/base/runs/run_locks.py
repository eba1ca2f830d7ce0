"""A lock that each run's process holds while it lives, in the database that all machines share.

It is PostgreSQL's, of a session of its own: it ends with the process, whatever ended that, also on
another machine, so no process number is believed that may be another's by then. Several may hold it
still (who launches a run, and the run itself); who declares a run dead takes it for itself.
"""

import contextlib
import hashlib
import os
import selectors
import signal
import socket
import threading
import time
from collections.abc import Collection, Iterator
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

RECONNECT_SECONDS = 600
"""How long a run tries to get its lock back after the database has ended its session."""

_PAUSE_SECONDS = 0.5
_STOP = "tideline_stop_run"
"""The channel on which a run is asked to stop; its id is the message."""

_SETTINGS = """
    SELECT set_config(name, wanted, false) FROM pg_settings JOIN (VALUES
        ('idle_session_timeout', '0'), ('tcp_keepalives_idle', '15'),
        ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3')
    ) AS ours(name, wanted) USING (name)
"""
"""An idle session is not ended; that of a machine which is gone is, after half a minute."""

_HELD = sa.text("""
    SELECT (classid::bigint << 32) | objid::bigint AS key, count(*) AS held FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    GROUP BY 1
""")


class RunLock:
    """The lock of one run, held from `take` to `release` or to the end of this process.

    A thread waits beside it: it takes the lock anew if the database ends the session, and
    interrupts this process, as Ctrl+C would, if somebody asks the run to stop.

    Args:
        engine: of the home's database, in any role.
        run_id: the run's.
        executes: whether this process is the run's own, and stops with it; who launches a run holds
            its lock and goes on.
    """

    def __init__(self, engine: sa.Engine, run_id: str, *, executes: bool = True) -> None:
        self._engine = engine
        self._run_id = run_id
        self._executes = executes
        self._released = threading.Event()
        self._connection: Any = None
        self._awake: socket.socket
        self._wake: socket.socket | None = None

    def take(self) -> None:
        """Hold the lock.

        Raises:
            psycopg2.Error, sqlalchemy.exc.SQLAlchemyError: the database can't be reached.
        """
        self._connection = self._connect()
        self._awake, self._wake = socket.socketpair()
        threading.Thread(target=self._keep, name="run lock", daemon=True).start()

    def release(self) -> None:
        """Let it go; again, or not taken, it does nothing."""
        self._released.set()
        if self._wake is not None:
            self._wake.close()

    def _connect(self) -> Any:
        pooled = self._engine.raw_connection()
        session: Any = pooled.driver_connection
        # The session is ours alone, and lasts until we close it.
        pooled.detach()
        try:
            session.autocommit = True
            with session.cursor() as cursor:
                cursor.execute(_SETTINGS)
                cursor.execute(f"LISTEN {_STOP}")
                cursor.execute("SELECT pg_advisory_lock_shared(%s)", (lock_key(self._run_id),))
        except psycopg2.Error:
            session.close()
            raise
        return session

    def _keep(self) -> None:
        with self._awake, contextlib.suppress(psycopg2.Error, SQLAlchemyError):
            while not self._released.is_set():
                if not self._stands():
                    self._connection = self._again()
        self._connection.close()

    def _stands(self) -> bool:
        """Wait until something happens; False if the session has ended."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection, selectors.EVENT_READ)
            selector.register(self._awake, selectors.EVENT_READ)
            selector.select()
        try:
            self._connection.poll()
        except psycopg2.Error:
            return False
        asked = [one.payload for one in self._connection.notifies]
        self._connection.notifies.clear()
        if self._executes and self._run_id in asked and not self._released.is_set():
            _interrupt()
        return True

    def _again(self) -> Any:
        until = time.monotonic() + RECONNECT_SECONDS
        while True:
            try:
                return self._connect()
            except (psycopg2.Error, SQLAlchemyError):
                if time.monotonic() > until or self._released.wait(_PAUSE_SECONDS):
                    raise


def lock_key(run_id: str) -> int:
    """The key of a run's lock."""
    digest = hashlib.sha256(f"run|{run_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def holders(connection: sa.Connection, run_ids: Collection[str]) -> dict[str, int]:
    """How many hold each of these runs' locks; those without holders are left out."""
    found = {row.key: row.held for row in connection.execute(_HELD)}
    return {one: found[lock_key(one)] for one in run_ids if lock_key(one) in found}


@contextlib.contextmanager
def taken(connection: sa.Connection, run_id: str) -> Iterator[bool]:
    """Take a run's lock for oneself; yields whether nobody holds it."""
    key = {"key": lock_key(run_id)}
    ours = connection.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), key).scalar_one()
    try:
        yield ours
    finally:
        if ours:
            connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), key)


def ask_to_stop(connection: sa.Connection, run_id: str) -> None:
    """Have the run's process interrupted, wherever it is."""
    connection.execute(
        sa.text("SELECT pg_notify(:channel, :run_id)"), {"channel": _STOP, "run_id": run_id}
    )


def _interrupt() -> None:
    # A shell's `&` makes a command ignore Ctrl+C.
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    os.kill(os.getpid(), signal.SIGTERM if ignored else signal.SIGINT)
