"""One voice: what is said of a line, and that no sentence contradicts a number."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.public.page.narration import tell
from assets.public.page.page_reader import PanelRead
from assets.public.page.sentence_check import agrees
from assets.public.page.verdict import ABOVE_THE_BAR, CALLED_AT, LOOKS_Z, WHO_TAKES_PART
from assets.public.records.lines import lines_of
from assets.public.records.written import number

FOUR_WEEKS = {"headline": {"greater_london": "value_28d"}}
STEADY = np.full(60, 0.4)
SMALL = 0.03
BAR = CALLED_AT * SMALL


def line(made, values, *, change=SMALL, spoil=None, error=0.02, **facts):
    values = np.round(np.asarray(values, float), 3)
    rows = pd.DataFrame(
        made.published_rows("greater_london", "burnout", values, change=change, error=error)
    )
    rows = spoil(rows) if spoil else rows
    facts.setdefault("last_day", made.day(len(values) - 1))
    forecasts = pd.DataFrame(made.forecast_rows("greater_london", "burnout"))
    return lines_of(rows, forecasts, made.page_facts(**facts))[0]


def without(values, *days):
    values = np.array(values)
    values[list(days)] = np.nan
    return values


def changed_group(*days):
    """Days that show a pooled value and no single day."""

    def spoil(rows):
        rows.loc[list(days), ["estimate", "standard_error"]] = np.nan
        return rows

    return spoil


@pytest.mark.parametrize(
    ("values", "kind", "headline"),
    [
        (np.linspace(0.3, 0.595, 60), "rose", "Higher than four weeks ago, by more than chance."),
        (np.linspace(0.595, 0.3, 60), "fell", "Lower than four weeks ago, by more than chance."),
        (STEADY, "chance", "No change beyond chance in four weeks."),
        (without(STEADY, *range(40)), "short", "Too short to be judged."),
        (np.full(20, 0.4), "short", "Too short to be judged."),
        (without(STEADY, *range(50, 60)), "old", "Not judged: too few days are published."),
        (without(STEADY, *range(28, 35)), "old", "Not judged: too few days are published."),
        (np.full(60, np.nan), "none", "No 7-day mean is published."),
    ],
    ids=["rising", "falling", "steady", "no earlier", "short", "no late", "wide gap", "nothing"],
)
def test_what_is_said_of_a_line(made, values, kind, headline):
    told = tell(line(made, values))
    assert (told.verdict.kind, told.headline) == (kind, headline)


def test_the_note_names_both_values_and_the_one_bar(made):
    told = tell(line(made, np.linspace(0.3, 0.595, 60)))
    assert told.note == (
        "0.455 on 2 October, 0.595 on 30 October 2026: a change of 0.140. It counts as more than"
        " chance from 0.036 on; a true change of 0.045 is found four times of five."
    )
    assert told.verdict.change.bar == pytest.approx(BAR, abs=0.001)
    assert told.verdict.reliably == pytest.approx(BAR + ABOVE_THE_BAR * SMALL, abs=0.001)


def test_a_four_week_line_is_compared_over_eight_weeks(made):
    told = tell(line(made, np.linspace(0.31, 0.6, 100), **FOUR_WEEKS))
    assert told.headline == "Higher than eight weeks ago, by more than chance."
    assert told.note.startswith("0.438 on 14 October, 0.602 on 9 December 2026: a change of 0.164.")
    assert tell(line(made, np.linspace(0.4, 0.6, 56), **FOUR_WEEKS)).verdict.kind == "short"


@pytest.mark.parametrize(
    ("change", "detectable", "kind"),
    [
        (0.019, 0.001, "chance"),
        (0.02, 0.001, "rose"),
        (-0.02, 0.001, "fell"),
        (0.058, 0.05, "chance"),
        (0.059, 0.05, "rose"),
        (-0.059, 0.05, "fell"),
        (0.2, np.nan, "unjudged"),
    ],
)
def test_a_change_must_be_large_and_beyond_chance(made, change, detectable, kind):
    values = STEADY.copy()
    values[-1] += change
    assert tell(line(made, values, change=detectable)).verdict.kind == kind


def test_the_worse_of_both_ends_decides(made):
    values = STEADY.copy()
    values[-1] += 0.05

    def few_people_then(rows):
        return made.changed(rows, {"day": made.day(31)}, detectable_change_7d=0.08)

    assert tell(line(made, values)).verdict.kind == "rose"
    assert tell(line(made, values, spoil=few_people_then)).verdict.kind == "chance"


@pytest.mark.parametrize("lasts", [1, 14])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_swing_that_came_back_is_named(made, lasts, sign):
    values = np.full(91, 0.4)
    values[40 : 40 + lasts] += sign * 0.1
    told = tell(line(made, values))
    assert told.verdict.kind == "chance"
    day, back = "11 Oct", "12 Oct" if lasts == 1 else "25 Oct"
    assert told.headline == (
        "No change beyond chance in four weeks. "
        + (
            f"It had risen to 0.500 by {day} and was already below that by {back}, both by more"
            " than chance."
            if sign > 0
            else f"It had fallen to 0.300 by {day} and was already above that by {back}, both by"
            " more than chance."
        )
    )


def test_a_swing_that_goes_back_slowly_ends_on_the_first_day_beyond_chance(made):
    values = np.full(91, 0.4)
    values[40:60] = np.linspace(0.5, 0.4, 20)
    told = tell(line(made, values))
    first = next(
        at for at in range(41, 91) if 0.5 - round(values[at], 3) >= told.verdict.swing.back.bar
    )
    assert told.verdict.swing.back_by == first
    assert 41 < first < 60


@pytest.mark.parametrize("detectable", [0.001, 0.03])
def test_what_is_found_reliably_lies_above_the_bar_also_where_chance_is_small(made, detectable):
    verdict = tell(line(made, STEADY, change=detectable)).verdict
    assert verdict.reliably >= verdict.change.bar + ABOVE_THE_BAR * detectable - 1e-9


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (0.4, "a true change of 0.089 is found four times of five."),
        (0.05, "a true rise of 0.089 is found four times of five, and no fall from there could be"),
        (0.95, "a true fall of 0.089 is found four times of five, and no rise from there could be"),
    ],
)
def test_no_change_is_promised_that_would_leave_the_scale(made, level, words):
    one = line(made, np.full(60, level), change=0.06)
    told = tell(one)
    assert words in told.note
    panel = PanelRead(verdict=told.headline, notes=list(told.notes))
    assert agrees(panel, one)
    if level != STEADY[0]:
        notes = [re.sub("a true (rise|fall)", "a true change", note) for note in told.notes]
        assert not agrees(dataclasses.replace(panel, notes=notes), one)


@pytest.mark.parametrize("size", [0.03, 0.035])
def test_a_swing_that_chance_could_make_is_not(made, size):
    values = np.full(91, 0.4)
    values[40:54] += size
    assert tell(line(made, values)).verdict.swing is None


def test_a_swing_longer_ago_than_is_drawn_is_not_named(made):
    values = np.full(160, 0.4)
    values[20:40] += 0.2
    assert tell(line(made, values)).verdict.swing is None


@pytest.mark.parametrize(("size", "kind"), [(0.035, "chance"), (0.08, "groups"), (0.2, "rose")])
def test_across_a_change_of_groups_only_more_than_it_can_make_is_called(made, size, kind):
    values = STEADY.copy()
    values[45:] += size
    one = line(made, values, spoil=changed_group(45))
    told = tell(one)
    assert told.verdict.kind == kind
    if kind != "chance":
        assert told.verdict.change.bar == pytest.approx(
            np.hypot(BAR, LOOKS_Z * WHO_TAKES_PART), abs=0.002
        )
    assert tell(line(made, values, spoil=changed_group(20))).verdict.kind != "groups"


@pytest.mark.parametrize(("gap", "used"), [([31], "1 October"), ([30, 31, 32], "30 September")])
def test_a_gap_four_weeks_ago_is_bridged_by_the_nearest_day(made, gap, used):
    told = tell(line(made, without(STEADY, *gap)))
    assert told.note.startswith(f"0.400 on {used},")


@pytest.mark.parametrize(("begins", "kind"), [(31, "rose"), (33, "rose"), (40, "method")])
def test_a_line_is_not_compared_across_a_change_of_method(made, begins, kind):
    def newer(rows):
        rows.loc[begins:, "method_version"] = "gaussian-2"
        return rows

    told = tell(line(made, np.linspace(0.3, 0.595, 60), spoil=newer))
    assert told.verdict.kind == kind
    if kind == "method":
        assert told.headline == "Not judged: the method changed too lately."


def test_level_and_band_are_of_the_latest_value(made):
    values = np.concatenate([np.linspace(0.3, 0.5, 100), [0.45]])
    told = tell(line(made, values))
    assert told.level == (
        "Latest 7-day mean: 0.450, on 10 December 2026; in the time so far it went from 0.300 to"
        " 0.500, and was lower than now on 74 of 100 days."
    )
    assert told.band.startswith("Range of chance round it: 0.411 to 0.489.")
    assert tell(line(made, STEADY)).level.endswith("whether that is high or low for it.")
    near_zero = tell(line(made, np.full(60, 0.02)))
    assert near_zero.band.startswith("Range of chance round it: 0.000 to 0.059.")


@pytest.fixture(scope="module")
def empty_line(made):
    return line(made, [np.nan])


walks = st.lists(st.integers(-40, 40), min_size=30, max_size=120)


@settings(max_examples=150)
@given(
    walks,
    st.sets(st.integers(0, 119)),
    st.sets(st.integers(0, 119), max_size=2),
    st.floats(0.001, 0.2),
)
def test_no_sentence_contradicts_a_number(made, empty_line, steps, gaps, groups, detectable):
    level = np.round(np.clip(0.4 + np.cumsum(steps) / 1000, 0, 1), 3).tolist()
    days = len(level)
    values = [None if at in gaps else value for at, value in enumerate(level)]
    drawn = dataclasses.replace(
        empty_line,
        days=tuple(made.day(at) for at in range(days)),
        values=tuple(values),
        half_bands=tuple(None if value is None else 0.039 for value in values),
        changes=tuple(round(detectable * (1 + at % 3), 3) for at in range(days)),
        estimates=tuple(None if at in groups else value for at, value in enumerate(values)),
        states=tuple("not_published" if value is None else "published" for value in values),
    )
    assert contradictions(tell(drawn)) == []


def contradictions(told):
    """What a reader finds who compares the words with the numbers in them, and nothing else."""
    wrong = []
    seen = re.match(
        r"(0\.\d+|1\.000) on .*?, (0\.\d+|1\.000) on .*?: a change of (\S+)\. It counts as more"
        r" than chance from (\d\.\d+) on",
        told.note,
    )
    says = {
        "up": told.headline.startswith("Higher"),
        "down": told.headline.startswith("Lower"),
        "none": told.headline.startswith("No change"),
    }
    if any(says.values()):
        before, after, change, bar = map(float, seen.groups())
        wrong += ["size"] * (abs(abs(after - before) - change) > 1e-6)
        wrong += ["up"] * (says["up"] is not (after - before >= bar - 1e-9))
        wrong += ["down"] * (says["down"] is not (before - after >= bar - 1e-9))
        wrong += ["none"] * (says["none"] is not (change < bar - 1e-9))
    latest = re.match(r"Latest .*?: (\S+), on", told.level)
    if seen and latest:
        wrong += ["latest"] * (seen[2] != latest[1])
    swing = re.search(r"It had (risen|fallen) to (\S+) by", told.headline)
    if swing:
        moved = float(swing[2]) - float(latest[1])
        wrong += ["swing"] * ((moved > 0) is not (swing[1] == "risen"))
        wrong += ["back"] * (("already below" in told.headline) is not (swing[1] == "risen"))
    reliably = re.search(r"a true (change|rise|fall) of (\S+) is found", told.note)
    if reliably and seen:
        size, before = float(reliably[2]), float(seen[1])
        wrong += ["reliably"] * (size < float(seen[4]))
        wrong += ["no room"] * (reliably[1] != "fall" and before + size > 1 + 1e-9)
        wrong += ["no room"] * (reliably[1] != "rise" and before - size < -1e-9)
    return wrong


def test_numbers_have_a_true_minus_sign():
    assert number(-0.25) == "−0.250"
    assert number(0.5) == "0.500"
