"""A server that goes away is told as such, whatever class of error it leaves; a wait as a wait."""

import threading
import time
from datetime import date
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    InterfaceError,
    NoResultFound,
    OperationalError,
)

from assets.core.errors import StorageError
from resources.base.database.connection import Database, database_error
from resources.base.database.dagster_connections import keeping_a_connection
from resources.stores import region_days
from resources.stores.region_days import RegionDays

AT = [("greater_london", date(2026, 10, 12))]


def raised(kind: type[DBAPIError], *, gone: bool) -> DBAPIError:
    return kind("SELECT 1", None, psycopg2.Error("words"), connection_invalidated=gone)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (raised(OperationalError, gone=False), "POSTGRES_NOT_REACHABLE"),
        (raised(DatabaseError, gone=True), "POSTGRES_NOT_REACHABLE"),
        (raised(InterfaceError, gone=True), "POSTGRES_NOT_REACHABLE"),
        (raised(DatabaseError, gone=False), "DATABASE_REFUSED"),
        (NoResultFound(), "DATABASE_REFUSED"),
    ],
)
def test_what_an_error_says_of_the_server(error: Any, code: str) -> None:
    assert database_error(error).code == code


@pytest.mark.slow
@pytest.mark.parametrize("of", ["ours", "dagster's"])
def test_a_kept_connection_is_asked_only_where_its_socket_says_something(
    database_url: URL, of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = PGDialect_psycopg2.do_ping

    def do_ping(dialect: Any, connection: Any) -> bool:
        asked.append(of)
        return real(dialect, connection)

    monkeypatch.setattr(PGDialect_psycopg2, "do_ping", do_ping)
    engine = (
        Database(database_url).engine
        if of == "ours"
        else keeping_a_connection(sa.create_engine(database_url))
    )

    def server_process() -> int:
        with engine.begin() as connection:
            return connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()

    first = server_process()
    assert {server_process() for _ in range(5)} == {first}
    assert asked == []
    with sa.create_engine(database_url).begin() as other:
        ended = sa.select(sa.func.pg_terminate_backend(first, 60_000))
        assert other.execute(ended).scalar_one()
    # Nobody is told of the one that went: another takes its place.
    assert server_process() != first
    assert asked == [of]
    engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ended", "code"), [(False, "REGION_DAY_BUSY"), (True, "POSTGRES_NOT_REACHABLE")]
)
def test_who_waits_for_a_region_day_is_told_why_in_vain(
    database_url: URL, monkeypatch: pytest.MonkeyPatch, ended: bool, code: str
) -> None:
    monkeypatch.setattr(region_days, "LOCK_TIMEOUT", "20s" if ended else "50ms")
    database = Database(database_url)

    def end_who_waits() -> None:
        waiting = sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND NOT granted AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        until = time.monotonic() + 19
        with sa.create_engine(database_url).begin() as connection:
            while not connection.execute(waiting).all() and time.monotonic() < until:
                time.sleep(0.01)

    other = threading.Thread(target=end_who_waits)
    with RegionDays(database).writing(AT):
        if ended:
            other.start()
        with pytest.raises(StorageError, match=code), RegionDays(database).writing(AT):
            pass
    if ended:
        other.join()
    database.dispose()
