"""The page that delivers, as an admin has it on a phone: few taps, a receipt, nothing else sent."""

import importlib.resources
import json
import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pyrage
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dev_ui import PATIENCE
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from served_portal import GROUP, STATIC, served

from assets.core.modes import Mode
from orchestration.portal.app import make_app
from orchestration.portal.limits import Limits
from orchestration.portal.state import Portal
from orchestration.portal.words import texts
from resources.base.clock import Clock
from resources.base.keys.signed_links import written_public
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.portal.delivery_links import DeliveryLink, link_to_deliver
from resources.stores.portal.settings import PortalSettings

pytestmark = pytest.mark.browser

IDENTITY = pyrage.x25519.Identity.generate()
KEY = Ed25519PrivateKey.generate()
TODAY = Clock().today()
FIRST = TODAY - timedelta(days=30)
SECRET = "SECRET"


def app_at(address, pieces):
    settings = PortalSettings(
        mode=Mode.SYNTHETIC,
        address=address,
        regions={"greater_london": "Greater London"},
        inbox_recipient=str(IDENTITY.to_public()),
        invitation_keys=(written_public(KEY),),
        withdrawal_keys=(written_public(KEY),),
        member_bases=(MemberBasis.OPT_IN,),
        cooling_off_days=0,
        close_after_days=7,
        notice_version="1",
        notice="Made up.",
        contact="the made-up team",
    )
    # Nothing of a delivery goes into the database.
    portal = Portal(settings, SimpleNamespace(), Clock(), pieces)
    return make_app(portal, limits=Limits(per_minute=100_000))


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with served(tmp_path_factory.mktemp("portal"), app_at) as one:
        yield one


@pytest.fixture
def phone(driver, portal):
    return as_a_phone(driver, portal)


def as_a_phone(driver, portal, width=320, height=640):
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True},
    )
    portal.sent.clear()
    driver.get_log("browser")
    return driver


def link(group=GROUP, first=FIRST, last=TODAY + timedelta(days=100), key=KEY):
    return link_to_deliver(key, DeliveryLink(group, first, last))


def chat(word="tea"):
    old = datetime.combine(FIRST - timedelta(days=20), datetime.min.time())
    new = datetime.combine(TODAY - timedelta(days=2), datetime.min.time())
    rows = [(old + timedelta(days=n), f"Ola: {SECRET}{n}") for n in range(20)]
    rows += [(new + timedelta(minutes=n), f"Ola: {word} {n}") for n in range(9)]
    return "".join(f"{when:%d/%m/%Y, %H:%M} - {body}\n" for when, body in rows).encode()


def tap(phone, selector):
    WebDriverWait(phone, PATIENCE).until(
        lambda one: any(
            found.is_displayed() for found in one.find_elements(By.CSS_SELECTOR, selector)
        )
    )
    phone.find_element(By.CSS_SELECTOR, selector).click()


def said(phone, text):
    # The page may put another in its place while it is read.
    ignored = (StaleElementReferenceException,)
    WebDriverWait(phone, PATIENCE, ignored_exceptions=ignored).until(
        lambda one: text in one.find_element(By.ID, "said").text, text
    )


def received(phone):
    WebDriverWait(phone, PATIENCE).until(
        lambda one: one.find_element(By.ID, "receipt").is_displayed()
    )
    return phone.find_element(By.ID, "receipt").text


def no_fault(phone):
    """Axe, width and the console's word on the page as it stands."""
    axe = importlib.resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    phone.execute_script(axe)
    faults = phone.execute_async_script(
        "const done = arguments[0]; axe.run(document).then((found) => done("
        "found.violations.map((one) => [one.id, one.nodes.map((node) => node.html)])))"
    )
    assert faults == []
    assert phone.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
    assert phone.get_log("browser") == []


def plain_bytes_sent(portal, *words):
    everything = b"".join(
        method.encode() + path.encode() + body for method, path, body in portal.sent
    )
    return [word for word in words if word.encode() in everything]


def test_two_taps_after_choosing_deliver_and_tell_when_it_goes(phone, portal, tmp_path):
    before = len(portal.arrived())
    path = tmp_path / f"{SECRET}.txt"
    path.write_bytes(chat())
    phone.get(f"{portal.url}/d/{link()}")
    no_fault(phone)
    phone.find_element(By.ID, "file").send_keys(str(path))
    said(phone, "9 messages")
    no_fault(phone)
    tap(phone, "#send")
    text = received(phone)
    assert texts()["deliver"]["receipt_more"] in text
    assert (phone.switch_to.active_element.get_attribute("id"), len(portal.arrived())) == (
        "receipt",
        before + 1,
    )
    assert not re.search("Ola|tea|9 messages", text)
    no_fault(phone)
    content = pyrage.decrypt(portal.arrived()[-1].read_bytes(), [IDENTITY]).decode()
    assert (content.count("tea"), content.count(SECRET), content.count("Ola")) == (9, 0, 10)
    assert plain_bytes_sent(portal, SECRET, "Ola", "tea 1") == []


