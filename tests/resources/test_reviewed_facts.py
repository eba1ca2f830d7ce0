"""The one door across the wall: what goes through it, what does not, and who reads it beyond."""

import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import made_records
import pytest
import sqlalchemy as sa

from assets.core.errors import PublicationError, StorageError
from assets.public.page.plain_pages import record_pages
from assets.public.records.all_records import record_files, records_of
from assets.released.reviewed_facts import (
    FROM_REGISTER,
    SETTINGS,
    WITHDRAWAL_BANDS,
    WORDS,
    Reviewed,
)
from assets.restricted.reviewed_facts.facts import models_told, record_facts, settings_told
from assets.restricted.reviewed_facts.quarters import ended, told
from resources.base.database.connection import Database
from resources.base.database.roles import Role
from resources.base.database.tables import (
    consent_events,
    incident_events,
    member_events,
    reviewed_facts,
)
from resources.base.home import Home
from resources.stores.published.reviewed_facts import ReviewedFacts
from resources.stores.reviewed.fact_book import FactBook, QuarterCounts
from resources.stores.study.entry_forms import FORMS
from resources.stores.study.models_in_use import models_in_use
from resources.stores.study.register import file_of, read_register

QUIET = {"withdrawals": "fewer than 10", "incidents": "none", "regulator_told": "none"}
NOW = datetime(2026, 11, 3, 7, tzinfo=UTC)
CLOCK: Any = SimpleNamespace(now=lambda: NOW, today=NOW.date)
Q3 = datetime(2026, 8, 1, tzinfo=UTC)
SAID: set[str] = set()


def rows(database: Database) -> list[Any]:
    with database.transaction() as connection:
        return list(connection.execute(sa.select(reviewed_facts).order_by(reviewed_facts.c.seq)))


def recorded(home: Home, database: Database) -> Reviewed:
    # The study was going already in the quarter before.
    FactBook(database).record("model", models_told(), Q3)
    record_facts(home, FactBook(database), CLOCK)
    return ReviewedFacts(database.url).read()


def test_what_crosses_is_what_the_home_has_and_two_people_signed(
    home: Home, database: Database, write_register: Any, study_entries: Any
) -> None:
    write_register(home)
    found = recorded(home, database)
    assert dict(found.settings) == settings_told(home.config)
    for name in SETTINGS:
        assert found.settings[name] == json.loads(home.config.model_dump_json())[name]
    assert {name: one["sha256"] for name, one in found.models.items()} == models_in_use()
    assert found.models["construct_model"]["performance"]
    entries = study_entries(home)
    for name, (entry, field) in FROM_REGISTER.items():
        assert found.words[name] == entries[entry][field], name
    assert set(found.words) == set(WORDS)
    assert set(found.quarters) == {"2026-Q3"}
    digests = {row.register_digest for row in rows(database) if row.kind == "words"}
    assert digests == {read_register(file_of(home)).digest(home)}


def test_names_of_people_and_what_is_not_listed_stay_behind(
    home: Home, database: Database, write_register: Any, study_entries: Any
) -> None:
    entries = study_entries(home)
    for entry in entries.values():
        entry |= {"author": "Zz Author", "reviewer": "Zz Reviewer", "reference": "Zz Reference"}
    entries["communications"]["signed_off_by"] = "Zz Signer"
    entries["ethics"]["conditions"] = "Zz Conditions"
    entries["roles"]["people"]["zz_person"] = {"role": "other", "ssh_key": None}
    write_register(home, entries)
    recorded(home, database)
    told_rows = rows(database)
    assert len(told_rows) > 40
    assert "zz" not in json.dumps([row.value for row in told_rows]).lower()
    listed = {(entry, field) for entry, form in FORMS.items() for field in form.model_fields}
    assert set(FROM_REGISTER.values()) <= listed


