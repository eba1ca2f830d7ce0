"""Whoever has the portal's files, process and login reads nothing and changes nothing."""

from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from made_portal import MadePortal, settings_file
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from resources.base.database.tables import (
    consent_events,
    member_requests,
    metadata,
    portal_consents,
    pulse_answers,
)
from resources.base.keys.long_lived_keys import KEY_FILES
from resources.stores.portal.invitations import KEY_FILE

pytestmark = pytest.mark.slow

ADDED = {one.fullname for one in (consent_events, member_requests, portal_consents, pulse_answers)}
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
        if name not in ADDED:
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
    for name in (*KEY_FILES, KEY_FILE):
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
        "verifying_keys",
        "member_bases",
        "cooling_off_days",
        "close_after_days",
        "notice_version",
        "notice",
        "contact",
    }


def test_no_date_is_one_that_the_program_can_not_read(portal: MadePortal) -> None:
    sealed = "decode(repeat('00', 10240), 'hex')"
    for day in ("0044-01-01 BC", "20000-01-01", "infinity"):
        statement = (
            "INSERT INTO restricted.member_requests (received_on, receipt, sealed)"
            f" VALUES ('{day}', 'r', {sealed})"
        )
        assert refusal(portal.login, statement) == "23514", day
