"""Pages of a Matrix room, however late messages reach it: each is supplied once, or counted."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_connector import GROUP, Connector

from assets.core.canonical_export import Record
from orchestration.connect.asking import Asking
from orchestration.connect.contract import Permission
from orchestration.connect.matrix import rooms as matrix_rooms
from orchestration.connect.matrix.rooms import MatrixRooms
from resources.stores.connect.health import Health

OLA, OWN = "@ola:x.test", "@reader:x.test"
STARTS = datetime(2026, 10, 11, 23, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def event(event_id: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "type": "m.room.message",
        "sender": OLA,
        "origin_server_ts": round(at.timestamp() * 1000),
        "content": {"msgtype": "m.text", "body": event_id},
        **more,
    }


@dataclass
class Server:
    """A room as its server shows it.

    Attributes:
        sent: when each event arrived, and itself, in the order of arrival.
        now: what has arrived after is not there yet.
        shown: ids of all events that were ever given out.
    """

    sent: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    now: datetime = STARTS
    shown: list[str] = field(default_factory=list)

    def says(self, event_id: str, at: datetime, arrives: datetime | None = None) -> None:
        self.sent.append((arrives or at, event(event_id, at)))
        self.sent.sort(key=lambda one: one[0])

    def answer(self, path: str) -> Any:
        split = urlsplit(path)
        there = [one for at, one in self.sent if at <= self.now]
        if split.path.endswith("/sync"):
            return {"next_batch": f"s{len(there)}"}
        if split.path.endswith("/state"):
            joined = {"content": {"membership": "join"}, "type": "m.room.member"}
            return [{**event("$j", STARTS - 9 * DAY), **joined, "state_key": OWN}]
        asked = parse_qs(split.query)
        place, many = int(asked["from"][0][1:]), int(asked["limit"][0])
        chunk = there[place : place + many]
        self.shown += [one["event_id"] for one in chunk]
        end = {"end": f"s{place + many}"} if place + many < len(there) else {}
        return {"chunk": chunk, **end}


class Rooms(MatrixRooms):
    """The puller, with the server's answers without a network."""

    def __init__(self, server: Server) -> None:
        self.own_server, self._own_id, self.asking = server, OWN, Asking(600)
        self.platform = "matrix"

    async def _got(self, path: str, permitted: Permission) -> Any:
        permitted()
        return self.own_server.answer(path)


def turn(connector: Connector, server: Server, now: datetime) -> Health:
    connector.now = server.now = now
    connector.list_rooms(connector.room)
    return asyncio.run(connector.turns(Rooms(server)).take())  # type: ignore[arg-type]


def supplied(connector: Connector) -> dict[date, list[str]]:
    found: dict[date, list[str]] = {}
    for head, *lines in connector.exports():
        day = (datetime.fromisoformat(msgspec.json.decode(head)["from"]) + 2 * 60 * MINUTE).date()
        records = [msgspec.json.decode(one, type=Record) for one in lines]
        found[day] = sorted(one.id for one in records if one.kind == "speech" and one.id)
    return found


@pytest.fixture
def marked(connector: Connector, monkeypatch: pytest.MonkeyPatch) -> Connector:
    """A connector that has marked its place just before the first day."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    turn(connector, Server(), STARTS - MINUTE)
    return connector


def test_what_came_late_while_it_was_down_is_supplied(marked: Connector) -> None:
    server = Server()
    server.says("$first", STARTS + MINUTE)
    # Far more of the next day lies before it than one page holds.
    for number in range(250):
        server.says(f"$next-{number}", STARTS + DAY + number * MINUTE)
    server.says("$late", STARTS + 2 * MINUTE, arrives=STARTS + 2 * DAY)
    told = turn(marked, server, STARTS + 3 * DAY + 30 * MINUTE)
    assert supplied(marked)[date(2026, 10, 12)] == ["$first", "$late"]
    assert told.groups[GROUP].late == 0


def test_nothing_of_after_the_consent_is_asked_for_but_its_page(marked: Connector) -> None:
    assert marked.room.starts is not None
    ends = STARTS + DAY
    marked.room = msgspec.structs.replace(marked.room, ends=ends)
    server = Server()
    for number in range(5 * matrix_rooms.PAGE):
        server.says(f"$after-{number}", ends + number * MINUTE)
    turn(marked, server, STARTS + 2 * DAY)
    assert supplied(marked)[date(2026, 10, 12)] == []
    assert len(server.shown) == 2 * matrix_rooms.PAGE


def test_an_event_of_the_far_future_holds_no_place(marked: Connector) -> None:
    server = Server()
    server.says("$odd", datetime(2080, 1, 1, tzinfo=UTC), arrives=STARTS + MINUTE)
    for day in range(3):
        for number in range(matrix_rooms.PAGE):
            at = STARTS + day * DAY + (2 + number) * MINUTE
            server.says(f"$m-{day}-{number}", at)
        turn(marked, server, STARTS + (day + 1) * DAY + 30 * MINUTE)
    assert [len(one) for _, one in sorted(supplied(marked).items())] == [matrix_rooms.PAGE] * 3
    server.shown.clear()
    server.says("$new", STARTS + 3 * DAY + MINUTE)
    turn(marked, server, STARTS + 4 * DAY + 30 * MINUTE)
    assert "$odd" not in server.shown


@pytest.mark.usefixtures("marked")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    messages=st.lists(
        st.tuples(
            st.integers(1, 3 * 1440 - 1),
            # In time, by a clock that is behind or ahead, or cut off for up to two days.
            st.one_of(st.integers(-9, 15), st.integers(0, 2 * 1440)),
        ),
        max_size=20,
    ),
    page=st.integers(1, 4),
)
def test_each_message_is_supplied_on_its_day_or_told_as_late(
    tmp_path_factory: pytest.TempPathFactory,
    connector: Connector,
    messages: list[tuple[int, int]],
    page: int,
) -> None:
    root = tmp_path_factory.mktemp("pages")
    (root / "connect").mkdir()
    made = Connector(
        root / "connect", root / "inbox", connector.identity, connector.now, connector.room
    )
    server = Server()
    pulled = [STARTS + (day + 1) * DAY + 20 * MINUTE for day in range(5)]
    expected: dict[int, list[str]] = {0: [], 1: [], 2: []}
    late = {0: 0, 1: 0, 2: 0}
    for number, (minute, delay) in enumerate(messages):
        sent, arrives = STARTS + minute * MINUTE, STARTS + max(minute + delay, 1) * MINUTE
        server.says(f"${number:02}", sent, arrives)
        day = minute // 1440
        if arrives <= pulled[day]:
            expected[day].append(f"${number:02}")
        else:
            late[day] += arrives <= pulled[day + 1]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(matrix_rooms, "PAGE", page)
        turn(made, server, STARTS - MINUTE)
        told = [turn(made, server, now).groups[GROUP] for now in pulled]
    assert [one.refused for one in told] == [None] * 5
    found = supplied(made)
    assert [found[date(2026, 10, 12 + day)] for day in range(3)] == list(expected.values())
    counted = [one.late for one in told[1:4]]
    assert counted == [10 if many > 9 else bool(many) for many in late.values()]
