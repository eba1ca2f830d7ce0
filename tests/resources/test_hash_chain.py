"""What was recorded is changed past the rules of the database, and the chain tells."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, cast

import pytest
import sqlalchemy as sa

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import StorageError
from assets.core.modes import Mode
from resources.base.database.connection import Database
from resources.base.database.roles import Role
from resources.base.database.tables import (
    CHAINED,
    chain_links,
    consent_events,
    ledger,
    member_events,
    metadata,
    noisy_draws,
    regional_values,
    release_steps,
    retractions,
    settings_events,
    when_due,
)
from resources.maintenance.database_setup import as_owner
from resources.stores import ledger as ledger_entries
from resources.stores.chain.hash_chain import HashChain
from resources.stores.chain.triggers import FUNCTIONS, digest_of_functions
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.consent.leaving_journal import LeavingJournal
from resources.stores.published.published_values import PublishedValues

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
DAY = date(2026, 10, 15)
TODAY = date(2026, 11, 1)
VALUE = {
    "region": "greater_london",
    "day": date(2026, 10, 1),
    "method_version": "m",
    "revision": 0,
    "status": "published",
    "estimate": 0.31,
    "closed_at": NOW,
}
DRAW = {name: VALUE[name] for name in ("region", "day", "method_version", "revision")}
MEMBER = {
    "at": NOW,
    "kind": "objected",
    "source": "command",
    "group_ref": "g-00000001",
    "day": date(2026, 10, 1),
    "parts": ["p"],
    "initials": ["i"],
    "key_check": "k",
}


@pytest.fixture
def chain(database: Database) -> HashChain:
    """Of a database in which something was recorded on three days, with a head on each."""
    made = HashChain(database)
    for ahead in range(3):
        now = NOW + timedelta(days=ahead)
        with database.transaction() as connection:
            for group in ("g-00000001", "g-00000002"):
                connection.execute(
                    consent_events.insert().values(
                        at=now, kind="withdrawn", group_ref=group, mode="synthetic"
                    )
                )
            connection.execute(
                regional_values.insert(),
                [
                    {**VALUE, "construct": construct, "revision": ahead}
                    for construct in ("burnout", "resilience")
                ],
            )
            draw = {**DRAW, "revision": ahead, "at": now, "micro_rho": 1}
            connection.execute(release_steps.insert().values(**draw, step="stored"))
            totals = {"person_days": 9, **dict.fromkeys(CONSTRUCTS, 1)}
            connection.execute(noisy_draws.insert().values(**draw, **totals))
            ledger_entries.record(connection, ledger_entries.Kind.EXPORT_DELETED, 3, now)
            connection.execute(member_events.insert().values(MEMBER))
        made.head(DAY + timedelta(days=ahead))
    return made


WITHOUT_TRIGGERS = "SET LOCAL session_replication_role = replica"


def past_the_rules(database: Database, *statements: str) -> None:
    """As the owner, with every trigger off."""
    with as_owner(database.url) as connection:
        connection.execute(sa.text(WITHOUT_TRIGGERS))
        for one in statements:
            connection.execute(sa.text(one))


def published(chain: HashChain) -> list[tuple[str, str]]:
    with chain.database.transaction() as connection:
        rows = connection.execute(sa.text("SELECT day::text, head FROM release.chain_heads"))
        return [(row.day, row.head) for row in rows]


def written_anew(database: Database) -> None:
    """All of the chain, as the owner would who wants it to fit what he changed."""
    with as_owner(database.url) as connection:
        run = connection.exec_driver_sql
        run("SET LOCAL session_replication_role = replica; SET LOCAL timezone = 'UTC'")
        days = run("SELECT day FROM release.chain_heads ORDER BY day").scalars().all()
        run(
            "DELETE FROM restricted.chain_links; DELETE FROM restricted.chain_entries;"
            "DELETE FROM restricted.chain_openings; DELETE FROM release.chain_heads"
        )
        for table in CHAINED:
            keys = ", ".join(f"content -> '{one.name}'" for one in table.primary_key.columns)
            run(
                f"SELECT restricted.chain_add('{table.fullname}',"
                f" jsonb_build_array({keys})::text, content::text) FROM (SELECT"
                f" jsonb_strip_nulls(to_jsonb(t)) AS content FROM {table.fullname} t) s"
            )
        for day in days:
            connection.execute(sa.text("SELECT restricted.chain_head(:day)"), {"day": day})


def test_what_nobody_changed_is_whole(chain: HashChain) -> None:
    verdict = chain.verify(TODAY, published(chain))
    assert (verdict.codes, verdict.rows, verdict.waiting) == ([], 21, 0)
    # Nor does who may only read find anything else.
    assert HashChain(Database(chain.database.url, Role.AUDITOR)).verify(TODAY).codes == []


ATTACKS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "edit_a_published_value": (
        ("UPDATE release.regional_values SET estimate = 0.99 WHERE revision = 1",),
        {"CHAIN_ROW_CHANGED"},
    ),
    "fill_an_empty_column": (
        ("UPDATE release.regional_values SET value_7d = 0.5 WHERE revision = 1",),
        {"CHAIN_ROW_CHANGED"},
    ),
    "delete_a_withdrawal": (
        ("DELETE FROM restricted.consent_events WHERE seq = 2",),
        {"CHAIN_ROW_MISSING"},
    ),
    "delete_a_withdrawal_and_its_entry": (
        (
            "DELETE FROM restricted.consent_events WHERE seq = 2",
            "DELETE FROM restricted.chain_entries WHERE entry = 2",
        ),
        {"CHAIN_BROKEN"},
    ),
    "insert_past_the_trigger": (
        ("INSERT INTO restricted.ledger (at, kind, count) VALUES (now(), 'export_deleted', 1)",),
        {"CHAIN_ROW_NOT_CHAINED"},
    ),
    "insert_a_row_and_an_entry": (
        (
            "INSERT INTO restricted.ledger (at, kind, count) VALUES (now(), 'export_deleted', 1)",
            "SELECT restricted.chain_salt()",
            "INSERT INTO restricted.chain_entries (of_table, of_row, salt, commitment) SELECT"
            " 'restricted.ledger', encode(sha256(convert_to(jsonb_build_array(seq)::text, 'UTF8')),"
            " 'hex'), 'x', sha256('x' || convert_to('restricted.ledger' || E'\\n' ||"
            " jsonb_build_array(seq)::text || E'\\n' || jsonb_strip_nulls(to_jsonb(l))::text,"
            " 'UTF8')) FROM restricted.ledger l ORDER BY seq DESC LIMIT 1",
        ),
        {"CHAIN_BROKEN"},
    ),
    "reorder": (
        (
            "UPDATE restricted.chain_links SET number = -number, entry = -entry"
            " WHERE number IN (2, 3)",
            "UPDATE restricted.chain_links SET number = 5 + number, entry = -entry"
            " WHERE number < 0",
        ),
        {"CHAIN_BROKEN"},
    ),
    "swap_two_rows": (
        ("UPDATE restricted.ledger SET count = CASE seq WHEN 1 THEN 4 ELSE 3 END",),
        {"CHAIN_ROW_CHANGED"},
    ),
    "truncate_what_came_last": (
        (
            "DELETE FROM restricted.consent_events WHERE seq > 4",
            "DELETE FROM release.regional_values WHERE revision = 2",
            "DELETE FROM restricted.noisy_draws WHERE revision = 2",
            "DELETE FROM restricted.release_steps WHERE revision = 2",
            "DELETE FROM restricted.ledger WHERE seq = 3",
            "DELETE FROM restricted.chain_entries WHERE entry > 14",
            "DELETE FROM restricted.chain_links WHERE entry > 14",
        ),
        {"CHAIN_CUT_OFF"},
    ),
    "truncate_the_heads_too": (
        (
            "DELETE FROM restricted.consent_events WHERE seq > 4",
            "DELETE FROM release.regional_values WHERE revision = 2",
            "DELETE FROM restricted.noisy_draws WHERE revision = 2",
            "DELETE FROM restricted.release_steps WHERE revision = 2",
            "DELETE FROM restricted.ledger WHERE seq = 3",
            "DELETE FROM restricted.chain_entries WHERE entry > 14",
            "DELETE FROM restricted.chain_links WHERE entry > 14",
            "DELETE FROM restricted.chain_openings WHERE day = '2026-10-17'",
            "DELETE FROM release.chain_heads WHERE day = '2026-10-17'",
        ),
        {"CHAIN_HEAD_UNKNOWN"},
    ),
    "fork": (
        (
            "ALTER TABLE restricted.chain_links DROP CONSTRAINT chain_links_before_key",
            "INSERT INTO restricted.chain_links SELECT max(number) + 1, 0,"
            " (SELECT before FROM restricted.chain_links WHERE number = 3), 'x'"
            " FROM restricted.chain_links",
        ),
        {"CHAIN_BROKEN"},
    ),
    "another_head": (
        ("UPDATE release.chain_heads SET head = repeat('0', 64) WHERE day = '2026-10-16'",),
        {"CHAIN_HEAD_DIFFERS"},
    ),
    "edit_an_objection": (
        ("UPDATE restricted.member_events SET kind = 'withdrawn' WHERE seq = 1",),
        {"CHAIN_MEMBERS_CHANGED"},
    ),
    "delete_an_objection": (
        ("DELETE FROM restricted.member_events WHERE seq = 1",),
        {"CHAIN_MEMBERS_CHANGED"},
    ),
    "delete_an_objection_as_if_due": (
        (
            "DELETE FROM restricted.member_events WHERE seq = 1",
            "DELETE FROM restricted.member_salts WHERE seq = 1",
        ),
        {"CHAIN_MEMBERS_CHANGED"},
    ),
    "take_an_objection_for_a_filler": (
        (
            "DELETE FROM restricted.member_events WHERE seq = 1",
            "UPDATE restricted.member_salts SET seq = NULL WHERE seq = 1",
        ),
        {"CHAIN_MEMBERS_CHANGED"},
    ),
    "a_batch_without_it": (
        (
            "UPDATE restricted.member_batches SET commitments = substr(commitments, 33)"
            " || sha256('x') WHERE number = 1",
        ),
        {"CHAIN_BROKEN", "CHAIN_MEMBERS_CHANGED"},
    ),
    "trigger_off": (
        ("ALTER TABLE restricted.ledger DISABLE TRIGGER chained",),
        {"CHAIN_TRIGGER_OFF"},
    ),
    "trigger_for_nothing": (
        (
            "DROP TRIGGER chained ON restricted.ledger",
            "CREATE TRIGGER chained AFTER INSERT ON restricted.ledger FOR EACH ROW WHEN (false)"
            " EXECUTE FUNCTION restricted.chain_row('seq')",
        ),
        {"CHAIN_TRIGGER_OFF"},
    ),
    "trigger_of_append_only_off": (
        ("ALTER TABLE release.regional_values DISABLE TRIGGER append_only",),
        {"CHAIN_TRIGGER_OFF"},
    ),
    "a_rule_that_swallows_rows": (
        ("CREATE RULE swallowed AS ON INSERT TO restricted.ledger DO INSTEAD NOTHING",),
        {"CHAIN_TRIGGER_OFF"},
    ),
    "a_trigger_more": (
        (
            "CREATE FUNCTION public.swallow() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NULL; END'",
            "CREATE TRIGGER aaa BEFORE INSERT ON restricted.ledger FOR EACH ROW"
            " EXECUTE FUNCTION public.swallow()",
        ),
        {"CHAIN_TRIGGER_OFF"},
    ),
    "a_policy_more": (
        ("CREATE POLICY hidden ON restricted.consent_events AS RESTRICTIVE USING (kind = 'x')",),
        {"CHAIN_TRIGGER_OFF", "CHAIN_ROW_MISSING"},
    ),
    "a_child_of_a_table": (
        ("CREATE TABLE public.more () INHERITS (restricted.ledger)",),
        {"CHAIN_TRIGGER_OFF"},
    ),
    "a_function_before_ours": (
        (
            "CREATE FUNCTION public.to_jsonb(release.regional_values) RETURNS jsonb LANGUAGE sql"
            " AS $$ SELECT '{}'::jsonb $$",
            "UPDATE release.regional_values SET estimate = 0.99 WHERE revision = 1",
        ),
        {"CHAIN_ROW_CHANGED"},
    ),
    "a_row_twice": (
        (
            "ALTER TABLE restricted.ledger DROP CONSTRAINT ledger_pkey",
            "INSERT INTO restricted.ledger OVERRIDING SYSTEM VALUE"
            " SELECT * FROM restricted.ledger WHERE seq = 1",
        ),
        {"CHAIN_ROW_NOT_CHAINED"},
    ),
    "a_value_that_nobody_drew": (
        (
            "SET LOCAL session_replication_role = origin",
            "INSERT INTO release.regional_values (region, day, construct, method_version, revision,"
            " status, estimate, closed_at) VALUES"
            " ('greater_london', '2026-10-01', 'burnout', 'm', 7, 'published', .9, now())",
        ),
        {"CHAIN_VALUE_WITHOUT_DRAW"},
    ),
    "an_objection_deleted_as_if_due": (
        (
            "SET LOCAL session_replication_role = origin",
            "SET LOCAL tideline.due = 'on'",
            "DELETE FROM restricted.member_events WHERE seq = 1",
            "INSERT INTO restricted.ledger (at, kind, group_ref, count)"
            " VALUES (now(), 'member_events_deleted', 'g-00000009', 1)",
        ),
        {"CHAIN_MEMBERS_CHANGED"},
    ),
    "a_head_of_a_day_to_come": (
        ("SELECT restricted.chain_head('9999-12-31')",),
        {"CHAIN_HEAD_AHEAD"},
    ),
    "function_that_does_nothing": (
        (
            "CREATE OR REPLACE FUNCTION restricted.chain_row() RETURNS trigger"
            " LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NULL; END'",
        ),
        {"CHAIN_TRIGGER_OFF"},
    ),
}


class Undone:
    """A database as it is within one transaction, in which it is looked at and which is undone."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        with self.connection.begin_nested() as looking:
            self.connection.execute(sa.text(f"SET LOCAL ROLE {Role.RESTRICTED.value}"))
            yield self.connection
            looking.rollback()


