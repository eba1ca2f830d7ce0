"""Lifetimes of what groups and members leave behind, and what crashes leave."""

import io
import os
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from assets.core.errors import CATALOGUE, ConsentError, ExportError, StorageError
from orchestration.cli.delivering import deliver
from orchestration.cli.session import Session
from resources.base.database.tables import (
    leaving_requests,
    member_events,
    names_borne,
    seen_senders,
    told_names,
)
from resources.base.files import write_once
from resources.stores.leaving.leaving import Gone, each_by_itself
from resources.stores.ledger import Kind
from resources.stores.members.member_events import MemberEvent, RollCall, Saying, SayingSource
from resources.stores.scores.score_store import GroupScore
from resources.stores.surveys.survey_store import SurveyMean
from resources.stores.vectors.group_day_vectors import GroupDayVectors

LONDON = "greater_london"
DAY = date(2026, 10, 1)
MINUTE = timedelta(minutes=1)
CONTENT = GroupDayVectors(np.eye(6, 8, dtype=np.float32), np.arange(6, dtype=np.int32))


@pytest.fixture
def group(session: Session, terms: Callable[..., Any]) -> str:
    """A group of which everything is stored that can be."""
    ref = session.register.grant(terms(), session.clock.now())
    fill(session, ref)
    return ref


def fill(session: Session, ref: str) -> None:
    have, now = session.resources, session.clock.now()
    have["inbox"].add(ref, io.BytesIO(b"x"), now)
    place = {"export_digest": "d", "now": now}
    have["vector_store"].put(
        LONDON, DAY, ref, CONTENT, vocabulary_digest="v", encoder_digest="e", **place
    )
    scores = [GroupScore("burnout", 5, 1, 9)]
    have["score_store"].settle(LONDON, DAY, ref, scores, model_version="m", **place)
    have["survey_store"].add([SurveyMean(date(2026, 10, 5), ref, "burnout", 0.5, 8)])
    have["members"].record_roll_call(ref, RollCall({"Ama": DAY, "Ben": DAY}, ()), now)
    have["members"].record_told(ref, ["Ama", "Ben", "Caz"], DAY)
    marks = have["members"].marker(ref).marks_of("Ama")
    event = MemberEvent(Saying.OBJECTED, SayingSource.COMMAND, DAY, marks)
    have["members"].record(ref, event, now)


def count(session: Session, table: sa.Table) -> int:
    with session.database.transaction() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def everything(session: Session) -> list[Path]:
    home = session.home
    folders = (home.keys, home.vectors, home.surveys, Path(home.config.inbox))
    return [path for folder in folders for path in files(folder)]


@pytest.mark.slow
def test_a_withdrawal_says_what_it_deleted_and_doing_it_again_deletes_nothing(
    session: Session, group: str
) -> None:
    leaving, now = session.ways_out.leaving, session.clock.now()
    assert len(everything(session)) == 6
    gone = leaving.withdraw(group, now)
    assert dict(+gone.counts) == {
        Kind.KEYS_DESTROYED: 1,
        Kind.SCORES_DELETED: 1,
        Kind.SURVEYS_DELETED: 1,
        Kind.SENDERS_DELETED: 2,
        Kind.EXPORT_PURGED: 1,
    }
    assert gone.failures == ()
    assert everything(session) == []
    assert leaving.withdraw(group, now + MINUTE).counts.total() == 0
    # For the group may come back, and an objection holds then.
    assert (count(session, seen_senders), count(session, member_events)) == (0, 1)
    assert (count(session, told_names), count(session, names_borne)) == (0, 0)


@pytest.mark.slow
def test_a_deletion_that_was_cut_off_is_done_by_lifetimes(session: Session, group: str) -> None:
    session.register.withdraw(group, session.clock.now())
    # What came all the same, from elsewhere.
    Path(session.home.config.inbox, group, "WhatsApp Chat.txt").write_bytes(b"x")
    done = session.ways_out.lifetimes.sweep(session.clock.now())
    assert done.failures == ()
    assert done.counts[Kind.EXPORT_PURGED] == 2
    assert everything(session) == []
    assert session.ways_out.lifetimes.sweep(session.clock.now()).counts.total() == 0


@pytest.mark.slow
def test_nothing_of_a_withdrawn_group_can_be_stored(session: Session, group: str) -> None:
    have, now = session.resources, session.clock.now()
    session.ways_out.leaving.withdraw(group, now)
    with pytest.raises(ConsentError, match=r"^CONSENT_WITHDRAWN$"):
        have["members"].record_roll_call(group, RollCall({"Ama": DAY}, ()), now)
    place = {"export_digest": "d", "now": now}
    later = DAY + timedelta(days=1)
    put = have["vector_store"].put(
        LONDON, later, group, CONTENT, vocabulary_digest="v", encoder_digest="e", **place
    )
    scores = [GroupScore("burnout", 5, 1, 9)]
    settled = have["score_store"].settle(LONDON, later, group, scores, model_version="m", **place)
    assert (put, settled) == (False, False)
    assert everything(session) == []
    with pytest.raises(ConsentError, match=r"^CONSENT_WITHDRAWN$"):
        deliver(session, group, Path(__file__))


