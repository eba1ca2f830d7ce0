"""Each state of a day, as chart, table, CSV and words show it."""

import csv
import io
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.public.page.gap_narration import breaks_in_words, gaps_in_words, revisions_in_words
from assets.public.page.plot import Frame, plot, shared_axes
from assets.public.page.value_cells import pooled_cell
from assets.public.records.datasets import latest_csv
from assets.public.records.facts import MethodBreak
from assets.public.records.lines import lines_of

AT = 40
BOX = f"M{10 * AT} 0H{10 * AT + 10}V1000H{10 * AT}Z"
NONE_PUBLISHED = {
    "status": "not_published",
    "estimate": np.nan,
    "value_7d": np.nan,
    "people_band": None,
    "micro_rho": None,
}


def show(made, cells, *, breaks=(), **facts):
    """Sixty days at 0.4, of which the one at `AT` holds other cells."""
    rows = pd.DataFrame(made.published_rows("greater_london", "burnout", np.full(60, 0.4)))
    rows = made.changed(rows, {"day": made.day(AT)}, **cells)
    ahead = pd.DataFrame(made.forecast_rows("greater_london", "burnout"))
    said = made.page_facts(breaks=breaks, **facts)
    line = lines_of(rows, ahead, said)[0]
    records = list(csv.DictReader(io.StringIO(latest_csv(rows, ahead, said))))
    return SimpleNamespace(line=line, marks=marks_of(line), axes=axes_of(line), row=records[AT])


def axes_of(line):
    return shared_axes([line], daily_dots=False)


def marks_of(line):
    """Paths by kind, a day ten wide, so that the day at n has its middle at 10 n + 5."""
    axes = axes_of(line)
    frame = Frame(0, 0, 10 * axes.days, 1000)
    return {one.kind: one.path for one in plot(line, axes, frame, daily_dots=False).marks}


def points(shown, kind):
    """Day and value of each point of a path, by its axis."""
    found = re.findall(r"[ML](\d+) (\d+)", shown.marks.get(kind, ""))
    low, high = shown.axes.low, shown.axes.high
    return [((int(x) - 5) // 10, round(high - int(y) / 1000 * (high - low), 3)) for x, y in found]


def value_drawn(shown):
    return dict(points(shown, "line")).get(AT)


@pytest.mark.parametrize(
    ("cells", "box", "cell", "words"),
    [
        ({}, None, "0.400 ± 0.039", "All 60 days are published."),
        (
            NONE_PUBLISHED,
            "gap",
            "not published",
            "1 of 60 days is not published.",
        ),
        (
            {"status": "retracted", "reason": "consent_error"},
            "retracted",
            "retracted: an error about consent",
            "59 of 60 days are published. 1 day was retracted because of an error about consent.",
        ),
        (
            {"value_7d": np.nan, "reason": "release_error"},
            "retracted",
            "retracted: an error in the release",
            "All 60 days are published. The 7-day mean of 1 day was retracted because of an error"
            " in the release.",
        ),
        ({"value_7d": np.nan}, None, "under 4 of 7 days", "All 60 days are published."),
        (
            {"estimate": np.nan, "standard_error": np.nan},
            None,
            "0.400 ± 0.039",
            "All 60 days are published.",
        ),
        ({"standard_error_7d": np.nan}, None, "0.400", "All 60 days are published."),
        ({"revision": 1}, None, "0.400 ± 0.039 (revised)", "All 60 days are published."),
    ],
    ids=[
        "published",
        "not published",
        "retracted",
        "value retracted",
        "few days",
        "pooled only",
        "no error given",
        "revised",
    ],
)
def test_a_state_is_shown_alike_everywhere(made, cells, box, cell, words):
    shown = show(made, cells)
    number = re.match(r"0\.\d{3}", cell)
    assert pooled_cell(shown.line, AT) == cell
    assert gaps_in_words(shown.line) == words
    drawn = value_drawn(shown)
    assert drawn == (pytest.approx(float(number[0]), abs=0.001) if number else None)
    assert shown.row["value_7d"] == (number[0] if number else "")
    assert shown.row["reason"] == (cells.get("reason") or "")
    assert shown.row["status"] == cells.get("status", "published")
    for kind in ("gap", "retracted"):
        assert shown.marks.get(kind, "").startswith(BOX) is (box == kind)
        assert (kind in shown.marks) is (box == kind)


def test_a_retracted_day_keeps_no_value(made):
    row = show(made, {"status": "retracted", "reason": "scoring_error"}).row
    empty = {name for name, field in row.items() if field == ""}
    assert {"estimate", "standard_error", "value_7d", "value_28d", "people_band"} <= empty


def test_a_revised_day_is_marked_and_explained(made):
    shown = show(made, {"revision": 2})
    assert points(shown, "revised") == [(AT, pytest.approx(0.4, abs=0.001))]
    assert revisions_in_words(shown.line).startswith("1 day is a revision: drawn again with")
    assert "revised" not in show(made, {}).marks
    assert revisions_in_words(show(made, {}).line) == ""


def test_a_revision_that_is_not_published_has_no_mark(made):
    shown = show(made, {**NONE_PUBLISHED, "revision": 1})
    assert "revised" not in shown.marks
    assert revisions_in_words(shown.line) == ""


def test_the_range_of_chance_is_the_published_error_s(made):
    edges = points(show(made, {}), "band")
    assert [day for day, _ in edges] == [*range(60), *range(59, -1, -1)]
    assert [value for _, value in edges] == pytest.approx([0.439] * 60 + [0.361] * 60, abs=0.001)
    wide = dict(points(show(made, {"standard_error_7d": 0.3}), "band")[:60])
    assert wide[AT] == pytest.approx(0.988, abs=0.001)
    assert show(made, {"standard_error_7d": 0.3}).axes.low == 0


def test_a_value_alone_is_a_dot_with_a_range_as_wide_as_its_day(made):
    values = np.full(60, 0.4)
    values[[AT - 1, AT + 1]] = np.nan
    rows = pd.DataFrame(made.published_rows("greater_london", "burnout", values))
    ahead = pd.DataFrame(made.forecast_rows("greater_london", "burnout"))
    marks = marks_of(lines_of(rows, ahead, made.page_facts())[0])
    assert re.search(rf"M{10 * AT + 5} \d+h\.01", marks["line"])
    assert re.search(rf"M{10 * AT} \d+V\d+H{10 * AT + 10}V\d+Z", marks["band"])


def test_forecasts_are_drawn_inside_the_scale(made):
    rows = pd.DataFrame(made.published_rows("greater_london", "burnout", np.full(60, 0.02)))
    ahead = pd.DataFrame(made.forecast_rows("greater_london", "burnout", mean=0.02))
    said = made.page_facts()
    line = lines_of(rows, ahead, said)[0]
    shown = SimpleNamespace(line=line, marks=marks_of(line), axes=axes_of(line))
    assert (shown.axes.low, shown.axes.high <= 1) == (0, True)
    days = [day for day, _ in points(shown, "forecast")]
    assert days == [*range(60, 74), 80, 87]
    assert len(re.findall("V", shown.marks["fan80"])) == 4
    records = csv.DictReader(io.StringIO(latest_csv(rows, ahead, said)))
    written = [float(row[name]) for row in records if row["mean"] for name in ("lo95", "lo80")]
    assert min(written) == 0


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (
            ("lower_noise",),
            "The method changed on 11 October 2026 (lower noise). Values before and after can’t be"
            " compared.",
        ),
        (
            (),
            "The method changed on 11 October 2026. Values before and after can’t be compared.",
        ),
    ],
    ids=["announced", "seen from the rows"],
)
def test_the_line_is_not_drawn_across_a_change_of_method(made, breaks, words):
    rows = pd.DataFrame(made.published_rows("greater_london", "burnout", np.full(60, 0.4)))
    rows.loc[AT:, "method_version"] = "gaussian-2"
    listed = [MethodBreak(made.day(AT), "gaussian-1", "gaussian-2", reason) for reason in breaks]
    ahead = pd.DataFrame(made.forecast_rows("greater_london", "burnout"))
    line = lines_of(rows, ahead, made.page_facts(breaks=listed))[0]
    marks = marks_of(line)
    before, after = marks["line"].split("M")[1:]
    assert before.split("L")[-1].startswith(f"{10 * AT - 5} ")
    assert after.startswith(f"{10 * AT + 5} ")
    assert marks["break"] == f"M{10 * AT} 0V1000"
    assert breaks_in_words(line, listed) == words