def test_what_was_changed_past_the_rules_is_told(chain: HashChain) -> None:
    outside, told = published(chain), {}
    # As what looks at the chain asks for; it can't be asked for once something was changed.
    engine = sa.create_engine(chain.database.url, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        looking = HashChain(cast("Database", Undone(connection)))
        for name, (statements, _) in ATTACKS.items():
            connection.execute(sa.text(WITHOUT_TRIGGERS))
            for one in statements:
                connection.execute(sa.text(one))
            told[name] = set(looking.verify(TODAY, outside).codes)
            connection.rollback()
        assert looking.verify(TODAY, outside).codes == []
    engine.dispose()
    assert told == {name: codes for name, (_, codes) in ATTACKS.items()}


def test_a_chain_written_anew_is_not_what_was_published(chain: HashChain) -> None:
    outside = published(chain)
    past_the_rules(
        chain.database, "UPDATE release.regional_values SET estimate = 0.99 WHERE revision = 1"
    )
    written_anew(chain.database)
    assert chain.verify(TODAY).codes == []
    assert chain.verify(TODAY, outside).codes == ["CHAIN_HEAD_DIFFERS"]
    assert chain.verify(TODAY, outside[-1:]).codes == ["CHAIN_HEAD_DIFFERS"]


def test_no_role_writes_the_chain(chain: HashChain) -> None:
    tables = [
        one for one in metadata.tables.values() if "chain_" in one.name or "batch" in one.name
    ]
    assert tables
    for role in Role:
        database = Database(chain.database.url, role)
        statements = [
            verb
            for table in tables
            for verb in (
                f"DELETE FROM {table.fullname}",
                f"INSERT INTO {table.fullname} DEFAULT VALUES",
            )
        ]
        if role is not Role.RESTRICTED:
            statements.append("SELECT restricted.chain_head('2027-01-01')")
        for one in statements:
            with pytest.raises(sa.exc.ProgrammingError), database.engine.begin() as connection:
                connection.execute(sa.text(one))
        database.dispose()


def test_many_at_once_make_one_chain(database: Database) -> None:
    def record(_: int) -> None:
        with database.transaction() as connection:
            for _ in range(3):
                ledger_entries.record(connection, ledger_entries.Kind.EXPORT_DELETED, 1, NOW)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(record, range(40)))
    chain = HashChain(database)
    assert (chain.verify(TODAY).codes, chain.verify(TODAY).rows) == ([], 120)
    chain.head(DAY)
    assert (chain.verify(TODAY).codes, chain.verify(TODAY).waiting) == ([], 0)
    with database.transaction() as connection:
        numbers = connection.execute(sa.select(chain_links.c.number).order_by("number")).scalars()
        assert list(numbers) == list(range(1, 121))


