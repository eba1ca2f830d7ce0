import base64
import dataclasses
import gzip
import hashlib
import html
import json
import re

import made_pages
import pandas as pd
import plotly.offline
import pytest

from assets.core.errors import PublicationError
from assets.core.modes import Mode
from assets.core.public_files import RECORDS
from assets.public.page.explore import PLOTLY, render_explore
from assets.public.page.page import page_of, panels_of, render_page
from assets.public.page.page_reader import read_page
from assets.public.page.panel_pictures import panel_pictures
from assets.public.page.span import ALL, QUARTER, YEAR
from assets.public.records.lines import lines_of

BANNER = (
    "<strong>Made-up data.</strong> No message, person or group is real: the lines say nothing"
    " about care work."
)
LABEL = "Experimental research figures, not official statistics"


@pytest.fixture(scope="module")
def rendered(made):
    return render_page(*made.tables(), made.page_facts())


@pytest.fixture(scope="module")
def explored():
    past = pd.DataFrame(
        {
            "region": "greater_london",
            "construct": "burnout",
            "last_day": [made_pages.LAST, made_pages.LAST.replace(day=2)],
            "day": [made_pages.LAST.replace(month=11), made_pages.LAST.replace(day=3)],
            "mean": [0.3, 0.2],
        }
    )
    facts = made_pages.facts()
    return render_explore(lines_of(*made_pages.tables(100), facts), past, facts)


def scripts_of(page):
    return re.findall(r"<script>(.*?)</script>", page, re.DOTALL)


def test_the_same_tables_give_the_same_page(made, rendered):
    assert render_page(*made.tables(), made.page_facts()) == rendered


@pytest.mark.parametrize("days", [60, 400, 2000])
def test_the_page_stays_small_and_its_forecast_wide(days):
    page = render_page(*made_pages.tables(days), made_pages.facts())
    assert len(page.encode()) <= 150_000
    assert len(gzip.compress(page.encode())) <= 30_000
    assert len(re.findall(r"<[a-z]", page)) <= 2_500
    widths = {int(one) for one in re.findall(r'viewBox="0 0 (\d+) 1000"', page)}
    (width,) = widths
    assert 280 / width >= 0.15
    (script,) = scripts_of(page)
    assert len(script.encode()) <= 10_000


def test_vendored_plotly_is_the_one_that_plotly_py_speaks_to():
    head = PLOTLY.read_text()[:200]
    assert f"plotly.js (basic - minified) v{plotly.offline.get_plotlyjs_version()}\n" in head
    assert "Licensed under the MIT license" in head


def test_policy_names_the_scripts_and_allows_no_request(rendered, explored):
    assert scripts_of(explored)[0] == PLOTLY.read_text()
    for page in (rendered, explored):
        policy = html.unescape(re.search(r'Policy" content="(.*?)"', page)[1])
        directives = dict(part.split(" ", 1) for part in policy.split("; "))
        assert directives.pop("default-src") == "'none'"
        hashes = [
            base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            for text in scripts_of(page)
        ]
        assert directives.pop("script-src") == " ".join(f"'sha256-{value}'" for value in hashes)
        assert directives == {
            "style-src": "'unsafe-inline'",
            "img-src": "data: blob:",
            "base-uri": "'none'",
            "form-action": "'none'",
        }
        assert "\r" not in page
        assert page.count("</style>") == 1


def test_the_page_points_at_nothing_outside(rendered):
    own = re.sub(r"<pre>.*?</pre>", "", rendered, flags=re.DOTALL)
    targets = re.findall(r'(?:href|src|action)="(.*?)"', own)
    pictures = {
        f"{construct}-{region}.{kind}"
        for construct in ("burnout", "resilience", "resistance")
        for region in made_pages.REGIONS
        for kind in ("svg", "png")
    }
    assert {one.partition("#")[0] for one in targets if one[0] != "#"} == pictures | {
        "data:,",
        "year.html",
        "all.html",
        "explore.html",
        "latest.csv",
        "latest.metadata.json",
        "datapackage.json",
        "changes.html",
        "members.html",
        "accessibility.html",
        "hit_rates.csv",
        *RECORDS,
        "evidence.html",
        "../../index.html",
        "mailto:team@example.org",
    }
    inside = {target[1:] for target in targets if target.startswith("#")}
    assert inside <= set(re.findall(r'\bid="(.*?)"', rendered))
    assert "url(" not in rendered
    assert "@import" not in rendered


