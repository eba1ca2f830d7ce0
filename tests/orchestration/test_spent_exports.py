"""Exports go as soon as every day that they can supply has settled; later days read right."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from resources.base.database.tables import ledger
from resources.stores.inbox.coverage import Candidate, end_of, is_spent

LONDON = "greater_london"
FIRST = date(2026, 10, 12)
DAYS = [FIRST + timedelta(days=n) for n in range(4)]


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


@pytest.mark.parametrize(
    ("arrived", "last_entry", "done", "last", "spent"),
    [
        (noon(DAYS[2]), noon(DAYS[1]), DAYS[:2], DAYS[3], True),
        (noon(DAYS[2]), noon(DAYS[1]), DAYS[:1], DAYS[3], False),
        (noon(DAYS[2]), noon(DAYS[1]), DAYS[1:2], DAYS[3], False),
        # What it says of its last, unfinished day it can't supply.
        (noon(DAYS[2]), None, DAYS[:2], DAYS[3], True),
        # It arrived by a clock set back, and holds later entries.
        (noon(DAYS[0]), end_of(DAYS[2]), DAYS[:2], DAYS[3], False),
        (noon(DAYS[0]), end_of(DAYS[2]), DAYS[:3], DAYS[3], True),
        # The consent ends before.
        (noon(DAYS[3]), None, DAYS[:2], DAYS[1], True),
        # It can supply nothing, so nothing has settled: it stays for its lifetime.
        (noon(DAYS[0]), None, [], DAYS[3], False),
    ],
)
def test_an_export_is_spent_once_its_last_day_is_done(
    arrived: datetime, last_entry: datetime | None, done: list[date], last: date, spent: bool
) -> None:
    assert is_spent(Candidate("d", arrived, last_entry), FIRST, last, set(done)) is spent


def files(house: Any, ref: str) -> int:
    return len(house.resources["inbox"].list(ref))


@pytest.mark.slow
def test_each_goes_with_its_last_day_and_the_next_one_reads_on(
    house: Any, chat: Callable[..., bytes], opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house.clock.set_to(DAYS[2])
    ref, other = house.grant(valid_from=FIRST), house.grant(valid_from=FIRST)
    house.deliver(ref, chat(FIRST, DAYS[1]))
    # Nobody can read it, so it waits for its lifetime and goes on being reported.
    house.deliver(other, b"\0 no export")
    assert house.run("collect", DAYS[0]) == "GROUPS_REFUSED"
    assert files(house, ref) == 1
    house.run("collect", DAYS[1])
    assert (files(house, ref), files(house, other)) == (0, 1)
    with house.database.transaction() as connection:
        spent = connection.execute(
            sa.select(ledger.c.group_ref, ledger.c.count).where(ledger.c.kind == "export_spent")
        ).all()
    assert spent == [(ref, 1)]
    house.clock.set_to(DAYS[3])
    house.deliver(ref, chat(FIRST, DAYS[2]))
    before = house.settled()[0]
    house.run("collect", DAYS[0], DAYS[2])
    settled = house.group_days()
    assert {(day, ref) for day in DAYS[:3]} <= settled
    assert [row for row in house.settled()[0] if row in before] == before
    scores = house.resources["score_store"].of_region_day(LONDON, DAYS[2])
    assert scores[ref][0].person_days == 6, "the same people, known from an export that is gone"
    assert files(house, ref) == 0


@pytest.mark.slow
def test_an_inbox_that_does_not_answer_keeps_no_score_back(
    house: Any, chat: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from resources.stores.leaving.spent_exports import SpentExports

    house.clock.set_to(DAYS[2])
    ref = house.grant(valid_from=FIRST)
    house.deliver(ref, chat(FIRST, DAYS[1]))
    location = house.resources["inbox"].location

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    really = SpentExports.delete

    def delete(*arguments: Any) -> int:
        with monkeypatch.context() as patched:
            patched.setattr(type(location.files), "rm_file", refuse)
            return really(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(SpentExports, "delete", delete)
        # Lifetimes at the start of the run has nothing to delete yet.
        assert house.run("collect", DAYS[0], DAYS[1]) is None
    assert house.group_days() == {(day, ref) for day in DAYS[:2]}
    assert files(house, ref) == 1
    house.resources["lifetimes"].enforce(house.clock.now())
    assert files(house, ref) == 0
    an_older_file_that_was_refused_is_no_fault_once_a_newer_one_was_read(house, chat)


def an_older_file_that_was_refused_is_no_fault_once_a_newer_one_was_read(
    house: Any, chat: Callable[..., bytes]
) -> None:
    house.clock.set_to(DAYS[1])
    ref = house.grant(valid_from=FIRST)
    house.deliver(ref, b"\0 no export", noon(FIRST))
    house.deliver(ref, chat(FIRST, FIRST))
    assert house.run("collect", FIRST) is None
    assert files(house, ref) == 1
    assert house.run("collect", FIRST) is None
