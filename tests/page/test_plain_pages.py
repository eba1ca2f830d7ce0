"""The pages of words alone: what they say, and whom they lead to."""

import made_pages
import pytest

from assets.core.modes import Mode
from assets.public.page.page_reader import read_page
from assets.public.page.plain_pages import PLAIN_PAGES, plain_page

LONGEST_SENTENCE = 30


def read(name, **facts):
    return read_page(plain_page(name, made_pages.facts(**facts)))


@pytest.mark.parametrize("name", PLAIN_PAGES)
@pytest.mark.parametrize(("mode", "made_up"), [(Mode.SYNTHETIC, True), (Mode.STUDY, False)])
def test_each_is_labelled_and_asks_nobody(name, mode, made_up):
    page = read(name, mode=mode)
    assert "Experimental research figures, not official statistics" in page.text
    assert ("Made-up data." in page.text) is made_up
    assert page.policy.startswith("default-src 'none'; script-src 'none';")
    assert page.scripts == []
    assert max(page.ids.values()) == 1
    outside = [one for one in page.addresses if ":" in one]
    assert set(outside) <= {"data:,", "mailto:team@example.org"}


def test_members_find_help_first_and_how_to_leave():
    page = read("members.html", mode=Mode.STUDY)
    assert page.headings[1] == "If you need help now"
    told = page.sections["help"]
    for where in ("999", "116 123", "85258", "NHS 111", "Ask your branch of the union"):
        assert where in told
    assert "Nobody reads your messages in this study" in told
    assert "object at any time" in page.sections["leave"]
    for whom in ("University of Somewhere", "team@example.org", "Write to the registrar"):
        assert whom in page.sections["ask"]


def test_members_are_spoken_to_in_short_sentences():
    for text in read("members.html", mode=Mode.STUDY).sections.values():
        sentences = text.replace("?", ".").replace(":", ".").replace("!", ".").split(". ")
        assert max(len(one.split()) for one in sentences) <= LONGEST_SENTENCE


def test_the_accessibility_statement_says_what_was_tested_what_is_not_and_how_to_complain():
    page = read("accessibility.html", mode=Mode.STUDY)
    assert "Web Content Accessibility Guidelines 2.2" in page.sections["tested"]
    assert "it can’t be called fully compliant" in page.sections["short"]
    for whom in ("team@example.org", "Write to the registrar", "Equality Advisory"):
        assert whom in page.sections["tell"]
