"""The commands of those who leave, where everything else is missing."""

import io
import json
import os
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from command_line import exit_status

from assets.core.errors import CATALOGUE, StorageError
from assets.core.modes import Mode
from orchestration.cli.public_page import write_page
from orchestration.cli.session import Session, open_session
from orchestration.restricted import defs
from resources.base.database.tables import (
    evidence_cards,
    leaving_requests,
    ledger,
    member_events,
    regional_values,
    retractions,
    seen_senders,
)
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.consent.departures import Departures
from resources.stores.group_locks import hold_groups
from resources.stores.published.releases import Releases
from resources.stores.release.release_people import ReleasePeople

LONDON = "greater_london"
PHRASE = "a phrase that is long enough"
CLOSED = date(2026, 10, 1)


class Study:
    """A study home whose commands are run as from a shell."""

    def __init__(self, session: Session, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self.session = session
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, line: str, typed: str = "") -> tuple[int, str]:
        """Run a command. Returns its exit status and everything it said."""
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        status = exit_status(self._monkeypatch, *line.split())
        said = self._capsys.readouterr()
        return status, said.out + said.err

    def rows(self, table: sa.Table) -> list[Any]:
        with self.session.database.transaction() as connection:
            return list(connection.execute(sa.select(table)))

    def configure(self, **changes: Any) -> None:
        path = self.session.home.root / "home.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changes))


@pytest.fixture
def study(
    tmp_path: Path,
    database_url: Any,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    write_register: Any,
    make_home_on_tables: Callable[..., Any],
) -> Study:
    root = tmp_path / "home"
    home = make_home_on_tables(
        root,
        Mode.STUDY,
        first_day=date(2026, 9, 1),
        contact="care-study@lse.ac.uk",
        member_bases=(MemberBasis.NOTICE_WITH_OBJECTION,),
    )
    write_register(home)
    monkeypatch.setenv("TIDELINE_HOME", str(root))
    monkeypatch.setattr("orchestration.cli.session.Clock", lambda: clock)
    # Guessing phrases is dear on purpose.
    monkeypatch.setattr("resources.stores.release.release_people.LOG2_COST", 4)
    # What measures the tests' coverage would be taken for a debugger.
    monkeypatch.setattr("resources.containment.hardening.is_watched", lambda: False)
    session = open_session(root, clock)
    assert session.members
    yield Study(session, monkeypatch, capsys)
    session.database.dispose()


@pytest.fixture
def group(study: Study, terms: Callable[..., Any]) -> str:
    session = study.session
    ref = session.register.grant(terms(), session.clock.now())
    session.ways_out.inbox.add(ref, io.BytesIO(b"x"), session.clock.now())
    with session.database.transaction() as connection:
        connection.execute(
            seen_senders.insert().values(
                group_ref=ref, sender="0" * 64, first_day=CLOSED, key_check="k"
            )
        )
        connection.execute(
            regional_values.insert().values(
                region=LONDON,
                day=CLOSED,
                construct="burnout",
                method_version="m",
                revision=0,
                status="published",
                estimate=0.5,
                closed_at=session.clock.now(),
            )
        )
        connection.execute(
            evidence_cards.insert().values(
                region=LONDON,
                day=CLOSED,
                method_version="m",
                revision=0,
                closed_on=session.clock.today(),
                recorded="afterwards",
                published=True,
            )
        )
    ReleasePeople(session.database).register("ana", PHRASE, session.clock.now())
    return ref


