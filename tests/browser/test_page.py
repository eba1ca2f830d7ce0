"""The pages as a browser shows them: every width and scheme, on paper, without script, aloud."""

import base64
import importlib.resources
import json
from datetime import timedelta

import made_evidence
import made_pages
import made_records
import pandas as pd
import pytest
from dev_ui import PATIENCE
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from assets.core.public_files import EVIDENCE_PAGE, RECORDS
from assets.public.page.page_files import page_files
from assets.public.page.plain_pages import PLAIN_PAGES, record_pages
from assets.public.records.all_records import records_of
from assets.public.records.lines import lines_of

pytestmark = pytest.mark.browser

SCREENS = [(320, 640, 1), (320, 256, 4), (768, 900, 1), (1280, 900, 1)]
"""Width and height in CSS pixels and device pixels for each: the second is 1280 x 1024 at 400 %."""

SCHEMES = ["light", "dark", "forced"]
OVERLAPS = """
const outside = [], over = [];
const boxOf = (one) => one.getBoundingClientRect();
const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
for (const figure of document.querySelectorAll('figure')) {
    const texts = [...figure.querySelectorAll('.plot text, figcaption h4, .verdict, summary')];
    for (const [at, text] of texts.entries()) {
        const box = boxOf(text);
        if (box.left < -0.5 || box.right > innerWidth + 0.5) outside.push(text.textContent);
        for (const other of texts.slice(at + 1))
            if (text.closest('figcaption') === null || other.closest('figcaption') === null)
                if (meet(box, boxOf(other))) over.push([text.textContent, other.textContent]);
    }
}
const figures = [...document.querySelectorAll('figure, .construct > h3, ul.key')].map(boxOf);
figures.forEach((box, at) => figures.slice(at + 1).forEach(
    (other) => meet(box, other) && over.push([box.top, other.top])));
const clipped = [...document.querySelectorAll('p, li, h1, h2, h3, h4, dt, dd, summary')]
    .filter((one) => one.scrollWidth > one.clientWidth + 1 && !one.classList.contains('unseen')
        && getComputedStyle(one).display !== 'inline').map((one) => one.textContent);
return [outside, over, clipped, document.documentElement.scrollWidth - innerWidth];
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A release's pages on disk, of 400 days with every mark."""
    past = pd.DataFrame(columns=["region", "construct", "last_day", "day", "mean"])
    folder = tmp_path_factory.mktemp("page")
    tables, facts = made_pages.tables(400), made_pages.facts()
    # Of a few weeks, for axe takes minutes over the rows of a year.
    recent = tables[0][tables[0]["day"] > made_pages.LAST - timedelta(days=30)]
    cards = made_evidence.cards(recent)
    for name, content in page_files(lines_of(*tables, facts), past, facts, cards).items():
        (folder / name).write_bytes(content)
    study = made_records.released()
    for name, page in record_pages(records_of(study), study.facts).items():
        (folder / name).write_text(page, "utf-8")
    return folder


