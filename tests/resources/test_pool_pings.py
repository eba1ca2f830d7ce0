"""A kept connection is asked once it has rested; one whose server went away is told or replaced."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import StorageError
from resources.base.database import pool_pings
from resources.base.database.connection import Database

OWN_PROCESS = sa.text("SELECT pg_backend_pid()")


@pytest.fixture
def database(database_url: URL) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


def process_used(database: Database) -> int:
    with database.transaction() as connection:
        return connection.execute(OWN_PROCESS).scalar_one()


def end(database_url: URL, process: int) -> None:
    with sa.create_engine(database_url, poolclass=sa.NullPool).begin() as connection:
        assert connection.execute(
            sa.text(f"SELECT pg_terminate_backend({process}, 60000)")
        ).scalar()


@pytest.mark.parametrize(("rest", "asked"), [(0.0, 2), (600.0, 0)])
def test_only_what_rested_is_asked(
    database: Database, monkeypatch: pytest.MonkeyPatch, rest: float, asked: int
) -> None:
    monkeypatch.setattr(pool_pings, "RESTED_SECONDS", rest)
    real = database.engine.dialect.do_ping
    pings = []
    monkeypatch.setattr(
        database.engine.dialect, "do_ping", lambda one: pings.append(one) or real(one)
    )
    # A new connection has just answered.
    assert len({process_used(database) for _ in range(3)}) == 1
    assert len(pings) == asked


def test_what_rested_is_replaced_where_the_server_ended_it(
    database: Database, database_url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_pings, "RESTED_SECONDS", 0.0)
    before = process_used(database)
    end(database_url, before)
    assert process_used(database) != before


def test_what_was_in_use_just_now_says_that_the_server_went_away_and_is_then_replaced(
    database: Database, database_url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_pings, "RESTED_SECONDS", 600.0)
    before = process_used(database)
    end(database_url, before)
    with pytest.raises(StorageError, match=r"^POSTGRES_NOT_REACHABLE$"):
        process_used(database)
    assert process_used(database) != before
