"""A member objects in a browser as narrow as a small phone, sealed there; also without script."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from dev_ui import PATIENCE
from made_portal import SECONDS, MadePortal, made_portal
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from test_portal import SMALLEST_TARGET, Phone, at_the_slip

from orchestration.portal.limits import Limits
from orchestration.portal.words import texts
from resources.base.database.tables.requests import SEALED_BYTES
from resources.stores.requests.matching import group_code
from resources.stores.requests.member_request import Asks
from resources.stores.requests.receipts import check_letter, plain_code

pytestmark = pytest.mark.browser

TARGETS = """
return [...document.querySelectorAll('button, summary, textarea, input:not([type=hidden]), a.link')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < arguments[0])
  .map((one) => one.outerHTML);
"""
MOST_TAPS = 4
"""The link, what to do, the field, the button."""

EARLIER = "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF"
NAME = "Zoë <b>Quastorp</b>"
TYPED: dict[Asks, dict[str, str]] = {
    Asks.OBJECT: {"name": "Quastorp Zephyrine", "number": "07700 900987"},
    Asks.TAKE_BACK: {"earlier": f"{EARLIER}-{check_letter(EARLIER.replace('-', ''))}"},
    Asks.OPT_IN: {"name": "Quastorp"},
    Asks.COMPLAIN: {"text": "grumblewort " * 120, "contact": "quastorp@example.org"},
    Asks.QUESTION: {"text": "?"},
}
WORDS = ("quastorp", "zephyrine", "900987", "grumblewort", "example.org", "aaaa-bbbb", "question")


@dataclass
class Proxy:
    """Stands between browser and portal, as a proxy that ends TLS does, and keeps what it sees."""

    app: Any = None
    seen: list[dict[str, Any]] = field(default_factory=list)

    def before(self, app: Any) -> "Proxy":
        self.app = app
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        one = {"what": (scope["method"], scope["path"]), "headers": scope["headers"]}
        one |= {"body": b"", "answered": [], "answer": b""}
        self.seen.append(one)

        async def received() -> Any:
            message = await receive()
            one["body"] += message.get("body", b"")
            return message

        async def sent(message: Any) -> None:
            one["answer"] += message.get("body", b"")
            one["answered"] += message.get("headers", [])
            await send(message)

        await self.app(scope, received, sent)

    def requests(self) -> list[dict[str, Any]]:
        return [one for one in self.seen if one["what"][0] == "POST"]


@pytest.fixture
def proxy() -> Proxy:
    return Proxy()


@pytest.fixture
def portal(session, clock, proxy) -> Iterator[MadePortal]:
    clock.moment = datetime.now(UTC)
    with made_portal(session, behind=proxy.before) as served:
        yield served


@pytest.fixture
def link(portal) -> str:
    return link_in(portal)


def link_in(portal: MadePortal) -> str:
    code = plain_code(group_code(portal.session.members.marker("g-00000001")))
    return f"{portal.settings.address}/m/{code}"


def shown_code(driver: Any) -> str:
    found = WebDriverWait(driver, PATIENCE).until(
        lambda one: one.find_elements(By.CSS_SELECTOR, "main > p strong.code")
    )
    return found[0].text


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_member_objects_and_looks_how_it_stands(driver, session, portal, link, script) -> None:
    phone = Phone(driver, script=script)
    phone.open(link)
    phone.looks_right()
    phone.tap("details:first-of-type summary")
    phone.looks_right()
    if script:
        assert driver.execute_script(TARGETS, SMALLEST_TARGET) == []
    phone.tap("#object-name")
    driver.switch_to.active_element.send_keys(NAME)
    phone.tap("details[open] button")
    receipt = shown_code(driver)
    phone.looks_right()
    assert driver.find_element(By.TAG_NAME, "h1").text == "Received"
    assert (
        "the program acts on it when it runs next" in driver.find_element(By.TAG_NAME, "main").text
    )
    assert "complaint" not in driver.find_element(By.TAG_NAME, "main").text
    assert phone.taps <= MOST_TAPS
    (one,) = session.resources["request_book"].opened()
    assert one.request.receipt == receipt
    assert one.request.name == NAME
    assert plain_code(one.request.group) == link.rpartition("/")[2]
    phone.send("a.link[href='/m/receipt']")
    phone.looks_right()
    driver.find_element(By.ID, "code").send_keys(receipt.lower())
    phone.send()
    phone.looks_right()
    assert driver.find_element(By.TAG_NAME, "h1").text == "Nothing new yet"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_by_keyboard_alone_what_is_wrong_is_said(driver, portal, proxy, script) -> None:
    phone = Phone(driver, script=script)
    phone.open(f"{portal.settings.address}/m")
    driver.find_element(By.CSS_SELECTOR, "summary").send_keys("\n")
    field = driver.find_element(By.ID, "object-name")
    if script:
        field.send_keys("Ama\n")
    else:
        phone.type_and_send("#object-name", "Ama")
    wrong = "details[open] .wrong"
    WebDriverWait(driver, PATIENCE).until(lambda one: one.find_elements(By.CSS_SELECTOR, wrong))
    assert "16 letters" in driver.find_element(By.CSS_SELECTOR, wrong).text
    if script:
        # Looked at in the browser: nothing was sent.
        assert proxy.requests() == []
        assert driver.switch_to.active_element.get_attribute("id") == "object-group"
    else:
        at_the_slip(driver, "group", "object-")
    phone.looks_right()


def test_on_the_way_all_that_members_ask_is_of_one_length_and_sealed(
    driver, session, portal, proxy, link
) -> None:
    phone = Phone(driver, script=True)
    codes = {}
    for asks, typed in TYPED.items():
        driver.get(link)
        form = f"details:has([name=asks][value={asks.value}])"
        driver.find_element(By.CSS_SELECTOR, f"{form} summary").click()
        for name, text in typed.items():
            driver.find_element(By.ID, f"{asks.value}-{name}").send_keys(text)
        driver.find_element(By.CSS_SELECTOR, f"{form} button").click()
        codes[asks] = shown_code(driver)
        phone.looks_right()
    found = {one.request.asks: one.request for one in session.resources["request_book"].opened()}
    for asks, typed in TYPED.items():
        assert found[asks].receipt == codes[asks]
        for name, text in typed.items():
            assert getattr(found[asks], name) == text.strip()
    sent = proxy.requests()
    assert len(sent) == len(TYPED)
    for alike in (
        {one["what"] for one in sent},
        {len(one["body"]) for one in sent},
        {tuple(sorted(one["headers"])) for one in sent},
        {one["answer"] for one in sent},
        {tuple(sorted(h for h in one["answered"] if h[0] != b"date")) for one in sent},
    ):
        assert len(alike) == 1
    for one in proxy.seen:
        sealed = parse_qs(one["body"].decode()).get("sealed", [""])[0]
        frame = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        assert len(frame) in {0, SEALED_BYTES}
        everything = b"".join((one["body"], frame, *sum(one["headers"], ()))).lower()
        words = [*WORDS, *(each.value for each in Asks), *codes.values()]
        words += [code.replace("-", "") for code in codes.values()]
        assert not [word for word in words if word.lower().encode() in everything]


def test_who_cannot_seal_or_is_not_answered_is_told_and_gets_through(
    driver, session, portal, proxy, link
) -> None:
    phone = Phone(driver, script=True)
    driver.get(link)
    driver.execute_script("document.getElementById('sealing').dataset.recipient = 'age1none'")
    driver.find_element(By.CSS_SELECTOR, "summary").click()
    driver.find_element(By.ID, "object-name").send_keys("Ama")
    driver.find_element(By.CSS_SELECTOR, "details[open] button").click()
    WebDriverWait(driver, PATIENCE).until(lambda one: one.find_elements(By.ID, "said"))
    assert "could not seal" in driver.find_element(By.ID, "said").text
    assert proxy.requests() == []
    phone.looks_right()
    phone.send("details[open] button")
    shown_code(driver)
    assert [one.request.name for one in session.resources["request_book"].opened()] == ["Ama"]


def test_whose_workplace_asked_too_often_is_told_what_to_do(driver, session, clock) -> None:
    clock.moment = datetime.now(UTC)
    with made_portal(session, Limits(requests_per_hour=1)) as portal:
        asked = {"asks": "question", "text": "what"}
        first = requests.post(f"{portal.settings.address}/m", asked, timeout=SECONDS)
        assert first.status_code == 200
        driver.get(link_in(portal))
        driver.find_element(By.CSS_SELECTOR, "summary").click()
        driver.find_element(By.ID, "object-name").send_keys("Ama")
        driver.find_element(By.CSS_SELECTOR, "details[open] button").click()
        WebDriverWait(driver, PATIENCE).until(lambda one: one.find_elements(By.ID, "said"))
    assert driver.find_element(By.ID, "said").text == texts()["often"]["members"]
    # The browser says so itself, and nothing else.
    assert {"429" in one["message"] for one in driver.get_log("browser")} == {True}
