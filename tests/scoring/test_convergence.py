from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from assets.core.constructs import CONSTRUCTS
from assets.core.fortnights import Fortnight
from evaluation.validity.convergence import (
    FEWEST_WEEKS,
    convergence,
    fortnightly_published,
    fortnightly_pulse,
    weekly_published,
    weekly_survey,
)
from resources.stores.pulse.pulse_values import PulseValue
from resources.stores.surveys.survey_store import SurveyMean

MONDAY = date(2026, 9, 7)
LONDON, EAST = "greater_london", "east_of_england"


def week(number: int) -> date:
    return MONDAY + timedelta(weeks=number)


def published(**changed) -> pd.DataFrame:
    row = {
        "region": LONDON,
        "construct": "burnout",
        "day": MONDAY + timedelta(days=6),
        "value_7d": 0.4,
        "status": "published",
        "revision": 0,
    }
    return pd.DataFrame([row | changed])


def test_groups_count_by_their_answers() -> None:
    means = [
        SurveyMean(MONDAY, "g-1", "burnout", 0.2, 30),
        SurveyMean(MONDAY, "g-2", "burnout", 0.6, 10),
        SurveyMean(MONDAY, "g-3", "burnout", 0.9, 10),
        SurveyMean(MONDAY, "g-4", "burnout", 1.0, 90),
    ]
    found = weekly_survey(means, {"g-1": LONDON, "g-2": LONDON, "g-3": EAST})
    assert found[LONDON, "burnout"] == {MONDAY: pytest.approx(0.3)}
    assert found[EAST, "burnout"] == {MONDAY: pytest.approx(0.9)}
    assert len(found) == 2


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, {MONDAY: 0.4}),
        ({"day": MONDAY + timedelta(days=5)}, None),
        ({"status": "retracted"}, None),
        ({"status": "not_published", "value_7d": np.nan}, None),
        ({"value_7d": np.nan}, None),
    ],
    ids=str,
)
def test_a_published_week_is_the_value_of_its_sunday(changed, found) -> None:
    assert weekly_published(published(**changed)).get((LONDON, "burnout")) == found


def test_the_newest_revision_of_a_value_counts() -> None:
    old, new = published(), published(revision=1, value_7d=0.6)
    gone = published(revision=2, status="retracted")
    for order in ([old, new], [new, old]):
        assert weekly_published(pd.concat(order)) == {(LONDON, "burnout"): {MONDAY: 0.6}}
    assert weekly_published(pd.concat([gone, old, new])) == {}


def test_a_correlation_is_shown_from_eight_weeks_of_both() -> None:
    values = {week(n): 0.4 + 0.01 * (n * 7 % 5) for n in range(12)}
    for weeks in (FEWEST_WEEKS - 1, FEWEST_WEEKS):
        survey = {week(n): 0.5 + 0.02 * (n * 7 % 5) for n in range(weeks)}
        rows = convergence(
            {(LONDON, "burnout"): survey}, {(LONDON, "burnout"): values}, [LONDON, EAST]
        )
        assert [(one.region, one.construct) for one in rows] == [
            (region, construct) for region in (LONDON, EAST) for construct in CONSTRUCTS
        ]
        assert rows[0].weeks == weeks
        assert rows[0].shown is (weeks == FEWEST_WEEKS)
        assert not any(one.shown for one in rows[1:])
    assert rows[0].correlation == pytest.approx(1)
    assert rows[0].low < 1 <= rows[0].high + 1e-6


def test_a_flat_series_has_no_correlation() -> None:
    flat = {(LONDON, "burnout"): {week(n): 0.5 for n in range(10)}}
    rising = {(LONDON, "burnout"): {week(n): 0.1 * n for n in range(10)}}
    for one, other in ((flat, rising), (rising, flat)):
        [row, *_] = convergence(one, other, [LONDON])
        assert (row.weeks, row.correlation) == (10, None)


def test_series_that_drift_have_a_wider_interval() -> None:
    def interval(values: np.ndarray) -> tuple[float, float]:
        random = np.random.default_rng(1)
        noisy = values + random.normal(scale=values.std() / 3, size=len(values))
        one, other = (
            {(LONDON, "burnout"): {week(n): float(x) for n, x in enumerate(own)}}
            for own in (values, noisy)
        )
        [row, *_] = convergence(one, other, [LONDON])
        return row.correlation, np.arctanh(row.high) - np.arctanh(row.low)

    steps = np.random.default_rng(2).normal(size=40)
    (_, jumping), (_, drifting) = interval(steps), interval(np.cumsum(steps))
    assert jumping == pytest.approx(2 * 1.96 / np.sqrt(37), rel=0.15)
    assert drifting > 1.2 * jumping


def test_a_fortnight_of_the_pulse_stands_beside_the_mean_of_both_its_weeks() -> None:
    first = Fortnight.of(MONDAY + timedelta(weeks=1)).first
    odd = {first + timedelta(weeks=number): 0.1 * number for number in range(5)}
    weekly = {(LONDON, "burnout"): odd}
    found = fortnightly_published(weekly)[LONDON, "burnout"]
    assert found == {
        first: pytest.approx(0.05),
        first + timedelta(weeks=2): pytest.approx(0.25),
    }


def test_the_pulse_is_of_one_instrument_and_lacks_what_did_not_come_out() -> None:
    first = Fortnight.of(MONDAY).first
    later = [first + timedelta(weeks=2 * number) for number in range(4)]
    values = [
        PulseValue(LONDON, later[0], "resilience", "old", 0.9),
        PulseValue(LONDON, later[1], "burnout", "new", 0.4),
        PulseValue(EAST, later[1], "burnout", "new", None),
        PulseValue(LONDON, later[2], "burnout", "new", 0.5),
        PulseValue(LONDON, later[3], "burnout", "other", None),
    ]
    assert fortnightly_pulse(values) == {(LONDON, "burnout"): {later[1]: 0.4, later[2]: 0.5}}
    assert fortnightly_pulse(values[4:]) == {}
