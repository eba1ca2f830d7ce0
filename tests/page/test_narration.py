import numpy as np
import pandas as pd
import pytest

from assets.public.page.narration import narrate, smallest_change_in_words, summarise
from assets.public.records.headlines import HEADLINES
from assets.public.records.lines import lines_of
from assets.public.records.written import number


def line(made, values, *, change=0.03, spoil=None, **facts):
    values = np.asarray(values, float)
    rows = pd.DataFrame(made.published_rows("greater_london", "burnout", values, change=change))
    rows = spoil(rows) if spoil else rows
    facts.setdefault("last_day", made.day(len(values) - 1))
    forecasts = pd.DataFrame(made.forecast_rows("greater_london", "burnout"))
    return lines_of(rows, forecasts, made.page_facts(**facts))[0]


STEADY = np.full(60, 0.4)
LATE_GAP = np.where(np.arange(60) > 49, np.nan, 0.4)
NO_EARLIER = np.where(np.arange(60) < 40, np.nan, 0.4)
FOUR_WEEKS = {"headline": {"greater_london": "value_28d"}}


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
            "chance",
            "Burnout shows no change beyond chance over four weeks: "
            "0.400 on 2 October, 0.400 on 30 October 2026.",
        ),
        (
            NO_EARLIER,
            "too_few",
            "The line is too short to say how burnout changed: "
            "the latest 7-day mean is 0.400, on 30 October 2026.",
        ),
        (
            LATE_GAP,
            "too_few",
            "Too few days are published to say how burnout changed: "
            "the latest 7-day mean is 0.400, on 20 October 2026.",
        ),
        (
            np.full(20, 0.4),
            "too_few",
            "The line is too short to say how burnout changed: "
            "the latest 7-day mean is 0.400, on 20 September 2026.",
        ),
        (np.full(60, np.nan), "unpublished", "No 7-day mean of burnout is published."),
    ],
    ids=["rising", "falling", "steady", "no earlier days", "no late days", "short", "unpublished"],
)
def test_what_is_said_of_a_line(made, values, direction, sentence):
    told = narrate(line(made, values))
    assert (told.direction, told.sentence) == (direction, sentence)


@pytest.mark.parametrize(
    ("days", "direction", "sentence"),
    [
        (
            100,
            "rose",
            "Burnout rose over eight weeks: 0.438 on 14 October, 0.602 on 9 December 2026.",
        ),
        (
            56,
            "too_few",
            "The line is too short to say how burnout changed: "
            "the latest 4-week mean is 0.602, on 26 October 2026.",
        ),
    ],
)
def test_a_four_week_line_is_compared_over_eight_weeks(made, days, direction, sentence):
    told = narrate(line(made, np.linspace(0.31, 0.6, 100)[-days:], **FOUR_WEEKS))
    assert (told.direction, told.sentence) == (direction, sentence)


@pytest.mark.parametrize(
    ("change", "detectable", "direction"),
    [
        (0.019, 0.001, "flat"),
        (0.02, 0.001, "rose"),
        (-0.02, 0.001, "fell"),
        # 1.96 of its 2.8 standard errors: what is found reliably is larger than what counts.
        (0.034, 0.05, "chance"),
        (0.035, 0.05, "rose"),
        (-0.035, 0.05, "fell"),
        (0.2, np.nan, "unjudged"),
    ],
)
def test_a_change_must_be_large_and_beyond_chance(made, change, detectable, direction):
    values = STEADY.copy()
    values[-1] += change
    assert narrate(line(made, values, change=detectable)).direction == direction


def test_the_worse_of_both_ends_decides(made):
    values = STEADY.copy()
    values[-1] += 0.05

    def few_people_then(rows):
        return made.changed(rows, {"day": made.day(31)}, detectable_change_7d=0.08)

    assert narrate(line(made, values)).direction == "rose"
    assert narrate(line(made, values, spoil=few_people_then)).direction == "chance"


@pytest.mark.parametrize(
    ("change", "facts", "words"),
    [
        (
            0.0575,
            {},
            "A change of under 0.058 between two separate weeks can’t reliably be told from"
            " chance.",
        ),
        (
            0.06,
            FOUR_WEEKS,
            "A change of under 0.030 between two separate spans of four weeks can’t reliably be"
            " told from chance.",
        ),
        (np.nan, {}, "The smallest change that can be told from chance is not given."),
    ],
)
def test_the_smallest_change_is_said(made, change, facts, words):
    assert smallest_change_in_words(line(made, STEADY, change=change, **facts)) == words


def test_nothing_is_said_of_changes_without_a_value(made):
    assert smallest_change_in_words(line(made, np.full(60, np.nan))) == ""


@pytest.mark.parametrize(("gap", "used"), [([31], "1 October"), ([30, 31, 32], "30 September")])
def test_a_gap_four_weeks_ago_is_bridged_by_the_nearest_day(made, gap, used):
    values = STEADY.copy()
    values[gap] = np.nan
    told = narrate(line(made, values))
    assert told.direction == "chance"
    assert f"0.400 on {used}," in told.sentence


def test_a_line_is_not_compared_across_a_wide_gap(made):
    values = STEADY.copy()
    values[28:35] = np.nan
    assert narrate(line(made, values)).direction == "too_few"


@pytest.mark.parametrize(("begins", "direction"), [(31, "rose"), (33, "rose"), (40, "too_few")])
def test_a_line_is_not_compared_across_a_change_of_method(made, begins, direction):
    def newer(rows):
        rows.loc[begins:, "method_version"] = "gaussian-2"
        return rows

    told = narrate(line(made, np.linspace(0.3, 0.595, 60), spoil=newer))
    assert told.direction == direction
    if begins == 40:
        assert told.sentence.startswith(
            "The method changed on 11 October 2026, too lately to say how burnout changed:"
        )


def test_a_region_in_one_sentence(made):
    rose, same = narrate(line(made, np.linspace(0.3, 0.6, 60))), narrate(line(made, STEADY))
    told = {"burnout": rose, "resilience": same, "resistance": rose}
    assert summarise(told, HEADLINES["value_7d"]) == (
        "Over four weeks: burnout and resistance rose; resilience shows no change beyond chance."
    )
    assert summarise(dict.fromkeys(told, same), HEADLINES["value_28d"]) == (
        "Over eight weeks: burnout, resilience and resistance show no change beyond chance."
    )


def test_numbers_have_a_true_minus_sign():
    assert number(-0.25) == "−0.250"
    assert number(0.5) == "0.500"