def test_who_leaves_waits_for_nobody_who_holds_the_chain(database: Database) -> None:
    """A run that holds the chain goes on; the withdrawal is recorded, and linked with the next."""
    chain = HashChain(database)
    with database.transaction() as going_on:
        ledger_entries.record(going_on, ledger_entries.Kind.EXPORT_DELETED, 1, NOW)
        with database.transaction() as leaving:
            leaving.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
            leaving.execute(
                consent_events.insert().values(
                    at=NOW, kind="withdrawn", group_ref="g-00000001", mode="synthetic"
                )
            )
        assert (chain.verify(TODAY).codes, chain.verify(TODAY).waiting) == ([], 1)
        assert chain.verify(TODAY).rows == 1
    with database.transaction() as connection:
        ledger_entries.record(connection, ledger_entries.Kind.EXPORT_DELETED, 1, NOW)
    assert (chain.verify(TODAY).codes, chain.verify(TODAY).waiting, chain.verify(TODAY).rows) == (
        [],
        0,
        3,
    )


def test_what_is_deleted_when_due_leaves_the_chain_valid(
    chain: HashChain, journal: LeavingJournal, terms: Callable[..., Any]
) -> None:
    outside = published(chain)
    register = ConsentRegister(chain.database, Mode.SYNTHETIC, ["greater_london"], journal)
    group = register.grant(terms(), NOW)
    register.withdraw(group, NOW)
    with chain.database.transaction() as connection:
        when_due(connection)
        count = connection.execute(member_events.delete()).rowcount
        kind = ledger_entries.Kind.MEMBER_EVENTS_DELETED
        ledger_entries.record(connection, kind, count, NOW + timedelta(days=400), group_ref=group)
    assert count == 3
    assert chain.verify(TODAY, outside).codes == []
    chain.head(DAY + timedelta(days=9))
    assert chain.verify(TODAY, published(chain)).codes == []