def test_what_nobody_approved_does_not_cross_and_what_stood_stands(
    home: Home, database: Database, write_register: Any, study_entries: Any
) -> None:
    entries = study_entries(home)
    write_register(home, entries, by=("ana",))
    assert set(recorded(home, database).words) == {"events"}
    write_register(home, entries)
    need = recorded(home, database).words["need"]
    entries["need_and_benefit"]["need"] = "Another need altogether"
    write_register(home, entries, by=())
    assert recorded(home, database).words["need"] == need
    write_register(home, entries)
    assert recorded(home, database).words["need"] == "Another need altogether"


def test_facts_are_recorded_once_and_what_was_stays_on_record(
    home: Home, database: Database, write_register: Any, study_entries: Any
) -> None:
    entries = study_entries(home)
    write_register(home, entries)
    recorded(home, database)
    before = rows(database)
    assert record_facts(home, FactBook(database), CLOCK) == 0
    entries["development_plan"]["phase"] = "retired"
    write_register(home, entries)
    found = recorded(home, database)
    assert rows(database)[: len(before)] == before
    phases = [one.is_now for one in found.history if one.what == "phase"]
    assert phases == ["development", "retired"]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("words", "message", "a text"),
        ("words", "author", "Ana"),
        ("words", "need", ["a", "list"]),
        ("words", "need", "x" * 4001),
        ("words", "phase", "cancelled"),
        ("words", "risks", [{"name": "x", "note": "more"}]),
        ("setting", "inbox_lifetime_days", "fourteen"),
        ("setting", "inbox", "/folder"),
        ("setting", "contact", "x"),
        ("model", "another_model", {"version": "1", "sha256": "a" * 64, "performance": []}),
        ("model", "name_tagger", {"version": "1", "sha256": "short", "performance": []}),
        ("quarter", "2026-Q3", {"withdrawals": "7", "incidents": "none", "regulator_told": "none"}),
        (
            "quarter",
            "2026-Q3",
            {**QUIET, "objections": 1},
        ),
        ("quarter", "2026-11", {"withdrawals": "fewer than 10", "incidents": "none"}),
        ("quarter", "2026-Q3", {**QUIET, "incidents": 1}),
        ("group", "g-00000000", 1),
    ],
)
def test_nothing_else_crosses(database: Database, kind: str, name: str, value: Any) -> None:
    with pytest.raises(PublicationError, match=r"^FACT_NOT_ALLOWED$"):
        FactBook(database).record(kind, {"close_after_days": 3, name: value}, NOW, None)
    assert rows(database) == []


def test_beyond_the_wall_facts_are_read_and_not_written(database: Database) -> None:
    FactBook(database).record("setting", {"inbox_lifetime_days": 14}, NOW)
    public = Database(database.url, Role.PUBLIC)
    row = {"at": NOW, "kind": "setting", "name": "inbox_lifetime_days", "value": 99}
    with (
        pytest.raises(StorageError, match=r"^DATABASE_REFUSED$"),
        public.transaction() as connection,
    ):
        connection.execute(reviewed_facts.insert().values(row))
    public.dispose()
    assert ReviewedFacts(database.url).read().settings == {"inbox_lifetime_days": 14}


def test_a_fact_that_another_hand_put_there_is_not_read(database: Database) -> None:
    row = {"at": NOW, "kind": "words", "name": "message", "value": "x", "register_digest": "d"}
    with database.transaction() as connection:
        connection.execute(reviewed_facts.insert().values(row))
    with pytest.raises(PublicationError, match=r"^FACT_NOT_ALLOWED$"):
        ReviewedFacts(database.url).read()


