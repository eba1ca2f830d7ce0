import base64
import hashlib
import html
import json
import re

import pandas as pd
import plotly.offline
import pytest

from assets.governance.errors import PublicationError
from assets.governance.modes import Mode
from assets.publication.lines import lines_of
from assets.publication.narration import number
from assets.publication.page import PLOTLY, render_page

BANNER = (
    "<strong>Made-up data.</strong> Released by thresholds only (5 groups, 30 people), "
    "without noise; never real people."
)


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


def test_the_same_tables_give_the_same_page(made, rendered):
    assert render_page(*made.tables(), made.page_facts()) == rendered


def test_vendored_plotly_is_the_one_that_plotly_py_speaks_to():
    head = PLOTLY.read_text()[:200]
    assert f"plotly.js (basic - minified) v{plotly.offline.get_plotlyjs_version()}\n" in head
    assert "Licensed under the MIT license" in head


def test_inlined_files_cannot_end_their_elements(rendered):
    scripts = re.findall(r"<script>(.*?)</script>", rendered, re.DOTALL)
    assert scripts == [PLOTLY.read_text(), PLOTLY.parents[1].joinpath("boot.js").read_text()]
    assert "\r" not in rendered
    assert rendered.count("</style>") == 1


def test_policy_names_the_scripts_and_allows_no_request(rendered):
    policy = html.unescape(re.search(r'Policy" content="(.*?)"', rendered)[1])
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives.pop("default-src") == "'none'"
    scripts = re.findall(r"<script>(.*?)</script>", rendered, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    assert directives.pop("script-src") == " ".join(f"'sha256-{value}'" for value in hashes)
    assert directives == {
        "style-src": "'unsafe-inline'",
        "img-src": "data: blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_page_points_at_nothing_outside(rendered):
    own = rendered.replace(PLOTLY.read_text(), "")
    targets = re.findall(r'(?:href|src|action)="(.*?)"', own)
    assert {target for target in targets if not target.startswith("#")} == {
        "data:,",
        "latest.csv",
        "mailto:team@example.org",
    }
    assert "url(" not in own
    assert "@import" not in own


@pytest.mark.parametrize(
    "words",
    [
        "among participating groups",
        "Experimental statistics",
        "What this must not be used for",
        "How it is made",
        "Limits",
        "<noscript>",
        "team@example.org",
        "30 October 2026",
        "3 November 2026, 07:10 UTC",
    ],
)
def test_the_page_says(rendered, words):
    assert words in rendered


def test_banner_only_over_made_up_data(made, rendered):
    assert BANNER in rendered
    study = render_page(*made.tables(), made.page_facts(mode=Mode.STUDY))
    assert "Made-up" not in study
    assert "made-up" not in study
    assert "made up" not in study


def test_discovery_never_publishes(made):
    with pytest.raises(PublicationError) as caught:
        render_page(*made.tables(), made.page_facts(mode=Mode.DISCOVERY))
    assert caught.value.code == "PAGE_MODE_REFUSED"


@pytest.mark.parametrize("construct", ["burnout", "resilience", "resistance"])
def test_table_holds_what_the_chart_draws(made, rendered, construct):
    drawn = [figures(rendered)[f"{construct}-{at}"] for at in (0, 1)]
    lines = [traces(figure, "line")[0] for figure in drawn]
    rows = cells(rendered, "values", construct)[::-1]
    assert len(rows) == len(lines[0]["x"]) == 60
    for at, (_, *shown) in enumerate(rows):
        for text, line in zip(shown, lines, strict=True):
            value = line["y"][at]
            assert text == (number(value) if value is not None else text)
            assert (value is None) == (text[0] not in "0123456789")
    ahead = [trace for figure in drawn for trace in traces(figure, "forecast")]
    plotted = [
        [number(mean), f"{number(a)} to {number(b)}", f"{number(c)} to {number(d)}"]
        for trace in ahead
        for mean, (a, b, c, d) in zip(trace["y"], trace["customdata"], strict=True)
    ]
    assert [row[2:5] for row in cells(rendered, "forecasts", construct)] == plotted
    assert len(plotted) == (14 if construct == "resistance" else 28)


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


def test_unpublished_days_are_hatched(rendered):
    hatched = traces(figures(rendered)["burnout-0"], "not published")[0]
    starts = hatched["x"][::6]
    assert starts == [f"2026-{day}T12:00:00" for day in ("09-20", "09-22", "09-30", "10-10")]


def test_panels_of_a_construct_share_their_axes(rendered):
    drawn = figures(rendered)
    assert set(drawn) == {
        "overview-0",
        "overview-1",
        *(f"{c}-{at}" for c in ("burnout", "resilience", "resistance") for at in (0, 1)),
    }
    for name in ("overview", "burnout", "resilience", "resistance"):
        for axis in ("xaxis", "yaxis"):
            first, second = (drawn[f"{name}-{at}"]["layout"][axis]["range"] for at in (0, 1))
            assert first == second


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


def test_why_there_is_no_forecast_is_said(made):
    facts = made.page_facts(no_forecast={("east_of_england", "resistance"): "TOO_FEW_DAYS"})
    page = render_page(*made.tables(), facts)
    assert "(TOO_FEW_DAYS)" in page
    line = lines_of(*made.tables(), facts)[5]
    assert line.forecast is None


@pytest.mark.parametrize(
    ("forecast_of", "words"),
    [("estimate", "forecast for single days"), ("value_7d", "forecast of the 7-day mean")],
)
def test_the_page_says_what_is_forecast(made, forecast_of, words):
    assert words in render_page(*made.tables(), made.page_facts(forecast_of=forecast_of))


def test_names_are_escaped(made):
    facts = made.page_facts(
        regions={"greater_london": "<script>x</script>", "east_of_england": "E & E"},
        contact='"><script>y</script>',
    )
    page = render_page(*made.tables(), facts)
    assert "<script>x" not in page
    assert "<script>y" not in page
    assert "E &amp; E" in page