@pytest.mark.parametrize(
    "words",
    [
        "among participating groups",
        LABEL,
        "Words that suggest burnout",
        "What a number means",
        "<strong>not</strong> a per cent of workers",
        '<p class="not-compared">Do not compare the regions: they differ in who takes part.</p>',
        '<p class="in-short">pushing back to keep people safe</p>',
        "Were earlier forecasts right?",
        "No forecast of this page has come due yet",
        '<a href="hit_rates.csv">hit_rates.csv</a>',
        "The newest forecasts go up to 27 November 2026, 28 days after the last day of the lines.",
        "</svg>forecast, up to 27 Nov 2026</li>",
        "Open “Numbers” under a graph to see which true change would be called",
        "You may show a graph if you say beside it that its data is made up.",
        "behind the latest value stand 40-59 people a day",
        "A group is counted if its admin signed it up.",
        "Who writes in no group, or in none that takes part, is not represented",
        "The line ends 4 days before this page was made",
        "Next update: 4 November 2026.",
        "not what the score itself misses",
        "What this must not be used for",
        "What protects the people behind the lines",
        "How it is made",
        "Limits",
        "team@example.org",
        "30 October 2026",
        "3 November 2026, 07:10 UTC",
        "Mean scores from 0 to 1 among participating groups, not shares of people",
        '<a href="#licence">Who made it, and may I reuse it?</a>',
        '&lt;img src="ADDRESS/burnout-greater_london.svg" alt="Made-up data: Words that'
        " suggest burnout, Greater London, among",
    ],
)
def test_the_page_says(rendered, words):
    assert (
        words in rendered
        or words in html.unescape(rendered)
        or words in rendered.replace("&#34;", "&quot;")
    )


@pytest.mark.parametrize("span", [YEAR, ALL], ids=["year", "all"])
def test_longer_pages_hold_the_graph_and_link_back(span):
    tables, facts = made_pages.tables(400), made_pages.facts()
    longer = render_page(*tables, facts, span)
    quarter = render_page(*tables, facts, QUARTER)
    verdicts = [re.findall(r'data-verdict=".*?">(.*?)<', page) for page in (longer, quarter)]
    assert verdicts[0] == verdicts[1]
    assert len(verdicts[0]) == 6
    assert 'href="index.html">Back to the page' in longer
    values = re.search(r'data-values="(.*?)"', longer)[1].split(" ")
    assert len(values) == (365 if span == YEAR else 400)
    assert 'id="protection"' not in longer


def test_banner_only_over_made_up_data(made, rendered):
    assert BANNER in rendered
    study = render_page(*made.tables(), made.page_facts(mode=Mode.STUDY))
    for _, why in made.page_facts().release.not_protected:
        study = study.replace(why, "")
    assert not re.search("made[- ]up", study, re.IGNORECASE)


def test_discovery_never_publishes(made):
    facts = made.page_facts(mode=Mode.DISCOVERY)
    lines = lines_of(*made.tables(), facts)
    for render in (
        lambda: render_page(*made.tables(), facts),
        lambda: page_of(lines, facts),
        lambda: render_explore(lines, pd.DataFrame(), facts),
    ):
        with pytest.raises(PublicationError) as caught:
            render()
        assert caught.value.code == "PAGE_MODE_REFUSED"


def test_why_there_is_no_forecast_is_said(made):
    facts = made.page_facts(no_forecast={("east_of_england", "resistance"): "TOO_FEW_DAYS"})
    page = render_page(*made.tables(), facts)
    assert "(TOO_FEW_DAYS)" in page
    assert lines_of(*made.tables(), facts)[5].forecast is None


@pytest.mark.parametrize(
    ("headline", "words", "absent"),
    [
        ({}, "7-day mean", "4-week mean"),
        (
            dict.fromkeys(["greater_london", "east_of_england"], "value_28d"),
            "4-week mean",
            "7-day mean p",
        ),
    ],
)
def test_the_page_says_what_its_lines_are(made, headline, words, absent):
    page = render_page(*made.tables(), made.page_facts(headline=headline))
    assert f"The {words} pools" in page
    assert f"</svg>{words}</li>" in page
    assert absent not in page


def test_a_picture_says_the_whole_verdict():
    tables, facts = made_pages.tables(140), made_pages.facts()
    panel = panels_of(lines_of(*tables, facts), facts, QUARTER)["burnout"][0]
    longest = (
        "Higher than eight weeks ago, by more than chance. It had fallen to 0.300 in the week to 13"
        " Sep and was already above that in the week to 27 Sep, both by more than chance."
    )
    for headline, most in ((panel.told.headline, 2), (longest, 2), ("Too short to be judged.", 1)):
        told = dataclasses.replace(panel.told, headline=headline)
        svg, _ = panel_pictures(dataclasses.replace(panel, told=told), facts)
        lines = re.findall(r'font-size="13"[^>]*>(.*?)</text>', svg)
        assert " ".join(lines) == headline
        assert len(lines) <= most
        assert max(map(len, lines)) < 100


