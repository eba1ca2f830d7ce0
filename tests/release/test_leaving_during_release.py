"""A group that withdraws at any moment of a release is in nothing that is published after it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from assets.core.errors import ReleaseError
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoisyTotals
from resources.base.database.tables import (
    consent_events,
    evidence,
    evidence_cards,
    ledger,
    noisy_draws,
    regional_values,
    release_reasons,
    release_requests,
    release_steps,
    retractions,
)
from resources.maintenance.database_setup import as_owner
from resources.stores.release.corrections import Corrections, RetractionReason
from resources.stores.release.release_store import ReleaseStore

LONDON = "greater_london"
MONDAY = date(2026, 9, 7)
TUESDAY = MONDAY + timedelta(days=1)
RHO = GAUSSIAN_1.micro_rho
RELEASED = (
    release_steps,
    noisy_draws,
    release_reasons,
    regional_values,
    retractions,
    release_requests,
    evidence,
    evidence_cards,
)


@pytest.fixture
def other(house: Any, another_process: Callable[[Any], Any]) -> Any:
    """Another process at the same home."""
    return another_process(house.session)


def undo(house: Any) -> None:
    """Back to before the withdrawal and the release, journals too."""
    with as_owner(house.session.url) as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(consent_events.delete().where(consent_events.c.kind == "withdrawn"))
        for table in (*RELEASED, ledger):
            connection.execute(table.delete())
    for path in (house.session.home.leaving_journal, house.session.home.release_journal):
        path.unlink(missing_ok=True)


def public(house: Any, day: date) -> list[tuple[Any, ...]]:
    names = ("construct", "status", "estimate", "value_7d", "people_band", "micro_rho")
    return [
        tuple(getattr(row, name) for name in names)
        for row in house.rows(regional_values)
        if row.day == day
    ]


@pytest.mark.slow
def test_whenever_it_withdraws_it_is_in_nothing_that_is_published_after(
    house: Any, other: Any, sizes: list[int], without_noise: None, full: bool
) -> None:
    refs = house.join(7)
    house.scores.people = {refs[0]: 40}
    leaver, clock = refs[0], house.session.clock
    house.close(MONDAY)
    whole = public(house, MONDAY)
    house.withdraw(leaver)
    house.close(TUESDAY)
    next_days = {"before": public(house, TUESDAY)}
    undo(house)
    house.at(MONDAY)
    house.withdraw(leaver)
    house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO)
    without = public(house, MONDAY)
    house.close(TUESDAY)
    next_days["without"] = next_days["burned"] = public(house, TUESDAY)
    assert whole != without
    assert next_days["before"] != next_days["without"]
    seen = set()
    for number in range(0, 200, 1 if full else 3):
        undo(house)
        sizes.clear()
        house.at(MONDAY)
        withdrawn_at: list[int] = []

        def withdraw(recorded: list[int] = withdrawn_at) -> None:
            other.ways_out.register.withdraw(leaver, clock.now())
            with other.database.transaction() as connection:
                recorded.append(len(connection.execute(sa.select(regional_values)).all()))

        with other.before_statement(number, withdraw) as sent:
            outcome = house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO)
        if len(sent) <= number:
            break
        assert withdrawn_at, "recorded whatever ran"
        values = public(house, MONDAY)
        if values == whole:
            # It had closed before the withdrawal was recorded.
            assert withdrawn_at == [3]
            happened = "before"
        elif outcome == "burned":
            assert {row[1] for row in values} == {"not_published"}
            assert house.reason(MONDAY) == "GROUP_LEFT_DURING_DRAW"
            assert house.steps(MONDAY) == ["burned", "debited"]
            assert house.rows(noisy_draws) == []
            happened = "burned"
        else:
            assert values == without
            assert sizes[-1] == 6
            happened = "without"
        seen.add(happened)
        assert house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO) == "already_settled"
        house.close(TUESDAY)
        assert public(house, TUESDAY) == next_days[happened]
    assert seen == {"before", "burned", "without"}


@pytest.mark.slow
def test_whenever_it_withdraws_a_revision_shows_nothing_without_it(
    house: Any, other: Any, without_noise: None, full: bool
) -> None:
    leaver, *_ = house.join(7)
    outcomes = set()
    for number in range(0, 200, 1 if full else 3):
        undo(house)
        house.close(MONDAY)
        first = house.store.newest_revision(LONDON, MONDAY)
        before = public(house, MONDAY)
        clock = house.session.clock
        clock.moment += timedelta(minutes=1)
        with other.before_statement(
            number, partial(other.ways_out.register.withdraw, leaver, clock.now())
        ) as sent:
            try:
                outcome = house.release.revise(first, RHO)
            except ReleaseError as error:
                outcome = error.code
        if len(sent) <= number:
            break
        outcomes.add(outcome)
        newest = house.store.newest_revision(LONDON, MONDAY)
        if outcome == "GROUPS_LEFT_SINCE":
            assert (newest, public(house, MONDAY)) == (first, before)
        elif outcome == "GROUP_LEFT_DURING_DRAW":
            assert newest == replace(first, revision=1)
            assert house.reason(MONDAY) == "GROUP_LEFT_DURING_DRAW"
    assert outcomes == {"GROUPS_LEFT_SINCE", "GROUP_LEFT_DURING_DRAW", "published"}


@pytest.mark.slow
def test_a_register_that_never_rests_costs_nothing(
    house: Any, other: Any, monkeypatch: pytest.MonkeyPatch, drawn: list[NoisyTotals]
) -> None:
    refs = house.join(6)
    house.at(MONDAY)
    really = house.register.spans

    def spans(region: str) -> Any:
        found = really(region)
        other.ways_out.register.withdraw(refs[0], house.session.clock.now())
        return found

    monkeypatch.setattr(type(house.register), "spans", lambda _, region: spans(region))
    with pytest.raises(ReleaseError, match=r"^REGISTER_CHANGED$"):
        house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO)
    assert (house.steps(MONDAY), drawn) == ([], [])


@pytest.mark.slow
def test_whenever_a_day_is_retracted_no_pooled_value_holds_it(
    house: Any,
    other: Any,
    without_noise: None,
    monkeypatch: pytest.MonkeyPatch,
    full: bool,
) -> None:
    """The release of the sixth day runs while the second is taken back."""
    house.join(6)
    sixth = MONDAY + timedelta(days=5)
    corrections = Corrections(other.database)
    made_from: list[set[date]] = []
    really = ReleaseStore.close

    def close(store: ReleaseStore, *key: Any, **how: Any) -> None:
        really(store, *key, **how)
        made_from.append({one.day for one in how["heeded"].pooled.get("value_7d", ())})

    monkeypatch.setattr(ReleaseStore, "close", close)
    shown = set()
    for number in range(0, 200, 2 if full else 6):
        undo(house)
        for offset in range(5):
            house.close(MONDAY + timedelta(days=offset))
        house.at(sixth)
        now = house.session.clock.now()

        def retract(now: datetime = now) -> None:
            corrections.retract(
                LONDON, TUESDAY, TUESDAY, RetractionReason.SCORING_ERROR, "ana", now
            )

        with other.before_statement(number, retract) as sent:
            house.release.close(LONDON, sixth, GAUSSIAN_1, RHO)
        if len(sent) <= number:
            break
        assert house.value(sixth).value_7d is not None
        gone = {(row.day, row.scope) for row in house.rows(retractions)}
        assert {(TUESDAY, "all"), (sixth - timedelta(days=1), "value_7d")} <= gone
        holds_it = TUESDAY in made_from[-1]
        assert ((sixth, "value_7d") in gone) == holds_it
        shown.add(holds_it)
    assert number >= 20
    assert shown == {True, False}
