"""Reminders reach a mail server and a webhook, and hold references, days and counts alone."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from taken_messages import MailServer
from typer.testing import CliRunner, Result

from assets.core.errors import CATALOGUE, TidelineError
from orchestration.cli import app
from orchestration.deliveries_due import delivery_due
from resources.base.home import HomeConfig
from resources.base.notify_config import EmailConfig

DAY = date(2026, 10, 12)
ONE = timedelta(days=1)
ADMIN = "wobblequex@example.org"


@pytest.fixture
def tideline(session: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    monkeypatch.setattr("orchestration.cli.session.Clock", lambda: session.clock)
    return lambda *words, given="": CliRunner().invoke(app, [*words], input=given)


def configure(session: Any, **notify: Any) -> None:
    path = session.home.root / "home.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"notify": notify}))


@pytest.mark.slow
def test_who_has_to_deliver_is_told_before_a_day_closes(
    session: Any,
    terms: Callable[..., Any],
    tideline: Callable[..., Result],
    mail: MailServer,
    hook: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = session.clock.now()
    late, told, in_time = (
        session.register.grant(terms(valid_from=DAY, informed_on=DAY - 7 * ONE), now)
        for _ in range(3)
    )
    session.ways_out.inbox.add(in_time, io.BytesIO(b"chat"), now)
    assert tideline("consent", "address", told, given=f"{ADMIN}\n").exit_code == 0
    refused = tideline("remind")
    assert isinstance(refused.exception, TidelineError)
    assert refused.exception.code == "NOTIFY_NOT_CONFIGURED"
    monkeypatch.setenv("REMINDER_HOOK", f"http://127.0.0.1:{hook.server_port}/x")
    configure(
        session,
        email={
            "host": "127.0.0.1",
            "port": mail.server_address[1],
            "security": "none",
            "sender": "tideline@example.org",
            "to": ["coordinator@example.org"],
        },
        webhook_variable="REMINDER_HOOK",
    )
    assert "Sent nothing" in tideline("remind", "--dry-run").output
    done = tideline("remind")
    assert "Sent 2 to the coordinator, 1 to admins." in done.output, done.output
    facts = [
        {"group": ref, "region": "greater_london", "days": 3, "closes": "2026-10-15"}
        for ref in sorted([late, told])
    ]
    next_step = CATALOGUE["DELIVERY_DUE"].next_step
    assert hook.posted == [{"code": "DELIVERY_DUE", "next_step": next_step, "facts": facts}]
    assert [to for to, _ in mail.mails] == [["coordinator@example.org"], [ADMIN]]
    assert [[ref in text for ref in (late, told, in_time)] for _, text in mail.mails] == [
        [True, True, False],
        [False, True, False],
    ]
    assert all("days 3, closes 2026-10-15" in text for _, text in mail.mails)

    hook.status = 500
    failed = tideline("remind")
    assert isinstance(failed.exception, TidelineError)
    assert failed.exception.code == "NOTICE_NOT_SENT"
    # Who leaves is told nothing more, and the address is gone with them.
    assert tideline("consent", "withdraw", told, "--yes").exit_code == 0
    assert session.ways_out.addresses.of(told) is None
    assert told not in tideline("remind", "--dry-run").output


@pytest.mark.slow
def test_an_address_lies_beside_the_keys_alone(
    session: Any, terms: Callable[..., Any], tideline: Callable[..., Result], dump: Any
) -> None:
    ref = session.register.grant(terms(), session.clock.now())
    assert tideline("consent", "address", ref, given=f"{ADMIN}\n").exit_code == 0
    assert ADMIN.encode() not in dump(session.url)
    holding = [
        path
        for path in session.home.root.parent.rglob("*")
        if path.is_file() and ADMIN.encode() in path.read_bytes()
    ]
    assert holding == [session.home.secrets / "admin-addresses" / ref]
    assert holding[0].stat().st_mode & 0o077 == 0
    for given in ("no address\n", "a@b.org, c@d.org\n", "\n"):
        done = tideline("consent", "address", ref, given=given)
        assert isinstance(done.exception, TidelineError)
        assert done.exception.code == "ADDRESS_INVALID"
    assert tideline("consent", "address", ref, "--forget").exit_code == 0
    assert session.ways_out.addresses.of(ref) is None


@pytest.mark.parametrize(
    ("today", "arrived", "settled", "due"),
    [
        (DAY, None, (), None),  # nothing is over yet
        (DAY + ONE, None, (), (1, DAY + 3 * ONE)),
        (DAY + 3 * ONE, None, (), (3, DAY + 3 * ONE)),
        (DAY + 3 * ONE, DAY + ONE, (), (2, DAY + 4 * ONE)),
        (DAY + 2 * ONE, None, (DAY,), (1, DAY + 4 * ONE)),
        (DAY + 2 * ONE, DAY + 2 * ONE, (), None),
    ],
)
def test_what_is_due(today: date, arrived: date | None, settled: Any, due: Any) -> None:
    covered = [DAY + n * ONE for n in range((today - DAY).days)]
    arrivals = [datetime.combine(arrived, datetime.min.time(), UTC)] if arrived else []
    found = delivery_due("g-1", "greater_london", covered, settled, arrivals, today, 3)
    assert (found and (found.days, found.closes_on)) == due


def test_a_day_that_stays_open_longer_is_told_later() -> None:
    days = [DAY]
    told = [
        delivery_due("g-1", "r", days, (), [], DAY + n * ONE, 9) is not None for n in range(1, 10)
    ]
    assert told == [False] * 6 + [True] * 3


@pytest.mark.parametrize(
    "change",
    [
        {"host": "mail.example.org", "security": "none"},
        {"to": []},
        {"to": ["a@b.org\nBcc: c@d.org"]},
        {"sender": "nobody"},
    ],
)
def test_what_can_not_be_sent_safely_is_no_configuration(change: dict[str, Any]) -> None:
    good = {"host": "localhost", "security": "none", "sender": "t@e.org", "to": ["c@e.org"]}
    assert EmailConfig.model_validate(good).port == 587
    with pytest.raises(ValueError, match="validation error"):
        EmailConfig.model_validate(good | change)
    assert HomeConfig.model_fields["notify"].default is None
