"""The journal beside the database: what a restored database has forgotten comes back first."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assets.core.errors import StorageError
from assets.core.modes import Mode
from resources.base.database.connection import Database
from resources.base.database.tables import consent_events, leaving_requests, member_events
from resources.maintenance.database_setup import as_owner
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.consent.consent_terms import ConsentTerms
from resources.stores.consent.leaving_journal import JournalLine, LeavingJournal
from resources.stores.consent.sealed_lines import Sealing
from resources.stores.leaving.reconciliation import Rebuilt, Reconciliation
from resources.stores.members.marks import Marker
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource
from resources.stores.members.member_register import MemberRegister
from resources.stores.portal.of_home import PortalOfHome
from resources.stores.portal.revocations import Revocations
from resources.stores.release.release_journal import ReleaseJournal
from resources.stores.release.release_ledger import DrawKey, Step, add_step

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIFETIME = timedelta(days=90)
KEY = b"k" * 32
DRAW = DrawKey("greater_london", date(2026, 10, 1), "gaussian-1")
WITHDRAWN = JournalLine("withdrawal", {"group_ref": "g-00000001", "at": NOW, "mode": "synthetic"})


class Home:
    """A database and its journals, without the rest of a home."""

    def __init__(self, database: Database, folder: Path, journal: LeavingJournal) -> None:
        self.database, self.journal = database, journal
        self.draws = ReleaseJournal(folder / "release-journal")
        self.register = ConsentRegister(database, Mode.SYNTHETIC, ["greater_london"], journal)
        self.members = MemberRegister(database, lambda: KEY, journal)
        revocations = Revocations(PortalOfHome(folder / "portal"), journal)
        self.both = Reconciliation(database, journal, self.draws, revocations, LIFETIME)

    def object(self, group: str, name: str, now: datetime = NOW) -> None:
        marks = Marker(KEY, group).marks_of(name)
        event = MemberEvent(Saying.OBJECTED, SayingSource.COMMAND, now.date(), marks)
        self.members.record(group, event, now)

    def request(self, group: str, now: datetime) -> None:
        row = {"group_ref": group, "at": now, "kind": "exports"}
        with self.database.transaction() as connection:
            connection.execute(leaving_requests.insert().values(row))
        self.journal.note([JournalLine.of("request", row)])

    def forget(self, since: datetime) -> None:
        """What restoring a backup does to the database."""
        with as_owner(self.database.url) as connection:
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
            for table in (consent_events, member_events, leaving_requests):
                connection.execute(table.delete().where(table.c.at > since))

    def rows(self, table: sa.Table) -> list[Any]:
        with self.database.transaction() as connection:
            return list(connection.execute(sa.select(table).order_by(table.c.seq)))


@pytest.fixture
def home(database: Database, tmp_path: Path, journal: LeavingJournal) -> Home:
    return Home(database, tmp_path, journal)


def code(act: Callable[[], Any]) -> str | None:
    try:
        act()
    except StorageError as error:
        return error.code
    return None


def test_lines_come_back_as_they_were_noted(journal: LeavingJournal) -> None:
    later = replace(WITHDRAWN, row={**WITHDRAWN.row, "at": NOW + timedelta(microseconds=1)})
    journal.note([WITHDRAWN, later])
    journal.note([WITHDRAWN])
    assert journal.lines() == [WITHDRAWN, later, WITHDRAWN]
    assert journal.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_line_that_a_crash_cut_off_takes_no_other_with_it(
    journal: LeavingJournal, cut: int
) -> None:
    journal.note([WITHDRAWN])
    with journal.path.open("ab") as file:
        file.write(WITHDRAWN.written().encode()[:cut])
    journal.note([WITHDRAWN])
    assert journal.lines() == [WITHDRAWN] * 2


@pytest.mark.parametrize("cut", [1, 20, 37])
def test_a_draw_whose_note_was_cut_off_takes_no_other_with_it(tmp_path: Path, cut: int) -> None:
    draws = ReleaseJournal(tmp_path / "release-journal")
    later = [replace(DRAW, day=DRAW.day + timedelta(days=one)) for one in (1, 2)]
    draws.note(DRAW)
    written = draws.path.read_bytes()
    draws.path.write_bytes(written + written[:cut].replace(b"2026-10-01", b"2026-10-02"))
    draws.note(later[1])
    assert draws.draws() == [DRAW, later[1]]
    draws.note(later[0])
    assert draws.lacking([DRAW, *later]) == []


def test_lines_noted_while_others_are_dropped_are_kept(journal: LeavingJournal) -> None:
    def line(number: int, ref: str) -> JournalLine:
        return JournalLine(
            "request", {"group_ref": ref, "at": NOW + number * MINUTE, "kind": "exports"}
        )

    def note() -> None:
        for number in range(60):
            journal.note([line(number, "g-00000001")])

    writers = [threading.Thread(target=note) for _ in range(2)]
    for one in writers:
        one.start()
    for number in range(40):
        due = line(number, "g-00000002")
        journal.note([due])
        assert journal.drop(lambda one, due=due: one == due) == 1
    for one in writers:
        one.join()
    assert len(journal.lines()) == 120
    assert journal.begun()


def test_what_members_said_is_sealed_and_holds_after_a_restore(
    home: Home, terms: Callable[..., ConsentTerms], database: Database, tmp_path: Path
) -> None:
    ref = home.register.grant(terms(), NOW)
    # One of before there was a seal.
    home.object(ref, "Ama")
    clear = home.journal.path.read_text("utf-8")
    assert ref in clear
    sealed = Home(database, tmp_path, LeavingJournal(home.journal.path, Sealing(lambda: KEY)))
    for name in ("Grace Okafor", "Anna Maria Louisa Charlotte Wilhelmina Quastorp-Okafor"):
        sealed.object(ref, name, NOW + 2 * MINUTE)
    assert sealed.both.require(NOW + 3 * MINUTE) == 0
    written = sealed.journal.path.read_text("utf-8")
    digests = [one for row in home.rows(member_events) for one in (*row.parts, row.joined)]
    for word in (ref, "objected", "2026-10", *digests):
        assert word not in written
    assert len({len(line) for line in written.splitlines()[1:]}) == 1
    before = [tuple(row)[1:] for row in home.rows(member_events)]
    sealed.forget(NOW - MINUTE)
    assert home.rows(member_events) == []
    sealed.register.grant(terms(), NOW)
    # What takes no key puts back the rest; what reads needs one, and not another's.
    assert sealed.both.put_back(NOW + 4 * MINUTE, members=False) == 0
    for other in (None, Sealing(lambda: b"o" * 32)):
        wrong = Home(database, tmp_path, LeavingJournal(home.journal.path, other))
        assert code(lambda both=wrong.both: both.require(NOW)) == "MEMBER_KEY_INVALID"
    assert sealed.both.require(NOW + 4 * MINUTE) == 3
    assert sealed.both.require(NOW + 4 * MINUTE) == 0
    assert [tuple(row)[1:] for row in home.rows(member_events)] == before
    # Lost, it is written anew, sealed.
    sealed.journal.path.unlink()
    assert sealed.both.rebuild(NOW + 5 * MINUTE).leaving == 3
    assert ref not in sealed.journal.path.read_text("utf-8")
    assert sealed.both.is_complete(NOW + 5 * MINUTE)


def test_one_that_began_with_somebody_leaving_is_no_whole_journal(tmp_path: Path) -> None:
    journal = LeavingJournal(tmp_path / "lost")
    journal.note([WITHDRAWN])
    assert not journal.begun()
    journal.begin()
    journal.begin()
    assert journal.begun()
    assert journal.path.read_text("utf-8").count("begun") == 1


def test_what_cannot_be_noted_is_not_recorded(
    home: Home, terms: Callable[..., ConsentTerms], monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = home.register.grant(terms(), NOW)
    really = os.fsync

    def full(descriptor: int) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "fsync", full)
    assert code(lambda: home.register.withdraw(ref, NOW)) == "DISK_NOT_WRITABLE"
    assert code(lambda: home.object(ref, "Grace")) == "DISK_NOT_WRITABLE"
    monkeypatch.setattr(os, "fsync", really)
    assert home.register.consent(ref).active
    assert home.rows(member_events) == []
    # The words may be on the disk all the same: then they hold, once they are found.
    assert home.both.require(NOW + MINUTE) == 2
    assert not home.register.consent(ref).active


def test_a_restored_database_is_told_who_left(
    home: Home, terms: Callable[..., ConsentTerms]
) -> None:
    stays, leaves = (home.register.grant(terms(), NOW) for _ in range(2))
    home.object(stays, "Ama", NOW)
    backup = NOW + MINUTE
    home.register.withdraw(leaves, NOW + 2 * MINUTE)
    home.object(stays, "Grace Okafor", NOW + 2 * MINUTE)
    home.request(stays, NOW + 2 * MINUTE)
    before = [[tuple(row)[1:] for row in home.rows(t)] for t in (member_events, leaving_requests)]
    home.forget(backup)
    assert home.register.consent(leaves).active
    assert home.both.require(NOW + 3 * MINUTE) == 3
    assert home.both.require(NOW + 3 * MINUTE) == 0
    assert not home.register.consent(leaves).active
    assert home.register.consent(leaves).withdrawn_at == NOW + 2 * MINUTE
    after = [[tuple(row)[1:] for row in home.rows(t)] for t in (member_events, leaving_requests)]
    assert after == before


def test_who_tried_again_or_renewed_is_not_withdrawn_twice(
    home: Home, terms: Callable[..., ConsentTerms]
) -> None:
    ref = home.register.grant(terms(), NOW)
    # The commit failed, they tried again, and came back.
    home.journal.note([replace(WITHDRAWN, row={**WITHDRAWN.row, "group_ref": ref})])
    home.register.withdraw(ref, NOW + MINUTE)
    home.register.renew(ref, terms(), NOW + 2 * MINUTE)
    assert home.both.require(NOW + 3 * MINUTE) == 0
    assert home.register.consent(ref).active
    # A group that the database never knew has nothing to be withdrawn.
    home.journal.note([replace(WITHDRAWN, row={**WITHDRAWN.row, "group_ref": "g-ffffffff"})])
    assert home.both.require(NOW + 3 * MINUTE) == 0


def _withdraw(home: Home, ref: str) -> None:
    home.register.withdraw(ref, NOW)


def _object(home: Home, ref: str) -> None:
    home.object(ref, "Grace")


def _draw(home: Home, ref: str) -> None:
    with home.database.transaction() as connection:
        add_step(connection, DRAW, Step.DEBITED, 1, NOW)
        add_step(connection, DRAW, Step.STORED, 1, NOW)


@pytest.mark.parametrize("act", [_withdraw, _object, _draw])
def test_a_journal_older_than_the_database_stops_all_reading(
    home: Home, terms: Callable[..., ConsentTerms], act: Callable[[Home, str], None]
) -> None:
    ref = home.register.grant(terms(), NOW)
    older = home.journal.path.read_bytes()
    act(home, ref)
    home.journal.path.write_bytes(older)
    assert code(lambda: home.both.require(NOW)) == "JOURNAL_INCOMPLETE"
    # To leave is possible all the same.
    home.register.withdraw(ref, NOW + MINUTE)
    assert code(lambda: home.both.require(NOW)) == "JOURNAL_INCOMPLETE"
    expected = Rebuilt(leaving=0, draws=1) if act is _draw else Rebuilt(leaving=1, draws=0)
    assert home.both.rebuild(NOW) == expected
    assert home.both.require(NOW) == 0
    assert home.draws.knows(DRAW) == (act is _draw)


def test_without_a_journal_nothing_is_read_until_it_is_written_anew(home: Home) -> None:
    home.journal.path.unlink()
    assert code(lambda: home.both.require(NOW)) == "JOURNAL_INCOMPLETE"
    assert home.both.rebuild(NOW) == Rebuilt(0, 0)
    assert home.both.require(NOW) == 0


def test_a_draw_that_was_paid_and_never_made_needs_no_line(home: Home) -> None:
    with home.database.transaction() as connection:
        add_step(connection, DRAW, Step.DEBITED, 1, NOW)
    assert home.both.require(NOW) == 0


def test_events_past_their_lifetime_are_not_asked_for_nor_put_back(
    home: Home, terms: Callable[..., ConsentTerms]
) -> None:
    ref = home.register.grant(terms(), NOW)
    home.object(ref, "Grace")
    home.register.withdraw(ref, NOW)
    whole = home.journal.path.read_bytes()
    home.journal.drop(lambda line: line.what == "member")
    due = NOW + LIFETIME + MINUTE
    assert code(lambda: home.both.require(NOW)) == "JOURNAL_INCOMPLETE"
    # The database came back from before they were deleted.
    assert code(lambda: home.both.require(due)) is None
    home.journal.path.write_bytes(whole)
    with as_owner(home.database.url) as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(member_events.delete())
    assert home.both.require(due) == 0
    assert home.rows(member_events) == []


def test_what_is_taken_out_of_the_journal_is_never_a_revoked_key(journal: LeavingJournal) -> None:
    first, second = (f"{letter * 43}=" for letter in "AB")
    journal.note_revoked({first: NOW, second: NOW + MINUTE})
    line = JournalLine("withdrawal", {"group_ref": "g-1", "at": NOW, "mode": "synthetic"})
    journal.note([line])
    # As an earlier program, too, reads on past what it does not know.
    assert journal.lines() == [line]
    journal.note_revoked({first: NOW + MINUTE, "no key": NOW})
    assert journal.drop(lambda _: True) == 1
    assert (journal.lines(), journal.begun()) == ([], True)
    assert journal.revoked() == {first: NOW, second: NOW + MINUTE}


@pytest.mark.parametrize(
    "line",
    [
        '{"key": "KEY", "at": "2026-10-15T09:00:00+00:00"}',
        '{"what": "revoked", "key": "KEY", "at": "2026-10-15T09:00:00"}',
        '{"what": "revoked", "key": "KEY", "at": 7}',
        '{"what": "revoked", "at": "2026-10-15T09:00:00+00:00"}',
        '["revoked"]',
    ],
)
def test_a_line_that_is_no_whole_revocation_is_passed_over(
    journal: LeavingJournal, line: str
) -> None:
    key = f"{'A' * 43}="
    with journal.path.open("a", encoding="utf-8") as file:
        file.write(line.replace("KEY", key) + "\n")
    assert journal.revoked() == {}
    journal.note_revoked({key: NOW})
    assert journal.revoked() == {key: NOW}


@pytest.mark.parametrize("rebuild", [False, True])
def test_who_left_is_put_back_where_the_portals_folder_cannot_be_written(
    home: Home, terms: Callable[..., ConsentTerms], tmp_path: Path, rebuild: bool
) -> None:
    leaves, stays = (home.register.grant(terms(), NOW) for _ in range(2))
    home.register.withdraw(leaves, NOW + 2 * MINUTE)
    home.object(stays, "Grace Okafor", NOW + 2 * MINUTE)
    if rebuild:
        home.journal.path.unlink()
    else:
        home.forget(NOW + MINUTE)
    home.journal.note_revoked({f"{'A' * 43}=": NOW})
    # Of a mount that did not come back.
    (tmp_path / "portal").symlink_to(tmp_path / "gone")
    act = home.both.rebuild if rebuild else home.both.require
    assert code(lambda: act(NOW + 3 * MINUTE)) == "NOT_A_FOLDER"
    assert not home.register.consent(leaves).active
    assert len(home.rows(member_events)) == 1
    (tmp_path / "portal").unlink()
    assert home.both.require(NOW + 3 * MINUTE) == 0
