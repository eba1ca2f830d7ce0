"""Before a page is written it is read back: a changed page is refused, each with its code."""

import dataclasses
import re

import made_pages
import pandas as pd
import pytest

from assets.core.errors import CATALOGUE, PublicationError
from assets.core.modes import Mode
from assets.public.forecasting.scores import HitRate
from assets.public.page.forecast_narration import NONE_DUE, past_forecasts_in_words
from assets.public.page.page import render_page
from assets.public.page.release_check import check_page, faults
from assets.public.page.span import SPANS
from assets.public.records.lines import lines_of

STUDY = {"mode": Mode.STUDY}


@pytest.fixture(scope="module")
def tables():
    return made_pages.tables(140)


@pytest.fixture(scope="module")
def released(tables):
    facts = made_pages.facts(**STUDY)
    return render_page(*tables, facts), lines_of(*tables, facts), facts


def swap(old, new, count=1):
    def spoil(page):
        assert old in page, old
        return page.replace(old, new, count)

    return spoil


def change(pattern, new, count=1):
    def spoil(page):
        spoiled, times = re.subn(pattern, new, page, count=count, flags=re.DOTALL)
        assert times, pattern
        return spoiled

    return spoil


def without_section(name):
    return change(rf'<section[^>]*aria-labelledby="{name}">.*?</section>', "")


def in_panel(name, pattern, new):
    """Change what stands in one panel only."""

    def spoil(page):
        start = page.index(f'<figure id="{name}">')
        end = page.index("</figure>", start)
        spoiled, times = re.subn(pattern, new, page[start:end], count=1, flags=re.DOTALL)
        assert times, pattern
        return page[:start] + spoiled + page[end:]

    return spoil


