"""A home is backed up while it works, lost, and restored: what stands, who stays away."""

import os
import stat
import subprocess
import sys
import tarfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.cli.session import Session, open_session
from orchestration.open_days import due_days
from orchestration.restricted import restricted_definitions
from orchestration.runs import run_job
from resources.base.database.connection import Database
from resources.base.database.embedded_postgres import leave, uses
from resources.base.database.roles import Role
from resources.base.database.tables import (
    group_days,
    group_scores,
    ledger,
    member_events,
    member_requests,
    noisy_draws,
    regional_values,
    release_steps,
    vectors,
)
from resources.base.home import Home
from resources.base.keys.link_keys import Signs, signing_keys
from resources.maintenance.home_contents import unknown
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource
from resources.stores.portal.of_home import PortalOfHome
from resources.stores.release.release_ledger import Step
from resources.stores.requests.member_request import Asks
from resources.stores.requests.portal_side import MembersDoor
from resources.stores.requests.request_book import KEPT
from resources.stores.scores.score_store import ScoreStore

pytestmark = pytest.mark.slow

LONDON = "greater_london"
PHRASE = "a long pass phrase\n"
TIDELINE = Path(sys.executable).with_name("tideline")
DAY = timedelta(days=1)


def typed(*words: str | Path) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@dataclass(frozen=True)
class Restored:
    """The restored home, with a Dagster of its own."""

    session: Session
    instance: dg.DagsterInstance

    def run(self, job: str, first: Any, last: Any) -> str | None:
        definitions = restricted_definitions(self.session.home, self.session.clock)
        return run_job(definitions, job, self.instance, region=LONDON, first=first, last=last)

    def due(self) -> list[date]:
        settings, today = self.session.home.config, self.session.clock.today()
        locks = self.session.resources["region_day_locks"]
        return due_days(LONDON, today, settings, locks, self.session.register)

    def rows(self, table: sa.Table) -> list[tuple[Any, ...]]:
        with self.session.database.transaction() as connection:
            query = sa.select(table).order_by(*table.primary_key)
            return [tuple(row) for row in connection.execute(query)]


@pytest.fixture
def back_up_during(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Path]:
    """Runs the real command, in a process of its own, while a run settles group-days."""

    def during(number: int) -> Path:
        folder = tmp_path / "backups"
        folder.mkdir()
        settle, settled, outcomes = ScoreStore.settle, [], []

        def back_up() -> None:
            done = subprocess.run(
                [TIDELINE, "backup", folder], capture_output=True, text=True, check=False
            )
            outcomes.append(done.returncode or done.stderr)

        def settling(*arguments: Any, **named: Any) -> bool:
            settled.append(arguments)
            if len(settled) == number:
                # The step's own thread may start no program.
                backing_up = threading.Thread(target=back_up)
                backing_up.start()
                backing_up.join()
                assert outcomes == [""]
            return settle(*arguments, **named)

        monkeypatch.setattr(ScoreStore, "settle", settling)
        return folder

    return during


@pytest.fixture
def restore_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> Iterator[Callable[..., tuple[Restored, str]]]:
    """Restores by the command, to a folder of its own with an embedded server of its own."""
    opened: list[Restored] = []

    def restore(backup: Path, keys: Path, *options: str | Path) -> tuple[Restored, str]:
        for name in [one for one in os.environ if one.startswith(("TIDELINE_", "DAGSTER_"))]:
            monkeypatch.delenv(name)
        root = tmp_path / "restored" / "home"
        monkeypatch.setenv("TIDELINE_HOME", str(root))
        monkeypatch.setattr("orchestration.cli.backup.Clock", lambda: clock)
        said = typed("restore", backup, *options)
        said += CliRunner().invoke(app, ["keys", "restore", str(keys)], PHRASE).output
        session = open_session(root, clock)
        for key, value in session.environment().items():
            monkeypatch.setenv(key, value)
        instance = dg.DagsterInstance.from_config(str(session.home.dagster))
        opened.append(Restored(session, instance))
        return opened[-1], said

    yield restore
    for one in opened:
        one.instance.dispose()
        one.session.database.dispose()
        if uses(one.session.home.postgres):
            leave(one.session.home.postgres, patience=5)


