"""Lists of rooms: what a home writes, what a connector makes of them, and how soon they stop it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from killed import Killed, killed_at
from made_connector import GROUP, Chat, Connector, settings_at

from assets.core.errors import ConnectorError
from resources.containment.marker_scan import scan_folder
from resources.stores.connect.of_home import began_at, first_midnight
from resources.stores.connect.pull_state import planned
from resources.stores.connect.room_list import (
    FILE,
    Room,
    RoomFile,
    RoomList,
    read_list,
    write_list,
    written_alike,
)
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.incidents.incidents import Cause, Outcome

CHAT = "!abc:x.test"


@pytest.mark.parametrize(
    ("age", "code"),
    [(0, None), (60, None), (61, "CONNECTOR_LIST_STALE"), (-6, "CONNECTOR_LIST_STALE")],
)
def test_a_list_is_good_for_a_minute(connector: Connector, age: int, code: str | None) -> None:
    file = RoomFile(connector.folder / FILE, lambda: connector.now + timedelta(seconds=age))
    if code is None:
        file.require(connector.room)
        return
    with pytest.raises(ConnectorError, match=code):
        file.require(connector.room)


def test_nothing_is_asked_by_an_old_list(connector: Connector) -> None:
    connector.now += timedelta(seconds=61)
    puller = Chat({})
    told = asyncio.run(connector.turns(puller).take())
    assert (told.refused, puller.asked) == ("CONNECTOR_LIST_STALE", [])


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"[]",
        b'{"written_at": "2026-10-15T01:00:00"}',
        b'{"written_at": "2026-10-15T01:00:00Z", "rooms": [{"group_ref": "../x", "chat": "a"}]}',
        b'{"written_at": "2026-10-15T01:00:00Z", "rooms": [], "more": 1}',
    ],
)
def test_a_damaged_list_stops_it(connector: Connector, written: bytes) -> None:
    (connector.folder / FILE).write_bytes(written)
    with pytest.raises(ConnectorError, match="CONNECTOR_LIST_INVALID"):
        RoomFile(connector.folder / FILE, lambda: connector.now).read()


def test_a_room_shows_no_chat(connector: Connector) -> None:
    assert CHAT not in f"{Room(group_ref=GROUP, chat=CHAT)!r}"


def moment(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 10, day, hour, tzinfo=UTC)


def span(recorded: int, withdrawn: int | None, runs_out: int = 30) -> ConsentSpan:
    return ConsentSpan(
        GROUP,
        "e-00000000",
        date(2026, 10, 1),
        date(2026, 12, 31),
        moment(recorded),
        None if withdrawn is None else moment(withdrawn),
        moment(runs_out),
    )


@pytest.mark.parametrize(
    ("spans", "began"),
    [
        ([], None),
        ([span(2, None)], 2),
        ([span(2, 5), span(5, None)], 2),
        ([span(2, 5), span(5, 8), span(8, None)], 2),
        # Withdrawn, and granted again.
        ([span(2, 4), span(5, None)], 5),
        # Renewed after it had run out.
        ([span(2, 9, runs_out=7), span(9, None)], 9),
    ],
)
def test_when_a_consent_began(spans: list[ConsentSpan], began: int | None) -> None:
    assert began_at(spans) == (None if began is None else moment(began))


def test_the_first_whole_day() -> None:
    assert first_midnight(moment(14, 23)) == moment(14, 23)
    assert first_midnight(moment(14, 22)) == moment(14, 23)
    assert first_midnight(datetime(2026, 10, 24, 23, 0, 1, tzinfo=UTC)) == moment(26, 0)


class Home:
    """A session's home with a connector of Matrix, and a group with a room."""

    def __init__(self, session: Any, terms: Callable[..., Any], tmp_path: Path) -> None:
        self.session, self.clock = session, session.clock
        self.clock.set_to(date(2026, 10, 10))
        self.terms = terms(
            platform="matrix", valid_from=date(2026, 10, 8), informed_on=date(2026, 10, 1)
        )
        self.ref = session.register.grant(self.terms, self.clock.now())
        config = session.home.config
        self.connectors.save(settings_at(config))
        self.connectors.add("matrix", self.ref, CHAT)
        self.refresh()

    @property
    def connectors(self) -> Any:
        return self.session.ways_out.connectors

    @property
    def list(self) -> RoomList:
        return read_list(self.session.home.connectors / "matrix" / FILE)

    @property
    def refused(self) -> str | None:
        (room,) = self.list.rooms
        return room.refused

    def refresh(self) -> None:
        self.session.ways_out.refresh_connectors(self.clock.now())


@pytest.fixture
def home(session: Any, terms: Callable[..., Any], tmp_path: Path) -> Home:
    return Home(session, terms, tmp_path)