LONDON, EAST = "burnout-greater_london", "resistance-east_of_england"
RISEN = "resilience-greater_london"
MUTANTS = [
    ("PAGE_LABEL_MISSING", swap("Experimental research figures, not official statistics", "News")),
    ("PAGE_LABEL_MISSING", swap("Experimental research figures, not", "Experimental figures,")),
    ("PAGE_LABEL_MISSING", swap("among participating groups", "in the region", 99)),
    ("PAGE_LABEL_MISSING", swap(">Words that suggest burnout<", ">Burnout<")),
    ("PAGE_LABEL_MISSING", swap("<header>", "<header><p>Made-up data.</p>")),
    ("PAGE_LIMITS_MISSING", without_section("limits")),
    ("PAGE_LIMITS_MISSING", without_section("must-not")),
    ("PAGE_LIMITS_MISSING", without_section("meaning")),
    ("PAGE_LIMITS_MISSING", without_section("protection")),
    ("PAGE_LIMITS_MISSING", without_section("method")),
    ("PAGE_LIMITS_MISSING", swap("Do not compare the regions", "Compare the regions")),
    ("PAGE_LIMITS_MISSING", swap("It is <strong>not</strong> a per cent", "It is a per cent")),
    ("PAGE_CONTACT_MISSING", swap("team@example.org", "", 99)),
    ("PAGE_CONTROLLER_MISSING", swap("University of Somewhere", "", 99)),
    ("PAGE_SPONSOR_MISSING", swap("Fund for Care Research", "", 99)),
    ("PAGE_LAWFUL_BASIS_MISSING", swap("a task in the public interest", "a task", 99)),
    ("PAGE_COMPLAINTS_MISSING", swap("Write to the registrar", "Do not write", 99)),
    ("PAGE_LICENCE_MISSING", swap("Open Government Licence v3.0", "", 99)),
    ("PAGE_LICENCE_MISSING", swap("staffing, management or labour relations", "bad things", 99)),
    ("PAGE_CITATION_MISSING", swap("Words in care workers’ groups", "Words", 99)),
    ("PAGE_DAY_WRONG", swap("Days up to 30 October", "Days up to 31 October")),
    ("PAGE_DAY_WRONG", swap("Next update: 4 November 2026", "Next update: 5 November 2026")),
    ("PAGE_DAY_WRONG", swap("Page made on 3 November", "Page made on 4 November")),
    ("PAGE_REQUESTS_OUTSIDE", swap("</main>", '<img src="https://example.org/x.png"></main>')),
    ("PAGE_REQUESTS_OUTSIDE", swap('"use strict"', '"use strict";fetch("x")')),
    ("PAGE_REQUESTS_OUTSIDE", swap("default-src &#39;none&#39;", "default-src *")),
    ("PAGE_PARTS_MISSING", change(rf'<figure id="{EAST}">.*?</figure>', "")),
    ("PAGE_PARTS_MISSING", swap(f'id="{EAST}"', f'id="{LONDON}"')),
    ("PAGE_PARTS_MISSING", change(r'<table data-table="values" data.*?</table>', "")),
    ("PAGE_PARTS_MISSING", in_panel(EAST, r'<path class="latest".*?/>', "")),
    ("PAGE_EVIDENCE_MISSING", change(r', <a href="evidence\.html#[^>]*>.*?</a>', "")),
    ("PAGE_EVIDENCE_MISSING", change(r"(evidence\.html#\w+-2026-10)-\d\d", r"\1-01")),
    ("PAGE_SENTENCE_CONTRADICTS", in_panel(RISEN, "Higher than", "Lower than")),
    (
        "PAGE_SENTENCE_CONTRADICTS",
        in_panel(RISEN, r"Higher than four weeks ago.*?\.", "No change."),
    ),
    ("PAGE_SENTENCE_CONTRADICTS", in_panel(EAST, r"No change beyond chance in", "Higher than")),
    ("PAGE_SENTENCE_CONTRADICTS", in_panel(LONDON, "risen to", "fallen to")),
    ("PAGE_SENTENCE_CONTRADICTS", in_panel(RISEN, r"a change of 0\.\d", "a change of 0.9")),
    ("PAGE_SENTENCE_CONTRADICTS", in_panel(RISEN, r"more than chance from 0\.\d", r"\g<0>9")),
    (
        "PAGE_SENTENCE_CONTRADICTS",
        in_panel(LONDON, r"below that by \d+ \w+", "below that by 8 Sep"),
    ),
    ("PAGE_SENTENCE_CONTRADICTS", in_panel(LONDON, "already below that", "already above that")),
    ("PAGE_SENTENCE_CONTRADICTS", change(r"Of 1,440 forecast values.*?\.</p>", f"{NONE_DUE}</p>")),
    ("PAGE_SENTENCE_CONTRADICTS", swap("Of 1,440 forecast", f"{NONE_DUE} Of 1,440 forecast")),
    ("PAGE_NUMBER_UNKNOWN", swap("Of 1,440 forecast", "Of 1,441 forecast")),
    ("PAGE_NUMBER_UNKNOWN", swap("1,128 lay inside", "1,368 lay inside")),
    ("PAGE_NUMBER_UNKNOWN", swap("1,368 lay inside", "1,440 lay inside")),
    ("PAGE_LIMITS_MISSING", swap("Of 1,440 forecast values", "Nearly all forecast values")),
    ("PAGE_LIMITS_MISSING", without_section("forecasts")),
    (
        "PAGE_LIMITS_MISSING",
        change(r'(<p class="not-compared">.*?</p>)(.*?<ul class="key")', r"\2"),
    ),
    (
        "PAGE_SENTENCE_CONTRADICTS",
        in_panel(LONDON, r"a true change of 0\.\d\d", "a true change of 0.00"),
    ),
    ("PAGE_SENTENCE_UNKNOWN", in_panel(LONDON, r" It had risen.*?than chance\.", "")),
    ("PAGE_SENTENCE_UNKNOWN", in_panel(EAST, r"No change beyond chance", "No change")),
    ("PAGE_SENTENCE_UNKNOWN", in_panel(LONDON, r"95 times of\s+100", "99 times of 100")),
    ("PAGE_NUMBER_UNKNOWN", in_panel(LONDON, r"Latest 7-day mean: 0\.\d\d", r"\g<0>9")),
    ("PAGE_NUMBER_UNKNOWN", in_panel(EAST, r"latest 0\.\d\d", r"\g<0>9")),
    ("PAGE_NUMBER_UNKNOWN", in_panel(EAST, r"80% range 0\.\d\d\d", "80% range 0.999")),
    ("PAGE_NUMBER_UNKNOWN", change(r"<td>0\.\d\d\d ±", "<td>0.987 ±")),
    ("PAGE_NUMBER_UNKNOWN", change(r"± 0\.\d\d\d", "± 0.001")),
    (
        "PAGE_NUMBER_UNKNOWN",
        change(r"\+1, 6 Nov 2026</th><td>0\.\d\d\d", r"+1, 6 Nov 2026</th><td>0.9"),
    ),
    (
        "PAGE_NUMBER_UNKNOWN",
        swap("What this must not be used for</h2>", "x</h2><p>0.123</p>" + 90 * "x"),
    ),
    ("PAGE_DRAWING_WRONG", in_panel(EAST, r'(class="line" d="M\d+) \d+', r"\1 1")),
    ("PAGE_DRAWING_WRONG", in_panel(EAST, r'(class="latest" d="M\d+) \d+', r"\1 999")),
    ("PAGE_DRAWING_WRONG", in_panel(EAST, r'(class="forecast" d="M\d+) \d+', r"\1 1")),
    ("PAGE_DRAWING_WRONG", in_panel(EAST, r'data-values="\d+', 'data-values="999')),
    ("PAGE_DRAWING_WRONG", in_panel(EAST, r'data-high="0\.\d', 'data-high="0.9')),
    ("PAGE_WORDS_FORBIDDEN", in_panel(RISEN, "by more than chance", "due to the strike")),
    (
        "PAGE_WORDS_FORBIDDEN",
        in_panel(EAST, r"</figcaption>", "<p>Worse than London</p></figcaption>"),
    ),
    (
        "PAGE_WORDS_FORBIDDEN",
        in_panel(EAST, r"</figcaption>", "<p>21% of workers</p></figcaption>"),
    ),
]


