"""What a database of each version becomes, on the home of 22 November 2026 and on an empty one."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import URL

from assets.core.errors import StorageError
from resources.base.database import migrations
from resources.base.database.connection import Database, refuse_other_version
from resources.base.database.migrations import BASELINE, newest_version, pending, version_of
from resources.base.database.tables import APPEND_ONLY, metadata
from resources.maintenance.database_setup import (
    as_owner,
    drop_everything,
    is_empty,
    register_home,
    set_up,
)
from resources.maintenance.schema_rehearsal import rehearse

pytestmark = pytest.mark.slow

# All of them take two minutes: TIDELINE_EVERY_STATEMENT=1 pytest tests/resources/test_migrations.py
STRIDE = 1 if os.environ.get("TIDELINE_EVERY_STATEMENT") else 61
KEPT = (
    "restricted.consent_events",
    "restricted.member_events",
    "restricted.ledger",
    "restricted.release_steps",
    "restricted.noisy_draws",
    "restricted.release_reasons",
    "release.regional_values",
    "release.retractions",
    "public.event_logs",
    "public.runs",
)


@pytest.fixture
def set_up_already(make_empty_database: Callable[..., URL], template_database: str) -> URL:
    """A database that was empty and is set up."""
    return make_empty_database(template_database)


@pytest.fixture
def november(make_empty_database: Callable[..., URL], november_database: str) -> URL:
    return make_empty_database(november_database)


def content(url: URL, tables: tuple[str, ...] = KEPT) -> dict[str, list[str]]:
    """Every row of the tables, but for what is empty, as a column that was added later is."""
    with as_owner(url) as connection:
        return {
            table: sorted(
                connection.execute(
                    sa.text(f"SELECT jsonb_strip_nulls(to_jsonb(t))::text FROM {table} t")
                )
                .scalars()
                .all()
            )
            for table in tables
        }


def shape(url: URL) -> set[str]:
    """Every column with its type and default, every constraint, index, trigger and policy."""
    queries = (
        "SELECT 'column ' || table_schema || '.' || table_name || '.' || column_name || ' '"
        " || data_type || coalesce(character_maximum_length::text, '') || is_nullable"
        " FROM information_schema.columns WHERE table_schema IN ('restricted', 'release')",
        "SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE connamespace::regnamespace::text IN ('restricted', 'release')",
        "SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname IN ('restricted', 'release')",
        "SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT 'policy ' || tablename || policyname || roles::text || cmd FROM pg_policies",
        "SELECT 'right ' || table_schema || table_name || grantee || privilege_type"
        " FROM information_schema.table_privileges WHERE grantee LIKE 'tideline_%'",
    )
    with as_owner(url) as connection:
        return {row for query in queries for row in connection.execute(sa.text(query)).scalars()}


def test_an_older_home_and_a_new_one_come_to_the_same(
    november: URL, make_empty_database: Callable[[], URL]
) -> None:
    before = content(november)
    new = make_empty_database()
    assert [one.version for one in set_up(november)] == [
        one.version for one in set_up(new) if one.version != BASELINE
    ]
    assert shape(november) == shape(new)
    assert content(november) == before
    assert all(before[table] for table in ("release.regional_values", "restricted.ledger"))
    refuse_other_version(november)
    # Under what name earlier senders came is not known, so none that is told of counts for them.
    with as_owner(november) as connection:
        columns = "group_ref, sender, first_day, key_check"
        seen, borne = (
            connection.execute(sa.text(f"SELECT {columns} FROM restricted.{rows}")).all()
            for rows in ("seen_senders", "names_borne WHERE name = '' AND from_first")
        )
    assert seen
    assert sorted(borne) == sorted(seen)
    what_consents_lack_is_marked_for_renewal(november)


def what_consents_lack_is_marked_for_renewal(november: URL) -> None:
    with as_owner(november) as connection:
        rows = connection.execute(
            sa.text(
                "SELECT platform, evidence_digest LIKE 'e3b0c442%', no_platform, no_evidence,"
                " renew_by - renewals.at::date"
                " FROM restricted.consent_renewals AS renewals"
                " JOIN restricted.consent_events USING (seq) ORDER BY seq"
            )
        ).all()
    assert [tuple(row)[:4] for row in rows] == [
        ("carrier pigeon", False, True, False),
        ("whatsapp", True, False, True),
        ("WhatsApp", True, False, True),
    ]
    assert {row[4] for row in rows} <= {27, 28, 29}


def test_the_tables_are_what_the_program_takes_them_for(database_url: URL) -> None:
    def ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "schema" or name in {"restricted", "release"}

    with as_owner(database_url) as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": ours,
                "version_table_schema": "restricted",
                "version_table": migrations.VERSION_TABLE,
            },
        )
        assert compare_metadata(context, metadata) == []
        guarded = connection.execute(
            sa.text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'")
        ).scalars()
        assert set(guarded) == {table.fullname for table in APPEND_ONLY}


def statements(url: URL, run: Callable[[URL], object]) -> Iterator[int]:
    """Runs it again and again, killed before another statement each time, until it is not.

    Before one that changes something: before a question all is as before the next change.
    """
    for number in range(1, 600, STRIDE):
        seen = 0

        def die(*given: Any, number: int = number) -> None:
            nonlocal seen
            if given[2].lstrip().upper().startswith(("SELECT", "SET")):
                return
            seen += 1
            if seen == number:
                raise KeyboardInterrupt

        sa.event.listen(sa.Engine, "before_cursor_execute", die)
        try:
            run(url)
        except KeyboardInterrupt:
            yield number
        else:
            return
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", die)


def test_a_migration_killed_at_every_statement_rolls_back_or_goes_on(
    november: URL, set_up_already: URL
) -> None:
    before, kills = content(november), 0
    for kills in statements(november, set_up):  # noqa: B007
        with as_owner(november) as connection:
            version = version_of(connection)
        # All of ours is one transaction, and the last one.
        assert version in {BASELINE, newest_version()}
        assert content(november) == before
    assert kills > 40
    assert shape(november) == shape(set_up_already)
    refuse_other_version(november)


def test_making_the_tables_killed_at_every_statement_goes_on(
    make_empty_database: Callable[[], URL], set_up_already: URL
) -> None:
    url = make_empty_database()
    kills = 0
    for kills in statements(url, set_up):  # noqa: B007
        with pytest.raises(StorageError, match=r"^DATABASE_EMPTY$"):
            refuse_other_version(url)
    assert kills > 40
    assert shape(url) == shape(set_up_already)
    register_home(url, "0" * 32, "synthetic", {})
    Database(url).require("0" * 32, "synthetic")


def test_a_rehearsal_leaves_the_database_as_it_was(november: URL, tmp_path: Path) -> None:
    before = content(november)
    assert [one.version for one in rehearse(november, tmp_path)] == [
        one.version for one in migrations._versions()[1:]
    ]
    with as_owner(november) as connection:
        assert version_of(connection) == BASELINE
        names = connection.execute(sa.text("SELECT datname FROM pg_database")).scalars().all()
    assert not [name for name in names if name.startswith("rehearsal_")]
    assert content(november) == before
    assert list(tmp_path.glob("**/*.dump")) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE restricted.schema_version SET version_num = '2099_01_01'", "OF_ANOTHER_VERSION"),
        ("UPDATE restricted.schema_version SET version_num = '2026_11_22'", "NEEDS_MIGRATION"),
        ("DROP SCHEMA restricted CASCADE", "EMPTY"),
        ("DROP TABLE restricted.schema_version", "OF_ANOTHER_VERSION"),
    ],
)
def test_a_database_of_another_version_is_refused_and_left_alone(
    database_url: URL, change: str, code: str
) -> None:
    with as_owner(database_url) as connection:
        connection.execute(sa.text(change))
    before = shape(database_url)
    with pytest.raises(StorageError, match=rf"^DATABASE_{code}$"):
        Database(database_url).require("0" * 32, "synthetic")
    assert shape(database_url) == before


def test_a_running_program_is_not_pulled_the_tables_from_under(
    november: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.maintenance.database_setup.LOCK_TIMEOUT", "200ms")
    with as_owner(november) as connection:
        connection.execute(sa.text("LOCK TABLE restricted.home IN ACCESS SHARE MODE"))
        with pytest.raises(StorageError, match=r"^MIGRATION_BLOCKED$"):
            set_up(november)
    with as_owner(november) as connection:
        assert pending(connection)


def test_the_newest_version_is_that_of_the_last_file() -> None:
    assert newest_version() == migrations._versions()[-1].version


def test_what_init_could_not_finish_is_taken_away(
    make_empty_database: Callable[[], URL], set_up_already: URL
) -> None:
    assert is_empty(make_empty_database())
    assert not is_empty(set_up_already)
    drop_everything(set_up_already)
    assert is_empty(set_up_already)


def test_a_database_serves_one_home_for_good(database_url: URL) -> None:
    register_home(database_url, "1" * 32, "study", {})
    with pytest.raises(StorageError, match=r"^DATABASE_OF_ANOTHER_HOME$"):
        register_home(database_url, "1" * 32, "study", {})
