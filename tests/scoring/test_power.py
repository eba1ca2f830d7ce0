import time
from dataclasses import replace

import numpy as np
import pytest

from evaluation.validity import power
from evaluation.validity.power import PowerCell, power_table
from simulation import weeks as made_up_regions
from simulation.weeks import RegionDesign


def messages(gap: float, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Scores of messages, a quarter of which show the construct and score higher by `gap`."""
    draw = np.random.default_rng(7)
    shows = np.arange(count) % 4 == 0
    return np.clip(0.3 + gap * shows + draw.normal(0, 0.1, count), 0, 1), shows


def mean(means: np.ndarray, messages: np.ndarray) -> np.ndarray:
    """A person-day as blurred as its messages, so that what is found can be worked out."""
    return means


def table(gap: float = 0.4, **changes: object) -> dict[tuple[float, int, str], PowerCell]:
    scores, shows = messages(gap)
    arguments = {"prevalences": (0.05,), "groups": (10, 30), "series": 120, **changes}
    made = power_table({"burnout": scores}, {"burnout": shows}, {"burnout": mean}, **arguments)
    return {(one.prevalence, one.groups, one.test): one for one in made.cells}


@pytest.fixture(scope="module")
def cells() -> dict[tuple[float, int, str], PowerCell]:
    return table()


def test_each_cell_is_there_and_a_flat_series_is_seldom_flagged(cells) -> None:
    assert set(cells) == {(0.05, n, test) for n in (10, 30) for test in power.TESTS}
    for one in cells.values():
        assert one.false_alarm <= power.FALSE_ALARMS + 2 * one.false_alarm_error
        assert 0.8 < one.cut / one.nominal_cut < 1.5


def test_more_groups_see_smaller_changes(cells) -> None:
    for test in power.TESTS:
        few, many = cells[0.05, 10, test], cells[0.05, 30, test]
        assert 0 < many.points < few.points < few.largest_tried
        assert 0 < many.points_error < many.points / 3


def test_score_units_are_points_times_the_distance_of_the_classes(cells) -> None:
    scores, shows = messages(0.4)
    gap = scores[shows].mean() - scores[~shows].mean()
    for one in cells.values():
        assert one.score_units == pytest.approx(one.points / 100 * gap, rel=0.1)


def test_the_planted_change_is_the_one_that_is_told() -> None:
    draw = np.random.default_rng(0)
    flat = RegionDesign(group_spread=0.3, person_spread=0.3, day_spread=0.0)
    pools = np.ones(5, np.float32), np.zeros(5, np.float32)
    of_people = made_up_regions.prevalences(draw, flat, 0.10, (400, 20))
    sums = made_up_regions.week_sums(draw, flat, of_people, pools, mean, (0.0, 0.05 / 0.9))
    means = sums[..., 0].sum(axis=(1, 2)) / sums[..., 1].sum(axis=(1, 2))
    assert means == pytest.approx([0.10, 0.15], abs=0.004)


def test_a_person_day_is_scored_as_production_does() -> None:
    draw = np.random.default_rng(0)
    flat = RegionDesign(group_spread=0.3, person_spread=0.3, day_spread=0.0)
    pools = np.ones(5, np.float32), np.zeros(5, np.float32)
    of_people = made_up_regions.prevalences(draw, flat, 0.10, (50, 20))
    asked: list[tuple[int, float, float]] = []

    def of_days(means: np.ndarray, messages: np.ndarray) -> np.ndarray:
        asked.append((int(messages[0]), float(means.min()), float(means.max())))
        return messages / 10

    (sums,) = made_up_regions.week_sums(draw, flat, of_people, pools, of_days, (0.0,))
    assert [count for count, _, _ in asked] == list(range(1, made_up_regions.MAX_MESSAGES + 1))
    assert asked[0][1:] == (0.0, 1.0)
    # A person who writes goes on with a chance of 0.4 after each message, six at most.
    expected = sum(0.4**more for more in range(made_up_regions.MAX_MESSAGES)) / 10
    assert sums[..., 0].sum() / sums[..., 1].sum() == pytest.approx(expected, rel=0.01)


def test_scores_without_signal_see_nothing() -> None:
    for one in table(gap=0.0, groups=(10,)).values():
        assert one.points is None
        assert one.score_units is None
        assert one.points_error is None


def test_the_same_seed_gives_the_same_table(cells) -> None:
    assert table() == cells
    assert table(seed=1) != cells


def test_busy_days_and_differing_people_cost_power() -> None:
    calm = RegionDesign(group_spread=0.1, person_spread=0.1, day_spread=0.0)
    rough = replace(calm, group_spread=1.0, person_spread=1.5, day_spread=1.5)
    scores, shows = messages(0.4)

    def points(design: RegionDesign) -> float:
        made = power_table(
            {"x": scores},
            {"x": shows},
            {"x": mean},
            prevalences=(0.10,),
            groups=(10,),
            design=design,
            series=120,
        )
        return next(one.points for one in made.cells if one.test == "published")

    assert points(rough) > points(calm)


@pytest.mark.parametrize("shown", [True, False])
def test_messages_of_one_kind_alone_are_refused(shown: bool) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        power_table({"x": np.ones(4)}, {"x": np.full(4, shown)}, {"x": mean}, series=10)


def test_it_takes_seconds() -> None:
    scores, shows = messages(0.4)
    start = time.process_time()
    power_table({"x": scores}, {"x": shows}, {"x": mean}, prevalences=(0.05,), series=100)
    assert time.process_time() - start < 10
