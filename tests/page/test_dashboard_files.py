"""What the asset writes: every file, from what lies right of the wall."""

import datetime as dt
import json
import re
from pathlib import Path

import made_house
import numpy as np
import pandas as pd
import pytest
from made_house import BREAKS, NOW, newest

from assets.core.modes import Mode
from assets.core.public_files import RECORDS
from assets.public.forecasting.vintages import Vintages
from assets.public.relations import Relations
from assets.public.relations.written import relations_json


@pytest.fixture
def house(made, tmp_path):
    return made_house.make_house(made, tmp_path)


def write(made, house, *, daily_dots=False):
    rows = made_house.write(house, daily_dots=daily_dots)
    files = {
        path.name: path.read_text("utf-8")
        for path in newest(house).glob("[!.]*.*")
        if path.suffix != ".png"
    }
    return rows, files


def test_every_file_is_written_and_the_same_again(made, house):
    rows, files = write(made, house)
    assert rows == len(house.published) == 360
    panels = {
        f"{construct}-{region}.svg"
        for construct in ("burnout", "resilience", "resistance")
        for region in made.regions
    }
    assert set(files) == panels | {
        "index.html",
        "year.html",
        "all.html",
        "explore.html",
        "latest.csv",
        "latest.metadata.json",
        "datapackage.json",
        "changes.html",
        "members.html",
        "accessibility.html",
        "evidence.html",
        "evidence.json",
        "vintages.csv",
        "hit_rates.csv",
        "facts.json",
        "manifest.json",
        "reviewed_facts.json",
        *RECORDS,
        *RECORDS.values(),
    }
    pictures = {path.name: path.read_bytes() for path in newest(house).glob("*.png")}
    assert {name.replace("png", "svg") for name in pictures} == panels
    # A picture goes its own ways, so it bears its label. A PNG is its SVG, drawn.
    label = "Experimental research figures, not official statistics; among participating groups"
    assert all(label in files[name] for name in panels)
    assert all(one.startswith(b"\x89PNG") and len(one) > 10_000 for one in pictures.values())
    assert write(made, house) == (rows, files)
    package = json.loads(files["datapackage.json"])
    assert package["resources"][0]["bytes"] == len(files["latest.csv"].encode())
    assert files["latest.csv"].count("\nforecast,greater_london,burnout,") == 14
    assert files["latest.csv"].count("\nforecast_week,greater_london,burnout,") == 4
    assert "Forecast made on 3 November 2026" in files["index.html"]


def test_a_forecast_of_a_headline_no_longer_shown_is_left_out(made, house):
    house.headline = {"greater_london": "value_28d"}
    _, files = write(made, house)
    assert "\nforecast" not in files["latest.csv"]
    assert "Forecast made on" not in files["index.html"]


@pytest.mark.parametrize(
    ("region", "day", "minutes", "withdrawn"),
    [
        ("greater_london", 59, 1, True),
        ("greater_london", 3, 1, True),
        # Retracted before it was made, after its history, or elsewhere.
        ("greater_london", 59, -1, False),
        ("greater_london", 60, 1, False),
        ("east_of_england", 59, 1, False),
    ],
)
def test_a_forecast_made_with_what_was_retracted_since_is_withdrawn(
    made, house, region, day, minutes, withdrawn
):
    at = NOW + dt.timedelta(minutes=minutes)
    made_house.retract(house, region, made.day(day), at, scope="value_7d")
    _, files = write(made, house)
    assert ("\nforecast" in files["latest.csv"]) is not withdrawn
    assert ("made with values that were retracted since" in files["index.html"]) is withdrawn


def test_breaks_and_relations_are_taken_up(made, house):
    house.breaks = pd.DataFrame(
        [[made.day(30), "gaussian-1", "gaussian-2", "lower_noise"]], columns=BREAKS.columns
    )
    empty = Relations("greater_london", None, None, None, 0, ())
    (house.public / ".next-relations.json").write_bytes(relations_json([empty], Mode.SYNTHETIC))
    _, files = write(made, house)
    assert "The method changed on 1 October 2026 (lower noise)." in files["index.html"]
    assert json.loads(files["latest.metadata.json"])["method_breaks"][0]["day"] == "2026-10-01"
    assert "has not been worked out for these regions" in files["index.html"]


def test_past_forecasts_are_scored_on_the_page(made, house):
    published = pd.DataFrame(
        [
            row
            for construct in ("burnout", "resilience", "resistance")
            for row in made.published_rows("greater_london", construct, np.full(60, 0.4))
        ]
    )
    for at in range(50, 60):
        before = published[published["day"] <= made.day(at)]
        made_at = dt.datetime.combine(made.day(at + 3), dt.time(7), dt.UTC)
        house.vintages.make(before, "greater_london", made.day(at), made_at)
    house.published = published
    _, files = write(made, house)
    assert (
        "Of the last 3 values forecast a week ahead, 3 lay in the 80% range (2 expected)"
        in files["index.html"]
    )
    # Bars have been drawn otherwise since some of these forecasts were made.
    assert "Each counts with the bars it was published with" in files["index.html"]


def test_a_home_without_a_value_has_a_page(made, house):
    house.published = house.published.iloc[:0]
    house.vintages = Vintages(house.public / "none")
    rows, files = write(made, house)
    assert rows == 0
    assert "No 7-day mean is published." in files["index.html"]


def test_the_readmes_snippet_reads_each_column_as_what_it_is(made, house, monkeypatch):
    write(made, house)
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (snippet,) = re.findall(r"<!-- snippet: pandas -->\n```python\n(.*?)```", readme, re.S)
    assert len(snippet.split("\n\n")[1].splitlines()) + 1 == 6
    monkeypatch.chdir(newest(house))
    names: dict = {}
    exec(compile(snippet, "README.md", "exec"), names)
    data = names["data"]
    kinds = {
        "day": "datetime64",
        "made_on": "datetime64",
        "region": "string",
        "reason": "string",
        "people_band": "string",
        "value_7d": "float64",
        "lo80": "float64",
        "revision": "Int64",
        "micro_rho": "Int64",
        "weeks_ahead": "Int64",
    }
    assert {name: str(data[name].dtype).split("[")[0] for name in kinds} == kinds
    values = data[data["status"] == "published"]
    stood = house.published[house.published["status"] == "published"]
    assert values["value_7d"].sum() == pytest.approx(stood["value_7d"].sum(), abs=0.2)
