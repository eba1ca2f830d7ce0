import dataclasses

import numpy as np
import pandas as pd
import pytest

from assets.public.forecasting.scores import HitRate
from assets.public.page.forecast_narration import (
    hit_rate_in_words,
    methods_in_words,
    narrate_forecast,
)
from assets.public.records.lines import lines_of

MADE = "Forecast made on 2 November 2026: 0.500 on 13 November, 80% band 0.450 to 0.550."
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
            "Forecast made on 2 November 2026: 0.500 on 27 November, 80% band 0.450 to 0.550.",
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
            "Of the last 60 values forecast a week ahead, 47 lay in the 80% band and 57 in the 95%"
            " band.",
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
