"""What the page's charts draw, and that its tables hold the same."""

import json
import re

import pandas as pd
import pytest

from assets.public.page.page import PLOTLY, render_page
from assets.public.records.written import number

CONSTRUCTS = ["burnout", "resilience", "resistance"]


@pytest.fixture(scope="module")
def rendered(made):
    return render_page(*made.tables(), made.page_facts())


def figures(page):
    found = re.findall(
        r'<script type="application/json" data-chart="([\w-]+)">(.*?)</script>', page, re.DOTALL
    )
    return {chart: json.loads(text) for chart, text in found}


def traces(figure, meta):
    return [trace for trace in figure["data"] if trace["meta"] == meta]


def cells(page, table, construct):
    start = page.index(f'data-table="{table}" data-construct="{construct}"')
    body = page[start : page.index("</table>", start)]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)[1:]
    return [
        [re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in rows
    ]


@pytest.mark.parametrize("column", ["value_7d", "value_28d"])
@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_table_holds_what_the_chart_draws(made, construct, column):
    facts = made.page_facts(headline={"east_of_england": column})
    page = render_page(*made.tables(), facts)
    drawn = [figures(page)[f"{construct}-{at}"] for at in (0, 1)]
    lines = [traces(figure, "line")[0] for figure in drawn]
    rows = cells(page, "values", construct)[::-1]
    assert len(rows) == len(lines[0]["x"]) == 60
    for at, (_, *shown) in enumerate(rows):
        for text, line in zip(shown, lines, strict=True):
            value = line["y"][at]
            if value is None:
                assert text[0] not in "0123456789"
            else:
                assert text == f"{number(value)}{line['customdata'][at]}"
    ahead = [trace for figure in drawn for trace in traces(figure, "forecast")]
    plotted = [
        [number(mean), f"{number(a)} to {number(b)}", f"{number(c)} to {number(d)}"]
        for trace in ahead
        for mean, (a, b, c, d) in zip(trace["y"], trace["customdata"], strict=True)
    ]
    assert [row[2:5] for row in cells(page, "forecasts", construct)] == plotted
    assert len(plotted) == (14 if construct == "resistance" else 28)


def test_the_chart_draws_the_headline_of_each_region(made):
    published, forecasts = made.tables()
    facts = made.page_facts(headline={"east_of_england": "value_28d"})
    drawn = figures(render_page(published, forecasts, facts))
    for at, region, column in (
        (0, "greater_london", "value_7d"),
        (1, "east_of_england", "value_28d"),
    ):
        rows = published[(published["region"] == region) & (published["construct"] == "burnout")]
        shown = rows[column].where(rows["status"] == "published").round(3)
        (line,) = traces(drawn[f"burnout-{at}"], "line")
        assert line["y"] == [None if pd.isna(value) else value for value in shown]


def test_weeks_ahead_stand_in_a_table_and_not_in_the_chart(rendered):
    rows = cells(rendered, "weeks", "burnout")
    assert [row[1] for row in rows[:4]] == [
        "+1, 6 Nov 2026",
        "+2, 13 Nov 2026",
        "+3, 20 Nov 2026",
        "+4, 27 Nov 2026",
    ]
    assert [row[0] for row in rows] == ["Greater London"] * 4 + ["East of England"] * 4
    (ahead,) = traces(figures(rendered)["burnout-0"], "forecast")
    assert ahead["x"][-1] == "2026-11-13"


@pytest.mark.parametrize("dots", [False, True])
def test_single_days_are_dots_only_where_chosen(made, dots):
    published, forecasts = made.tables()
    page = render_page(published, forecasts, made.page_facts(daily_dots=dots))
    for chart, figure in figures(page).items():
        found = traces(figure, "single days")
        assert len(found) == (dots and not chart.startswith("overview"))
        for trace in found:
            assert trace["mode"] == "markers"
            assert None not in trace["y"]
    columns = len(cells(page, "values", "burnout")[0])
    assert columns == (5 if dots else 3)
    assert ("single day" in page[: page.index('id="protection"')]) == dots


def test_single_days_in_the_table_are_those_of_the_dots(made):
    page = render_page(*made.tables(), made.page_facts(daily_dots=True))
    (dots,) = traces(figures(page)["burnout-1"], "single days")
    shown = [row[4] for row in cells(page, "values", "burnout")[::-1]]
    assert [text for text in shown if text != "–"] == [number(value) for value in dots["y"]]


def test_bands_are_the_forecast_s_own(rendered):
    for chart, figure in figures(rendered).items():
        for trace in traces(figure, "forecast"):
            days = len(trace["x"])
            for meta, low, high in (("80", 0, 1), ("95", 2, 3)):
                band = traces(figure, meta)[0]
                assert band["y"][:days] == [edges[low] for edges in trace["customdata"]], chart
                assert band["y"][days:] == [edges[high] for edges in trace["customdata"]][::-1]
                assert band["fill"] == "toself"
                assert band["fillcolor"].startswith("var(--")


def test_gaps_are_never_connected_and_lone_days_are_dots(rendered):
    for figure in figures(rendered).values():
        for line in traces(figure, "line"):
            assert line["connectgaps"] is False
            assert [line["y"][at] for at in (0, 20, 22, 40)] == [None] * 4
            assert line["y"][21] is not None
            assert line["marker"]["size"][21] == 5
            assert line["marker"]["size"][20] == 0


def test_the_band_of_the_past_stops_at_gaps(rendered):
    (band,) = traces(figures(rendered)["burnout-0"], "past")
    assert band["y"].count(None) == 5
    days = {day[:10] for day in band["x"] if day and len(day) == 10}
    assert not days & {"2026-09-01", "2026-09-21", "2026-09-23", "2026-10-01", "2026-10-11"}


def test_unpublished_days_are_hatched_and_retracted_ones_crossed(rendered):
    figure = figures(rendered)["burnout-0"]
    (hatched,), (crossed,) = traces(figure, "not published"), traces(figure, "retracted")
    starts = [f"2026-{day}T12:00:00" for day in ("09-20", "09-22", "10-10")]
    assert hatched["x"][::6] == starts
    assert crossed["x"][::6] == ["2026-09-30T12:00:00"]
    assert hatched["fillpattern"]["shape"] != crossed["fillpattern"]["shape"]
    assert traces(figures(rendered)["burnout-1"], "retracted") == []


def test_panels_of_a_construct_share_their_axes(rendered):
    drawn = figures(rendered)
    assert set(drawn) == {
        "overview-0",
        "overview-1",
        *(f"{construct}-{at}" for construct in CONSTRUCTS for at in (0, 1)),
    }
    for name in ("overview", *CONSTRUCTS):
        for axis in ("xaxis", "yaxis"):
            first, second = (drawn[f"{name}-{at}"]["layout"][axis]["range"] for at in (0, 1))
            assert first == second


def test_the_axis_holds_every_band(rendered):
    for chart, figure in figures(rendered).items():
        low, high = figure["layout"]["yaxis"]["range"]
        for trace in figure["data"]:
            known = [value for value in trace["y"] if value is not None]
            assert low <= min(known), chart
            assert max(known) <= high, chart


def test_nothing_plotted_has_more_than_three_decimals(rendered):
    own = rendered.replace(PLOTLY.read_text(), "")
    charts = "".join(re.findall(r'data-chart="[\w-]+">(.*?)</script>', own, re.DOTALL))
    assert not re.search(r"\d\.\d{4,}", charts)


def test_lines_can_be_told_apart_without_colour(rendered):
    overview = figures(rendered)["overview-0"]
    symbols = [trace["marker"]["symbol"] for trace in traces(overview, "line")]
    assert len(set(symbols)) == 3
    labels = " ".join(note["text"] for note in overview["layout"]["annotations"])
    assert all(name in labels for name in ("Burnout", "Resilience", "Resistance"))


def test_a_line_that_ended_long_ago_shows_no_number_at_the_edge(made):
    published, forecasts = made.tables()
    late = published["day"] > made.first + pd.Timedelta(days=45)
    published.loc[late & (published["construct"] == "burnout"), "status"] = "not_published"
    page = render_page(published, forecasts, made.page_facts())
    notes = figures(page)["overview-0"]["layout"]["annotations"]
    assert "Burnout –" in [note["text"] for note in notes]