@pytest.mark.slow
def test_lifetimes_go_on_whatever_one_turn_raises(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[float] = []

    def broken(*_: object) -> None:
        raise OverflowError("wobblequex")

    def sleep(seconds: float) -> None:
        turns.append(seconds)
        if len(turns) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("orchestration.cli.lifetimes.refuse_flood", broken)
    monkeypatch.setattr("orchestration.cli.lifetimes.time.sleep", sleep)
    _, said = study("lifetimes --every 5")
    assert turns == [5, 5]
    assert said.count("LIFETIME_PART_BROKEN: ") == 2
    assert "wobblequex" not in said


@pytest.fixture
def bare(study: Study, group: str, monkeypatch: pytest.MonkeyPatch) -> Study:
    """No study register, no master key, a debugger, swap, and an inbox that nobody can reach."""
    home = study.session.home
    (home.root / "study.yaml").unlink()
    (home.secrets / "master.key").unlink()
    monkeypatch.setattr("resources.containment.hardening.is_watched", lambda: True)
    monkeypatch.setattr("resources.containment.hardening.swap_may_keep_text", lambda: True)
    study.configure(inbox="s3://nowhere/inbox", inbox_options={"key": {"env": "NOT_SET"}})
    monkeypatch.delenv("NOT_SET", raising=False)
    return study


def _withdrawn(study: Study, ref: str) -> bool:
    return not study.session.register.consent(ref).active and study.rows(seen_senders) == []


def _recorded(table: sa.Table) -> Callable[[Study, str], bool]:
    return lambda study, ref: [row.group_ref for row in study.rows(table)] == [ref]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "typed", "holds", "says"),
    [
        ("consent withdraw {ref} --yes", "", _withdrawn, "INBOX_OPTION_NOT_SET"),
        ("member object {ref} --name", "Grace Okafor\n", _recorded(member_events), "Recorded"),
        ("member withdraw {ref} --name", "Grace Okafor\n", _recorded(member_events), "Recorded"),
        ("inbox purge {ref} --yes", "", _recorded(leaving_requests), "INBOX_OPTION_NOT_SET"),
        ("survey forget {ref}", "", _recorded(leaving_requests), "0 weeks"),
        (
            f"release retract --region {LONDON} --from 2026-10-01 --to 2026-10-01"
            " --reason consent_error --by ana --yes",
            f"{PHRASE}\n",
            lambda study, _: [row.scope for row in study.rows(retractions)] == ["all"],
            "There is no public page",
        ),
    ],
    ids=lambda value: value.split(" {")[0].split(" --")[0] if isinstance(value, str) else "",
)
def test_who_leaves_needs_nothing_else(
    bare: Study, group: str, line: str, typed: str, holds: Callable[..., bool], says: str
) -> None:
    status, said = bare(line.format(ref=group), typed)
    assert status == 0, said
    assert says in said
    assert holds(bare, group)
    assert "Okafor" not in said
    assert not (bare.session.home.secrets / "master.key").exists()


