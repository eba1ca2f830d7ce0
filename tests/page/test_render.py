import base64
import hashlib
import html
import re

import plotly.offline
import pytest

from assets.core.errors import PublicationError
from assets.core.modes import Mode
from assets.public.page.page import PLOTLY, render_page
from assets.public.records.lines import lines_of

BANNER = (
    "<strong>Made-up data.</strong> The program wrote every message and made up every person and"
    " group. The noise is added as in a study."
)


@pytest.fixture(scope="module")
def rendered(made):
    return render_page(*made.tables(), made.page_facts())


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
        "latest.metadata.json",
        "datapackage.json",
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
        "What protects the people behind the lines",
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
    for _, why in made.page_facts().release.not_protected:
        study = study.replace(why, "")
    assert not re.search("made[- ]up", study, re.IGNORECASE)


def test_discovery_never_publishes(made):
    with pytest.raises(PublicationError) as caught:
        render_page(*made.tables(), made.page_facts(mode=Mode.DISCOVERY))
    assert caught.value.code == "PAGE_MODE_REFUSED"


def test_why_there_is_no_forecast_is_said(made):
    facts = made.page_facts(no_forecast={("east_of_england", "resistance"): "TOO_FEW_DAYS"})
    page = render_page(*made.tables(), facts)
    assert "(TOO_FEW_DAYS)" in page
    line = lines_of(*made.tables(), facts)[5]
    assert line.forecast is None


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
    assert f"{words} score, 0 to 1" in page
    assert absent not in page.replace(PLOTLY.read_text(), "")


def test_every_chart_says_among_participating_groups(rendered):
    labels = re.findall(r'role="img" aria-label="(.*?)"', rendered)
    assert len(labels) == 8
    assert all("among participating groups" in label for label in labels)


def test_every_chart_says_what_change_chance_could_make(rendered):
    told = "A change of under 0.050 between two separate weeks can’t reliably be told from chance."
    # Once beside the chart, once in its accessible name.
    assert rendered.count(told) == 12


def test_no_change_is_shown_and_said(made):
    published, forecasts = made.tables()
    page = render_page(published, forecasts.assign(method="no_change"), made.page_facts())
    told = "No better forecast than “no change” was found, so the line is carried on."
    assert page.count(told) == 10
    assert told not in render_page(published, forecasts, made.page_facts())


def test_a_week_with_its_pooled_value_only_is_explained(rendered):
    limits = rendered[rendered.index('id="limits"') :]
    assert "That tells that a group left, or that one or two joined" in limits


def test_nothing_is_said_of_a_release_without_noise(rendered):
    own = rendered.replace(PLOTLY.read_text(), "").lower()
    assert "without noise" not in own
    assert "thresholds only" not in own


@pytest.mark.parametrize(
    ("spoil", "marks"),
    [
        ({}, ["solid", "dashed", "band80", "band95", "hatched", "retracted"]),
        (
            {"revision": 1},
            ["solid", "dashed", "band80", "band95", "hatched", "retracted", "revised"],
        ),
    ],
)
def test_the_key_names_only_what_is_drawn(made, spoil, marks):
    published, forecasts = made.tables()
    page = render_page(published.assign(**spoil), forecasts, made.page_facts())
    assert re.findall(r'class="mark (\w+) burnout"', page) == marks


def test_names_are_escaped(made):
    facts = made.page_facts(
        regions={"greater_london": "<script>x</script>", "east_of_england": "E & E"},
        contact='"><script>y</script>',
    )
    page = render_page(*made.tables(), facts)
    assert "<script>x" not in page
    assert "<script>y" not in page
    assert "E &amp; E" in page
