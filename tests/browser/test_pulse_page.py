"""A member answers the six items in a browser of 320 pixels, by keyboard, and without script."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from dev_ui import PATIENCE
from made_portal import made_portal
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from test_portal import Phone, gone

from assets.core.pulse_instrument import ITEMS
from resources.base.database.tables.pulse import PULSE_BYTES
from resources.stores.requests.matching import group_code
from resources.stores.requests.receipts import plain_code
from resources.stores.study.gate import asked_in_pulse
from resources.stores.study.made_up import write_made_up_register

pytestmark = pytest.mark.browser


@pytest.fixture
def asked(session, clock):
    clock.moment = datetime.now(UTC)
    write_made_up_register(session.home, session.home.config.first_day, pulse=True)
    return asked_in_pulse(session.home, clock.today())


@pytest.fixture
def code(session):
    return plain_code(group_code(session.members.marker("g-00000001")))


@pytest.mark.parametrize("script", [True, False])
def test_a_member_answers(driver, session, asked, code, script) -> None:
    with made_portal(session, pulse=asked) as served:
        phone = Phone(driver, script=script)
        # By the one link that the notice has.
        phone.open(f"{served.settings.address}/m/{code}")
        phone.send("a.link[href^='/p']")
        phone.looks_right()
        assert asked.instrument in driver.find_element(By.TAG_NAME, "main").text
        # What all items ask stands there once, in view beside each, and is said with each.
        stem = driver.find_element(By.CLASS_NAME, "stem")
        assert driver.page_source.count(asked.question) == 1
        items = driver.find_elements(By.TAG_NAME, "fieldset")
        for item, one in zip(items, asked.items, strict=True):
            assert item.accessible_name == f"{asked.question} {one.text}"
        places = [0, 1, 2, 3, 4, 0]
        for number, place in enumerate(places):
            phone.tap(f"input[name='item{number}'][value='{place}']")
            assert beside(driver, stem, items[number])
        phone.send()
        phone.looks_right()
        assert driver.find_element(By.TAG_NAME, "h1").text == "Thank you"
        # The link, the page, one for each item, the button.
        assert phone.taps <= 3 + ITEMS
        (one,) = session.resources["answer_book"].opened()
        assert one.answer is not None
        assert (plain_code(one.answer.group), one.answer.chosen) == (code, tuple(places))
        assert one.answer.instrument == asked.digest()


def beside(driver, stem, item):
    """Whether both are in view, the stem above."""
    screen = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssVisualViewport"]
    top = stem.rect["y"]
    chosen = item.find_element(By.CSS_SELECTOR, ":checked").rect["y"]
    return screen["pageY"] <= top < chosen < screen["pageY"] + screen["clientHeight"]


def test_by_keyboard_alone_and_only_sealed_bytes_leave_the_browser(
    driver, session, asked, code
) -> None:
    with made_portal(session, pulse=asked) as served:
        phone = Phone(driver, script=True)
        driver.get_log("performance")
        phone.open(f"{served.settings.address}/p/{code}")
        # What is missing is said by the browser itself, and nothing is sent.
        phone.tap("button")
        assert session.resources["answer_book"].opened() == []
        driver.find_element(By.CSS_SELECTOR, "input[name='item0']").send_keys(Keys.SPACE)
        for number in range(ITEMS):
            driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
            chosen = driver.find_element(By.CSS_SELECTOR, f"input[name='item{number}']:checked")
            assert chosen == driver.switch_to.active_element
            if number + 1 < ITEMS:
                chosen.send_keys(Keys.TAB)
        before = driver.find_element(By.TAG_NAME, "html")
        driver.switch_to.active_element.send_keys(Keys.ENTER)
        WebDriverWait(driver, PATIENCE).until(lambda _: gone(before))
        phone.looks_right()
        (one,) = session.resources["answer_book"].opened()
        assert one.answer is not None
        assert set(one.answer.chosen) <= {0, 1}
        sent = [json.loads(line["message"])["message"] for line in driver.get_log("performance")]
        (posted,) = [
            one["params"]["request"]["postData"]
            for one in sent
            if one["method"] == "Network.requestWillBeSent"
            and one["params"]["request"]["method"] == "POST"
        ]
        ((name, (written,)),) = parse_qs(posted).items()
        assert (name, len(written)) == ("sealed", -(-PULSE_BYTES * 4 // 3))