@pytest.mark.parametrize("events", [0, 1, 63, 64, 100])
def test_a_day_s_batch_is_of_one_size(database: Database, events: int) -> None:
    if events:
        with database.transaction() as connection:
            connection.execute(member_events.insert(), [MEMBER] * events)
    chain = HashChain(database)
    for ahead in range(2):
        chain.head(DAY + timedelta(days=ahead))
    with database.transaction() as connection:
        sizes = connection.execute(
            sa.text("SELECT length(commitments) FROM restricted.member_batches")
        ).scalars()
        assert list(sizes) == [64 * 32] * 2
    assert chain.verify(TODAY).codes == []


def test_a_day_has_one_head_and_it_tells_nothing(chain: HashChain) -> None:
    heads = dict(published(chain))
    with chain.database.transaction() as connection:
        connection.execute(member_events.insert().values(MEMBER))
    for day in (DAY, DAY + timedelta(days=2)):
        assert chain.head(day) == heads[day.isoformat()]
    assert {len(head) for head in heads.values()} == {64}


def test_a_broken_chain_keeps_nobody_from_leaving(chain: HashChain) -> None:
    past_the_rules(
        chain.database,
        "UPDATE restricted.chain_links SET number = 99 WHERE number = 20",
        "UPDATE restricted.chain_links SET number = 20 WHERE number = 21",
        "UPDATE restricted.chain_links SET number = 21 WHERE number = 99",
    )
    with chain.database.transaction() as connection:
        connection.execute(
            consent_events.insert().values(
                at=NOW, kind="withdrawn", group_ref="g-00000003", mode="synthetic"
            )
        )
    assert chain.verify(TODAY).codes == ["CHAIN_BROKEN", "CHAIN_CUT_OFF"] or chain.verify(
        TODAY
    ).codes == ["CHAIN_BROKEN", "CHAIN_HEAD_DIFFERS"]
    assert chain.verify(TODAY).waiting == 1


