"""What stands beside the lines: bank holidays, signed events, turning points; never a cause."""

import datetime as dt
import json

import made_house
import made_pages
import numpy as np
import pandas as pd
import pytest

from assets.public.page import asset
from assets.public.page.narration import tell
from assets.public.page.page import render_page
from assets.public.page.page_reader import PanelRead, read_page
from assets.public.page.release_check import faults
from assets.public.page.sentence_check import agrees
from assets.public.page.span import ALL, YEAR
from assets.public.records.lines import lines_of
from assets.released.public_event import PublicEvent
from resources.stores.study.harm_review import SENSITIVE

LONDON = "greater_london"
STORM = PublicEvent(
    dt.date(2026, 10, 5), "weather_warning", "Amber warning for wind", "Met Office", (LONDON,)
)
EARLIER = PublicEvent(
    dt.date(2026, 3, 1), "clock_change", "Clocks go forward", "gov.uk", tuple(made_pages.REGIONS)
)


@pytest.fixture(scope="module")
def facts():
    return made_pages.facts(events=(EARLIER, STORM))


def test_bank_holidays_and_events_of_the_region_are_marked_and_told(facts):
    tables = made_pages.tables(140)
    page = render_page(*tables, facts)
    read = read_page(page)
    for name, panel in read.panels.items():
        # 31 August alone is a bank holiday among these days.
        assert panel.paths["holiday"].count("M") == 1
        assert ("event" in panel.paths) is name.endswith(LONDON)
    told = read.sections["graph"]
    assert "Bank holidays: 31 Aug 2026." in told
    assert "5 October 2026, Greater London: Amber warning for wind (Met Office)." in told
    assert "Clocks go forward" not in told
    assert "doesn’t mean that the date has to do with a line" in told
    assert "public event, see below" in told
    assert list(faults(page, lines_of(*tables, facts), facts)) == []


def test_nothing_is_said_of_events_where_there_are_none():
    page = render_page(*made_pages.tables(140), made_pages.facts())
    assert "public event" not in page
    assert 'class="event"' not in page


def test_pages_of_years_mark_what_lies_in_them(facts):
    tables = made_pages.tables(2000)
    for span, holidays in ((YEAR, 8), (ALL, 45)):
        panel = read_page(render_page(*tables, facts, span)).panels[f"burnout-{LONDON}"]
        assert panel.paths["holiday"].count("M") == holidays
        assert panel.paths["event"].count("M") == 2


def _swung(made, construct):
    values = np.full(91, 0.3)
    values[38:52] = 0.5
    rows = pd.DataFrame(made.published_rows(LONDON, construct, values, error=0.01, change=0.03))
    facts = made.page_facts(last_day=made.day(90))
    lines = lines_of(rows, pd.DataFrame(made.forecast_rows(LONDON, construct)), facts)
    return next(line for line in lines if line.region_id == LONDON and line.construct == construct)


@pytest.mark.parametrize(
    ("construct", "when", "back"),
    [
        ("burnout", "by 9 Oct", "by 23 Oct"),
        ("resistance", "in the week to 11 Oct", "in the week to 25 Oct"),
    ],
)
def test_a_turn_of_resistance_is_told_by_the_week(made, construct, when, back):
    line = _swung(made, construct)
    told = tell(line)
    said = (
        f"It had risen to 0.500 {when} and was already below that {back}, both by more than chance."
    )
    assert said in told.headline
    panel = PanelRead(verdict=told.headline, notes=list(told.notes))
    assert agrees(panel, line)
    other = told.headline.replace(when, "by 3 Oct")
    assert not agrees(PanelRead(verdict=other, notes=list(told.notes)), line)
    ended = told.headline.replace(back, back.replace("Oct", "Sep"))
    assert not agrees(PanelRead(verdict=ended, notes=list(told.notes)), line)
    by_day = told.headline.replace("in the week to", "by")
    assert agrees(PanelRead(verdict=by_day, notes=list(told.notes)), line) is (
        by_day == told.headline
    )


def test_a_forecast_of_resistance_that_the_review_refuses_is_in_no_public_file(
    made, tmp_path, monkeypatch
):
    # An earlier version made a forecast of all three.
    house = made_house.make_house(made, tmp_path)
    of_day = house.vintages.path(LONDON, made.day(59))
    of_day.unlink()
    made_house.forecast(made, house, 59, made_house.NOW, withheld=())
    monkeypatch.setattr(asset, "withheld_for_good", lambda _: SENSITIVE)
    assert isinstance(json.loads(of_day.read_bytes())["constructs"]["resistance"], dict)
    made_house.write(house)
    assert json.loads(of_day.read_bytes())["constructs"]["resistance"] == "FORECAST_NOT_ALLOWED"
    rows = pd.read_csv(made_house.newest(house) / "latest.csv")
    ahead = rows[rows["row"] != "published"]
    assert set(ahead["construct"]) == {"burnout", "resilience"}
    page = read_page((house.public / "index.html").read_text("utf-8"))
    assert "forecast" not in page.panels[f"resistance-{LONDON}"].paths
    assert "does not allow that a forecast of it is shown" in " ".join(
        page.panels[f"resistance-{LONDON}"].notes
    )
