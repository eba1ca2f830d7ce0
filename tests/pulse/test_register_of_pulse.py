"""The register's entry `pulse`: without it the pulse is off, and it stops nothing else."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from assets.core.errors import StudyError
from assets.core.modes import Mode
from assets.core.pulse_instrument import ITEMS
from assets.core.study_entries import PULSE, Action
from resources.base.home import Home, HomeConfig
from resources.stores.study.gate import asked_in_pulse, stops, stops_pulse
from resources.stores.study.register import read_register
from resources.stores.study.standing import findings
from resources.stores.study.written import blank_entries, written

TODAY = date(2026, 10, 15)
Entries = dict[str, dict[str, Any]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    given: dict[str, Any] = {
        "home_id": "0" * 32,
        "first_day": date(2026, 9, 1),
        "inbox": str(tmp_path / "inbox"),
        "inbox_recipient": "age1ja98y0xng9ezrjwf2fua4dply6z2xwdnj0s6h2380h8p54gmayuqqp7h26",
        "contact": "care-study@tideline-study.ac.uk",
        "mode": Mode.STUDY,
    }
    return Home(tmp_path, HomeConfig.model_validate(given))


def test_it_is_on_where_the_entry_stands(
    home: Home, write_register: Any, study_entries: Any
) -> None:
    write_register(home, study_entries(home, pulse=True))
    assert stops_pulse(home, TODAY) == []
    asked = asked_in_pulse(home, TODAY)
    assert (len(asked.items), asked.measures) == (ITEMS, "burnout")
    assert "Never" in asked.answers
    # What is shown and scored makes the digest; who holds the rights does not.
    other = asked.model_copy(update={"licence": "another"})
    assert asked.digest() == other.digest()
    assert asked.digest() != asked.model_copy(update={"measures": "resilience"}).digest()


def draft(entries: Entries) -> None:
    entries[PULSE]["decision"] = "draft"


def to_do(entries: Entries) -> None:
    entries[PULSE]["answers"] = ["TODO", "Seldom", "Often"]


def overdue(entries: Entries) -> None:
    entries[PULSE]["review_by"] = TODAY - timedelta(days=1)


def five_items(entries: Entries) -> None:
    del entries[PULSE]["items"][0]


def two_answers(entries: Entries) -> None:
    entries[PULSE]["answers"] = ["Never", "Always"]


def long_item(entries: Entries) -> None:
    entries[PULSE]["items"][0]["text"] = "tired of it " * 30


def no_use(entries: Entries) -> None:
    entries["scopes"]["uses"].remove("pulse_surveys")


OFF: dict[Callable[[Entries], None], str] = {
    draft: "STUDY_ENTRY_DRAFT",
    to_do: "STUDY_ENTRY_DRAFT",
    overdue: "STUDY_ENTRY_OVERDUE",
    five_items: "STUDY_ENTRY_INCOMPLETE",
    two_answers: "STUDY_ENTRY_INCOMPLETE",
    long_item: "STUDY_ENTRY_INCOMPLETE",
    no_use: "STUDY_ENTRY_CONTRADICTED",
}


@pytest.mark.parametrize("change", OFF, ids=lambda change: change.__name__)
def test_whatever_is_wrong_with_it_keeps_it_off_by_name_and_code(
    home: Home, write_register: Any, study_entries: Any, change: Callable[[Entries], None]
) -> None:
    entries = study_entries(home, pulse=True)
    change(entries)
    write_register(home, entries)
    assert {(one.entry, one.code) for one in stops_pulse(home, TODAY)} == {(PULSE, OFF[change])}
    with pytest.raises(StudyError, match=f"^{OFF[change]} pulse$"):
        asked_in_pulse(home, TODAY)
    assert [one for action in Action for one in stops(home, action, TODAY)] == []


def test_without_the_entry_it_is_off_and_a_register_is_whole(
    home: Home, write_register: Any
) -> None:
    register = write_register(home)
    assert findings(home, register, TODAY) == []
    with pytest.raises(StudyError, match=r"^STUDY_ENTRY_MISSING pulse$"):
        asked_in_pulse(home, TODAY)


def test_two_people_approve_it(home: Home, write_register: Any, study_entries: Any) -> None:
    entries = study_entries(home, pulse=True)
    write_register(home, entries)
    entries[PULSE]["licence"] += ", and another"
    write_register(home, entries, by=("ana",))
    (found,) = stops_pulse(home, TODAY)
    assert found.code == "STUDY_ENTRY_UNAPPROVED"
    assert [one for action in Action for one in stops(home, action, TODAY)] == []


def test_a_home_for_a_first_look_has_none(home: Home) -> None:
    config = home.config.model_copy(update={"mode": Mode.DISCOVERY})
    assert stops_pulse(Home(home.root, config), TODAY)[0].code == "STUDY_ENTRY_MISSING"


def test_the_template_asks_for_it_only_where_it_is_wanted(home: Home, tmp_path: Path) -> None:
    texts = [written(blank_entries(home.config, pulse=one), home.config) for one in (False, True)]
    assert [PULSE in yaml.safe_load(text)["entries"] for text in texts] == [False, True]
    assert "without it nobody is" in texts[1]
    file = tmp_path / "study.yaml"
    file.write_text(texts[1], "utf-8")
    found = [one for one in findings(home, read_register(file), TODAY) if one.entry == PULSE]
    assert {one.code for one in found} == {"STUDY_ENTRY_DRAFT", "STUDY_ENTRY_UNAPPROVED"}
    assert not any(one.stops for one in found)