@pytest.mark.slow
def test_what_members_said_goes_long_after_the_consent_ended(session: Session, group: str) -> None:
    lifetimes, end = session.ways_out.lifetimes, session.register.consent(group).ended_at
    lifetimes.enforce(end + timedelta(days=90))
    assert (count(session, seen_senders), count(session, member_events)) == (2, 1)
    counts = lifetimes.enforce(end + timedelta(days=90) + MINUTE)
    assert (counts[Kind.SENDERS_DELETED], counts[Kind.MEMBER_EVENTS_DELETED]) == (2, 1)
    assert (count(session, seen_senders), count(session, member_events)) == (0, 0)
    assert (count(session, told_names), count(session, names_borne)) == (0, 0)
    assert session.ways_out.journal.lines() == []
    assert session.ways_out.reconciliation.require(end + timedelta(days=91)) == 0


@pytest.mark.slow
def test_a_purge_holds_where_the_files_stay_and_not_for_what_comes_after(
    session: Session, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, now = session.resources["inbox"], session.clock.now()
    ways_out = session.ways_out
    (before,) = inbox.list(group)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(type(inbox.location.files), "rm_file", refuse)
        gone = ways_out.leaving.purge(group, now + MINUTE)
    assert gone.failures == ("LIFETIME_NOT_ENFORCED",)
    assert count(session, leaving_requests) == 1
    later = now + 2 * MINUTE
    after = inbox.add(group, io.BytesIO(b"y"), later)
    assert inbox.living(group, later) == [after]
    with pytest.raises(ExportError, match=r"^EXPORT_GONE$"):
        inbox.open_export(before)
    assert inbox.open_export(after).read() == b"y"
    assert ways_out.lifetimes.enforce(later)[Kind.EXPORT_PURGED] == 1
    assert inbox.list(group) == [after]


@pytest.mark.slow
def test_keys_and_files_that_nothing_names_go_after_an_hour(session: Session, group: str) -> None:
    home, keys = session.home, session.resources["vector_store"]._keys
    living = everything(session)
    orphan, _ = keys.make()
    stray_key, _ = keys.make()
    folder = home.vectors / LONDON / DAY.isoformat()
    write_once(folder / f"{group}-{stray_key}.parquet.sealed", b"sealed")
    (home.keys / f".{'0' * 32}.partial").write_bytes(b"wrapped")
    left = [path for path in everything(session) if path not in living]
    assert len(left) == 4
    now = session.clock.now()
    for path in [*left, *living]:
        os.utime(path, (now.timestamp(), now.timestamp()))
    sweep = session.ways_out.lifetimes.sweep
    assert sweep(now + timedelta(minutes=59)).counts[Kind.ORPHANS_DELETED] == 0
    assert sweep(now + timedelta(minutes=61)).counts[Kind.ORPHANS_DELETED] == 3
    assert sorted(everything(session)) == sorted(living)
    assert not keys.lives(orphan)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StorageError("DISK_NOT_WRITABLE"), "DISK_NOT_WRITABLE"),
        (PermissionError("wobblequex"), "LIFETIME_NOT_ENFORCED"),
        (OverflowError("wobblequex"), "LIFETIME_PART_BROKEN"),
        (KeyError("wobblequex"), "LIFETIME_PART_BROKEN"),
        (MemoryError("wobblequex"), "LIFETIME_PART_BROKEN"),
        (UnicodeEncodeError("utf-8", "wobblequex", 0, 1, "wobblequex"), "LIFETIME_PART_BROKEN"),
    ],
)
def test_whatever_a_part_raises_the_others_are_done_and_its_words_are_gone(
    error: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> dict[Kind, int]:
        raise error

    done = each_by_itself(lambda: {Kind.SCORES_DELETED: 1}, fail, lambda: {Kind.EXPORT_DELETED: 2})
    assert done == Gone(Counter({Kind.SCORES_DELETED: 1, Kind.EXPORT_DELETED: 2}), (code,))
    assert CATALOGUE[code]
    assert "wobblequex" not in repr(done) + caplog.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "broken",
    ["vectors", "scores", "surveys", "scrub_records", "journal", "keys", "inbox", "spent_exports"],
)
def test_a_part_that_fails_keeps_none_of_the_others_back(
    session: Session, group: str, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    lifetimes, end = session.ways_out.lifetimes, session.register.consent(group).ended_at
    whole = {
        Kind.SCORES_DELETED: 1,
        Kind.SURVEYS_DELETED: 1,
        Kind.SENDERS_DELETED: 2,
        Kind.MEMBER_EVENTS_DELETED: 1,
        Kind.EXPORT_DELETED: 1,
    }
    parts = {
        "vectors": ("delete_strays", ()),
        "scores": ("delete_expired", (Kind.SCORES_DELETED,)),
        "surveys": ("delete_expired", (Kind.SURVEYS_DELETED,)),
        "scrub_records": ("delete_expired", ()),
        "journal": ("drop", (Kind.SENDERS_DELETED, Kind.MEMBER_EVENTS_DELETED)),
        "keys": ("destroy_all_but", ()),
        "inbox": ("delete_expired", (Kind.EXPORT_DELETED,)),
        "spent_exports": ("delete", ()),
    }
    method, lost = parts[broken]

    def fail(*_: object, **__: object) -> None:
        raise StorageError("DISK_NOT_WRITABLE")

    monkeypatch.setattr(type(getattr(lifetimes, broken)), method, fail)
    done = lifetimes.sweep(end + timedelta(days=500))
    assert done.failures == ("DISK_NOT_WRITABLE",)
    told = {kind: done.counts[kind] for kind in whole}
    assert told == {kind: 0 if kind in lost else number for kind, number in whole.items()}
