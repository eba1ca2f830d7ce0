import dataclasses

import numpy as np
import pandas as pd
import pytest

from assets.public.forecasting.scores import SCORED, BesideNoChange, HitRate, beside_no_change
from assets.public.page.forecast_narration import (
    NARROWER,
    beside_in_words,
    hit_rate_in_words,
    horizons_in_words,
    methods_in_words,
    narrate_forecast,
)
from assets.public.records.lines import lines_of

MADE = "Forecast made on 2 November 2026: 0.500 on 13 November, 80% range 0.450 to 0.550."
LONDON = ("greater_london", "burnout")


def line(made, *, rows=None, **facts):
    published = pd.DataFrame(made.published_rows(*LONDON, np.full(60, 0.5)))
    ahead = pd.DataFrame(made.forecast_rows(*LONDON) if rows is None else rows)
    columns = made.forecast_rows(*LONDON)[0]
    return lines_of(published, ahead.reindex(columns=list(columns)), made.page_facts(**facts))[0]


@pytest.mark.parametrize(
    ("forecast", "facts", "words"),
    [
        ({}, {}, MADE),
        (
            {"method": "no_change"},
            {},
            f"{MADE} No better forecast than “no change” was found, so the line is carried on.",
        ),
        ({"method": "something_new"}, {}, MADE),
        (
            {"days": 0},
            {},
            "Forecast made on 2 November 2026: 0.500 on 27 November, 80% range 0.450 to 0.550.",
        ),
        ({"days": 0, "weeks": 0}, {}, "No forecast was made."),
        (
            {"days": 0, "weeks": 0},
            {"no_forecast": {LONDON: "TOO_FEW_DAYS"}},
            "No forecast. Fewer than 28 of the last 42 days hold a published value. (TOO_FEW_DAYS)",
        ),
    ],
)
def test_what_is_said_of_a_forecast(made, forecast, facts, words):
    rows = made.forecast_rows(*LONDON, **forecast)
    assert narrate_forecast(line(made, rows=rows, **facts)) == words


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (
            HitRate(60, 47, 57, 0.01, 0.02),
            "Of the last 60 values forecast a week ahead, 47 lay in the 80% range (48 expected)"
            " and 57 in the 95% range (57 expected).",
        ),
        (HitRate(0, 0, 0, np.nan, np.nan), "No forecast is old enough to be checked."),
        (None, "No forecast is old enough to be checked."),
    ],
)
def test_how_past_forecasts_did_is_said(made, rate, words):
    assert hit_rate_in_words(line(made, hit_rates={LONDON: rate} if rate else {})) == words


def test_past_forecasts_are_told_of_also_where_there_is_no_new_one(made):
    rate = HitRate(14, 10, 13, 0.01, 0.02)
    assert hit_rate_in_words(line(made, rows=[], hit_rates={LONDON: rate})).startswith("Of the")
    assert hit_rate_in_words(line(made, rows=[])) == ""


def test_a_forecast_narrower_than_chance_says_why(made):
    rows = pd.DataFrame(made.published_rows(*LONDON, np.full(60, 0.5), error=0.1))
    ahead = pd.DataFrame(made.forecast_rows(*LONDON))
    (wide, *_) = lines_of(rows, ahead, made.page_facts())
    assert narrate_forecast(wide) == f"{MADE} {NARROWER}"
    assert narrate_forecast(line(made)) == MADE


def test_where_no_change_does_as_well_is_said(made):
    weeks = tuple(
        BesideNoChange(week, many, 1.0, other)
        for week, many, other in ((1, 60, 1.2), (2, 60, 1.0), (3, 60, 0.9), (4, 19, 2.0))
    )
    one = line(made, beside_no_change={LONDON: weeks})
    assert horizons_in_words(one) == (
        "Weeks 2 and 3 ahead: “no change” did as well as past forecasts."
    )
    assert [beside_in_words(one, week) for week in (1, 2, 3, 4)] == [
        "did better",
        "“no change” did as well",
        "“no change” did as well",
        "not known yet",
    ]
    assert horizons_in_words(line(made)) == ""
    kept = line(made, rows=made.forecast_rows(*LONDON, method="no_change"))
    assert beside_in_words(kept, 1) == "is “no change”"


def test_past_forecasts_are_compared_with_no_change_by_horizon():
    rows = [
        (*LONDON, day, day, ahead, 0.01, True, True, 0.1 * ahead, 0.02, True, True, 1.0)
        for ahead in (1, 7, 14, 28)
        for day in range(80)
    ]
    found = beside_no_change(pd.DataFrame(rows, columns=list(SCORED[:13])))
    (weeks,) = found.values()
    assert [(one.weeks, one.forecasts, one.better) for one in weeks] == [
        (1, 60, True),
        (2, 60, False),
        (4, 60, False),
    ]


def test_each_method_in_use_is_named_once(made):
    one = line(made)
    assert one.forecast is not None
    methods = ("no_change", "other", "no_change", "")
    lines = [
        dataclasses.replace(one, forecast=dataclasses.replace(one.forecast, method=method))
        for method in methods
    ]
    assert methods_in_words(lines) == (
        "“no change” (the last value carried on) where nothing better was found and the method"
        " “other”"
    )
    assert methods_in_words([]) == ""
