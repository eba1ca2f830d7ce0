"""An admin consents and withdraws in a browser as narrow as a small phone, also without script."""

import importlib.resources
from datetime import UTC, datetime

import pytest
from dev_ui import PATIENCE
from made_portal import day, made_portal
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from orchestration.portal.words import texts

pytestmark = pytest.mark.browser


SMALLEST_TARGET = 44
"""CSS pixels (WCAG 2.5.5)."""

TARGETS = """
return [...document.querySelectorAll('button, .choice, select, input[type=date], a.link')]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < arguments[0])
    .map((one) => one.outerHTML);
"""


SHARING = """
Object.defineProperty(navigator, 'share', {value: async (what) => {
    if (window.refusal) throw new DOMException('', window.refusal);
    window.wasShared = what;
}});
"""
"""A phone's list of places to share to, which this browser has not."""


@pytest.fixture
def portal(session, clock):
    clock.moment = datetime.now(UTC)
    with made_portal(session) as served:
        yield served


class Phone:
    """A browser of 320 pixels that counts taps."""

    def __init__(self, driver, *, script):
        self.driver = driver
        self.taps = 0
        self._axe = importlib.resources.files("axe_core_python").joinpath("axe.min.js")
        self._script = script
        driver.get_log("browser")
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True},
        )
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})

    def open(self, link):
        self.taps += 1
        self.driver.get(link)

    def tap(self, selector):
        self.taps += 1
        before = self.driver.find_element(By.TAG_NAME, "html")
        self.driver.find_element(By.CSS_SELECTOR, selector).click()
        return before

    def send(self, selector="button"):
        self._until_gone(self.tap(selector))

    def type_and_send(self, selector, text):
        """By keyboard alone: type, then the enter key."""
        before = self.driver.find_element(By.TAG_NAME, "html")
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys(f"{text}\n")
        self._until_gone(before)

    def _until_gone(self, before):
        WebDriverWait(self.driver, PATIENCE).until(lambda _: gone(before))

    def looks_right(self):
        """Nothing is cut off, every target is large enough, axe finds nothing, nothing is said."""
        if self._script:
            wide = "return document.documentElement.scrollWidth - innerWidth"
            assert self.driver.execute_script(wide) <= 0
            assert self.driver.execute_script(TARGETS, SMALLEST_TARGET) == []
            # By the debugger, for the page's policy lets no other script in.
            self.driver.execute_script(self._axe.read_text("utf-8"))
            found = self.driver.execute_async_script(
                """const done = arguments[0];
                axe.run(document).then((found) => done([found.passes.length,
                found.violations.map((one) => [one.id, one.nodes.map((node) => node.html)])]))"""
            )
            assert found[0] > 10
            assert found[1] == []
        assert self.driver.get_log("browser") == []


def gone(element):
    try:
        element.is_enabled()
    except Exception:  # noqa: BLE001  (several kinds, by how far the next page is)
        return True
    return False


