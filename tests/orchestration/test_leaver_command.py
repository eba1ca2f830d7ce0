"""`tideline leaver` as it is typed: what is taken away, and what it says is left to do."""

import pytest
from typer.testing import CliRunner, Result

from assets.core.errors import TidelineError
from orchestration.cli import app
from orchestration.cli.session import Session
from resources.base.home import load_home
from resources.base.keys.long_lived_keys import IDENTITY_FILE
from resources.stores.consent.leaving_journal import LeavingJournal
from resources.stores.release.release_people import ReleasePeople

PHRASES = {"ana": "tide pools at noon", "bo": "nine wet umbrellas"}


@pytest.fixture
def leaver(session: Session, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("resources.stores.release.release_people.LOG2_COST", 4)
    monkeypatch.setattr("orchestration.cli.session.Clock", lambda: session.clock)
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    people = ReleasePeople(session.database)
    for name in ("ana", "bo"):
        people.register(name, PHRASES[name], session.clock.now())

    def typed(*words: str, lines: str = "") -> Result:
        return CliRunner().invoke(app, ["leaver", *words], input=lines)

    return typed


def identities(session: Session) -> list[str]:
    return (session.home.secrets / IDENTITY_FILE).read_text("ascii").splitlines()


def test_who_leaves_corrects_nothing_and_opens_nothing_new(leaver, session: Session) -> None:
    before, recipient = identities(session), load_home().config.inbox_recipient
    # Without the other's phrase nothing is done.
    refused = leaver("ana", "--by", "bo", lines="of nobody at all\n").exception
    assert isinstance(refused, TidelineError)
    assert refused.code == "PERSON_NOT_CONFIRMED"
    assert leaver("ana", "--by", "ana").exit_code == 2
    assert identities(session) == before
    assert set(ReleasePeople(session.database).since()) == {"ana", "bo"}

    done = leaver("ana", "--by", "bo", lines=f"{PHRASES['bo']}\n")
    assert done.exit_code == 0, done.output
    assert set(ReleasePeople(session.database).since()) == {"bo"}
    assert identities(session)[1:] == before
    in_use = load_home().config.inbox_recipient
    (retired,) = LeavingJournal(session.home.leaving_journal).retirements()
    assert (retired.key, retired.successor) == (recipient, in_use) != (in_use, recipient)
    said = " ".join(done.output.split())
    assert "ana corrects no release any more" in said
    assert "keys rotate --drop-earlier" in said
    assert "--destroy-waiting-keys" in said


def test_who_is_in_the_register_and_not_among_the_people_is_told(
    leaver, session: Session, write_register, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_register(session.home)
    said = " ".join(leaver("cy", "--by", "bo").output.split())
    assert "cy is not registered" in said
    assert "study.yaml" not in said
    said = " ".join(leaver("ana", "--by", "bo", lines=f"{PHRASES['bo']}\n").output.split())
    assert "study.yaml names ana under `roles`" in said
    # A key that the environment gives is not the home's to change.
    monkeypatch.setenv("TIDELINE_INBOX_IDENTITY", identities(session)[0])
    said = " ".join(leaver("di", "--by", "bo").output.split())
    assert "comes from the environment" in said
