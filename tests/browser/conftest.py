import os
import shutil

import pytest
from dev_ui import PATIENCE
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """Chromium, driven by Selenium, with its console and network logs kept.

    Of a module, since one that stays open goes on drawing its last page beside all later tests.
    """
    chromedriver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if not (chromedriver and chromium):
        reason = "Chromium and chromedriver are not on PATH: no page was tried in a browser"
        if os.environ.get("TIDELINE_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(chromedriver))
    chrome.set_script_timeout(PATIENCE)
    chrome.set_page_load_timeout(PATIENCE)
    # Its own first page would go on asking for parts while a test looks at what was asked for.
    chrome.get("about:blank")
    yield chrome
    chrome.quit()


@pytest.fixture
def leaves_the_page(driver):
    """What stays open asks Dagster for everything every two seconds, and draws it."""
    yield
    driver.get("about:blank")
