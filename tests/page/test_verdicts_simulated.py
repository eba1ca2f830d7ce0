"""Verdicts on simulated years, in their small form; `python -m bench.page` is the whole."""

import numpy as np
import pytest

from bench.page.measures import (
    change_found,
    contradicting_pages,
    episodes,
    false_episodes,
    swing_found,
)
from bench.page.simulated_lines import STILL, WORSE, region_published


@pytest.mark.parametrize("scenario", [STILL, WORSE], ids=["still", "worse off join"])
def test_with_nothing_planted_a_year_of_six_lines_calls_next_to_nothing(scenario):
    changes, swings = false_episodes(scenario, 1.0, 0)
    assert changes + swings <= 1


def test_planted_changes_of_the_stated_size_are_called():
    on_one, on_any, as_stated = np.mean(
        [change_found(STILL, 1.0, year) for year in range(8)], axis=0
    )
    assert min(on_one, as_stated) >= 0.7
    assert on_any >= 0.8


def test_no_fall_is_planted_that_the_page_says_is_impossible():
    # Of some 40 people a day, where what is found reliably is more than the level itself.
    found = np.array([change_found(STILL, 0.6, year) for year in (2, 4)])
    assert np.nanmin(found) > 0


def test_planted_swings_that_came_back_are_named():
    _, on_any = np.mean([swing_found(STILL, 1.0, year) for year in (1, 2, 3)], axis=0)
    assert on_any >= 0.8


@pytest.mark.parametrize("scenario", [STILL, WORSE], ids=["still", "worse off join"])
def test_no_page_of_a_simulated_year_contradicts_itself(scenario):
    for year in range(3):
        assert contradicting_pages(scenario, 1.0, year, every=28) == (13, 0)


def test_groups_that_come_and_go_leave_a_mark_in_what_is_published():
    lines = region_published(WORSE, np.random.default_rng(1)).lines
    pooled = [
        at
        for at, (value, single) in enumerate(zip(lines[0].values, lines[0].estimates, strict=True))
        if value is not None and single is None
    ]
    assert pooled
    assert all(at % 7 == 6 for at in pooled)


@pytest.mark.parametrize(
    ("called", "found"), [([], 0), ([1, 1, 0, 1], 1), ([1, *[0] * 7, 1], 2), ([0, 0], 0)]
)
def test_calls_a_few_days_apart_are_one_episode(called, found):
    assert episodes(called) == found