@dataclass(frozen=True)
class Days:
    """Of the backup: drawn before it, drawn after it, settled, being settled, not read yet."""

    drawn: date
    later: date
    lost: date
    torn: date
    unread: date

    @classmethod
    def up_to(cls, last: date) -> "Days":
        return cls(*(last - DAY * ago for ago in (4, 3, 2, 1, 0)))


def deliver(house: Any, chat: Callable[..., bytes], days: Days) -> list[str]:
    refs = [house.grant(valid_from=days.drawn) for _ in range(6)]
    for number, ref in enumerate(refs):
        house.deliver(ref, chat(days.drawn, days.unread, seed=number))
    return refs


def go_on(house: Any, later: date, leaver: str, quiet: str) -> None:
    """After the backup a day is drawn, a group leaves, somebody objects, and a key is revoked."""
    house.clock.moment += timedelta(minutes=1)
    assert house.run("release", later) is None
    house.session.ways_out.leaving.withdraw(leaver, house.clock.now())
    members = house.resources["members"]
    marks = members.marker(quiet).marks_of("Grace Okaforb")
    event = MemberEvent(Saying.OBJECTED, SayingSource.COMMAND, house.clock.today(), marks)
    members.record(quiet, event, house.clock.now())
    house.session.ways_out.revocations.revoke(["B" * 43 + "="], house.clock.now())


def lost_in(rows: list[tuple[Any, ...]]) -> set[tuple[date, int]]:
    return {(row[4], row[6]) for row in rows if row[2] == "lost_in_restore"}


def ask_at_portal(session: Session) -> None:
    """A member's question, which lies in the database."""
    at_portal = Database(session.url, Role.PORTAL)
    recipient = session.home.config.inbox_recipient
    MembersDoor(at_portal, recipient).put(Asks.QUESTION, text="what is kept?")
    at_portal.dispose()


def requests_go_in_their_time(restored: Restored) -> None:
    """What members asked has its 90 days from when it came, whichever backup brought it back."""
    for ago, kept in ((KEPT, 1), (KEPT + DAY, 0)):
        restored.session.ways_out.lifetimes.enforce(datetime.now(UTC) + ago)
        assert len(restored.rows(member_requests)) == kept


def debited(steps: list[tuple[Any, ...]]) -> dict[date, int]:
    return {row[1]: row[6] for row in steps if row[4] == Step.DEBITED}


def runs(instance: dg.DagsterInstance, *statuses: dg.DagsterRunStatus) -> int:
    return len(instance.get_runs(dg.RunsFilter(statuses=list(statuses))))


def holds_what_must_last(backup: Path) -> bool:
    with tarfile.open(backup) as tar:
        tops = {name.split("/")[0] for name in tar.getnames()}
    journals = {"leaving-journal", "release-journal"}
    register = {"study.yaml", "study-approvals"}
    return tops == {"database.dump", "home.yaml", "manifest.json", "portal", *journals, *register}


def with_portal(session: Session) -> Callable[[Home], dict[str, bytes]]:
    """Give the home a portal whose earlier key was revoked, and at which a member asked something.

    Returns:
        What has to come back.
    """
    home = session.home
    ask_at_portal(session)
    signing_keys(home.secrets)
    portal = PortalOfHome(home.portal)
    portal.revoke({"A" * 43 + "=": datetime(2026, 11, 1, tzinfo=UTC)})
    (portal.folder / "notice-aa.txt").write_bytes(b"What members were told.")

    def of(one: Home) -> dict[str, bytes]:
        kept = [*one.portal.iterdir(), one.secrets / Signs.WITHDRAWALS.value.file]
        return {path.name: path.read_bytes() for path in kept}

    return of