def show(driver, file, screen=SCREENS[-1], scheme="light", media=""):
    """Load a page afresh; logs from before are dropped."""
    driver.get_log("browser")
    driver.get_log("performance")
    width, height, scale = screen
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {
            "width": width,
            "height": height,
            "deviceScaleFactor": scale,
            "mobile": width < 500 and scale == 1,
        },
    )
    features = [
        {"name": "prefers-color-scheme", "value": "dark" if scheme == "dark" else "light"},
        {"name": "forced-colors", "value": "active" if scheme == "forced" else "none"},
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    driver.get(file.as_uri())


def requested(driver):
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    # `chrome:` is what the browser asks of itself.
    return [url for url in urls if not url.startswith(("data:", "chrome:"))]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_nothing_overlaps_or_is_cut_off(driver, pages, scheme):
    for screen in SCREENS:
        for name in ("index.html", "year.html") if screen == SCREENS[0] else ("index.html",):
            show(driver, pages / name, screen, scheme)
            found = driver.execute_script(OVERLAPS)
            assert found[:3] == [[], [], []], (screen, name)
            assert found[3] <= 0, (screen, name)
            assert requested(driver) == [(pages / name).as_uri()]
            assert driver.get_log("browser") == []


def test_a_telephone_shows_a_verdict_at_once_and_the_graph_in_three_screens(driver, pages):
    show(driver, pages / "index.html", SCREENS[0])
    verdict, last, elements = driver.execute_script(
        """return [document.querySelector('.verdict').getBoundingClientRect().bottom,
            [...document.querySelectorAll('.plot')].at(-1).getBoundingClientRect().bottom,
            document.querySelectorAll('*').length]"""
    )
    assert verdict <= 640
    assert last <= 3 * 640
    assert elements <= 2_500


def test_charts_are_in_the_first_paint_and_stand_level(driver, pages):
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(driver, pages / "index.html")
        plots = driver.find_elements(By.CSS_SELECTOR, ".plot[role=img] path.line")
        tops = [round(one.rect["y"]) for one in driver.find_elements(By.CSS_SELECTOR, ".plot")]
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert len(plots) == 6
    assert tops[::2] == tops[1::2]


@pytest.mark.parametrize("screen", [SCREENS[0], SCREENS[-1]], ids=["narrow", "wide"])
def test_it_prints_whole(driver, pages, screen):
    show(driver, pages / "index.html", screen, "dark", media="print")
    outside, over, clipped, beyond = driver.execute_script(OVERLAPS)
    assert (outside, over, clipped) == ([], [], [])
    assert beyond <= 0
    paper, notes, row = driver.execute_script(
        """return [getComputedStyle(document.body).backgroundColor,
            document.querySelector('.notes p').getBoundingClientRect().height,
            document.querySelector('[data-table=values] td').getBoundingClientRect().height]"""
    )
    assert paper == "rgb(255, 255, 255)"
    assert notes > 0
    assert row > 0
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")


def test_lines_keep_their_forms_in_forced_colours(driver, pages):
    show(driver, pages / "index.html", scheme="forced")
    strokes = driver.execute_script(
        """const of = (kind) => getComputedStyle(document.querySelector('.plot .' + kind));
        return Object.fromEntries(['line', 'forecast', 'band', 'fan95', 'fan80', 'gap', 'break']
            .map((kind) => [kind, [of(kind).stroke, of(kind).fill]]))"""
    )
    paper = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert all(stroke not in {"none", paper} for stroke, _ in strokes.values())
    assert strokes["band"][1] == "none"


def test_values_are_read_by_keyboard_and_by_pointer(driver, pages):
    show(driver, pages / "index.html")
    plot = driver.find_element(By.CSS_SELECTOR, ".plot")
    cells = driver.execute_script(
        """return [...document.querySelectorAll('[data-table=values] tbody tr')].slice(0, 91)
            .map((row) => [row.cells[0].textContent, row.cells[1].textContent])"""
    )
    driver.execute_script("arguments[0].focus()", plot)
    said = []
    for _ in cells[:14]:
        said.append(plot.get_attribute("aria-valuetext"))
        plot.send_keys(Keys.ARROW_LEFT)
    for (day, cell), text in zip(cells[:14], said, strict=True):
        assert text.startswith(f"{day}: ")
        assert text.split(": ")[1].split(",")[0] == cell.split(" ±")[0].split(":")[0].removesuffix(
            " (revised)"
        )
    plot.send_keys(Keys.END)
    assert ", forecast: 0." in plot.get_attribute("aria-valuetext")
    reading = driver.find_element(By.CSS_SELECTOR, ".plot .reading")
    assert reading.is_displayed()
    assert reading.text == plot.get_attribute("aria-valuetext")
    assert plot.get_attribute("role") == "slider"
    plot.send_keys(Keys.ESCAPE)
    assert not reading.is_displayed()
    driver.execute_script(
        """const box = arguments[0].querySelector('svg svg').getBoundingClientRect();
        arguments[0].dispatchEvent(new PointerEvent('pointerdown',
            {clientX: box.left + 1, clientY: box.top + 9, bubbles: true}))""",
        plot,
    )
    assert reading.text.startswith(cells[-1][0])
    assert driver.get_log("browser") == []


def test_axe_finds_nothing(driver, pages):
    axe = importlib.resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    graphs = (("index.html", "light"), ("index.html", "dark"), ("all.html", "light"))
    others = (*PLAIN_PAGES, EVIDENCE_PAGE, *RECORDS)
    for name, scheme in (*graphs, *((name, "dark") for name in others)):
        show(driver, pages / name, scheme=scheme)
        driver.execute_script(
            "document.querySelectorAll('details').forEach((one) => one.open = true)"
        )
        driver.execute_script(axe)
        found = driver.execute_async_script(
            """const done = arguments[0];
            // Where all that passes stands takes most of its time, and nobody asks.
            const only = {resultTypes: ['violations'], selectors: false};
            axe.run(document, only).then((found) => done([found.passes.length,
                found.violations.map((one) => [one.id, one.nodes.map((node) => node.html)])]))"""
        )
        assert found[0] > 20
        assert found[1] == [], (name, scheme)


@pytest.mark.parametrize("screen", [SCREENS[0], SCREENS[-1]], ids=["narrow", "wide"])
def test_of_a_record_only_its_tables_scroll_to_the_side(driver, pages, screen):
    for name in RECORDS:
        show(driver, pages / name, screen)
        over, clipped = driver.execute_script(
            """return [document.documentElement.scrollWidth - innerWidth,
            [...document.querySelectorAll('p, li, h1, h2, dt, dd')].filter(
                (one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)]"""
        )
        assert over <= 0, name
        assert clipped == [], name
        assert requested(driver) == [(pages / name).as_uri()]


def test_a_reader_gets_from_a_graph_to_the_evidence_of_its_latest_value(driver, pages):
    for screen in (SCREENS[0], SCREENS[-1]):
        show(driver, pages / "index.html", screen)
        for number in range(6):
            show(driver, pages / "index.html", screen)
            more = driver.find_elements(By.CSS_SELECTOR, "figure details.more")[number]
            driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", more)
            more.find_element(By.TAG_NAME, "summary").click()
            link = more.find_element(By.PARTIAL_LINK_TEXT, "evidence for the latest value")
            driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)
            link.click()
            address = driver.current_url
            assert address.startswith((pages / EVIDENCE_PAGE).as_uri())
            place = driver.find_element(By.ID, address.partition("#")[2])
            top, bottom = driver.execute_script(
                "const box = arguments[0].getBoundingClientRect(); return [box.top, box.bottom]",
                place,
            )
            assert 0 <= top < bottom <= screen[1]
            row = place.find_element(By.XPATH, "ancestor::tr").text
            assert "passed" in row
            assert "a" * 64 in row
        assert (
            driver.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
        )
    assert driver.get_log("browser") == []


