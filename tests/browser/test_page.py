import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from dev_ui import PATIENCE
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from assets.core.constructs import CONSTRUCTS
from assets.core.modes import Mode
from assets.public.page.page import render_page
from assets.public.records.datasets import latest_csv
from assets.public.records.facts import MethodBreak, PageFacts
from assets.released.release_facts import release_facts
from bench.forecasting.daily_forecast import forecast

pytestmark = pytest.mark.browser

WIDTHS = (320, 768, 1280)
BREAK = 15
REGIONS = {"greater_london": "Greater London", "east_of_england": "East of England"}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page on disk: 60 days, a gap of a week in one region, forecasts in both, every mark."""
    rng = np.random.default_rng(2)
    days = pd.date_range("2026-09-01", periods=60)
    published, ahead = [], []
    for region in REGIONS:
        for construct in CONSTRUCTS:
            values = pd.Series(0.5 + rng.normal(0, 0.02, 60).cumsum() / 4, index=days)
            status = pd.Series("published", index=days)
            if region == "east_of_england":
                values.iloc[20:27] = np.nan
                status.iloc[20:27] = "not_published"
            week = values.rolling(7, min_periods=4).mean().where(values.notna())
            rows = pd.DataFrame(
                {
                    "region": region,
                    "day": days.date,
                    "construct": construct,
                    "status": status.to_numpy(),
                    "estimate": values.to_numpy(),
                    "standard_error": 0.04,
                    "value_7d": week.to_numpy(),
                    "standard_error_7d": 0.02,
                    "detectable_change_7d": 0.06,
                    "value_28d": np.nan,
                    "standard_error_28d": np.nan,
                    "detectable_change_28d": np.nan,
                    "people_band": None,
                    "micro_rho": 50_000,
                    "method_version": ["1"] * BREAK + ["2"] * (60 - BREAK),
                    "revision": 0,
                    "reason": None,
                }
            )
            if region == "greater_london":
                rows.loc[30, ["status", "reason"]] = "retracted", "scoring_error"
                rows.loc[45, "revision"] = 1
            published.append(rows)
            made = forecast(values, 28).reset_index().assign(weeks_ahead=0)
            weeks = made.iloc[6::7].assign(weeks_ahead=[1, 2, 3, 4])
            rows = pd.concat([made.iloc[:14], weeks])
            rows[["region", "construct", "method"]] = region, construct, "local_level"
            ahead.append(rows.assign(made_on=dt.date(2026, 11, 3)))
    facts = PageFacts(
        mode=Mode.SYNTHETIC,
        regions=REGIONS,
        made_at=dt.datetime(2026, 11, 3, 7, 10, tzinfo=dt.UTC),
        last_day=days[-1].date(),
        release=release_facts(),
        daily_dots=True,
        breaks=[MethodBreak(days[BREAK].date(), "1", "2", "lower_noise")],
        contact="team@example.org",
    )
    tables = pd.concat(published), pd.concat(ahead)
    folder = tmp_path_factory.mktemp("page")
    file = folder / "index.html"
    file.write_text(render_page(*tables, facts), encoding="utf-8")
    (folder / "latest.csv").write_text(latest_csv(*tables, facts))
    return file


def show(driver, page, *, width=1280, scheme="light"):
    """Load the page afresh; logs from before are dropped."""
    driver.get_log("browser")
    driver.get_log("performance")
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    driver.get(page.as_uri())
    WebDriverWait(driver, PATIENCE).until(
        lambda chrome: chrome.execute_script(
            "return [...document.querySelectorAll('.chart')]"
            ".every(chart => chart.querySelector('.main-svg .scatterlayer'))"
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_trace_is_drawn_inside_the_window(driver, page, width, scheme):
    show(driver, page, width=width, scheme=scheme)
    charts = driver.execute_script(
        """return [...document.querySelectorAll('.chart')].map(chart => [
            chart.data.filter(trace => trace.x.length).length,
            chart.querySelectorAll('.scatterlayer .trace').length])"""
    )
    # Two lines each, for the method changed; three bands, dots, forecast, what is not shown.
    assert [wanted for wanted, _ in charts] == [7, 7] + [9, 8] * 3
    assert all(wanted == drawn for wanted, drawn in charts)
    wide, window = driver.execute_script(
        "return [document.documentElement.scrollWidth, innerWidth]"
    )
    assert wide <= window
    assert window == width
    assert driver.get_log("browser") == []


def test_labels_stay_inside_their_charts(driver, page):
    for width in WIDTHS:
        show(driver, page, width=width)
        outside = driver.execute_script(
            """return [...document.querySelectorAll('.chart')].flatMap(chart => {
                const box = chart.getBoundingClientRect();
                return [...chart.querySelectorAll('.annotation-text, .xtick text')]
                    .filter(text => text.getBoundingClientRect().right > box.right + 1
                        || text.getBoundingClientRect().left < box.left - 1
                        || text.getBoundingClientRect().bottom > box.bottom + 1)
                    .map(text => text.textContent)})"""
        )
        assert outside == [], width


def test_ticks_of_the_time_axis_stand_apart(driver, page):
    for width in WIDTHS:
        show(driver, page, width=width)
        overlaps = driver.execute_script(
            """return [...document.querySelectorAll('.chart')].flatMap(chart => {
                const boxes = [...chart.querySelectorAll('.xtick text')]
                    .map(text => text.getBoundingClientRect())
                    .sort((one, other) => one.left - other.left);
                return boxes.slice(1).filter((box, at) => box.left < boxes[at].right)})"""
        )
        assert overlaps == [], width


def test_charts_beside_each_other_stand_level(driver, page):
    show(driver, page)
    tops = driver.execute_script(
        """return [...document.querySelectorAll('.panels')].map(panels =>
            [...panels.querySelectorAll('.chart')].map(chart =>
                Math.round(chart.getBoundingClientRect().top)))"""
    )
    assert len(tops) == 4
    assert all(one == other for one, other in tops)


def test_no_line_is_drawn_across_the_change_of_method(driver, page):
    show(driver, page)
    across = driver.execute_script(
        """return [...document.querySelectorAll('.chart')].map(chart => {
            const edge = chart.querySelector('.shapelayer path').getBoundingClientRect().left;
            return [...chart.querySelectorAll('.js-line')]
                .filter(line => line.style.strokeWidth === '2.5px')
                .map(line => line.getBoundingClientRect())
                .filter(box => box.left < edge && box.right > edge + 1).length})"""
    )
    assert across == [0] * 8


def stroke(driver):
    """Colour of the 7-day line of the first panel."""
    return driver.execute_script(
        """const lines = [...document.querySelectorAll('#burnout-0 .js-line')];
        return lines.find(line => line.style.strokeWidth === '2.5px').style.stroke"""
    )


def test_colours_follow_the_scheme(driver, page):
    strokes = []
    for scheme in ("light", "dark"):
        show(driver, page, scheme=scheme)
        strokes.append(stroke(driver))
    assert strokes == ["rgb(184, 66, 15)", "rgb(255, 154, 107)"]
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": "light"}]},
    )
    WebDriverWait(driver, PATIENCE).until(lambda chrome: stroke(chrome) == strokes[0])


def test_no_request_leaves_and_the_policy_is_never_broken(driver, page):
    show(driver, page)
    driver.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    requested = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in requested if not url.startswith("data:")] == [page.as_uri()]
    assert driver.get_log("browser") == []


def test_the_policy_stops_a_foreign_script_and_request(driver, page):
    show(driver, page)
    ran = driver.execute_async_script(
        """const done = arguments[0];
        const script = document.createElement('script');
        script.textContent = 'window.foreign = true';
        document.body.append(script);
        fetch('data:,x').then(() => done('fetched'), () => done(String(window.foreign)));"""
    )
    assert ran == "undefined"
    logged = []

    def both_are_logged(chrome):
        logged.extend(chrome.get_log("browser"))
        return len(logged) >= 2

    WebDriverWait(driver, PATIENCE).until(both_are_logged)


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_table_equals_what_was_drawn(driver, page, construct):
    show(driver, page)
    drawn, shown = driver.execute_script(
        """const charts = [0, 1].map(at => document.getElementById(arguments[0] + '-' + at));
        const lines = charts.map(chart => chart.data.filter(trace => trace.meta === 'line'));
        const dots = charts.map(chart => chart.data.find(trace => trace.meta === 'single days'));
        const days = lines[0].flatMap(trace => trace.x);
        const rows = [...document.querySelectorAll(
            `table[data-table=values][data-construct=${arguments[0]}] tbody tr`)];
        return [
            days.map((day, at) => [day, ...[0, 1].flatMap(region => [
                lines[region].flatMap(trace => trace.y)[at],
                lines[region].flatMap(trace => trace.customdata)[at],
                dots[region].y[dots[region].x.indexOf(day)] ?? null])]).reverse(),
            rows.map(row => [row.querySelector('time').dateTime,
                ...[...row.querySelectorAll('td')].map(cell => cell.textContent)])]""",
        construct,
    )
    assert len(drawn) == 60
    states = {"not published", "under 4 of 7 days", "retracted: an error in scoring"}
    seen = set()
    for (day, *values), (table_day, *texts) in zip(drawn, shown, strict=True):
        assert day == table_day
        for at in (0, 1):
            value, band, single = values[3 * at : 3 * at + 3]
            pooled, of_day = texts[2 * at : 2 * at + 2]
            if value is None:
                seen.add(pooled)
            else:
                assert pooled.removesuffix(" (revised)") == f"{value:.3f}{band}"
            assert of_day == ("–" if single is None else f"{single:.3f}")
    assert seen == states


def test_keyboard_reaches_the_csv_and_opens_a_table(driver, page):
    show(driver, page)
    reached = set()
    for _ in range(90):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        active = driver.switch_to.active_element
        reached.add(active.get_attribute("href") or active.tag_name)
        if active.tag_name == "body":
            break
        if active.tag_name == "summary":
            active.send_keys(Keys.ENTER)
    assert (page.parent / "latest.csv").as_uri() in reached
    assert len(driver.find_elements(By.CSS_SELECTOR, "details[open] table caption")) == 10


def test_the_page_reads_without_scripts(driver, page):
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driver.get(page.as_uri())
        note = driver.find_element(By.CSS_SELECTOR, ".noscript")
        assert "tables below" in note.text
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