@pytest.mark.parametrize(("mode", "made_up"), [(Mode.SYNTHETIC, True), (Mode.STUDY, False)])
def test_a_copied_graph_says_what_it_is(mode, made_up):
    tables, facts = made_pages.tables(140), made_pages.facts(mode=mode)
    read = read_page(render_page(*tables, facts))
    assert read.sections["graph"].count("made-up data") == (6 if made_up else 0)
    for panel in panels_of(lines_of(*tables, facts), facts, QUARTER)["burnout"]:
        svg, _ = panel_pictures(panel, facts)
        title, about = (re.search(f"<{one}>(.*?)</{one}>", svg)[1] for one in ("title", "desc"))
        drawn = re.findall(r"<text[^>]*>(.*?)</text>", svg)
        assert title.startswith("Made-up data: ") is made_up
        assert drawn[0].startswith("Made-up data: ") is made_up
        assert ("MADE-UP DATA" in drawn) is made_up
        assert about == drawn[-1]
        assert about.startswith(f"Made-up data. {LABEL}" if made_up else LABEL)


@pytest.mark.parametrize("span", [QUARTER, YEAR, ALL], ids=["quarter", "year", "all"])
def test_where_a_forecast_ends_stands_in_its_drawing(span):
    tables, facts = made_pages.tables(400), made_pages.facts()
    for panels in panels_of(lines_of(*tables, facts), facts, span).values():
        for panel in panels:
            words = [one.words for one in panel.plot.labels]
            assert ("27 Nov" in words, "forecast to 27 Nov" in words) == (
                (True, False) if span == QUARTER else (False, True)
            )


def test_each_sentence_stands_once(rendered):
    labels = re.findall(r'aria-label="(.*?)"', rendered)
    verdicts = re.findall(r'data-verdict=".*?">(.*?)<', rendered)
    assert len(verdicts) == 6
    for sentence in verdicts:
        assert not any(sentence in label for label in labels)
    assert sum("among participating groups, 0 to 1" in label for label in labels) == 6
    assert rendered.count('<svg class="outer" aria-hidden="true"') == 6


def test_no_change_is_shown_and_said(made):
    published, forecasts = made.tables()
    page = render_page(published, forecasts.assign(method="no_change"), made.page_facts())
    told = "No better forecast than “no change” was found, so the line is carried on."
    assert page.count(told) == 5
    assert "is “no change”" in page
    assert told not in render_page(published, forecasts, made.page_facts())


def test_a_week_with_its_pooled_value_only_is_explained(rendered):
    limits = rendered[rendered.index('id="limits"') :]
    assert "That tells that a group left, or that one or two joined" in limits


def test_the_key_names_only_what_is_drawn(made):
    published, forecasts = made.tables()

    def marks(table, ahead):
        page = render_page(table, ahead, made.page_facts())
        key = page[page.index('<ul class="key"') : page.index("</ul>", page.index('class="key"'))]
        return [re.findall(r'class="(\w+)" d', one)[-1] for one in key.split("<li>")[1:]]

    usual = ["line", "band", "forecast", "fan95", "gap", "retracted"]
    assert marks(published, forecasts) == usual
    assert marks(published.assign(revision=1), forecasts) == [*usual, "revised"]
    assert marks(published, forecasts.iloc[:0]) == ["line", "band", "gap", "retracted"]


def test_names_are_escaped(made):
    facts = made.page_facts(
        regions={"greater_london": "<script>x</script>", "east_of_england": "E & E"},
        contact='"><script>y</script>',
    )
    past = pd.DataFrame(columns=["region", "construct", "last_day", "day", "mean"])
    for page in (
        render_page(*made.tables(), facts),
        render_explore(lines_of(*made.tables(), facts), past, facts),
    ):
        assert "<script>x" not in page
        assert "<script>y" not in page
        assert "E &amp; E" in page


def test_what_is_explored_is_what_was_released(explored):
    found = re.findall(r'data-chart="([\w-]+)">(.*?)</script>', explored, re.DOTALL)
    assert len(found) == 6
    lines = lines_of(*made_pages.tables(100), made_pages.facts())
    charts = {name: json.loads(text)["data"] for name, text in found}
    for line in lines:
        traces = charts[f"{line.construct}-{line.region_id}"]
        drawn = [y for trace in traces if trace["meta"] == "line" for y in trace["y"]]
        assert drawn == list(line.values)
        assert {trace["meta"] for trace in traces} >= {"past", "80", "95", "forecast", "line"}
        before = [trace for trace in traces if trace["meta"] == "made before"]
        assert len(before) == (line.construct == "burnout" and line.region == "Greater London")
        numbers = [y for trace in traces for y in trace["y"] if y is not None]
        assert min(numbers) >= 0
        assert max(numbers) <= 1
    assert LABEL in explored
    assert not re.search(r"\d\.\d{4,}", "".join(text for _, text in found))