def test_nobody_s_own_type_runs_in_the_owner_s_name(database: Database) -> None:
    with pytest.raises(sa.exc.ProgrammingError), database.engine.begin() as connection:
        connection.execute(
            sa.text("CREATE DOMAIN pg_temp.jsonb AS pg_catalog.jsonb CHECK (VALUE IS NULL)")
        )


def test_who_holds_the_chain_holds_nobody_up_for_long(database: Database) -> None:
    with database.transaction() as holding:
        holding.execute(sa.text("SELECT pg_advisory_xact_lock(7431906)"))
        with pytest.raises(StorageError, match=r"^DATABASE_BUSY$"):
            HashChain(database).head(DAY)


def test_what_a_restore_lost_is_told_and_no_fault(chain: HashChain) -> None:
    outside = [*published(chain), ("2026-10-18", sha256(b"of a later day").hexdigest())]
    assert chain.verify(TODAY, outside).codes == ["CHAIN_HEAD_UNKNOWN"]
    assert chain.record_lost(outside, NOW) == 1
    assert chain.record_lost(outside, NOW) == 0
    verdict = chain.verify(TODAY, outside)
    assert (verdict.codes, verdict.lost_heads) == ([], 1)
    # What somebody noted elsewhere has to be the chain's, whatever was recorded.
    assert chain.verify(TODAY, noted=outside).codes == ["CHAIN_HEAD_UNKNOWN"]