def happens(database: Database, *, groups: int, objects: bool) -> None:
    """So many groups take part, two withdraw, there is an incident, and a member may object."""
    event = {"at": Q3, "mode": "study"}
    granted = [{**event, "kind": "granted", "group_ref": f"g-{at:08x}"} for at in range(groups)]
    gone = [{**event, "kind": "withdrawn", "group_ref": f"g-{at:08x}"} for at in range(2)]
    said = {
        "at": Q3,
        "kind": "objected",
        "source": "chat",
        "group_ref": "g-00000002",
        "day": date(2026, 8, 1),
        "parts": ["p"],
        "initials": ["i"],
        "key_check": "k",
    }
    incident = {
        "at": Q3,
        "kind": "opened",
        "incident_ref": "i-00000000",
        "said_by": "ana",
        "cause": "other",
        "aware_at": Q3,
    }
    with database.transaction() as connection:
        connection.execute(consent_events.insert(), [*granted, *gone])
        connection.execute(incident_events.insert().values(incident))
        if objects:
            connection.execute(member_events.insert().values(said))


@pytest.mark.parametrize(("groups", "objects"), [(7, True), (12, False), (12, True)])
def test_nothing_tells_of_an_objection_or_of_how_many_groups_there_are(
    home: Home,
    database: Database,
    write_register: Any,
    monkeypatch: pytest.MonkeyPatch,
    groups: int,
    objects: bool,
) -> None:
    # The noise apart, which would differ between any two homes.
    monkeypatch.setattr(
        "assets.restricted.reviewed_facts.quarters._noise", lambda: lambda count: count
    )
    write_register(home)
    happens(database, groups=groups, objects=objects)
    found = recorded(home, database)
    mine = [(row.kind, row.name, row.value, row.at) for row in rows(database)]
    told_of_quarter = {name: value for kind, name, value, _ in mine if kind == "quarter"}
    assert told_of_quarter == {"2026-Q3": {**QUIET, "incidents": "some"}}
    data = made_records.released(reviewed=found)
    files = {**record_files(records_of(data), data), **record_pages(records_of(data), data.facts)}
    said = json.dumps([*mine, *sorted(map(str, files.items()))], default=str)
    assert "g-0000" not in said
    assert "i-0000" not in said
    # Each of the homes says the same, to the byte.
    SAID.add(said)
    assert len(SAID) == 1


def test_a_quarter_is_drawn_once_and_told_in_bands_of_one_length(database: Database) -> None:
    assert {len(one) for one in WITHDRAWAL_BANDS.values()} == {13}
    book, drawn = FactBook(database), []

    def draw(counts: QuarterCounts) -> dict[str, Any]:
        drawn.append(counts)
        return told(counts)

    (quarter,) = ended(date(2026, 9, 1), NOW)
    for _ in range(3):
        book.record_quarter(quarter.name, quarter.begin, quarter.end, NOW, draw)
    assert drawn == [QuarterCounts(0, 0, 0)]
    assert len(rows(database)) == 1


def test_of_before_the_study_nothing_is_told(home: Home, database: Database) -> None:
    record_facts(home, FactBook(database), CLOCK)
    assert ReviewedFacts(database.url).read().quarters == {}


def test_the_noise_moves_a_band_that_one_withdrawal_would() -> None:
    bands = {
        count: [told(QuarterCounts(count, 0, 0))["withdrawals"] for _ in range(200)]
        for count in (9, 10)
    }
    # With or without the tenth, both bands come up: neither tells for certain.
    assert all({"fewer than 10", "from 10 to 24"} <= set(found) for found in bands.values())
    assert set(told(QuarterCounts(200, 3, 2)).values()) == {"fifty or more", "some"}


@pytest.mark.parametrize(
    ("first", "now", "names"),
    [
        (date(2026, 11, 1), NOW, []),
        (date(2026, 7, 1), datetime(2026, 9, 30, 22, 59, tzinfo=UTC), []),
        (date(2026, 7, 1), datetime(2026, 9, 30, 23, tzinfo=UTC), ["2026-Q3"]),
        (date(2025, 11, 30), NOW, ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]),
    ],
)
def test_quarters_end_at_midnight_in_london(first: date, now: datetime, names: list[str]) -> None:
    found = list(ended(first, now))
    assert [one.name for one in found] == names
    for one in found:
        assert one.end - one.begin > timedelta(days=88)
