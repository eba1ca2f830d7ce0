import numpy as np
import pandas as pd
import pytest

from assets.publication.lines import lines_of
from assets.publication.narration import narrate, narrate_forecast, number, summarise


def line(made, values, *, error=0.01, **facts):
    rows = pd.DataFrame(made.published_rows("greater_london", "burnout", np.asarray(values, float)))
    rows.loc[rows["standard_error"].notna(), "standard_error"] = error
    forecasts = pd.DataFrame(made.forecast_rows("greater_london", "burnout"))
    keep = forecasts if not facts.get("no_forecast") else forecasts.iloc[:0]
    return lines_of(rows, keep, made.page_facts(**facts))[0]


STEADY = np.full(60, 0.4)
LATE_GAP = np.where(np.arange(60) > 49, np.nan, 0.4)
NO_EARLIER = np.where(np.arange(60) < 40, np.nan, 0.4)


@pytest.mark.parametrize(
    ("values", "direction", "sentence"),
    [
        (
            np.linspace(0.3, 0.595, 60),
            "rose",
            "Burnout rose over four weeks: 0.455 on 2 October, 0.595 on 30 October 2026.",
        ),
        (
            np.linspace(0.595, 0.3, 60),
            "fell",
            "Burnout fell over four weeks: 0.440 on 2 October, 0.300 on 30 October 2026.",
        ),
        (
            STEADY,
            "flat",
            "Burnout was little changed over four weeks: "
            "0.400 on 2 October, 0.400 on 30 October 2026.",
        ),
        (
            NO_EARLIER,
            "too_few",
            "Too few days are published to say how burnout changed: "
            "the latest 7-day mean is 0.400, on 30 October 2026.",
        ),
        (
            LATE_GAP,
            "too_few",
            "Too few days are published to say how burnout changed: "
            "the latest 7-day mean is 0.400, on 20 October 2026.",
        ),
        (np.full(60, np.nan), "unpublished", "No 7-day mean of burnout is published."),
    ],
    ids=["rising", "falling", "flat", "no earlier days", "no late days", "unpublished"],
)
def test_what_is_said_of_a_line(made, values, direction, sentence):
    told = narrate(line(made, values))
    assert (told.direction, told.sentence) == (direction, sentence)


@pytest.mark.parametrize(
    ("change", "error", "direction"),
    [
        (0.019, 0.001, "flat"),
        (0.02, 0.001, "rose"),
        (-0.02, 0.001, "fell"),
        # 1.96 * sqrt(2) * 0.05 / sqrt(7) = 0.0524
        (0.052, 0.05, "flat"),
        (0.053, 0.05, "rose"),
    ],
)
def test_a_change_must_be_large_and_beyond_chance(made, change, error, direction):
    values = STEADY.copy()
    values[-1] += change
    assert narrate(line(made, values, error=error)).direction == direction


@pytest.mark.parametrize(("gap", "used"), [([31], "1 October"), ([30, 31, 32], "30 September")])
def test_a_gap_four_weeks_ago_is_bridged_by_the_nearest_day(made, gap, used):
    values = STEADY.copy()
    values[gap] = np.nan
    told = narrate(line(made, values))
    assert told.direction == "flat"
    assert f"0.400 on {used}," in told.sentence


def test_a_line_is_not_compared_across_a_wide_gap(made):
    values = STEADY.copy()
    values[28:35] = np.nan
    assert narrate(line(made, values)).direction == "too_few"


def test_a_region_in_one_sentence(made):
    rose, flat = narrate(line(made, np.linspace(0.3, 0.6, 60))), narrate(line(made, STEADY))
    told = {"burnout": rose, "resilience": flat, "resistance": rose}
    assert summarise(told) == "Burnout and resistance rose; resilience was little changed."
    same = dict.fromkeys(told, flat)
    assert summarise(same) == "Burnout, resilience and resistance were little changed."


def test_what_is_said_of_a_forecast(made):
    assert narrate_forecast(line(made, STEADY)) == (
        "Forecast made on 2 November 2026: 0.500 on 13 November, 80% band 0.450 to 0.550."
    )
    without = line(made, STEADY, no_forecast={("greater_london", "burnout"): "TOO_FEW_DAYS"})
    assert narrate_forecast(without).endswith("hold a published value. (TOO_FEW_DAYS)")


def test_numbers_have_a_true_minus_sign():
    assert number(-0.25) == "−0.250"
    assert number(0.5) == "0.500"
