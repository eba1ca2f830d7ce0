"""Sharing a chat to the page, as Android does, with its service worker and without one."""

import pytest
from dev_ui import PATIENCE
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from served_portal import served
from test_delivery_page import (
    SECRET,
    app_at,
    as_a_phone,
    chat,
    link,
    no_fault,
    plain_bytes_sent,
    received,
    said,
    tap,
)

from orchestration.portal.words import texts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with served(tmp_path_factory.mktemp("portal"), app_at) as one:
        yield one


@pytest.fixture
def phone(driver, portal):
    return as_a_phone(driver, portal)


def test_shared_to_the_page_it_is_kept_on_the_phone_until_sealed(phone, portal):
    phone.get(f"{portal.url}/d/{link()}")
    phone.execute_async_script(
        "const done = arguments[0]; navigator.serviceWorker.ready.then(() => done())"
    )
    WebDriverWait(phone, PATIENCE).until(
        lambda one: one.execute_script("return navigator.serviceWorker.controller !== null")
    )
    portal.sent.clear()
    before = len(portal.arrived())
    # As the share sheet does: a form is sent to where the manifest says.
    phone.execute_script(
        """const form = Object.assign(document.createElement('form'),
            { method: 'post', enctype: 'multipart/form-data', action: '/d/share' });
        const input = Object.assign(document.createElement('input'),
            { type: 'file', name: 'chat' });
        const files = new DataTransfer();
        files.items.add(new File([arguments[0]], 'WhatsApp Chat.txt', { type: 'text/plain' }));
        input.files = files.files; form.append(input);
        document.body.append(form); form.submit();""",
        chat("coffee").decode(),
    )
    said(phone, "9 messages")
    tap(phone, "#send")
    received(phone)
    assert len(portal.arrived()) == before + 1
    assert plain_bytes_sent(portal, SECRET, "Ola", "coffee", "WhatsApp Chat") == []
    assert not any("/d/share" in path for _, path, _ in portal.sent)
    phone.get(f"{portal.url}/d/{link()}?shared")
    WebDriverWait(phone, PATIENCE).until(
        lambda one: one.find_element(By.ID, "deliver").is_displayed()
    )
    assert phone.find_element(By.ID, "said").text == ""


def test_a_phone_that_lost_its_service_worker_is_told_and_has_it_again(phone, portal):
    phone.get(f"{portal.url}/d/{link()}")
    phone.execute_async_script(
        "const done = arguments[0]; navigator.serviceWorker.getRegistrations().then((all) =>"
        " Promise.all(all.map((one) => one.unregister()))).then(() => done())"
    )
    portal.sent.clear()
    # What the server answers to a share that no worker took.
    phone.get(f"{portal.url}/d/?lost")
    WebDriverWait(phone, PATIENCE).until(
        lambda one: one.find_element(By.ID, "again").is_displayed()
    )
    assert phone.find_element(By.ID, "lost").text == texts()["deliver"]["start_lost"]
    assert not phone.find_element(By.ID, "no_share").is_displayed()
    assert phone.find_element(By.ID, "which").is_displayed()
    no_fault(phone)
    assert phone.execute_async_script(
        "const done = arguments[0];"
        " navigator.serviceWorker.ready.then((one) => done(one.active !== null))"
    )


def test_a_browser_without_service_workers_says_what_to_do_instead(phone, portal, tmp_path):
    hide = "delete Navigator.prototype.serviceWorker"
    added = phone.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": hide})
    try:
        phone.get(f"{portal.url}/d/{link()}")
        WebDriverWait(phone, PATIENCE).until(
            lambda one: one.find_element(By.ID, "no_share").is_displayed()
        )
        no_fault(phone)
        path = tmp_path / "chat.txt"
        path.write_bytes(chat())
        phone.find_element(By.ID, "file").send_keys(str(path))
        said(phone, "9 messages")
    finally:
        phone.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
