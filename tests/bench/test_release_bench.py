import numpy as np
import pytest

from assets.restricted.release.region_totals import region_totals, suppression
from bench.release.cohort import LINES, SCENARIOS, Found, _measure
from bench.release.daily_or_weekly import DAILY, WEEKLY, _cost
from bench.release.simulated_cohort import WEEKS, Scenario, cohort
from bench.release.simulated_year import DAYS, region_year
from bench.release.year import RegionFacts, release
from simulation.region import Assumed


def found_in(scenario: Scenario, years: int) -> dict[str, Found]:
    found = {name: Found() for name in LINES}
    for one in range(years):
        chance = np.random.default_rng((1, one))
        _measure(cohort(scenario, chance, Assumed()), chance, found)
    return found


def test_a_week_holds_the_sums_of_its_days() -> None:
    simulated = region_year(6, np.random.default_rng(1), Assumed())
    week = region_totals(simulated.days(range(7)))
    days = [region_totals(simulated.day(day)) for day in range(7)]
    assert week.person_days == sum(one.person_days for one in days)
    assert week.sums_milli["burnout"] == sum(one.sums_milli["burnout"] for one in days)


def test_a_day_that_breaks_a_rule_is_not_drawn() -> None:
    simulated, facts = region_year(6, np.random.default_rng(1), Assumed()), RegionFacts()
    released = release(simulated, facts)
    refused = {day for day in range(DAYS) if suppression(simulated.day(day))}
    assert refused <= {day for day, drawn in enumerate(released) if drawn is None}
    assert 0 < facts.reasons["published"] == DAYS - released.count(None)


@pytest.mark.parametrize("days", [1, 2, 7])
def test_one_draw_of_a_week_costs_the_square_of_the_days_written_on(days: int) -> None:
    per_day, *_, per_poster = WEEKLY
    assert _cost(DAILY, days) == pytest.approx(0.05 * days)
    assert _cost(per_day, days) == pytest.approx(0.35 * days**2)
    assert _cost(per_poster, 7) == pytest.approx(_cost(DAILY, 7), rel=0.002)


def test_where_no_group_comes_or_goes_matching_changes_nothing() -> None:
    found = found_in(SCENARIOS[2], 3)
    assert found["matched"].change == pytest.approx(found["line"].change)
    assert found["matched exact"].members == pytest.approx(found["exact"].members)


def test_people_who_fall_silent_bend_the_level_and_worse_off_joiners_the_change() -> None:
    quiet, joined = found_in(SCENARIOS[2], 6), found_in(SCENARIOS[-1], 12)
    assert np.mean(quiet["exact"].members) < -0.02
    assert np.mean(np.abs(quiet["line"].posting)) < 0.01
    assert np.mean(joined["exact"].change_of_first) > 0.015
    assert abs(np.mean(joined["matched exact"].change_of_first)) < 0.015


def test_groups_join_by_the_rules_of_admission() -> None:
    counted = cohort(Scenario("", joining=9), np.random.default_rng(2), Assumed()).counted
    assert counted.shape == (21, WEEKS)
    joined = np.diff(counted.sum(axis=0))
    assert counted[:12].all()
    assert joined.min() == 0
    assert 3 <= joined.max() <= 9
