"""What is due, in turns that may be killed between any two statements."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from killed import Killed, killed_at
from made_connector import GROUP, Chat, Connector

from assets.core.errors import ConnectorError
from orchestration.connect.contract import Permission, Pulled, Span
from orchestration.connect.due import due_span, to_be_marked
from resources.stores.connect.pull_state import FILE as STATE
from resources.stores.connect.pull_state import GroupState, PullStateFile, chat_digest, planned
from resources.stores.connect.room_list import Room

OURS = (
    "orchestration/connect/",
    "resources/stores/connect/",
    "resources/base/files.py",
    "resources/stores/inbox/location.py",
)
DAYS = [date(2026, 10, day) for day in (12, 13, 14)]


def chat(first: int = 10, last: int = 15) -> Chat:
    """Six messages on each day, named by it, from before the consent to today."""
    return Chat(
        {
            f"$2026-10-{day}-{hour}": datetime(2026, 10, day, hour, 30, tzinfo=UTC)
            for day in range(first, last + 1)
            for hour in (0, 4, 8, 12, 16, 20)
        }
    )


def take(connector: Connector, puller: Chat) -> Any:
    return asyncio.run(connector.turns(puller).take())


def ids_by_day(connector: Connector) -> dict[date, list[str]]:
    """Ids by the day that each file covers; a day that two files cover fails."""
    found: dict[date, list[str]] = {}
    for head, *lines in connector.exports():
        day = (datetime.fromisoformat(json.loads(head)["from"]) + timedelta(hours=2)).date()
        assert day not in found
        found[day] = [json.loads(one)["id"] for one in lines]
    return found


EXPECTED = {day: [f"$2026-10-{day.day}-{hour}" for hour in (0, 4, 8, 12, 16, 20)] for day in DAYS}


def test_days_that_are_over_come_whole_each_by_itself(connector: Connector) -> None:
    puller = chat()
    told = take(connector, puller)
    assert ids_by_day(connector) == EXPECTED
    assert told.refused is None
    assert (told.groups[GROUP].records, told.groups[GROUP].refused) == (6, None)
    assert take(connector, puller).groups == told.groups
    assert [one.start for one in puller.asked] == [
        datetime(2026, 10, day, 23, tzinfo=UTC) for day in (11, 12, 13)
    ]


MIDNIGHT = datetime(2026, 10, 14, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "state", "starts", "first"),
    [
        (MIDNIGHT + timedelta(minutes=19), DAYS[1], None, None),
        (MIDNIGHT + timedelta(minutes=20), DAYS[1], None, DAYS[2]),
        (MIDNIGHT + timedelta(hours=2), None, None, DAYS[0]),
        # Days that have closed could be read by nobody.
        (MIDNIGHT + timedelta(days=9), None, None, date(2026, 10, 21)),
        # It began within a day.
        (MIDNIGHT + timedelta(hours=2), None, datetime(2026, 10, 12, 9, tzinfo=UTC), DAYS[1]),
        (MIDNIGHT + timedelta(hours=2), DAYS[2], None, None),
        (MIDNIGHT + timedelta(days=60), None, None, None),
    ],
)
def test_what_is_due(
    connector: Connector,
    now: datetime,
    state: date | None,
    starts: datetime | None,
    first: date | None,
) -> None:
    room = connector.room
    if starts is not None:
        room = msgspec.structs.replace(room, starts=starts)
    until = None if state is None else datetime(2026, 10, state.day, 23, tzinfo=UTC)
    span = due_span(room, GroupState(supplied_until=until), now, 3)
    assert (None if span is None else span.start.date()) == first
    if span is not None:
        assert span.end - span.start == timedelta(days=1)


def test_a_day_of_25_hours_is_one_day(connector: Connector) -> None:
    now = datetime(2026, 10, 26, 3, tzinfo=UTC)
    done = GroupState(supplied_until=datetime(2026, 10, 24, 23, tzinfo=UTC))
    span = due_span(connector.room, done, now, 3)
    assert span is not None
    assert span.end.astimezone(UTC) - span.start.astimezone(UTC) == timedelta(hours=25)


def test_a_day_of_23_hours_is_one_day(connector: Connector) -> None:
    room = msgspec.structs.replace(
        connector.room,
        starts=datetime(2027, 3, 1, tzinfo=UTC),
        ends=datetime(2027, 4, 30, tzinfo=UTC),
    )
    done = GroupState(supplied_until=datetime(2027, 3, 28, tzinfo=UTC))
    ends = datetime(2027, 3, 28, 23, tzinfo=UTC)
    assert due_span(room, done, ends + timedelta(minutes=19), 3) is None
    span = due_span(room, done, ends + timedelta(minutes=20), 3)
    assert span is not None
    assert (span.start.astimezone(UTC), span.end.astimezone(UTC)) == (done.supplied_until, ends)


def test_a_plan_of_days_that_are_no_longer_covered_is_left(connector: Connector) -> None:
    early = connector.room.starts - timedelta(days=1)  # type: ignore[operator]
    plan = planned(early, early + timedelta(days=1), connector.now)
    span = due_span(connector.room, GroupState(plan=plan), connector.now, 3)
    assert span is not None
    assert span.start.date() == DAYS[0]


def test_a_room_that_is_not_read_is_not_asked_for(connector: Connector) -> None:
    refused = Room(group_ref=GROUP, chat="!room:x.test", refused="CONSENT_REVIEW_DUE")
    connector.list_rooms(refused)
    puller = chat()
    told = take(connector, puller)
    assert (puller.asked, connector.exports()) == ([], [])
    assert told.groups[GROUP].refused == "CONSENT_REVIEW_DUE"


@pytest.mark.parametrize(
    "error",
    [
        TypeError("wobblequex"),
        UnicodeEncodeError("utf-8", "wobblequex", 0, 1, "wobblequex"),
        OSError("wobblequex"),
        RecursionError("wobblequex"),
    ],
)
def test_whatever_one_room_raises_stops_that_room_alone_and_is_told_without_its_words(
    connector: Connector, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    other = "g-0000000b"
    connector.list_rooms(connector.room, msgspec.structs.replace(connector.room, group_ref=other))
    puller = chat()

    def odd() -> None:
        if len(puller.asked) == 1:
            raise error

    puller.before_answer = odd
    turns = connector.turns(puller)
    told = asyncio.run(turns.take())
    assert {ref: one.refused for ref, one in told.groups.items()} == {
        GROUP: "PLATFORM_ANSWER_UNKNOWN",
        other: None,
    }
    assert (len(connector.exports()), len(connector.exports(other))) == (0, 3)
    # It rests, as after any refusal, and is then pulled.
    asyncio.run(turns.take())
    assert len(puller.asked) == 4
    connector.now += timedelta(minutes=11)
    connector.list_rooms(connector.room)
    assert asyncio.run(turns.take()).groups[GROUP].refused is None
    assert len(connector.exports()) == 3
    kept = b"".join(one.read_bytes() for one in connector.folder.rglob("*") if one.is_file())
    assert b"wobblequex" not in kept + caplog.text.encode()


def statements(connector: Connector) -> int:
    """How many run in one turn that pulls two days."""
    with killed_at(0, OURS) as passed:
        take(connector, chat())
    return passed[0]


def emptied(connector: Connector, folder: Path) -> Connector:
    """The same connector at its beginning, with two days that are due."""
    (folder / "connect").mkdir(parents=True)
    room = msgspec.structs.replace(connector.room, starts=datetime(2026, 10, 12, 23, tzinfo=UTC))
    made = replace(connector, folder=folder / "connect", inbox=folder / "inbox", room=room)
    made.list_rooms(room)
    return made


@pytest.mark.usefixtures("files_closed_by_nobody")
def test_killed_between_any_two_statements_nothing_is_lost_and_nothing_comes_twice(
    connector: Connector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    # Nobody cuts the power, and flushing to disk a thousand times takes a minute.
    monkeypatch.setattr("os.fsync", lambda _: None)
    many = statements(emptied(connector, tmp_path / "whole"))
    assert many > 300
    for number in range(1, many + 1, 1 if full else 5):
        made = emptied(connector, tmp_path / str(number))
        with suppress(Killed), killed_at(number, OURS) as passed:
            take(made, chat())
        assert passed[0] >= number
        # Tomorrow, when it is started again.
        take(made, chat())
        assert ids_by_day(made) == {day: EXPECTED[day] for day in DAYS[1:]}, number
        state = PullStateFile(made.folder / STATE).load()
        assert state.of(GROUP).supplied_until == datetime(2026, 10, 14, 23, tzinfo=UTC)


class ChatWithPlaces(Chat):
    """The same, on a platform that marks places: as many as were sent when it was asked."""

    async def place_now(self, room: Room, permitted: Permission) -> str:
        permitted()
        return str(len(self.sent))

    async def pull(self, room: Room, span: Span, permitted: Permission) -> Pulled:
        before = list(self.sent)[: int(span.after)]
        pulled = await super().pull(room, span, permitted)
        assert not {one.id for one in pulled.records} & set(before)
        there = sum(at < span.end for at in self.sent.values())
        return Pulled(pulled.records, str(there))


@pytest.mark.usefixtures("files_closed_by_nobody")
def test_the_place_is_marked_once_and_before_anything_is_pulled(
    connector: Connector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)
    whole, before = chat().sent, chat(last=11).sent
    for number in range(1, 400, 1 if full else 3):
        folder = tmp_path / str(number)
        made = emptied(connector, folder)
        made.now = datetime(2026, 10, 12, 22, 57, tzinfo=UTC)
        made.list_rooms(made.room)
        with suppress(Killed), killed_at(number, OURS) as passed:
            take(made, ChatWithPlaces(dict(before)))
        take(made, ChatWithPlaces(dict(before)))
        made.now = connector.now
        made.list_rooms(made.room)
        take(made, ChatWithPlaces(dict(whole)))
        assert ids_by_day(made) == {day: EXPECTED[day] for day in DAYS[1:]}, number
        state = PullStateFile(made.folder / STATE).load().of(GROUP)
        assert state.after == str(sum(at < at_end() for at in whole.values()))
        if passed[0] < number:
            break
    else:
        raise AssertionError


def at_end() -> datetime:
    return datetime(2026, 10, 14, 23, tzinfo=UTC)


STARTS = datetime(2026, 10, 11, 23, tzinfo=UTC)
"""Of the connector's room."""


