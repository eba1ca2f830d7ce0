"""How long granting and objecting take by the keystroke-level model: an estimate, nobody was timed.

`pytest -rP` on this file shows the counts and seconds of each way.
"""

import sys
from datetime import UTC, datetime

import pytest
from dev_ui import PATIENCE
from keystroke_model import SECONDS, Operator, Walk
from made_portal import day, made_portal
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from orchestration.portal.words import texts
from resources.stores.requests.matching import group_code
from resources.stores.requests.receipts import plain_code

pytestmark = pytest.mark.browser

MOST_TO_GRANT, MOST_TO_OBJECT = 180, 120
"""Seconds; the first without reading, the second with all of it."""


@pytest.fixture
def portal(session, clock):
    clock.moment = datetime.now(UTC)
    with made_portal(session) as served:
        yield served


def arrives_at(driver, title):
    # The page may put another heading in place while this one is read.
    ignored = (StaleElementReferenceException,)
    WebDriverWait(driver, PATIENCE, ignored_exceptions=ignored).until(
        lambda one: one.find_element(By.TAG_NAME, "h1").text == title
    )


def test_an_admin_grants(driver, portal):
    made, link = portal.invitation()
    walk = Walk(driver)
    walk.open(link)
    walk.read(without=".notice")
    walk.tap("[name=adult_workplace]")
    walk.choose("#sector", "care_home")
    # A week before, so that it may be another month; and the longest that there is.
    walk.pick("#informed_on", day(-8), day(0))
    walk.tap("[name=manages_members][value=no]")
    walk.tap("[name=member_basis][value=opt_in]")
    for scope in ("trend_lines", "surveys"):
        walk.tap(f"[name=scopes][value={scope}]")
    walk.tap("[name=rhythm][value=daily]")
    walk.pick("#valid_until", day(364), day(0))
    walk.tap("[name=attested]")
    walk.send("main button")
    arrives_at(driver, texts()["receipt"]["title"])
    # Whoever stops here has lost the way out.
    walk.tap("[data-keep=copy]")
    sys.stdout.write(f"{walk.told()}\n")
    assert portal.take_over() == [(made.group_ref, "TAKEN")]
    assert walk.counts[Operator.TOUCH] >= 20
    assert 30 < walk.seconds(0) <= MOST_TO_GRANT


def test_a_member_objects(driver, session, portal):
    code = plain_code(group_code(session.members.marker("g-00000001")))
    walk = Walk(driver)
    walk.open(f"{portal.settings.address}/m/{code}")
    walk.read(before="details:first-of-type summary")
    walk.tap("details:first-of-type summary")
    shown = "details:first-of-type form"
    walk.read("details[open]", before=f"{shown} button", without="summary")
    walk.type("#object-name", "Quastorp Zephyrine", Operator.LETTER)
    walk.type("#object-number", "07700 900987", Operator.DIGIT)
    walk.send(f"{shown} button")
    arrives_at(driver, texts()["members"]["receipt"]["title"])
    walk.read()
    # A picture of the screen, as the page says.
    walk.counts += {Operator.THINK: 1, Operator.POINT: 1, Operator.TOUCH: 1}
    sys.stdout.write(f"{walk.told()}\n")
    assert len(list(session.resources["request_book"].opened())) == 1
    assert walk.counts[Operator.WORD] > 100
    assert 30 < walk.seconds() <= MOST_TO_OBJECT


def test_the_model_has_a_time_for_each_operator():
    assert set(SECONDS) == set(Operator)
    assert all(one > 0 for one in SECONDS.values())
