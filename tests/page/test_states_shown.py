"""Each state of a day, as chart, table, CSV and words show it."""

import csv
import io
import json
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.public.page.figures import panel, shared_axes
from assets.public.page.gap_narration import breaks_in_words, gaps_in_words, revisions_in_words
from assets.public.page.value_cells import pooled_cell
from assets.public.records.datasets import latest_csv
from assets.public.records.facts import MethodBreak
from assets.public.records.lines import lines_of

AT = 40
BOX = ["2026-10-10T12:00:00", "2026-10-11T12:00:00"]
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
    figure = json.loads(str(panel(line, shared_axes([line], values_only=False)).to_json()))
    records = list(csv.DictReader(io.StringIO(latest_csv(rows, ahead, said))))
    return SimpleNamespace(line=line, figure=figure, row=records[AT])


def drawn(shown, meta):
    return [trace for trace in shown.figure["data"] if trace["meta"] == meta]


def value_drawn(shown):
    (line,) = drawn(shown, "line")
    return line["y"][AT]


@pytest.mark.parametrize(
    ("cells", "box", "cell", "words"),
    [
        ({}, None, "0.400 ± 0.039", "All 60 days are published."),
        (
            NONE_PUBLISHED,
            "not published",
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
    assert value_drawn(shown) == (float(number[0]) if number else None)
    assert shown.row["value_7d"] == (number[0] if number else "")
    assert shown.row["reason"] == (cells.get("reason") or "")
    assert shown.row["status"] == cells.get("status", "published")
    for meta in ("not published", "retracted"):
        boxes = drawn(shown, meta)
        assert [sorted(set(one["x"][:5])) for one in boxes] == ([BOX] if box == meta else [])


def test_a_retracted_day_keeps_no_value(made):
    row = show(made, {"status": "retracted", "reason": "scoring_error"}).row
    empty = {name for name, field in row.items() if field == ""}
    assert {"estimate", "standard_error", "value_7d", "value_28d", "people_band"} <= empty


def test_a_revised_day_is_marked_and_explained(made):
    shown = show(made, {"revision": 2})
    (marks,) = drawn(shown, "revised")
    assert (marks["x"], marks["y"]) == (["2026-10-11"], [0.4])
    assert revisions_in_words(shown.line).startswith("1 day is a revision: drawn again with")
    assert drawn(show(made, {}), "revised") == []
    assert revisions_in_words(show(made, {}).line) == ""


def test_a_revision_that_is_not_published_has_no_mark(made):
    shown = show(made, {**NONE_PUBLISHED, "revision": 1})
    assert drawn(shown, "revised") == []
    assert revisions_in_words(shown.line) == ""


def test_the_band_of_the_past_is_the_published_error_s(made):
    (band,) = drawn(show(made, {}), "past")
    assert band["y"][:60] == [0.361] * 60
    assert band["y"][60:120] == [0.439] * 60
    (wide,) = drawn(show(made, {"standard_error_7d": 0.3}), "past")
    assert (min(wide["y"][:-1]), max(wide["y"][:-1])) == (0, 0.988)


def test_a_value_alone_has_a_band_as_wide_as_its_day(made):
    values = np.full(60, 0.4)
    values[[AT - 1, AT + 1]] = np.nan
    rows = pd.DataFrame(made.published_rows("greater_london", "burnout", values))
    ahead = pd.DataFrame(made.forecast_rows("greater_london", "burnout"))
    line = lines_of(rows, ahead, made.page_facts())[0]
    figure = json.loads(str(panel(line, shared_axes([line], values_only=False)).to_json()))
    (band,) = drawn(SimpleNamespace(figure=figure), "past")
    start = band["x"].index(BOX[0])
    assert band["x"][start : start + 4] == [BOX[0], BOX[1], BOX[1], BOX[0]]
    assert band["y"][start : start + 4] == [0.361, 0.361, 0.439, 0.439]


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
    figure = json.loads(str(panel(line, shared_axes([line], values_only=False)).to_json()))
    before, after = drawn(SimpleNamespace(figure=figure), "line")
    assert (before["x"][-1], after["x"][0]) == ("2026-10-10", "2026-10-11")
    (mark,) = figure["layout"]["shapes"]
    assert mark["x0"] == mark["x1"] == BOX[0]
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


@settings(max_examples=30, deadline=None)
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
