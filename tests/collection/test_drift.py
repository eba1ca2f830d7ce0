from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.errors import CATALOGUE
from assets.restricted.collection.drift import (
    CODES,
    COLUMNS,
    LARGEST_Z,
    distances_of_days,
    drift_of_group,
)

FIRST = date(2026, 9, 1)


def export(days: int = 28, *, rate: float = 40, seed: int = 0) -> pd.DataFrame:
    """Days of a group that goes on as usual, with the scatter that chance gives."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rate * np.exp(rng.normal(0, 0.25, days)))
    return pd.DataFrame(
        {
            "day": [FIRST + timedelta(days=n) for n in range(days)],
            "messages": counts,
            "mean_length": [rng.gamma(1.5, 40, n).mean() if n else np.nan for n in counts],
            "judged": counts,
            "share_not_english": [rng.binomial(n, 0.1) / n if n else np.nan for n in counts],
        },
        columns=list(COLUMNS),
    )


@pytest.mark.parametrize(
    ("column", "value", "codes"),
    [
        ("messages", 900, ["DRIFT_VOLUME"]),
        ("messages", 0, ["DRIFT_VOLUME"]),
        ("mean_length", 600.0, ["DRIFT_LENGTH"]),
        ("mean_length", 8.0, ["DRIFT_LENGTH"]),
        ("share_not_english", 0.9, ["DRIFT_LANGUAGE"]),
        # Within what the others do.
        ("messages", 60, []),
        ("mean_length", 75.0, []),
        ("share_not_english", 0.2, []),
    ],
)
@pytest.mark.parametrize("place", [0, 11, 27])
def test_a_day_unlike_the_others_is_told(column, value, codes, place) -> None:
    frame = export()
    frame[column] = frame[column].astype(float)
    frame.loc[place, column] = value
    assert drift_of_group(frame) == ({frame["day"][place]: codes} if codes else {})


def test_several_faults_of_several_days() -> None:
    frame = export(60)
    frame["messages"] = frame["messages"].astype(float)
    frame.loc[3, ["messages", "share_not_english"]] = [2000, 1.0]
    frame.loc[4, "mean_length"] = 900.0
    assert drift_of_group(frame) == {
        FIRST + timedelta(days=3): ["DRIFT_VOLUME", "DRIFT_LANGUAGE"],
        FIRST + timedelta(days=4): ["DRIFT_LENGTH"],
    }


def test_a_group_that_goes_on_as_usual_is_seldom_told_of() -> None:
    """Over 40 quiet groups of 60 days, fewer than 1 notice in 200 group-days of each kind."""
    told = sum(
        (distances_of_days(export(60, rate=rate, seed=seed)).abs() > LARGEST_Z).sum()
        for seed in range(10)
        for rate in (4, 15, 40, 150)
    )
    assert (told < 40 * 60 / 200).all()


@pytest.mark.parametrize("days", [0, 1, 7])
def test_too_few_days_say_nothing(days: int) -> None:
    frame = export(days)
    if days:
        frame.loc[0, "messages"] = 5000
    assert drift_of_group(frame) == {}


def test_a_week_of_others_is_enough() -> None:
    frame = export(8)
    frame.loc[0, "messages"] = 5000
    assert drift_of_group(frame) == {FIRST: ["DRIFT_VOLUME"]}


def test_few_messages_say_nothing_of_length_and_language() -> None:
    frame = export()
    frame["mean_length"] = frame["mean_length"].astype(float)
    frame.loc[5, ["messages", "mean_length", "share_not_english"]] = [4, 900.0, 1.0]
    assert "DRIFT_LENGTH" not in str(drift_of_group(frame))
    assert "DRIFT_LANGUAGE" not in str(drift_of_group(frame))
    frame.loc[5, "messages"] = 5
    assert "DRIFT_LENGTH" in str(drift_of_group(frame))


def test_a_group_always_alike_is_not_told_of_trifles() -> None:
    frame = export(20)
    frame[["messages", "mean_length", "share_not_english"]] = [20, 50.0, 0.0]
    frame.loc[2, ["messages", "mean_length", "share_not_english"]] = [22, 55.0, 0.05]
    assert drift_of_group(frame) == {}


@settings(max_examples=12, derandomize=True)
@given(st.data())
def test_the_order_of_rows_does_not_matter_and_every_far_day_is_found(data) -> None:
    frame = export(21, seed=data.draw(st.integers(0, 5)))
    for place in data.draw(st.sets(st.integers(0, 20), max_size=4)):
        frame.loc[place, "messages"] = data.draw(st.sampled_from([0, 3000]))
    shuffled = frame.sample(frac=1, random_state=data.draw(st.integers(0, 9)))
    told = drift_of_group(frame)
    assert drift_of_group(shuffled) == told
    far = distances_of_days(frame).abs() > LARGEST_Z
    assert set(told) == {frame["day"][place] for place in range(21) if far.iloc[place].any()}
    for day, codes in told.items():
        row = far.iloc[(day - FIRST).days]
        assert codes == [CODES[one] for one in CODES if row[one]]


def test_the_frame_is_left_as_it_is() -> None:
    frame = export()
    before = frame.copy()
    drift_of_group(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_the_codes_are_in_the_catalogue() -> None:
    assert set(CODES.values()) <= set(CATALOGUE)


def test_a_share_of_a_few_judged_messages_is_not_told_of() -> None:
    frame = export()
    frame.loc[5, ["judged", "share_not_english"]] = [4, 1.0]
    assert drift_of_group(frame) == {}
    frame.loc[5, ["judged", "share_not_english"]] = [30, 1.0]
    assert drift_of_group(frame) == {frame["day"][5]: ["DRIFT_LANGUAGE"]}
