"""What a rhythm of delivery costs: by the function that `readiness` uses, and by the real rules."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from assets.core.delivery_rhythm import Rhythm
from assets.core.london_time import LONDON
from assets.released.method import GAUSSIAN_1
from assets.released.thresholds import MIN_GROUPS
from assets.restricted.release.closing import may_close
from evaluation.readiness.closing_advice import ENOUGH_DAYS, closing_advice
from resources.stores.inbox.coverage import Candidate, supplier
from simulation.deliveries import supplied
from simulation.region import Assumed, days_with_enough_groups, simulated_days

FIRST = date(2026, 9, 7)
DAYS = 84
WEEKLY = Assumed(every=7, missed=0.2)
FOURTEEN = [f"e-{number}" for number in range(14)]
COLLECTS_AT = time(4, 30, tzinfo=LONDON)
DAY = timedelta(days=1)


def days_with_groups_by_the_rules(close_after_days: int, groups: int, seed: int) -> float:
    """Deliveries on weekdays drawn for each group, collected and closed by the program's rules."""
    chance = np.random.default_rng(seed)
    arrivals: list[list[Candidate]] = []
    for group in range(groups):
        weekday = int(chance.integers(7))
        days = [FIRST + timedelta(days=n) for n in range(DAYS + close_after_days)]
        comes = [day for day in days if day.weekday() == weekday and chance.random() >= 0.2]
        arrivals.append(
            [
                Candidate(f"{group}-{day}", datetime.combine(day, time(10), UTC), None)
                for day in comes
            ]
        )
    enough = 0
    for number in range(DAYS):
        day = FIRST + number * DAY
        mornings = (day + n * DAY for n in range(61))
        closes = next(one for one in mornings if may_close(day, one, close_after_days))
        collected = datetime.combine(closes, COLLECTS_AT)
        there = sum(
            supplier([one for one in own if one.arrived_at <= collected], day) is not None
            for own in arrivals
        )
        enough += there >= MIN_GROUPS
    return enough / DAYS


def test_settings_as_advised_leave_nine_days_of_ten() -> None:
    advice = closing_advice(FOURTEEN, WEEKLY, Rhythm.WEEKLY, longest=34)
    assert advice.enough
    assert advice.close_after_days >= Rhythm.WEEKLY.least_close_after == 9
    # As `readiness` computes it: groups too small on a day are dropped, too.
    assert advice.share >= ENOUGH_DAYS == 0.9
    advised = replace(WEEKLY, close_after_days=advice.close_after_days)
    assert days_with_enough_groups(FOURTEEN, advised) == advice.share
    # By the rules of the inbox and of closing, worst of many draws.
    shares = [days_with_groups_by_the_rules(advice.close_after_days, 14, seed) for seed in range(6)]
    assert min(shares) >= 0.9


def test_three_days_lose_most_of_a_weekly_region() -> None:
    as_it_was = replace(WEEKLY, close_after_days=3)
    assert days_with_enough_groups(FOURTEEN, as_it_was) < 0.6
    shares = [days_with_groups_by_the_rules(3, 14, seed) for seed in range(6)]
    assert np.mean(shares) < 0.6


@pytest.mark.parametrize("close_after_days", [2, 3, 9, 16])
def test_the_simulation_closes_as_the_program_does(close_after_days: int) -> None:
    there = supplied(
        np.random.default_rng(5), (2000, DAYS), every=7, missed=0.2,
        close_after_days=close_after_days,
    )  # fmt: skip
    by_rules = [days_with_groups_by_the_rules(close_after_days, 14, seed) for seed in range(8)]
    of_fourteen = there[:1988].reshape(142, 14, DAYS).sum(axis=1) >= MIN_GROUPS
    assert float(of_fourteen.mean()) == pytest.approx(float(np.mean(by_rules)), abs=0.08)


def test_daily_deliveries_in_time_change_nothing() -> None:
    there = supplied(np.random.default_rng(1), (3, 9), every=1, missed=0.0, close_after_days=3)
    assert there.all()
    one = simulated_days(FOURTEEN, Assumed(), GAUSSIAN_1, regions=20)
    other = simulated_days(FOURTEEN, Assumed(close_after_days=30), GAUSSIAN_1, regions=20)
    assert (one.noisy_people == other.noisy_people).all()


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (replace(WEEKLY, missed=0.5), WEEKLY),
        (replace(WEEKLY, every=14), WEEKLY),
        (replace(WEEKLY, may_be_read=0.2), WEEKLY),
        (WEEKLY, replace(WEEKLY, close_after_days=9)),
    ],
    ids=["missed", "rhythm", "opt-in", "closing"],
)
def test_each_of_them_costs_days(worse: Assumed, better: Assumed) -> None:
    costs = [days_with_enough_groups(FOURTEEN, one, regions=60) for one in (worse, better)]
    assert costs[0] < costs[1]
