from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from orchestration.cli.session import Session
from resources.base.database.tables import metadata, regional_values
from resources.maintenance.database_setup import as_owner
from resources.stores.published.published_values import COLUMNS, PublishedValues

RESTRICTED = sorted(name for name in metadata.tables if name.startswith("restricted."))
ROW = {
    "region": "greater_london",
    "day": date(2026, 10, 1),
    "construct": "burnout",
    "method_version": "gaussian-1",
    "revision": 0,
    "estimate": 0.5,
    "standard_error": 0.05,
    "value_7d": None,
    "status": "published",
    "closed_at": datetime(2026, 10, 4, tzinfo=UTC),
}


@pytest.fixture
def published(session: Session):
    with as_owner(session.url) as connection:
        for day in (2, 1):
            connection.execute(regional_values.insert().values({**ROW, "day": date(2026, 10, day)}))
    values = PublishedValues(session.url)
    yield values
    values._engine.dispose()


def refused(values: PublishedValues, statement: str) -> bool:
    with values._engine.connect() as connection:
        try:
            connection.execute(sa.text(statement))
        except ProgrammingError as error:
            return "permission denied" in str(error)
    return False


def test_published_values_can_be_read(published: PublishedValues) -> None:
    frame = published.read()
    assert tuple(frame.columns) == COLUMNS
    assert [day.day for day in frame["day"]] == [1, 2]
    assert frame["estimate"].to_list() == [0.5, 0.5]
    assert frame["value_7d"].isna().all()
    assert len(published.read(until=date(2026, 10, 1))) == 1
    assert published.read("east_of_england").empty


def test_there_are_tables_to_be_kept_from() -> None:
    assert len(RESTRICTED) >= 9
    assert {name for name in metadata.tables if name not in RESTRICTED} == {
        "release.evidence_cards",
        "release.regional_values",
        "release.retractions",
        "release.method_breaks",
        "release.reviewed_facts",
        "release.chain_heads",
        "release.row_digests",
    }


def test_no_other_table_can(published: PublishedValues) -> None:
    every = [
        statement.format(table)
        for table in [*RESTRICTED, "public.event_logs"]
        for statement in ("SELECT * FROM {}", "DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES")
    ]
    assert [one for one in every if not refused(published, one)] == []


def test_nothing_can_be_changed_or_reached(published: PublishedValues) -> None:
    for statement in (
        "INSERT INTO release.regional_values DEFAULT VALUES",
        "UPDATE release.regional_values SET estimate = 0.9",
        "DELETE FROM release.regional_values",
        "TRUNCATE release.regional_values",
        "CREATE TABLE release.mine (x int)",
        "CREATE TABLE restricted.mine (x int)",
        "CREATE SCHEMA mine",
        "SELECT restricted.refuse_change()",
        "SELECT pg_read_file('/etc/hostname')",
        "SELECT pg_ls_dir('.')",
        "COPY release.regional_values TO '/dev/null'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "ALTER TABLE release.regional_values DISABLE TRIGGER append_only",
        "CREATE ROLE mine",
    ):
        with published._engine.connect() as connection, pytest.raises(ProgrammingError) as caught:
            connection.execute(sa.text(statement))
        # InsufficientPrivilege
        assert caught.value.orig.pgcode == "42501", statement