@pytest.mark.parametrize(
    ("marked", "supplied", "now", "expected"),
    [
        # At first sight, long before; then not at every turn.
        (None, None, -90_000, True),
        (-90_000, None, -80_000, False),
        # In the last minutes, at each.
        (-90_000, None, -299, True),
        (-299, None, -269, True),
        (-29, None, 1, False),
        # Who was not running then must not ask for what lies before.
        (-90_000, None, 1, True),
        (1, None, 31, False),
        (-29, 86_400, 90_000, False),
        # Renewed from a later day on.
        (-90_000, -80_000, 1, True),
    ],
)
def test_when_a_place_is_marked(
    connector: Connector, marked: int | None, supplied: int | None, now: int, expected: bool
) -> None:
    def moment(seconds: int | None) -> datetime | None:
        return None if seconds is None else STARTS + timedelta(seconds=seconds)

    state = GroupState(
        chat=chat_digest(GROUP, connector.room.chat) if marked is not None else "",
        marked_at=moment(marked),
        supplied_until=moment(supplied),
    )
    assert to_be_marked(connector.room, state, STARTS + timedelta(seconds=now)) is expected


def test_another_chat_of_the_group_is_marked_anew_and_who_left_is_forgotten(
    connector: Connector,
) -> None:
    state = PullStateFile(connector.folder / STATE)
    take(connector, ChatWithPlaces(chat().sent))
    first = state.load().of(GROUP)
    assert first.marked_at == connector.now
    connector.now += timedelta(hours=1)
    other = msgspec.structs.replace(connector.room, chat="!other:x.test")
    connector.list_rooms(other)
    take(connector, ChatWithPlaces({}))
    second = state.load().of(GROUP)
    assert (second.marked_at, second.after) == (connector.now, "0")
    assert second.chat != first.chat
    connector.list_rooms()
    take(connector, ChatWithPlaces({}))
    assert state.load().groups == {}