def test_the_policy_stops_a_foreign_script_and_request(driver, pages):
    show(driver, pages / "index.html")
    ran = driver.execute_async_script(
        """const done = arguments[0];
        const script = document.createElement('script');
        script.textContent = 'window.foreign = true';
        document.body.append(script);
        fetch('data:,x').then(() => done('fetched'), () => done(String(window.foreign)));"""
    )
    assert ran == "undefined"


def test_charts_to_explore_are_drawn(driver, pages):
    show(driver, pages / "explore.html", SCREENS[0], "dark")
    WebDriverWait(driver, PATIENCE).until(
        lambda chrome: chrome.execute_script(
            "return [...document.querySelectorAll('.chart')]"
            ".every(chart => chart.querySelector('.main-svg .scatterlayer'))"
        )
    )
    wanted, drawn, beyond = driver.execute_script(
        """const charts = [...document.querySelectorAll('.chart')];
        return [charts.map((one) => one.data.length),
            charts.map((one) =>
                one.querySelectorAll('.cartesianlayer > .subplot .trace.scatter').length),
            document.documentElement.scrollWidth - innerWidth]"""
    )
    assert len(wanted) == 6
    assert all(many >= few > 5 for many, few in zip(drawn, wanted, strict=True))
    assert beyond <= 0
    assert requested(driver) == [(pages / "explore.html").as_uri()]
    assert driver.get_log("browser") == []
