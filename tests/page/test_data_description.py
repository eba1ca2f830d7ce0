import csv
import datetime as dt
import hashlib
import importlib
import io
import json
import warnings

import made_house
import made_pages
import pytest
import yaml
from made_house import NOW

from assets.core.modes import Mode
from assets.core.public_files import RECORDS
from assets.public.records import metadata
from assets.public.records.data_package import data_package
from assets.public.records.datasets import CSV_COLUMNS, LABEL, latest_csv
from assets.public.records.facts import MethodBreak
from assets.public.records.metadata import latest_metadata
from assets.public.relations.written import relations_json
from assets.released.noise_scales import NoiseScales

WRITTEN = yaml.safe_load((metadata.Path(metadata.__file__).with_name("columns.yaml")).read_text())
SCALES = NoiseScales.of(50_000)
PARSERS = {"string": str, "number": float, "integer": int, "date": dt.date.fromisoformat}


def described(made, **facts):
    return json.loads(latest_metadata(made.page_facts(**facts)))


def packaged(made, **facts):
    said = made.page_facts(**facts)
    table = latest_csv(*made.tables(), said).encode()
    return table, json.loads(data_package(said, {"latest.csv": table}))


def test_every_column_is_described_in_the_order_of_the_file(made):
    assert [column["name"] for column in described(made)["columns"]] == CSV_COLUMNS
    assert set(WRITTEN) == set(CSV_COLUMNS)
    _, package = packaged(made)
    fields = package["resources"][0]["schema"]["fields"]
    assert [field["name"] for field in fields] == CSV_COLUMNS
    for field in fields:
        assert field["description"]
        assert field["unit"]


def test_every_field_of_the_file_is_of_the_type_described(made):
    table, package = packaged(made)
    schema = package["resources"][0]["schema"]
    seen = set()
    for row in csv.DictReader(io.StringIO(table.decode())):
        for field in schema["fields"]:
            text = row[field["name"]]
            if text not in schema["missingValues"]:
                PARSERS[field["type"]](text)
                seen.add(field["name"])
                assert text in field.get("constraints", {}).get("enum", [text])
    assert seen == set(CSV_COLUMNS)


def test_the_key_of_the_schema_is_one(made):
    table, package = packaged(made)
    key = package["resources"][0]["schema"]["primaryKey"]
    rows = [tuple(row[name] for name in key) for row in csv.DictReader(io.StringIO(table.decode()))]
    assert len(rows) == len(set(rows))


def test_the_package_gives_size_and_digest_of_the_file(made):
    table, package = packaged(made)
    resource = package["resources"][0]
    assert resource["bytes"] == len(table)
    assert resource["hash"] == f"sha256:{hashlib.sha256(table).hexdigest()}"
    assert [one["path"] for one in package["resources"]] == [
        "latest.csv",
        "latest.metadata.json",
        *RECORDS.values(),
    ]


def test_the_public_constants_are_given(made):
    release = described(made)["release"]
    assert {name: release[name] for name in list(release)[3:15]} == {
        "micro_rho_per_day": 50_000,
        "micro_rho_cap_per_calendar_month": 1_550_000,
        "micro_rho_cap_per_calendar_year": 18_300_000,
        "noise_on_sum": SCALES.of_sum_milli / 1000,
        "noise_on_count": SCALES.of_count,
        "delta": 1e-6,
        "epsilon_one_day": 1.5,
        "epsilon_30_days": 9.9,
        "min_groups": 5,
        "min_people": 30,
        "largest_group_percent": 50,
        "two_largest_groups_percent": 75,
    }
    assert release["groups_join_in_batches_of"] == 3
    assert release["groups_wait_weeks_at_most"] == 8
    assert len(release["not_protected_by_noise"]) >= 5


def test_headlines_and_breaks_are_given(made):
    said = described(
        made,
        headline={"east_of_england": "value_28d"},
        breaks=[
            MethodBreak(made.day(40), "b", "c", "later"),
            MethodBreak(made.day(9), "a", "b", "first"),
        ],
    )
    assert {name: one["headline"] for name, one in said["regions"].items()} == {
        "greater_london": "value_7d",
        "east_of_england": "value_28d",
    }
    assert [one["day"] for one in said["method_breaks"]] == ["2026-09-10", "2026-10-11"]


@pytest.mark.parametrize(("mode", "made_up"), [(Mode.SYNTHETIC, True), (Mode.STUDY, False)])
def test_both_files_say_whether_the_data_is_made_up(made, mode, made_up):
    _, package = packaged(made, mode=mode)
    for content in (described(made, mode=mode), package):
        assert (("made up" in content["description"]), ("Made-up" in content["title"])) == (
            made_up,
            made_up,
        )
        assert content["mode"] == mode
        assert content["label"] == LABEL
        assert content["contact"] == "team@example.org"


def test_the_same_facts_give_the_same_bytes(made):
    assert latest_metadata(made.page_facts()) == latest_metadata(made.page_facts())
    assert data_package(made.page_facts(), {}) == data_package(made.page_facts(), {})


@pytest.mark.slow
def test_frictionless_finds_a_release_valid_also_after_a_retraction(made, tmp_path):
    house = made_house.make_house(made, tmp_path)
    for at in range(45, 53):
        made_at = dt.datetime.combine(made.day(at + 3), dt.time(7), dt.UTC)
        made_house.forecast(made, house, at, made_at)
    (house.public / ".next-relations.json").write_bytes(relations_json([], Mode.SYNTHETIC))
    made_house.write(house)
    assert (made_house.newest(house) / "vintages.csv").read_text().count("scored,") > 10
    _valid(made_house.newest(house), 8 + len(RECORDS))
    made_house.retract(house, "greater_london", made.day(50), NOW + dt.timedelta(hours=1))
    house.now += dt.timedelta(hours=2)
    made_house.write(house)
    for folder in (house.public / "releases" / "1", made_house.newest(house)):
        _valid(folder, 8 + len(RECORDS))


def _valid(folder, resources):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frictionless = importlib.import_module("frictionless")
        report = frictionless.validate("datapackage.json", basepath=str(folder))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldNumber", "type", "note"])
    assert len(report.tasks) == resources


def test_licence_controller_and_citation_are_in_the_package(made):
    _, package = packaged(made, words=made_pages.words(Mode.STUDY), mode=Mode.STUDY)
    (licence,) = package["licenses"]
    assert licence["title"].startswith("Open Government Licence v3.0. On any terms, the figures")
    assert "staffing, management or labour relations" in licence["title"]
    assert [one["title"] for one in package["contributors"]] == [
        "University of Somewhere",
        "Fund for Care Research",
    ]
    for name in ("citation", "complaints", "lawful_basis", "contact"):
        assert package[name]
    assert package["coverage"]["regions"] == made.regions
    assert package["next_release"] == "2026-11-04"
