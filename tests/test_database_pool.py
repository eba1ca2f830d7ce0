"""A database that is used again is as one that was just made."""

import pytest
import sqlalchemy as sa
from database_pool import DatabasePool
from sqlalchemy.engine import URL

from resources.maintenance.database_setup import register_home


@pytest.fixture
def pool(postgres_server, template_database):
    made = DatabasePool(postgres_server, template_database)
    yield made
    made.close()


def act(url: URL, *statements: str) -> list[tuple]:
    """What the last one gives."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        *_, last = [connection.execute(sa.text(one)) for one in statements]
        return [tuple(row) for row in last] if last.returns_rows else []


def number_of(url: URL) -> int:
    ((number,),) = act(url, "SELECT oid FROM pg_database WHERE datname = current_database()")
    return number


def statements(dumped: bytes) -> list[bytes]:
    """Without the key that pg_dump draws each time."""
    return [one for one in dumped.splitlines() if not one.startswith((b"\\restrict", b"\\unres"))]


def test_rows_and_counts_are_gone_and_what_the_template_has_is_there(pool, dump):
    url = pool.take()
    before, number = dump(url), number_of(url)
    register_home(url, "0" * 32, "synthetic", {})
    act(
        url,
        "INSERT INTO runs (run_id, status) VALUES ('a', 'b')",
        "SELECT nextval('event_logs_id_seq')",
        "UPDATE secondary_indexes SET name = name || 'x'",
        "DELETE FROM restricted.schema_version",
    )
    assert statements(dump(url)) != statements(before)
    pool.give_back(url)
    again = pool.take()
    assert again.database != url.database
    assert number_of(again) == number
    assert statements(dump(again)) == statements(before)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE release.more (one int)",
        "ALTER TABLE runs ADD COLUMN more int",
        "ALTER TABLE restricted.home ALTER COLUMN mode DROP NOT NULL",
        "ALTER TABLE run_tags DISABLE TRIGGER ALL",
        "CREATE RULE swallowed AS ON INSERT TO restricted.ledger DO INSTEAD NOTHING",
        "DROP SCHEMA canary CASCADE",
        "DROP INDEX idx_runs_by_job",
        "GRANT SELECT ON restricted.vectors TO tideline_public",
        "GRANT UPDATE (mode) ON restricted.home TO tideline_public",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SELECT lo_create(0)",
        "ALTER DATABASE {name} SET work_mem = '1MB'",
        "GRANT TEMPORARY ON DATABASE {name} TO tideline_portal",
    ],
)
def test_one_of_another_shape_is_not_used_again(pool, change):
    url = pool.take()
    number = number_of(url)
    act(url, change.format(name=url.database))
    pool.give_back(url)
    assert number_of(pool.take()) != number


def test_who_is_still_connected_is_thrown_out_and_finds_nothing(pool):
    url = pool.take()
    engine = sa.create_engine(url)
    left = engine.connect()
    left.execute(sa.text("INSERT INTO runs (run_id, status) VALUES ('a', 'b')"))
    pool.give_back(url)
    with pytest.raises(sa.exc.OperationalError):
        left.execute(sa.text("SELECT 1"))
    left.invalidate()
    with pytest.raises(sa.exc.OperationalError, match="does not exist"):
        engine.connect()
    engine.dispose()
    assert act(pool.take(), "SELECT * FROM runs") == []
