"""What home, notice and help tell of connectors; and that a home without one tells nothing."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from command_line import exit_status
from made_connector import settings_at
from made_pages import facts as page_facts
from made_records import reviewed
from taken_messages import MailServer

from assets.public.records.holdings import holdings_record
from assets.public.records.privacy_notice import privacy_notice
from assets.restricted.reviewed_facts.facts import connectors_told
from orchestration.cli.connectors_status import connector_notifications
from resources.stores.connect.faults import groups_of_connectors
from resources.stores.connect.health import GroupHealth, Health, HealthFile

TRACE = re.compile("connect(or|s)?\\b|matrix|does not tell it when you delete|21 days", re.I)
NOON = datetime(2026, 10, 15, 12, tzinfo=UTC)


@pytest.fixture
def group_ref(session: Any, terms: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """A group whose room is collected from 12 October on; it is noon on the 15th."""
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    session.clock.set_to(date(2026, 10, 11))
    ref = session.register.grant(
        terms(platform="matrix", valid_from=date(2026, 10, 8), informed_on=date(2026, 10, 1)),
        session.clock.now(),
    )
    config = session.home.config
    session.ways_out.connectors.save(settings_at(config))
    session.ways_out.connectors.add("matrix", ref, "!abc:x.test")
    session.clock.moment = NOON
    session.ways_out.refresh_connectors(NOON)
    return ref


def tell(session: Any, group_ref: str, *, ago: timedelta = timedelta(0), **more: Any) -> None:
    """Write health as a connector does."""
    refused = more.pop("of_all", None)
    told = Health(written_at=NOON - ago, refused=refused, groups={group_ref: GroupHealth(**more)})
    HealthFile(session.home.connectors / "matrix" / "health.json").write(told)


MIDNIGHT = datetime(2026, 10, 14, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        ({"supplied_until": MIDNIGHT}, {None}),
        ({"supplied_until": MIDNIGHT - timedelta(days=1)}, {"CONNECTOR_LAGS"}),
        ({"refused": "CHAT_ENCRYPTED", "refusals": 3}, {"CHAT_ENCRYPTED"}),
        ({"supplied_until": MIDNIGHT, "late": 1}, {None}),
        ({"supplied_until": MIDNIGHT, "late": 10}, {"CONNECTOR_LATE"}),
        ({}, {"CONNECTOR_LAGS"}),
        (
            {"supplied_until": MIDNIGHT, "ago": timedelta(minutes=11)},
            {None, "CONNECTOR_SILENT"},
        ),
        (
            {"supplied_until": MIDNIGHT, "of_all": "CONNECTOR_LIST_STALE"},
            {None, "CONNECTOR_LIST_STALE"},
        ),
    ],
)
def test_how_a_group_fares(
    session: Any, group_ref: str, told: dict[str, Any], codes: set[str | None]
) -> None:
    tell(session, group_ref, **told)
    found = list(groups_of_connectors(session.ways_out.connectors, NOON))
    assert {one.code for one in found} == codes
    sent = connector_notifications(session)
    assert {one.code for one in sent} == codes - {None}
    for one in sent:
        assert "!abc" not in one.text


def test_a_connector_that_was_never_started_is_silent(session: Any, group_ref: str) -> None:
    codes = {one.code for one in groups_of_connectors(session.ways_out.connectors, NOON)}
    assert codes == {"CONNECTOR_SILENT", "CONNECTOR_LAGS"}


def test_a_connector_that_falls_silent_is_alerted_by_mail_and_webhook(
    session: Any,
    group_ref: str,
    mail: MailServer,
    hook: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    monkeypatch.setattr("orchestration.cli.session.Clock", lambda: session.clock)
    monkeypatch.setenv("REMINDER_HOOK", f"http://127.0.0.1:{hook.server_port}/x")
    path = session.home.root / "home.yaml"
    notify = {
        "email": {
            "host": "127.0.0.1",
            "port": mail.server_address[1],
            "security": "none",
            "sender": "tideline@example.org",
            "to": ["coordinator@example.org"],
        },
        "webhook_variable": "REMINDER_HOOK",
    }
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"notify": notify}))
    refused = {"refused": "CHAT_ENCRYPTED", "refusals": 3, "supplied_until": MIDNIGHT}
    tell(session, group_ref, **refused)
    assert exit_status(monkeypatch, "remind") == 0
    tell(session, group_ref, ago=timedelta(minutes=11), supplied_until=MIDNIGHT)
    assert exit_status(monkeypatch, "remind") == 0
    told = [one for one in hook.posted if one["code"] != "DELIVERY_DUE"]
    assert [one["code"] for one in told] == ["CHAT_ENCRYPTED", "CONNECTOR_SILENT"]
    assert [(one["facts"][0]["group"], one["facts"][0]["refusals"]) for one in told] == [
        (group_ref, 3),
        ("all", 0),
    ]
    sent = "".join(text for _, text in mail.mails)
    assert "CONNECTOR_SILENT" in sent
    assert "!abc" not in sent + repr(hook.posted) + capsys.readouterr().out


@pytest.mark.parametrize(
    "written", [b"", b"{}", b'{"written_at": "2026-10-15T12:00:00Z", "refused": "so tired"}']
)
def test_what_no_connector_writes_is_not_told(session: Any, group_ref: str, written: bytes) -> None:
    (session.home.connectors / "matrix" / "health.json").write_bytes(written)
    assert session.ways_out.connectors.health("matrix") is None


def test_status_shows_last_pull_lag_and_refusals(
    session: Any, group_ref: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    tell(
        session,
        group_ref,
        pulled_at=MIDNIGHT,
        supplied_until=MIDNIGHT - timedelta(days=1),
        refused="PLATFORM_THROTTLES",
        refusals=4,
        late=100,
    )
    assert exit_status(monkeypatch, "status", "--days", "2") == 0
    said = capsys.readouterr().out
    assert "Collected by itself" in said
    [line] = [one for one in said.splitlines() if "2026-10-14 23:00" in one]
    assert {group_ref, "matrix", "PLATFORM_THROTTLES"} <= set(line.split())
    assert "100 or more" in line


def test_a_home_without_connectors_tells_nothing_of_them(
    session: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    assert connectors_told(session.home) == {}
    assert connector_notifications(session) == []
    for words in (("--help",), ("consent", "--help"), ("status", "--days", "2")):
        assert exit_status(monkeypatch, *words) == 0
        assert "Collected by itself" not in capsys.readouterr().out
    for made in (privacy_notice, holdings_record):
        assert not TRACE.search(repr(made(page_facts(reviewed=reviewed()))))


def test_a_configured_connector_is_told_in_notice_and_register(
    session: Any, group_ref: str
) -> None:
    assert connectors_told(session.home) == {"connectors": ["matrix"]}
    facts = page_facts(reviewed=reviewed(connectors=["matrix"]))
    notice = repr(privacy_notice(facts))
    assert "a program of the study reads along instead (Matrix)" in notice
    assert "asks Matrix for new messages" in notice
    assert "programs that collect by themselves" in repr(holdings_record(facts))
    assert "when you delete a message" not in notice


@pytest.mark.parametrize(
    ("platforms", "told", "untold"),
    [
        (["telegram"], "Telegram does not tell it when you delete a message", "21 days"),
        (["teams"], "sees within 21 days that you deleted a message", "Telegram"),
        (["matrix", "teams", "telegram"], "Telegram does not tell it when you", None),
    ],
)
def test_what_a_platform_does_otherwise_is_told(
    platforms: list[str], told: str, untold: str | None
) -> None:
    facts = page_facts(reviewed=reviewed(connectors=platforms))
    notice = repr(privacy_notice(facts)).replace("platforms: WhatsApp, Telegram", "")
    assert told in notice
    assert untold is None or untold not in notice
