"""One draw, whatever crashes, comes at once, or comes back from a backup."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from assets.core.errors import StorageError
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoisyTotals
from resources.base.database.tables import (
    evidence,
    evidence_cards,
    noisy_draws,
    regional_values,
    release_steps,
)
from resources.maintenance.database_setup import as_owner
from resources.stores.region_days import RegionDays
from resources.stores.release.release_ledger import DrawKey

LONDON = "greater_london"
MONDAY = date(2026, 9, 7)
RHO = GAUSSIAN_1.micro_rho


class Crash(BaseException):
    """The process ends here."""


@contextmanager
def crashing_before(number: int) -> Iterator[list[str]]:
    """Crash before the statement or commit of this number; yields what was sent until then."""
    engine = sa.Engine
    sent: list[str] = []

    def note(what: str) -> None:
        if len(sent) == number:
            raise Crash
        sent.append(what)

    def statement(*arguments: Any) -> None:
        note(arguments[2])

    def commit(_: Any) -> None:
        note("COMMIT")

    sa.event.listen(engine, "before_cursor_execute", statement)
    sa.event.listen(engine, "commit", commit)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", statement)
        sa.event.remove(engine, "commit", commit)


def test_a_crash_between_any_two_statements_leaves_one_draw_or_none(
    house: Any, drawn: list[NoisyTotals], full: bool
) -> None:
    house.join(6)
    outcomes = []
    for number in range(0, 200, 1 if full else 3):
        day = MONDAY + timedelta(days=number)
        house.at(day)
        drawn.clear()
        try:
            with crashing_before(number):
                house.release.close(LONDON, day, GAUSSIAN_1, RHO)
        except Crash:
            pass
        else:
            break
        crashed_after = len(drawn)
        steps = house.steps(day)
        closed = house.session.resources["region_day_locks"].closed(LONDON, [day])
        assert not closed
        assert steps in ([], ["debited"])
        assert crashed_after <= len(steps), "noise was drawn before its budget was taken"
        house.close(day)
        assert len(drawn) <= 1
        after = house.steps(day)
        if steps:
            assert after == ["burned", "debited"]
            assert (house.value(day).status, house.reason(day)) == ("not_published", "DRAW_LOST")
            assert house.store.drawn(LONDON, [day]) == {}
        else:
            assert after == ["debited", "stored"]
            assert house.value(day).status == "published"
        assert [row.micro_rho for row in house.rows(release_steps) if row.day == day] == [RHO] * 2
        outcomes.append((bool(steps), crashed_after))
    assert number >= 20, "crashed before every statement and commit of a release"
    assert house.steps(day) == ["debited", "stored"]
    # Crashes came before the debit, between debit and draw, and after the draw.
    assert {(False, 0), (True, 1)} <= set(outcomes)


def test_a_crash_while_a_lost_draw_is_burned_burns_it_once(
    house: Any, drawn: list[NoisyTotals]
) -> None:
    house.join(6)
    house.at(MONDAY)
    key = DrawKey(LONDON, MONDAY, GAUSSIAN_1.version)
    assert house.ledger.debit(key, RHO, house.session.clock.now())
    for number in range(100):
        try:
            with crashing_before(number):
                assert house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO) == "burned"
        except Crash:
            assert house.steps(MONDAY) == ["debited"]
        else:
            break
    assert number > 5
    assert house.steps(MONDAY) == ["burned", "debited"]
    assert drawn == []


def test_two_releases_at_once_give_one_draw(house: Any, drawn: list[NoisyTotals]) -> None:
    """Under the region-day's lock, as the asset works, and without it."""
    house.join(6)
    locks: RegionDays = house.session.resources["region_day_locks"]
    together = threading.Barrier(2)

    def locked(_: int) -> str:
        together.wait()
        with locks.writing([(LONDON, MONDAY)]):
            if locks.closed(LONDON, [MONDAY]):
                return "already_settled"
            return house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO)

    tuesday = MONDAY + timedelta(days=1)
    house.at(tuesday)

    def unlocked(_: int) -> str:
        together.wait()
        try:
            return house.release.close(LONDON, tuesday, GAUSSIAN_1, RHO)
        except StorageError as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(locked, range(2))) == ["already_settled", "published"]
        assert len(drawn) == 1
        drawn.clear()
        first, second = sorted(pool.map(unlocked, range(2)))
    assert len(drawn) == 1
    # The later one may find the debit and take it for a lost draw; then the day is burned for both.
    assert (first, second) in {("DATABASE_REFUSED", "published"), ("DATABASE_REFUSED", "burned")}
    assert len(house.store.drawn(LONDON, [tuesday])) <= 1


def test_a_restored_database_draws_nothing_again(house: Any, drawn: list[NoisyTotals]) -> None:
    house.join(6)
    assert house.close(MONDAY) == "published"
    tables = (release_steps, noisy_draws, regional_values, evidence, evidence_cards)
    with as_owner(house.session.url) as connection:
        for table in tables:
            connection.execute(sa.text(f"ALTER TABLE {table.fullname} DISABLE TRIGGER append_only"))
            connection.execute(table.delete())
            connection.execute(sa.text(f"ALTER TABLE {table.fullname} ENABLE TRIGGER append_only"))
    assert house.close(MONDAY) == "burned"
    assert len(drawn) == 1
    assert (house.value(MONDAY).status, house.reason(MONDAY)) == ("not_published", "DRAW_LOST")
    assert house.ledger.spent(LONDON, MONDAY).in_month == RHO


def test_a_crash_while_a_day_is_drawn_again_leaves_one_further_draw_or_none(
    house: Any, drawn: list[NoisyTotals], full: bool
) -> None:
    house.join(6)
    outcomes = set()
    # Two draws a day: a month has budget for fifteen such days.
    every_other = [MONDAY + timedelta(days=2 * number) for number in range(57)]
    apart = 1 if full else 3
    for at, day in enumerate(one for one in every_other if one.day <= 30):
        number = at * apart
        assert house.close(day) == "published"
        before = house.store.newest_revision(LONDON, day)
        drawn.clear()
        try:
            with crashing_before(number):
                house.release.revise(before, RHO)
        except Crash:
            pass
        else:
            break
        steps = house.ledger.steps(replace(before, revision=1))
        assert house.store.newest_revision(LONDON, day) == before
        assert len(drawn) <= len(steps) <= 1
        outcome = house.release.revise(before, RHO)
        assert outcome == ("burned" if steps else "published")
        assert len(drawn) <= 1
        outcomes.add(outcome)
    assert number >= 20
    assert outcomes == {"burned", "published"}


def test_a_restored_database_revises_nothing_again(house: Any, drawn: list[NoisyTotals]) -> None:
    house.join(6)
    assert house.close(MONDAY) == "published"
    first = house.store.newest_revision(LONDON, MONDAY)
    # The revision was made, and the database is from before it.
    house.release.release_journal.note(replace(first, revision=1))
    assert house.release.revise(first, RHO) == "burned"
    assert len(drawn) == 1
