"""A member objects in a browser as narrow as a small phone, also without script."""

from datetime import UTC, datetime

import pytest
from made_portal import made_portal
from selenium.webdriver.common.by import By
from test_portal import SMALLEST_TARGET, Phone

from resources.stores.requests.matching import group_code
from resources.stores.requests.receipts import plain_code

pytestmark = pytest.mark.browser

TARGETS = """
return [...document.querySelectorAll('button, summary, textarea, input:not([type=hidden]), a.link')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < arguments[0])
  .map((one) => one.outerHTML);
"""
MOST_TAPS = 4
"""The link, what to do, the field, the button."""


@pytest.mark.parametrize("script", [True, False])
def test_a_member_objects_and_looks_how_it_stands(driver, session, clock, script) -> None:
    clock.moment = datetime.now(UTC)
    code = plain_code(group_code(session.members.marker("g-00000001")))
    with made_portal(session) as served:
        phone = Phone(driver, script=script)
        phone.open(f"{served.settings.address}/m/{code}")
        phone.looks_right()
        phone.tap("details:first-of-type summary")
        phone.looks_right()
        if script:
            assert driver.execute_script(TARGETS, SMALLEST_TARGET) == []
        phone.tap("#object-name")
        driver.switch_to.active_element.send_keys("Zoë <b>Quastorp</b>")
        phone.send("details[open] button")
        phone.looks_right()
        assert phone.taps <= MOST_TAPS
        receipt = driver.find_element(By.CSS_SELECTOR, "strong.code").text
        (one,) = session.resources["request_book"].opened()
        assert one.request.receipt == receipt
        assert one.request.name == "Zoë <b>Quastorp</b>"
        assert plain_code(one.request.group) == code
        phone.send("a.link[href='/m/receipt']")
        phone.looks_right()
        driver.find_element(By.ID, "code").send_keys(receipt.lower())
        phone.send()
        phone.looks_right()
        assert driver.find_element(By.TAG_NAME, "h1").text == "Nothing new yet"
        # By keyboard alone: the first choice opens, and what is wrong is said.
        driver.get(f"{served.settings.address}/m")
        driver.find_element(By.CSS_SELECTOR, "summary").send_keys("\n")
        phone.type_and_send("#object-name", "Ama")
        assert "16 letters" in driver.find_element(By.CSS_SELECTOR, "details[open] .wrong").text
        # The browser itself says that the answer was a 400.
        (said,) = driver.get_log("browser")
        assert said["source"] == "network"
        phone.looks_right()