CHANGED = {
    "a_value": "UPDATE release.regional_values SET estimate = 0.99 WHERE revision = 1",
    "a_value_that_was_none": "UPDATE release.regional_values SET value_7d = 0.5 WHERE revision = 1",
    "a_value_taken_out": "DELETE FROM release.regional_values WHERE revision = 1",
    "a_value_put_in": "INSERT INTO release.regional_values (region, day, construct,"
    " method_version, revision, status, closed_at) SELECT region, day, construct, method_version,"
    " 7, status, closed_at FROM release.regional_values WHERE revision = 1",
    "a_retraction_taken_out": "DELETE FROM release.retractions",
}


@pytest.mark.parametrize("name", CHANGED)
def test_public_code_sees_what_is_not_as_it_was_recorded(chain: HashChain, name: str) -> None:
    values = PublishedValues(chain.database.url)
    with chain.database.transaction() as connection:
        draw = {key: VALUE[key] for key in ("region", "day", "method_version", "revision")}
        taken_back = {**draw, "scope": "all", "reason": "scoring_error", "at": NOW}
        connection.execute(retractions.insert().values(taken_back))
    values.read()
    past_the_rules(chain.database, CHANGED[name])
    with pytest.raises(StorageError, match=r"^PUBLISHED_VALUES_CHANGED$"):
        values.read()


def test_the_functions_are_those_that_are_known(database: Database) -> None:
    with database.transaction() as connection:
        assert digest_of_functions(connection) == FUNCTIONS


def test_every_table_that_must_be_is_chained() -> None:
    assert consent_events in CHAINED
    assert {ledger, regional_values, settings_events} <= set(CHAINED)