def test_it_starts_at_the_first_whole_day_after_the_consent_was_recorded(home: Home) -> None:
    (room,) = home.list.rooms
    assert (room.starts, room.ends) == (
        datetime(2026, 10, 10, 23, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
    assert home.list.written_at == home.clock.now()
    assert (home.session.home.connectors / "matrix" / FILE).stat().st_mode & 0o777 == 0o600


def test_a_withdrawal_takes_the_chat_away_at_once(home: Home) -> None:
    home.session.ways_out.leaving.withdraw(home.ref, home.clock.now())
    assert home.list.rooms == ()
    home.refresh()
    assert home.list.rooms == ()


@pytest.mark.usefixtures("files_closed_by_nobody")
def test_a_home_killed_while_it_wrote_the_list_leaves_no_chat_behind(home: Home) -> None:
    folder = home.session.home.connectors / "matrix"
    left: set[str] = set()
    for number in range(1, 15):
        with suppress(Killed), killed_at(number, ["resources/base/files.py"]):
            home.refresh()
        left |= {name for name, _ in scan_folder(folder, [CHAT.encode()])}
    assert any(name.endswith(".partial") for name in left)
    home.session.ways_out.leaving.withdraw(home.ref, home.clock.now())
    assert scan_folder(folder, [CHAT.encode()]) == set()


def test_a_connector_killed_while_it_put_a_day_leaves_nothing_of_who_left(home: Home) -> None:
    inbox = Path(home.session.home.config.inbox) / home.ref
    inbox.mkdir(parents=True)
    plan = planned(moment(10), moment(11), home.clock.now())
    left = inbox / f".{plan.name}.partial"
    left.write_bytes(b"sealed")
    home.session.ways_out.leaving.withdraw(home.ref, home.clock.now())
    home.session.ways_out.lifetimes.sweep(home.clock.now() + timedelta(days=1))
    assert not left.exists()


def test_a_withdrawal_on_the_portal_is_in_the_next_list(home: Home) -> None:
    # As the portal does, which reaches no file of the home.
    home.session.register.withdraw(home.ref, home.clock.now())
    assert home.session.ways_out.lifetimes.sweep(home.clock.now()).failures == ()
    assert home.list.rooms == ()


def test_a_renewal_without_a_gap_goes_on(home: Home) -> None:
    home.clock.set_to(date(2026, 10, 20))
    until = date(2027, 2, 1)
    terms = replace(home.terms, valid_until=until)
    home.session.register.renew(home.ref, terms, home.clock.now())
    home.refresh()
    (room,) = home.list.rooms
    assert room.starts == datetime(2026, 10, 10, 23, tzinfo=UTC)
    assert room.ends == datetime(2027, 2, 2, tzinfo=UTC)


def test_what_stops_reading_stops_pulling(home: Home) -> None:
    incidents = home.session.ways_out.incidents
    opened = incidents.open(Cause.OTHER, "coordinator", home.clock.now(), home.clock.now())
    home.refresh()
    assert home.refused == "INCIDENT_OPEN"
    incidents.close(opened.ref, Outcome.FALSE_ALARM, "coordinator", home.clock.now())
    home.refresh()
    assert home.refused is None
    home.clock.set_to(date(2027, 1, 5))
    home.refresh()
    assert home.refused == "CONSENT_EXPIRED"


def test_another_platforms_consent_is_no_room(home: Home) -> None:
    other = home.session.register.grant(replace(home.terms, platform="telegram"), home.clock.now())
    home.connectors.add("matrix", other, "!other:x.test")
    home.refresh()
    assert [one.refused for one in home.list.rooms] == [None, "EXPORT_OTHER_PLATFORM"]


def test_a_chat_is_one_groups(home: Home) -> None:
    other = home.session.register.grant(home.terms, home.clock.now())
    with pytest.raises(ConnectorError, match="CONNECTOR_CHAT_TAKEN"):
        home.connectors.add("matrix", other, CHAT)
    with pytest.raises(ConnectorError, match="CONNECTOR_CHAT_TAKEN"):
        home.connectors.add("matrix", other, f" {CHAT}")
    assert home.connectors.remove(home.ref) == 1
    home.connectors.add("matrix", other, CHAT)
    assert [one.group_ref for one in home.list.rooms] == [other]


@pytest.mark.parametrize(
    ("platform", "first", "second"),
    [
        ("telegram", "-1001234567890", "-1001234567890"),
        ("telegram", "-5001", "-05001"),
        ("telegram", "-5001", " -5001 "),
        ("teams", "fbe2bf47-16c8/19:4aAB@thread.tacv2", "FBE2BF47-16C8/19:4aAB@thread.tacv2"),
        ("matrix", "!abc:x.test", "!abc:x.test "),
    ],
)
def test_a_chat_is_one_however_it_is_written(platform: str, first: str, second: str) -> None:
    assert written_alike(platform, first) == written_alike(platform, second)


@pytest.mark.parametrize(
    ("platform", "first", "second"),
    [
        ("telegram", "-5001", "5001"),
        ("teams", "a/19:4aAB@thread.tacv2", "a/19:4aab@thread.tacv2"),
        ("matrix", "!abc:x.test", "!ABC:x.test"),
        ("matrix", "-05", "-5"),
    ],
)
def test_chats_that_are_two(platform: str, first: str, second: str) -> None:
    assert written_alike(platform, first) != written_alike(platform, second)


def test_a_list_that_was_written_before_stays_old_until_consents_were_asked(home: Home) -> None:
    path = home.session.home.connectors / "matrix" / FILE
    write_list(path, replace_written(home.list, moment(1)))
    home.connectors.add("matrix", home.ref, CHAT)
    assert home.list.written_at == moment(1)
    assert not home.list.rooms[0].may_be_read


def replace_written(listed: RoomList, at: datetime) -> RoomList:
    return RoomList(written_at=at, rooms=listed.rooms)


def test_a_home_without_connectors_has_no_folder(session: Any) -> None:
    session.ways_out.refresh_connectors(session.clock.now())
    assert session.ways_out.lifetimes.sweep(session.clock.now()).failures == ()
    assert not session.home.connectors.exists()
