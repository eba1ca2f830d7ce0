"""Whoever has the portal's files, process and login reads nothing and changes nothing."""

import html
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
import yaml
from made_portal import SECONDS, MadePortal, settings_file, withdrawal_in
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from assets.core.errors import StorageError
from orchestration.portal.words import texts
from resources.base.clock import Clock
from resources.base.database.tables import (
    consent_events,
    member_requests,
    metadata,
    portal_consents,
    pulse_answers,
)
from resources.base.database.tables.portal_bounds import FULL, MOST_A_DAY
from resources.base.keys.link_keys import Signs
from resources.base.keys.long_lived_keys import KEY_FILES
from resources.maintenance.database_setup import as_owner
from resources.stores.portal import floods
from resources.stores.portal.floods import refuse_flood

pytestmark = pytest.mark.slow

EVENT = (
    "INSERT INTO restricted.consent_events (at, kind, group_ref, mode, via)"
    " VALUES (now(), '{}', '{}', 'synthetic', 'portal'){}"
)


def refusal(login: URL, statement: str) -> str | None:
    """The code by which the server refuses a statement; None if it takes it. Nothing stays."""
    engine = sa.create_engine(login, poolclass=sa.NullPool)
    with engine.connect() as connection:
        try:
            connection.execute(sa.text(statement))
        except DBAPIError as error:
            return str(getattr(error.orig, "pgcode", None))
        finally:
            connection.rollback()
    return None


def test_its_login_reads_nothing_and_changes_nothing(portal: MadePortal) -> None:
    taken = []
    for name, table in metadata.tables.items():
        column = next(one.name for one in table.columns if one.identity is None)
        statements = [
            f"SELECT count(*) FROM {name}",
            f"SELECT {column} FROM {name} LIMIT 1",
            f"COPY {name} TO STDOUT",
            f"UPDATE {name} SET {column} = NULL",
            f"DELETE FROM {name}",
            f"TRUNCATE {name}",
            f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE",
        ]
        if table not in BOUNDED:
            statements.append(f"INSERT INTO {name} DEFAULT VALUES")
        taken += [one for one in statements if refusal(portal.login, one) != "42501"]
    assert taken == []
    others = [
        EVENT.format("granted", "g-00000000", ""),
        EVENT.format("renewed", "g-00000000", ""),
        EVENT.format("notice", "g-00000000", ""),
        EVENT.format("withdrawn", "g-00000000", " RETURNING seq"),
        EVENT.format("withdrawn", "nonsense", ""),
        EVENT.format("withdrawn", "g-00000000", "").replace("synthetic", "anything"),
        # A date or a number that no program can read would stop all that reads the register.
        "INSERT INTO restricted.consent_events (at, kind, group_ref, mode, via, informed_on)"
        " VALUES (now(), 'withdrawn', 'g-00000000', 'synthetic', 'portal', '0044-01-01 BC')",
        "INSERT INTO restricted.consent_events (seq, at, kind, group_ref, mode, via)"
        " OVERRIDING SYSTEM VALUE"
        " VALUES (9223372036854775807, now(), 'withdrawn', 'g-00000000', 'synthetic', 'portal')",
        "INSERT INTO restricted.portal_consents (invitation, at) VALUES ('a', now())",
        "SELECT * FROM public.runs",
        "SELECT restricted.chain_head(current_date)",
        "CREATE TABLE public.mine (a int)",
        "SET ROLE tideline_restricted",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
    ]
    assert [one for one in others if refusal(portal.login, one) != "42501"] == []
    # Of an invitation it must name, 128 random bits, it learns what adding it again would tell.
    [made, link] = portal.invitation()
    portal.answer(link)
    asked = sa.text("SELECT restricted.is_answered(:invitation)")
    with sa.create_engine(portal.login, poolclass=sa.NullPool).connect() as connection:
        told = {
            one: connection.execute(asked, {"invitation": one}).scalar_one()
            for one in (made.invitation, "0" * 32, "%", "", made.group_ref)
        }
    assert [one for one, is_answered in told.items() if is_answered] == [made.invitation]
    # What a constraint would tell: nothing, for it is asked after the row's policy.
    for ref in ("g-00000000", portal.invitation()[0].group_ref):
        assert refusal(portal.login, EVENT.format("withdrawn", ref, "")) is None