def test_a_chat_that_was_refused_is_left_alone_for_a_while(connector: Connector) -> None:
    def refuse() -> None:
        raise ConnectorError("CHAT_ENCRYPTED")

    puller = Chat({}, before_answer=refuse)
    turns = connector.turns(puller)
    for minutes, asked in ((0, 1), (9, 1), (1, 2)):
        connector.now += timedelta(minutes=minutes)
        connector.list_rooms(connector.room)
        told = asyncio.run(turns.take()).groups[GROUP]
        assert (told.refused, told.refusals) == ("CHAT_ENCRYPTED", asked)
        assert len(puller.asked) == asked
    # Once nothing is due any more, nothing is refused.
    connector.now += timedelta(days=90)
    connector.list_rooms(connector.room)
    told = asyncio.run(turns.take()).groups[GROUP]
    assert (told.refused, told.refusals, len(puller.asked)) == (None, 0, 2)


def test_what_was_put_before_the_end_is_replaced_under_its_name(connector: Connector) -> None:
    with suppress(Killed):
        take(connector, Chat({}, before_answer=_end))
    state = PullStateFile(connector.folder / STATE)
    plan = state.load().of(GROUP).plan
    assert plan is not None
    take(connector, chat())
    names = [one.name for one in (connector.inbox / GROUP).iterdir()]
    assert plan.name in names
    assert len(names) == len(DAYS)


def _end() -> None:
    raise Killed


def test_a_damaged_state_stops_it_and_says_so(connector: Connector) -> None:
    (connector.folder / STATE).write_text('{"groups": {"g-0123abcd": {"plan": 1}}}')
    assert take(connector, chat()).refused == "CONNECTOR_STATE_INVALID"
    assert connector.exports() == []