@pytest.mark.slow
def test_a_withdrawal_says_what_it_deletes_and_asks(
    study: Study, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = ("exports of groups that left or asked: 1", "digests of senders: 1")
    status, said = study(f"consent withdraw {group}")
    assert status == CATALOGUE["NOT_CONFIRMED"].exit_status
    assert "Give --yes" in said
    for words in stored:
        assert f"To be deleted: {words}" in said
    assert study.session.register.consent(group).active
    monkeypatch.setattr("typer.confirm", lambda question: group not in question)
    monkeypatch.setattr("orchestration.cli.confirm.on_terminal", lambda: True)
    assert study(f"consent withdraw {group}")[0] == CATALOGUE["NOT_CONFIRMED"].exit_status
    assert study.session.register.consent(group).active
    monkeypatch.setattr("typer.confirm", lambda question: group in question)
    status, said = study(f"consent withdraw {group}")
    assert status == 0
    for words in stored:
        assert f"Deleted: {words}" in said
    assert "Nothing is stored" in study(f"consent withdraw {group}")[1]


@pytest.mark.slow
def test_a_withdrawal_asks_also_where_the_inbox_can_not_be_counted(bare: Study, group: str) -> None:
    said = bare(f"consent withdraw {group}")[1]
    assert "Not counted: INBOX_OPTION_NOT_SET" in said
    assert "digests of senders: 1" in said


@pytest.mark.slow
def test_what_the_inbox_kept_back_goes_once_it_answers(
    bare: Study, group: str, study: Study
) -> None:
    where = study.session.home.config.inbox
    assert bare(f"consent withdraw {group} --yes")[0] == 0
    status, said = bare("lifetimes")
    assert status == CATALOGUE["INBOX_OPTION_NOT_SET"].exit_status
    assert len(list((Path(where) / group).iterdir())) == 1
    study.configure(inbox=where, inbox_options={})
    status, said = bare("lifetimes")
    assert (status, "exports of groups that left or asked: 1" in said) == (0, True), said
    assert list((Path(where) / group).iterdir()) == []
    assert ("export_purged", group) in [(row.kind, row.group_ref) for row in study.rows(ledger)]


@pytest.mark.slow
def test_the_restricted_location_loads_for_lifetimes(bare: Study, group: str) -> None:
    assert defs().resolve_job_def("lifetimes")


READING = (
    "run --from 2026-10-01 --to 2026-10-02",
    "rescore --day 2026-10-01",
    "inbox add {ref} {file}",
    f"release revise --region {LONDON} --day 2026-10-01 --reason consent_error --by ana",
    "release approve r-00000000 --by ana",
)


@pytest.mark.slow
@pytest.mark.parametrize("line", READING, ids=lambda line: line.split(" -")[0])
def test_who_reads_or_releases_needs_the_record_and_the_journal(
    study: Study, group: str, line: str, tmp_path: Path
) -> None:
    study.configure(swap="encrypted")
    home = study.session.home
    (tmp_path / "chat.txt").write_bytes(b"x")
    words = line.format(ref=group, file=tmp_path / "chat.txt")
    journal = home.leaving_journal.read_bytes()
    home.leaving_journal.unlink()
    assert study(words)[1].startswith("JOURNAL_INCOMPLETE")
    assert study("journal rebuild")[0] == 2
    home.leaving_journal.write_bytes(journal)
    (home.root / "study.yaml").unlink()
    assert study(words)[1].startswith("STUDY_REGISTER_MISSING register")


@pytest.mark.slow
def test_a_busy_database_is_said_within_seconds_and_nothing_is_done(
    study: Study, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.base.database.at_once.LOCK_TIMEOUT", "100ms")
    before = study.session.home.leaving_journal.read_bytes()
    with study.session.database.engine.connect() as connection:
        hold_groups(connection, [group])
        status, said = study(f"consent withdraw {group} --yes")
    assert status == CATALOGUE["DATABASE_BUSY"].exit_status
    assert said.startswith("DATABASE_BUSY")
    assert study.session.register.consent(group).active
    assert study.session.home.leaving_journal.read_bytes() == before
    assert study(f"consent withdraw {group} --yes")[0] == 0


@pytest.mark.slow
def test_a_page_that_cannot_be_written_does_not_undo_a_retraction(
    study: Study, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "Grace Okafor")

    monkeypatch.setattr("orchestration.cli.public_page.write_page", full)
    line = f"release retract --region {LONDON} --from {CLOSED} --to {CLOSED}"
    status, said = study(f"{line} --reason consent_error --by ana --yes", f"{PHRASE}\n")
    assert status == CATALOGUE["PAGE_NOT_WRITTEN"].exit_status
    assert "PAGE_NOT_WRITTEN" in said
    assert "Okafor" not in said
    assert len(study.rows(retractions)) == 1


RETRACT = (
    f"release retract --region {LONDON} --from {CLOSED} --to {CLOSED}"
    " --reason consent_error --by ana --yes"
)


@pytest.mark.slow
def test_a_retraction_without_a_register_takes_the_words_of_the_release_before(
    study: Study, group: str
) -> None:
    write_page(study.session)
    home = study.session.home
    first = json.loads((home.public / "releases" / "1" / "facts.json").read_bytes())["words"]
    assert first["controller"]
    (home.root / "study.yaml").unlink()
    status, said = study(RETRACT, f"{PHRASE}\n")
    assert (status, "The public page is written without them" in said) == (0, True), said
    facts = json.loads((home.public / "releases" / "2" / "facts.json").read_bytes())
    assert facts["words"] == first
    assert b'content="2 ' in (home.public / "index.html").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("replaced", [True, False])
def test_where_no_page_can_be_made_a_notice_stands_or_the_code_says_not(
    bare: Study, group: str, monkeypatch: pytest.MonkeyPatch, replaced: bool
) -> None:
    def full(*_: object) -> None:
        raise StorageError("DISK_FULL")

    front = bare.session.home.public / "index.html"
    front.parent.mkdir(exist_ok=True)
    front.write_text("an earlier version's page")
    if not replaced:
        monkeypatch.setattr(Releases, "point", full)
    status, said = bare(RETRACT, f"{PHRASE}\n")
    assert len(bare.rows(retractions)) == 1
    assert (b"were taken back" in front.read_bytes()) is replaced
    assert ("A notice that values were taken back stands" in said) is replaced
    assert status == (0 if replaced else CATALOGUE["PAGE_NOT_WRITTEN"].exit_status), said


@pytest.mark.slow
def test_surveys_whose_deletion_was_cut_off_go_with_lifetimes(
    study: Study, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from resources.stores.surveys.survey_store import SurveyMean, SurveyStore

    surveys = study.session.ways_out.surveys
    surveys.add([SurveyMean(date(2026, 10, 5), group, "burnout", 0.5, 8)])
    (path,) = study.session.home.surveys.iterdir()
    moment = (study.session.clock.now() - timedelta(days=1)).timestamp()
    os.utime(path, (moment, moment))

    def broken(*_: object) -> int:
        raise OSError(5, "disk")

    with monkeypatch.context() as patched:
        patched.setattr(SurveyStore, "forget", broken)
        status, said = study(f"survey forget {group}")
    assert (status, "LIFETIME_NOT_ENFORCED" in said) == (0, True)
    assert Departures(study.session.database).of_surveys().keys() == {group}
    assert study("lifetimes")[0] == 0
    assert surveys.read() == []
    assert list(study.session.home.keys.iterdir()) == []