def test_withdrawals_of_groups_that_nobody_knows_stop_no_register(portal: MadePortal) -> None:
    engine = sa.create_engine(portal.login, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for ref in ("g-00000000", "g-ffffffff"):
            connection.execute(sa.text(EVENT.format("withdrawn", ref, "")))
    made, link = portal.invitation()
    portal.answer(link)
    assert portal.take_over() == [(made.group_ref, "TAKEN")]
    assert set(portal.session.register.consents()) == {made.group_ref}
    assert len(portal.session.register.spans("greater_london")) == 1


def test_its_files_hold_public_keys_alone(portal: MadePortal, tmp_path: Path) -> None:
    written = settings_file(portal, tmp_path).read_bytes()
    for name in (*KEY_FILES, *(which.value.file for which in Signs)):
        secret = (portal.session.home.secrets / name).read_bytes().strip()
        assert secret not in written
        assert secret.split()[0] not in written
    assert "AGE-SECRET" not in written.decode()
    assert set(yaml.safe_load(written)) == {
        "form",
        "mode",
        "address",
        "regions",
        "inbox_recipient",
        "inbox_days",
        "invitation_keys",
        "withdrawal_keys",
        "member_bases",
        "cooling_off_days",
        "close_after_days",
        "notice_version",
        "notice",
        "contact",
    }


PULSE = "INSERT INTO restricted.pulse_answers (sealed) VALUES (decode(repeat('00', 2048), 'hex'))"
SEALED = "decode(repeat('00', 10240), 'hex')"
REQUEST = f"INSERT INTO restricted.member_requests (receipt, sealed) VALUES ('r', {SEALED})"


DATED = {member_requests: REQUEST, pulse_answers: PULSE}


@pytest.mark.parametrize("table", DATED)
def test_it_dates_nothing(portal: MadePortal, table: sa.Table) -> None:
    statement = DATED[table]
    for day in ("'0044-01-01 BC'", "'infinity'", "'2026-01-01'", "now()", "DEFAULT"):
        dated = statement.replace(f"{table.name} (", f"{table.name} (received_on, ")
        dated = dated.replace("VALUES (", f"VALUES ({day}, ")
        assert refusal(portal.login, dated) == "42501", day
    before = Clock().today()
    with sa.create_engine(portal.login, poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.text("SET TIME ZONE 'Pacific/Kiritimati'"))
        connection.execute(sa.text(statement))
    [row] = portal.rows(table)
    assert before <= row.received_on <= Clock().today()


ANSWER = (
    "INSERT INTO restricted.portal_consents (invitation, group_ref, renews,"
    " region, platform, employer_ref, expires, signature, adult_workplace, informed_on,"
    " manages_members, member_basis, sector, scopes, rhythm, valid_until, notice_version,"
    " notice_digest) VALUES (md5(random()::text), '{}', false, 'r', 'whatsapp',"
    " 'e-00000000', '2027-01-01', decode(repeat('00', 64), 'hex'), true, '2026-10-01', false,"
    " 'opt_in', 's', '{{}}', 'daily', '2026-12-01', '1', 'd')"
)
BOUNDED = {
    consent_events: EVENT.format("withdrawn", "g-00000000", ""),
    member_requests: REQUEST,
    portal_consents: ANSWER.format("g-11111111"),
    pulse_answers: PULSE,
}


@pytest.fixture
def bound_of_three(portal: MadePortal) -> Iterator[None]:
    """Each bound as small as a test can reach, and afterwards as the migration made it."""
    _bind(portal, dict.fromkeys(BOUNDED, 3))
    yield
    _bind(portal, MOST_A_DAY)


def _bind(portal: MadePortal, most: Mapping[sa.Table, int]) -> None:
    with as_owner(portal.session.url) as connection:
        for table, rows in most.items():
            connection.execute(sa.text(f"DROP TRIGGER bounded ON {table.fullname}"))
            trigger = f"CREATE TRIGGER bounded BEFORE INSERT ON {table.fullname} FOR EACH ROW"
            function = f"EXECUTE FUNCTION restricted.bound_portal('{rows}')"
            connection.execute(sa.text(f"{trigger} {function}"))


def test_it_fills_no_table(
    portal: MadePortal, bound_of_three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Asked of the server: a table that the portal is granted later is bounded, or this fails.
    may_add = sa.text("SELECT has_any_column_privilege(:login, :name, 'INSERT')")
    with portal.session.database.transaction() as connection:
        added = {
            table
            for name, table in metadata.tables.items()
            if connection.execute(may_add, {"login": portal.login.username, "name": name}).scalar()
        }
    assert added == set(MOST_A_DAY) == set(BOUNDED)
    database, now = portal.session.database, datetime.now(UTC)
    engine = sa.create_engine(portal.login, poolclass=sa.NullPool)
    for table, statement in BOUNDED.items():
        with engine.connect() as connection:
            codes = [_code(connection, statement) for _ in range(4)]
            connection.rollback()
        assert codes == [None, None, None, FULL]
        for _ in range(3):
            with engine.begin() as connection:
                connection.execute(sa.text(statement))
        assert refusal(portal.login, statement) == FULL, table
        assert len(portal.rows(table)) == 3
        # It is noticed from more than half on, for two days, and not before.
        monkeypatch.setattr(floods, "MOST_A_DAY", {**MOST_A_DAY, table: 6})
        refuse_flood(database, now)
        monkeypatch.setattr(floods, "MOST_A_DAY", {**MOST_A_DAY, table: 5})
        for moment in (now, now + timedelta(days=1)):
            with pytest.raises(StorageError, match=r"^PORTAL_FLOODED$"):
                refuse_flood(database, moment)
        refuse_flood(database, now + timedelta(days=3))
    # Who leaves by the restricted side is counted by nobody.
    by_command = BOUNDED[consent_events].replace(", via", "").replace(", 'portal'", "")
    with database.transaction() as connection:
        connection.execute(sa.text(by_command))
    assert len(portal.rows(consent_events)) == 4


def test_an_old_snapshot_gets_past_no_bound(portal: MadePortal, bound_of_three: None) -> None:
    engine = sa.create_engine(portal.login, poolclass=sa.NullPool)
    for level in ("REPEATABLE READ", "SERIALIZABLE"):
        for statement in BOUNDED.values():
            with engine.connect() as connection:
                connection.execution_options(isolation_level=level)
                assert _code(connection, statement) == "25000"


def test_no_flood_of_withdrawals_keeps_a_group_in(portal: MadePortal, bound_of_three: None) -> None:
    made, link = portal.invitation()
    portal.answer(link)
    assert portal.take_over() == [(made.group_ref, "TAKEN")]
    waits, link = portal.invitation()
    withdrawal = withdrawal_in(portal.answer(link).text)
    engine = sa.create_engine(portal.login, poolclass=sa.NullPool)

    def withdrawn(ref: str, mode: str = "synthetic") -> str | None:
        statement = EVENT.format("withdrawn", ref, "").replace("synthetic", mode)
        with engine.connect() as connection:
            code = _code(connection, statement)
            connection.commit()
        return code

    found = [withdrawn(f"g-0000000{number}") for number in range(4)]
    assert found == [None] * 3 + [FULL]
    # One of another mode is of no home's group and does not use the way out up.
    assert [withdrawn(made.group_ref, mode) for mode in ("study", "study")] == [None, FULL]
    assert [withdrawn(made.group_ref) for _ in range(2)] == [None, FULL]
    answer = requests.post(withdrawal, {"withdraw": "now"}, timeout=SECONDS)
    assert answer.status_code == 200
    assert withdrawn(waits.group_ref) == FULL
    # What is said to be before an answer is not after it: else one answer would let any number in.
    with engine.connect() as connection:
        codes = [_code(connection, ANSWER.format("g-22222222"))]
        codes += [_code(connection, EVENT.format("withdrawn", "g-22222222", "")) for _ in range(3)]
        connection.rollback()
    assert codes == [None, FULL, FULL, FULL]


def test_transactions_that_are_open_together_are_counted_together(
    portal: MadePortal, bound_of_three: None
) -> None:
    engine = sa.create_engine(portal.login, poolclass=sa.NullPool)
    with engine.connect() as first, engine.connect() as second:
        for _ in range(3):
            first.execute(sa.text(REQUEST))
        second.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
        assert _code(second, REQUEST) == "55P03"
        second.rollback()
        first.commit()
        assert _code(second, REQUEST) == FULL
    page = requests.post(
        f"{portal.settings.address}/m", {"asks": "question", "text": "?"}, timeout=SECONDS
    )
    assert page.status_code == 503
    # Minutes help nobody then: the ways that are left are named.
    assert texts()["full"]["members"] in html.unescape(page.text)
    assert "Nothing was recorded" in page.text


def _code(connection: sa.Connection, statement: str) -> str | None:
    try:
        with connection.begin_nested():
            connection.execute(sa.text(statement))
    except DBAPIError as error:
        return str(getattr(error.orig, "pgcode", None))
    return None