def test_a_break_that_was_announced_while_nothing_was_published_is_shown_once(made):
    values = np.full(60, 0.4)
    values[AT - 5 : AT + 5] = np.nan
    rows = pd.DataFrame(made.published_rows("greater_london", "burnout", values))
    rows.loc[AT:, "method_version"] = "gaussian-2"
    ahead = pd.DataFrame(made.forecast_rows("greater_london", "burnout"))
    listed = [MethodBreak(made.day(AT), "gaussian-1", "gaussian-2", "lower_noise")]
    assert lines_of(rows, ahead, made.page_facts(breaks=listed))[0].breaks == (AT,)
    assert lines_of(rows, ahead, made.page_facts())[0].breaks == (AT + 5,)


@pytest.mark.parametrize("at", [-1, 0, 60, 100])
def test_a_break_outside_the_line_is_not_shown(made, at):
    shown = show(made, {}, breaks=[MethodBreak(made.day(at), "a", "b", "why")])
    assert shown.line.breaks == ()
    assert breaks_in_words(shown.line, []) == ""


@settings(max_examples=12)
@given(st.sets(st.integers(0, 59)), st.sets(st.integers(1, 59)))
def test_what_is_drawn_is_what_is_known(made, gaps, changes):
    """No value is lost, none is connected across a gap or a change, wherever these lie."""
    values = np.round(np.linspace(0.3, 0.6, 60), 3)
    values[sorted(gaps)] = np.nan
    rows = pd.DataFrame(made.published_rows("greater_london", "burnout", values))
    listed = [MethodBreak(made.day(at), "a", "b", "why") for at in sorted(changes)]
    ahead = pd.DataFrame(made.forecast_rows("greater_london", "burnout"))
    line = lines_of(rows, ahead, made.page_facts(breaks=listed))[0]
    segments = line.segments()
    assert [at for first, last in segments for at in range(first, last + 1)] == list(range(60))
    runs = line.runs()
    inside = [at for first, last in runs for at in range(first, last + 1)]
    assert inside == [at for at in range(60) if at not in gaps]
    assert not any(first < at <= last for first, last in runs for at in changes)