def test_the_next_morning_closes_every_due_day(
    house: Any,
    chat: Callable[..., bytes],
    opened: list[str],
    back_up_during: Callable[[int], Path],
    restore_here: Callable[..., tuple[Restored, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    home, clock = house.session.home, house.clock
    monkeypatch.setenv("TIDELINE_HOME", str(home.root))
    of_portal = with_portal(house.session)
    days = Days.up_to(clock.today() - DAY)
    refs = deliver(house, chat, days)
    assert house.run("collect", days.drawn, days.lost) is None
    assert house.run("release", days.drawn) is None
    (values,) = house.rows(regional_values)
    keys = tmp_path / "keys.age"
    assert CliRunner().invoke(app, ["keys", "backup", str(keys)], PHRASE * 2).exit_code == 0
    folder = back_up_during(3)
    assert house.run("collect", days.torn) is None
    (backup,) = folder.iterdir()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert holds_what_must_last(backup)
    leaver, *_, quiet = refs
    go_on(house, days.later, leaver, quiet)
    steps_before, said_before = house.rows(release_steps, member_events)
    spent = house.resources["release_ledger"].spent(LONDON, days.drawn)
    opened.clear()

    clock.moment += timedelta(hours=1)
    restored, said = restore_here(
        backup, keys, "--journals", home.root, "--inbox", home.config.inbox
    )
    told = ("Keys are missing", "rows are as they were recorded", "The home's keys are back")
    assert [said.index(one) for one in told] == sorted(said.index(one) for one in told)
    for root in (home.root, restored.session.home.root):
        assert unknown(path.name for path in root.iterdir()) == []
    # The key that was revoked since the backup, too, which the journal alone has told.
    assert of_portal(restored.session.home) == of_portal(home)
    assert runs(restored.instance, *NOT_FINISHED_STATUSES) == 0
    assert runs(restored.instance, dg.DagsterRunStatus.CANCELED) == 1
    resources = restored.session.resources
    assert resources["release_ledger"].spent(LONDON, days.drawn) == spent
    assert not restored.session.register.consent(leaver).active
    assert restored.rows(group_scores) == restored.rows(vectors) == []
    # Of the run that was going two groups had settled, and of the days before it all six.
    settled = Counter(row[1] for row in restored.rows(group_days))
    assert settled == {days.drawn: 6, days.later: 6, days.lost: 6, days.torn: 2}

    clock.set_to(clock.today() + DAY * 2)
    assert restored.due() == [days.later, days.lost, days.torn, days.unread]
    assert restored.run("collect", days.drawn, clock.today() - DAY) is None
    # The keys came after the journal, so that the first reading has put back what members said.
    assert [row[2:] for row in restored.rows(member_events)] == [row[2:] for row in said_before]
    assert restored.run("release", days.later, days.unread) is None
    assert restored.due() == []
    assert set(opened) == set(refs) - {leaver}
    reasons = resources["release_store"].outcomes(LONDON)
    assert {day: reason for day, (_, reason) in reasons.items()} == {
        days.drawn: None,
        days.later: "DRAW_LOST",
        days.lost: "LOST_IN_RESTORE",
        days.torn: "LOST_IN_RESTORE",
        days.unread: "TOO_FEW_PEOPLE",
    }
    after, steps = restored.rows(regional_values), restored.rows(release_steps)
    assert [row for row in after if row[1] == days.drawn] == values
    before = debited(steps_before)
    assert debited(steps) == before | {days.unread: before[days.drawn]}
    # The last one is read anew: five groups of six people each are left, but who objected.
    assert [(row[1], row[6]) for row in restored.rows(noisy_draws)] == [
        (days.drawn, 36),
        (days.unread, 29),
    ]
    assert lost_in(restored.rows(ledger)) >= {(days.lost, 6), (days.torn, 2)}
    requests_go_in_their_time(restored)
