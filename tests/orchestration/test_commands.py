"""The commands as they are typed."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assets.core.errors import CATALOGUE, TidelineError
from orchestration.cli import app
from resources.base.clock import Clock

EVERY_COMMAND = [
    ["init"],
    ["demo"],
    ["consent", "grant"],
    ["consent", "renew"],
    ["consent", "withdraw"],
    ["consent", "list"],
    ["consent", "notice"],
    ["consent", "address"],
    ["remind"],
    ["incident", "open"],
    ["incident", "show"],
    ["incident", "told"],
    ["incident", "close"],
    ["keys", "rotate"],
    ["leaver"],
    ["inbox", "add"],
    ["run"],
    ["readiness"],
    ["rescore"],
    ["release", "person"],
    ["release", "people"],
    ["release", "retract"],
    ["release", "revise"],
    ["release", "approve"],
    ["release", "budget"],
    ["release", "methods"],
    ["release", "method", "shadow"],
    ["release", "method", "stop"],
    ["release", "method", "adopt"],
    ["survey", "import"],
    ["survey", "forget"],
    ["train", "vocabulary"],
    ["train", "tagger"],
    ["train", "constructs"],
    ["train", "validity"],
    ["status"],
    ["dev"],
    ["dashboard"],
    ["train", "vocabulary"],
]
CHAT = "12/10/2026, 09:00 - Ana: so tired after that shift\n13/10/2026, 09:01 - Bo: morning all\n"


@pytest.fixture
def tideline(session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    path = tmp_path / "form.pdf"
    path.write_bytes(b"signed")
    return path


def terms(evidence: Path, **changed: object) -> list[object]:
    today = Clock().today()
    given = {
        "--informed-on": today - timedelta(days=40),
        "--notice-version": "v1",
        "--notice": evidence,
        "--member-basis": "notice_with_objection",
        "--employer": "new",
        "--sector": "home_care",
        "--scopes": "trend_lines",
        "--rhythm": "daily",
        "--ethics-reference": "E-1",
        "--evidence": evidence,
        "--valid-from": today - timedelta(days=30),
        **changed,
    }
    return [word for pair in given.items() for word in pair] + [
        "--adults-at-work",
        "--departure-approved",
    ]


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=" ".join)
def test_every_command_explains_itself(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"])
    assert shown.exit_code == 0
    assert len(shown.output.split()) > 20


def test_a_consent_is_recorded_listed_withdrawn_and_renewed(tideline, evidence: Path) -> None:
    granted = tideline("consent", "grant", "--region", "greater_london", *terms(evidence))
    assert granted.exit_code == 0, granted.output
    group = granted.stdout.strip()

    def state() -> str:
        [line] = [one for one in tideline("consent", "list").stdout.splitlines() if group in one]
        return line.split()[-1]

    assert state() == "valid"
    assert tideline("consent", "withdraw", group, "--yes").exit_code == 0
    assert state() == "withdrawn"
    assert tideline("consent", "renew", group, *terms(evidence)).exit_code == 0
    assert state() == "valid"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["consent", "withdraw", "g-00000000"], "GROUP_UNKNOWN"),
        (["inbox", "add", "g-00000000", "nothing.txt"], "GROUP_UNKNOWN"),
        (["run", "--from", "2026-09-01", "--to", "2999-01-01"], "DAY_NOT_OVER"),
        (["run", "--from", "2026-09-05", "--to", "2026-09-01"], "DAYS_REVERSED"),
        (["run", "--from", "2020-01-01", "--to", "2026-09-01", "--dry-run"], "DAY_BEFORE_FIRST"),
        (["init", "--mode", "synthetic"], "HOME_EXISTS"),
    ],
)
def test_a_mistake_has_a_code_and_nothing_is_done(tideline, words: list[str], code: str) -> None:
    error = tideline(*words).exception
    assert isinstance(error, TidelineError)
    assert (error.code, error.entry) == (code, CATALOGUE[code])


def test_corpora_that_are_not_there(tideline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDELINE_CORPORA", "nowhere")
    error = tideline("train", "vocabulary").exception
    assert isinstance(error, TidelineError)
    assert error.code == "CORPORA_MISSING"


def test_a_dry_run_counts_and_opens_nothing(
    tideline, evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = tideline(
        "consent", "grant", "--region", "greater_london", *terms(evidence)
    ).stdout.strip()
    chat = tmp_path / "WhatsApp Chat with Oak.txt"
    chat.write_text(CHAT)
    assert tideline("inbox", "add", group, chat).exit_code == 0
    monkeypatch.setattr("resources.stores.inbox.inbox.Inbox.open_export", None)
    day = Clock().today() - timedelta(days=3)
    planned = tideline("run", "--from", day, "--to", day, "--dry-run")
    assert planned.exit_code == 0, planned.output
    [line] = [one for one in planned.stdout.splitlines() if "greater_london" in one]
    assert line.split() == ["greater_london", "1", "1", "1", "1", "0"]


def test_status_says_what_to_do_for_each_group(tideline, evidence: Path) -> None:
    waiting = tideline("consent", "grant", "--region", "greater_london", *terms(evidence))
    left = tideline("consent", "grant", "--region", "east_of_england", *terms(evidence))
    tideline("consent", "withdraw", left.stdout.strip(), "--yes")
    shown = tideline("status", "--days", "5")
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    [of_waiting] = [one for one in lines if waiting.stdout.strip() in one]
    [of_left] = [one for one in lines if left.stdout.strip() in one]
    assert "tideline inbox add" in of_waiting
    assert "withdrawn" in of_left
    assert "tideline consent renew" in of_left
    assert sum("may close on" in one for one in lines) >= 2


def test_the_dashboard_is_written_from_nothing_published(tideline, session) -> None:
    assert tideline("dashboard").exit_code == 0
    assert "Made-up data" in (session.home.public / "index.html").read_text("utf-8")
