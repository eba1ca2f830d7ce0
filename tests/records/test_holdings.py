"""The register of what is held is the program's own: a stranger fails until it is described."""

import copy
import string

import pytest
import yaml

from assets.core.public_files import HOLDINGS, HOLDINGS_PAGE, MADE_OF, RECORDS
from assets.public.records.all_records import MAKERS
from assets.released.retention import LIFETIMES, NOT_KNOWN, kept
from assets.released.reviewed_facts import SETTINGS
from orchestration.information_assets import (
    DESCRIPTIONS,
    GENERATED,
    generated,
    names_found,
    undescribed,
)
from resources.base.database.tables import (
    APPEND_ONLY,
    DELETED_WHEN_DUE,
    KEPT_FOR_A_TIME,
    metadata,
)
from resources.base.home import HomeConfig

DESCRIBED = yaml.safe_load(DESCRIPTIONS.read_text("utf-8"))


def test_the_register_is_that_of_the_graph_the_tables_and_the_home():
    """Mended by a description in the file, then `python -m orchestration.information_assets`."""
    assert undescribed(names_found(), DESCRIBED) == []
    assert GENERATED.read_text("utf-8") == generated()


@pytest.mark.parametrize("part", ["assets", "tables", "folders"])
def test_a_stranger_is_told_until_it_is_described(part):
    found = names_found()
    found[part].append("restricted.stranger")
    assert undescribed(found, DESCRIBED) == [f"{part} restricted.stranger"]
    described = copy.deepcopy(DESCRIBED)
    whole = {"holds": "x", "about": "people", "kept": "for_ever", "readers": ["program"]}
    described[part]["restricted.stranger"] = whole
    assert undescribed(found, described) == []
    for field, spoilt in (
        ("holds", ""),
        ("about", "cats"),
        ("kept", "a while"),
        ("readers", []),
        ("readers", ["the neighbour"]),
    ):
        described[part]["restricted.stranger"] = {**whole, field: spoilt}
        assert undescribed(found, described) == [f"{part} restricted.stranger"], field


def test_what_was_taken_away_is_told_too():
    found = names_found()
    found["tables"].remove("restricted.ledger")
    assert undescribed(found, DESCRIBED) == ["tables restricted.ledger"]


def test_tables_are_kept_as_long_as_the_database_lets_them_be():
    codes = {name: one["kept"] for name, one in DESCRIBED["tables"].items()}
    assert {name for name, code in codes.items() if code == "for_ever"} == {
        table.fullname for table in APPEND_ONLY
    }
    for_a_time = {table.fullname: codes[table.fullname] for table in KEPT_FOR_A_TIME}
    assert set(for_a_time.values()) == {"counts"}
    assert {codes[table.fullname] for table in DELETED_WHEN_DUE} == {"sayings"}
    assert set(codes) == set(metadata.tables)


def test_what_everybody_reads_is_in_the_schema_release_or_the_public_folder():
    everyone = {
        name
        for part in ("tables", "folders")
        for name, one in DESCRIBED[part].items()
        if "everyone" in one["readers"]
    }
    released = {name for name in metadata.tables if name.startswith("release.")}
    assert everyone == {*released, "public"}


def test_every_lifetime_hangs_on_settings_that_cross_the_wall():
    for words in LIFETIMES.values():
        names = set(string.Template(words).get_identifiers())
        assert names <= set(SETTINGS)
        assert names <= set(HomeConfig.model_fields)
    assert kept("exports", {"inbox_lifetime_days": 9}).startswith("9 days after it came")
    assert kept("exports", {}) == NOT_KNOWN
    until = {"vector_keys_until": "scoring", "score_lifetime_days": 35}
    assert "until they are scored, and at the latest 35 days" in kept("vectors", until)


def test_records_are_listed_in_one_place():
    assert set(MAKERS) == set(RECORDS)
    assert RECORDS[HOLDINGS_PAGE] == HOLDINGS
    assert not set(RECORDS.values()) & set(MADE_OF)