def test_who_you_are_is_asked_and_never_leaves_the_phone_unsealed(phone, portal, tmp_path):
    when, old = TODAY - timedelta(days=2), FIRST - timedelta(days=3)
    path = tmp_path / "web.txt"
    path.write_text(
        "Messages and calls are end-to-end encrypted. Only people in this chat can read them.\n"
        f"[{old.month}/{old.day}/{old:%y}, 8:00:00 AM] Du: {SECRET}\n"
        f"[{when.month}/{when.day}/{when:%y}, 9:00:00 AM] Du: tea\n"
    )
    phone.get(f"{portal.url}/d/{link()}")
    phone.find_element(By.ID, "file").send_keys(str(path))
    said(phone, "1 message")
    assert phone.find_element(By.ID, "who_label").text == texts()["deliver"]["who"].format(you="Du")
    no_fault(phone)
    phone.find_element(By.ID, "you").send_keys("Grace Okafor\n")
    received(phone)
    newest = max(portal.arrived(), key=lambda one: one.name)
    content = pyrage.decrypt(newest.read_bytes(), [IDENTITY])
    assert b'{"written":"Grace Okafor"}' in content
    assert SECRET.encode() not in content
    assert plain_bytes_sent(portal, "Grace", "Okafor", "tea", SECRET) == []
    kept = phone.execute_script("return JSON.stringify(localStorage)")
    assert "Grace" not in kept


def test_of_a_telegram_account_one_group_is_delivered_and_no_word_leaves_unsealed(
    phone, portal, tmp_path
):
    when = datetime.combine(TODAY - timedelta(days=2), datetime.min.time())

    def group(name: str) -> dict[str, Any]:
        days = [when - timedelta(days=40), when]
        messages = [
            {"id": n, "type": "message", "date": day.isoformat(), "from": "Ola Berg", "text": text}
            for n, (day, text) in enumerate(zip(days, (SECRET, f"tea in {name}"), strict=True))
        ]
        return {"name": name, "type": "private_group", "id": 1, "messages": messages}

    path = tmp_path / "result.json"
    held = {"chats": {"list": [group("Nights/Rota"), group("Days")]}}
    path.write_text(json.dumps(held, indent=1))
    phone.get(f"{portal.url}/d/{link()}")
    phone.find_element(By.ID, "file").send_keys(str(path))
    WebDriverWait(phone, PATIENCE).until(
        lambda one: one.find_element(By.ID, "chats").is_displayed()
    )
    assert phone.find_element(By.ID, "chats").text.split("\n")[1:] == ["Nights/Rota", "Days"]
    phone.find_elements(By.CSS_SELECTOR, "#chats input")[1].send_keys(" ")
    said(phone, "1 message")
    assert not phone.find_element(By.ID, "who").is_displayed()
    tap(phone, "#send")
    received(phone)
    newest = max(portal.arrived(), key=lambda one: one.name)
    content = json.loads(pyrage.decrypt(newest.read_bytes(), [IDENTITY]))
    assert content["name"] == "Days"
    assert [one["text"] for one in content["messages"]] == ["", "tea in Days"]
    assert plain_bytes_sent(portal, SECRET, "Ola", "tea", "Nights", "Days") == []


def test_what_can_not_be_delivered_says_why_and_sends_nothing(phone, portal, tmp_path):
    path = tmp_path / "old.txt"
    path.write_bytes(chat().split(b"Ola: tea")[0].rpartition(b"\n")[0] + b"\n")
    phone.get(f"{portal.url}/d/{link()}")
    phone.find_element(By.ID, "file").send_keys(str(path))
    said(phone, texts()["deliver"]["why"]["NOTHING_NEW"])
    assert not phone.find_element(By.ID, "send").is_displayed()
    assert [one for one in portal.sent if one[0] == "POST"] == []
    no_fault(phone)


def test_offline_during_the_upload_it_waits_and_goes_on(phone, portal, tmp_path):
    path = tmp_path / "chat.txt"
    path.write_bytes(chat())
    phone.get(f"{portal.url}/d/{link()}")
    phone.find_element(By.ID, "file").send_keys(str(path))
    said(phone, "9 messages")
    before = len(portal.arrived())
    phone.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    phone.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    tap(phone, "#send")
    said(phone, texts()["deliver"]["sending"])
    assert len(portal.arrived()) == before
    phone.execute_cdp_cmd("Network.emulateNetworkConditions", offline | {"offline": False})
    received(phone)
    assert len(portal.arrived()) == before + 1