def set_day(driver, name, value):
    """As a date picker does: type it, in the order in which this browser asks for it."""
    driver.find_element(By.ID, name).send_keys(value.strftime("%m%d%Y"))


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_admin_consents_and_withdraws_on_a_small_phone(driver, portal, script):
    made, link = portal.invitation()
    phone = Phone(driver, script=script)
    sharing = driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": SHARING})
    try:
        phone.open(link)
        phone.looks_right()
        for selector in (
            "[name=adult_workplace]",
            "[name=manages_members][value=no]",
            "[name=member_basis][value=opt_in]",
            "[name=scopes][value=trend_lines]",
            "[name=rhythm][value=weekly]" if weekly(portal) else "[name=rhythm][value=daily]",
            "[name=attested]",
            "#sector option[value=care_home]",
        ):
            phone.tap(selector)
        set_day(driver, "informed_on", day(-2))
        # A day that no browser knows to be too early: members had no time to object.
        set_day(driver, "valid_until", day(2))
        phone.send()
        at_the_slip(driver, "valid_until")
        phone.looks_right()
        set_day(driver, "wrong", day(100))
        phone.send()
        assert "we have your answer" in driver.page_source
        assert made.invitation[:12] in driver.page_source
        phone.looks_right()
        keeps_its_link(driver, script=script)
        assert portal.take_over() == [(made.group_ref, "TAKEN")]
        phone.open(link)
        assert driver.find_element(By.TAG_NAME, "h1").text == texts()["answered"]["title"]
        assert driver.find_elements(By.TAG_NAME, "form") == []
        refused_as(driver, 410)
        phone.looks_right()
        keeps_its_link(driver, script=script)

        withdrawal = driver.find_element(By.ID, "withdrawal").get_attribute("href")
        phone.taps = 0
        phone.open(withdrawal)
        phone.looks_right()
        phone.send()
        assert phone.taps <= 3
        assert "Your group is withdrawn" in driver.page_source
        phone.looks_right()
        assert not portal.session.register.consent(made.group_ref).active
    finally:
        driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", sharing)
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def refused_as(driver, status):
    """The browser says so itself, of this one page, and nothing else."""
    (said,) = driver.get_log("browser")
    assert said["source"] == "network"
    assert f"status of {status}" in said["message"]


def at_the_slip(driver, name, form=""):
    """The first field that is wrong has the focus, in view with what is said of it."""
    refused_as(driver, 400)
    field = driver.switch_to.active_element
    assert field.get_attribute("name") == name
    assert field.get_attribute("aria-invalid") == "true"
    assert driver.title.startswith(texts()["common"]["slip"])
    screen = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssVisualViewport"]
    top, bottom = screen["pageY"], screen["pageY"] + screen["clientHeight"]
    told = driver.find_element(By.ID, f"wrong-{form}{name}")
    assert top <= told.rect["y"]
    assert told.rect["y"] + told.rect["height"] <= field.rect["y"] + 1
    assert field.rect["y"] + field.rect["height"] <= bottom


def keeps_its_link(driver, *, script):
    """The withdrawal link can be copied and printed by one tap; without script it is a link."""
    link = driver.find_element(By.ID, "withdrawal")
    assert link.text == link.get_attribute("href")
    ways = {one.get_attribute("data-keep"): one for one in all_ways(driver)}
    assert {one: way.is_displayed() for one, way in ways.items()} == dict.fromkeys(
        ("share", "copy", "print"), script
    )
    if not script:
        return
    told = driver.find_element(By.ID, "kept")
    ways["share"].click()
    assert driver.execute_script("return wasShared") == {
        "title": texts()["keep"]["shared_as"],
        "url": link.text,
    }
    driver.execute_script("window.refusal = 'NotAllowedError'")
    ways["share"].click()
    WebDriverWait(driver, PATIENCE).until(lambda _: told.text == texts()["keep"]["not_shared"])
    driver.execute_script("window.print = () => { window.wasPrinted = true; }")
    driver.execute_script(
        "navigator.clipboard.writeText = (text) => { window.wasCopied = text;"
        " return Promise.resolve(); }"
    )
    ways["copy"].click()
    WebDriverWait(driver, PATIENCE).until(lambda _: told.text == texts()["keep"]["copied"])
    assert driver.execute_script("return wasCopied") == link.text
    driver.execute_script("navigator.clipboard.writeText = () => Promise.reject(new Error())")
    ways["copy"].click()
    WebDriverWait(driver, PATIENCE).until(lambda _: told.text == texts()["keep"]["marked"])
    assert driver.execute_script("return getSelection().toString()") == link.text
    ways["print"].click()
    assert driver.execute_script("return wasPrinted")


def all_ways(driver):
    return driver.find_elements(By.CSS_SELECTOR, "[data-keep]")


def weekly(portal):
    """Whether days stay open long enough for a weekly delivery."""
    return portal.settings.close_after_days >= 9