@pytest.mark.parametrize(("code", "spoil"), MUTANTS, ids=[f"{at}" for at in range(len(MUTANTS))])
def test_a_changed_page_is_refused(released, code, spoil):
    page, lines, facts = released
    spoiled = spoil(page)
    with pytest.raises(PublicationError) as caught:
        check_page(spoiled, lines, facts)
    assert caught.value.code in CATALOGUE
    # The first of all that is wrong is the one that is raised.
    assert code == caught.value.code or code in faults(spoiled, lines, facts)


def test_there_are_mutants_of_every_code():
    at = list(CATALOGUE).index("PAGE_REQUESTS_OUTSIDE")
    codes = {code for code in list(CATALOGUE)[at:] if code.startswith("PAGE_")}
    assert {code for code, _ in MUTANTS} == codes
    assert len(MUTANTS) >= 30


OF_REGISTER = {
    "controller": "PAGE_CONTROLLER_MISSING",
    "sponsor": "PAGE_SPONSOR_MISSING",
    "lawful_basis": "PAGE_LAWFUL_BASIS_MISSING",
    "complaints": "PAGE_COMPLAINTS_MISSING",
    "licence": "PAGE_LICENCE_MISSING",
    "citation": "PAGE_CITATION_MISSING",
}


@pytest.mark.parametrize(
    ("names", "said"),
    [
        *(((name,), "") for name in OF_REGISTER),
        (OF_REGISTER, "TODO"),
        (OF_REGISTER, "not decided yet"),
    ],
)
def test_a_study_needs_what_its_register_says(tables, released, names, said):
    _, lines, facts = released
    words = dataclasses.replace(facts.words, **dict.fromkeys(names, said))
    facts = dataclasses.replace(facts, words=words)
    page = render_page(*tables, facts)
    assert sorted(faults(page, lines, facts)) == sorted(OF_REGISTER[name] for name in names)
    made_up = made_pages.facts(words=words)
    found = list(faults(render_page(*tables, made_up), lines, made_up))
    # What is not made up does not stand on a page of made-up data.
    assert set(found) == {code for one, code in OF_REGISTER.items() if getattr(words, one)}


@pytest.mark.parametrize("contact", ["", "The study team (contact not yet set in home.yaml)"])
def test_a_study_needs_a_contact(tables, released, contact):
    _, lines, facts = released
    facts = dataclasses.replace(facts, contact=contact)
    page = render_page(*tables, facts)
    assert list(faults(page, lines, facts)) == ["PAGE_CONTACT_MISSING"]
    facts = made_pages.facts(contact=contact)
    assert list(faults(render_page(*tables, facts), lines, facts)) == []


def test_a_page_on_which_no_forecast_came_due_says_no_more():
    tables = made_pages.tables(60)
    facts = made_pages.facts(hit_rates={}, hit_rates_by_week={})
    page, lines = render_page(*tables, facts), lines_of(*tables, facts)
    assert NONE_DUE in page
    assert list(faults(page, lines, facts)) == []
    claimed = page.replace(NONE_DUE, past_forecasts_in_words([HitRate(10, 8, 10, 0.1, 0.1)]))
    assert list(faults(claimed, lines, facts)) == ["PAGE_SENTENCE_CONTRADICTS"]


def test_a_made_up_graph_without_its_mark_is_refused():
    tables, facts = made_pages.tables(60), made_pages.facts()
    page, lines = render_page(*tables, facts), lines_of(*tables, facts)
    assert list(faults(page, lines, facts)) == []
    bare = page.replace(">made-up data</text>", "></text>", 1)
    assert list(faults(bare, lines, facts)) == ["PAGE_LABEL_MISSING"]


@pytest.mark.parametrize("days", [3, 400])
def test_a_page_as_it_is_made_passes(days):
    tables, facts = made_pages.tables(days, marks=days > 30), made_pages.facts()
    lines = lines_of(*tables, facts)
    for span in SPANS:
        page = render_page(*tables, facts, span)
        assert list(faults(page, lines, facts, span)) == [], span


def test_a_page_without_a_value_or_with_a_third_region_passes():
    regions = {**made_pages.REGIONS, "wales": "Wales & <Marches>"}
    published, forecasts = made_pages.tables(60, regions=regions)
    facts = made_pages.facts(regions=regions, daily_dots=True)
    for rows in (published, published.iloc[:0]):
        ahead = forecasts if len(rows) else forecasts.iloc[:0]
        page = render_page(rows, ahead, facts)
        assert list(faults(page, lines_of(rows, ahead, facts), facts)) == []
    assert isinstance(published, pd.DataFrame)