def test_of_several_chats_one_is_chosen_by_keyboard(phone, portal, tmp_path):
    import zipfile

    path = tmp_path / "chats.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("WhatsApp Chat with Rota.txt", chat("rota"))
        archive.writestr("WhatsApp Chat with Nights.txt", chat("nights"))
        archive.writestr("IMG-1.jpg", SECRET)
    phone.get(f"{portal.url}/d/{link()}")
    phone.find_element(By.ID, "file").send_keys(str(path))
    WebDriverWait(phone, PATIENCE).until(
        lambda one: one.find_element(By.ID, "chats").is_displayed()
    )
    assert phone.find_element(By.ID, "chats").text.split("\n")[1:] == [
        "WhatsApp Chat with Rota",
        "WhatsApp Chat with Nights",
    ]
    no_fault(phone)
    phone.find_elements(By.CSS_SELECTOR, "#chats input")[1].send_keys(" ")
    said(phone, "9 messages")
    phone.find_element(By.ID, "send").send_keys("\n")
    received(phone)
    newest = max(portal.arrived(), key=lambda one: one.name)
    assert b"nights 1" in pyrage.decrypt(newest.read_bytes(), [IDENTITY])
    assert plain_bytes_sent(portal, "Rota", "Nights", SECRET) == []


def test_without_script_it_says_that_delivering_needs_it(phone, portal):
    phone.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        phone.get(f"{portal.url}/d/{link()}")
        text = phone.find_element(By.TAG_NAME, "main").text
        assert texts()["deliver"]["no_script"] in text
        assert not phone.find_element(By.ID, "deliver").is_displayed()
    finally:
        phone.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_every_step_has_its_picture_in_words_too(phone, portal):
    phone.get(f"{portal.url}/d/{link()}")
    words = texts()["deliver"]
    steps = phone.find_elements(By.CSS_SELECTOR, ".steps li")
    assert [one.text for one in steps] == words["android"] + words["ios"]
    pictures = [one.find_element(By.CSS_SELECTOR, "svg[role=img]") for one in steps]
    told = words["android_pictures"] + words["ios_pictures"]
    assert [one.accessible_name for one in pictures] == told
    for theme in ("dark", "light"):
        wanted = [{"name": "prefers-color-scheme", "value": theme}]
        phone.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})
        ring = pictures[0].find_element(By.CSS_SELECTOR, ".spot").value_of_css_property("stroke")
        paper = phone.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")
        assert ring != paper
        no_fault(phone)
    phone.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_every_reason_has_words():
    written = "".join(one.read_text("utf-8") for one in (STATIC / "delivery").glob("*.js"))
    named = set(re.findall(r'Refused\("([A-Z_0-9]+)"\)', written))
    platforms = set(re.findall(r'^  \["([a-z_]+)", ', written, re.MULTILINE))
    assert {"signal", "telegram"} < platforms
    named |= {f"OF_{one.upper()}" for one in platforms - {"telegram", "canonical"}}
    assert named <= set(texts()["deliver"]["why"])


@pytest.mark.parametrize(
    "given",
    [
        {"key": Ed25519PrivateKey.generate()},
        {"first": TODAY + timedelta(days=2)},
        {"last": TODAY - timedelta(days=1)},
    ],
    ids=["forged", "too early", "ended"],
)
def test_a_link_that_does_not_hold_delivers_nothing(portal, given):
    page = f"{portal.url}/d/{link(**given)}"
    before = sorted(portal.pieces.rglob("*"))
    assert [requests.get(page).status_code, requests.post(f"{page}/pieces").status_code] == [
        403,
        403,
    ]
    assert sorted(portal.pieces.rglob("*")) == before


def test_what_is_not_sealed_or_too_large_is_not_taken(portal):
    pieces = f"{portal.url}/d/{link()}/pieces"
    own = f"{pieces}/{requests.post(pieces).json()['id']}"
    for body, status in ((chat(), 415), (b"age" * (1 << 20), 413)):
        assert requests.post(f"{own}?offset=0", data=body).status_code == status
    assert requests.post(f"{own}?offset=-1", data=b"").status_code == 400
    assert requests.get(own).json() == {"received": 0}
    other = f"{portal.url}/d/{link(group='g-ffffffff')}/pieces/{own.rpartition('/')[2]}"
    assert requests.get(other).status_code == 404
