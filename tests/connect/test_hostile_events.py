"""What a member's app or server may send in any field: a code, or records that can be read."""

import copy
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from connected import at, room
from hypothesis import example, given, settings
from hypothesis import strategies as st
from structured_exports import read

from assets.core.canonical_export import Header, Record, line_of
from assets.core.errors import ConnectorError
from orchestration.connect.contract import Span
from orchestration.connect.matrix import events
from orchestration.connect.teams.graph import decoded
from orchestration.connect.teams.records import ChannelMessage, record_of
from orchestration.connect.telegram.batch import batch_of
from orchestration.connect.telegram.queue_mark import Held, QueueMark
from orchestration.connect.telegram.updates import Update

A, CHAT_A = "g-0000000a", -5001
SPAN = Span(at(0, 12), at(0, 13))
NOON = int(at(12).timestamp())
OLA, OWN = "@ola:x.test", "@reader:x.test"
MATRIX: list[Any] = [
    {
        "event_id": "$a",
        "type": "m.room.message",
        "sender": OLA,
        "origin_server_ts": NOON * 1000,
        "content": {"msgtype": "m.file", "body": "the rota", "filename": "x.pdf"},
        "unsigned": {
            "m.relations": {
                "m.replace": {
                    "sender": OLA,
                    "origin_server_ts": NOON * 1000,
                    "content": {
                        "m.new_content": {"msgtype": "m.text", "body": "new"},
                        "m.relates_to": {"rel_type": "m.replace", "event_id": "$a"},
                    },
                }
            }
        },
    },
    {
        "event_id": "$b",
        "type": "m.room.redaction",
        "sender": OLA,
        "origin_server_ts": NOON * 1000,
        "redacts": "$c",
        "content": {"redacts": "$c"},
    },
]
STATE: list[Any] = [
    {
        "type": "m.room.member",
        "state_key": who,
        "sender": who,
        "origin_server_ts": NOON * 1000 - 90_000_000,
        "content": {"membership": "join", "displayname": "Ola Berg"},
    }
    for who in (OLA, OWN)
]
TEAMS: dict[str, Any] = {
    "id": "1",
    "createdDateTime": "2026-11-12T12:00:00Z",
    "lastEditedDateTime": "2026-11-12T13:00:00Z",
    "deletedDateTime": None,
    "replyToId": "2",
    "subject": "Rota",
    "from": {"user": {"id": "8ea0", "displayName": "Ola Berg"}, "application": None},
    "body": {"contentType": "html", "content": "<p>so tired</p>"},
    "policyViolation": {"dlpAction": "none"},
}
OLA_BERG = {"id": 42, "is_bot": False, "first_name": "Ola", "last_name": "Berg"}
TELEGRAM: dict[str, Any] = {
    "update_id": 501,
    "message": {
        "message_id": 7,
        "date": NOON,
        "chat": {"id": CHAT_A, "type": "group", "title": "team"},
        "from": OLA_BERG,
        "text": "ask Ben",
        "entities": [{"type": "text_mention", "offset": 4, "length": 3, "user": OLA_BERG}],
        "new_chat_members": [OLA_BERG],
        "left_chat_member": OLA_BERG,
        "migrate_to_chat_id": None,
    },
}
MOMENTS = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-11-12T12:00:00",
    "2026-11-12",
]
HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([0, -1, 2**31, 2**44, 2**45, 2**63, 2**64, 10**30, -(2**63) - 1])
    | st.sampled_from([float("inf"), float("-inf"), float("nan"), 1e300, 0.5])
    | st.sampled_from(["", "\ud83d", "a\udc00b", "\0", "@\ud800:x.test", "$a", *MOMENTS])
    | st.text(st.characters(), max_size=5),
    lambda one: st.lists(one, max_size=2) | st.dictionaries(st.text(max_size=3), one, max_size=2),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something may be put in the place of something else."""
    inner: Iterable[Any] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for name, one in inner:
        yield (*path, name)
        yield from places(one, (*path, name))


@st.composite
def changed(draw: st.DrawFn, base: Any) -> Any:
    """It, with up to three values of any form in the place of its own."""
    made = copy.deepcopy(base)
    for _ in range(draw(st.integers(1, 3))):
        *outer, name = draw(st.sampled_from(list(places(made))))
        inside = made
        for one in outer:
            inside = inside[one]
        inside[name] = draw(HOSTILE)
    return made


def with_one(base: Any, path: tuple[Any, ...], value: Any) -> Any:
    """It, with one other value."""
    made = inside = copy.deepcopy(base)
    for one in path[:-1]:
        inside = inside[one]
    inside[path[-1]] = value
    return made


def require_readable(records: Iterable[Record], platform: str, begins: datetime) -> None:
    """As a file that covers them, they are read like any other."""
    header = Header(
        canonical_export=1,
        platform=platform,
        covers_from=begins.isoformat(),
        covers_until=SPAN.end.isoformat(),
    )
    export = read(b"".join([line_of(header), *map(line_of, records)]), platform=platform)
    assert list(export.messages) is not None


@settings(derandomize=True)
@given(changed(MATRIX), changed(STATE))
@example(with_one(MATRIX, (0, "content", "msgtype"), []), STATE)
@example(with_one(MATRIX, (0, "type"), {}), STATE)
@example(with_one(MATRIX, (0, "content", "body"), "a\ud83d"), STATE)
@example(with_one(MATRIX, (0, "sender"), "\ud83d"), STATE)
@example(with_one(MATRIX, (1, "content", "redacts"), "\ud83d"), STATE)
@example(MATRIX, with_one(STATE, (0, "content", "displayname"), "\ud83d"))
@example(MATRIX, with_one(STATE, (0, "origin_server_ts"), 0))
@example(MATRIX, [*STATE, {"type": [], "state_key": ""}])
def test_a_matrix_room(sent: list[Any], state: list[Any]) -> None:
    with suppress(ConnectorError):
        events.require_readable(state, OWN, SPAN.start)
    with suppress(ConnectorError):
        messages = events.records_of(sent, SPAN, events.names_of(state), OWN)
        records = [*events.members_of(state, messages, SPAN), *messages]
        require_readable(records, "matrix", SPAN.start)


@settings(derandomize=True)
@given(changed(TEAMS))
@example(with_one(TEAMS, ("createdDateTime",), "2026-11-12T12:00:00"))
@example(with_one(TEAMS, ("deletedDateTime",), "2026-11-12T12:00:00"))
@example(with_one(TEAMS, ("from", "user", "displayName"), "\ud83d"))
def test_a_teams_channel(sent: dict[str, Any]) -> None:
    with suppress(ConnectorError):
        message = decoded(json.dumps(sent).encode(), ChannelMessage)
        if message.created_date_time >= at(0, 1):
            record = record_of(message, SPAN.start, SPAN.end)
            require_readable([] if record is None else [record], "teams", SPAN.start)


@settings(derandomize=True)
@given(changed(TELEGRAM), st.sampled_from(["message", "edited_message"]))
@example(with_one(TELEGRAM, ("message", "date"), 1 << 60), "message")
@example(with_one(TELEGRAM, ("message", "date"), -(1 << 60)), "message")
@example(with_one(TELEGRAM, ("message", "text"), "\ud83d"), "message")
@example(with_one(TELEGRAM, ("message", "migrate_to_chat_id"), 1 << 70), "message")
@example(with_one(TELEGRAM, ("message",), "\ud83d"), "message")
@example(with_one(TELEGRAM, ("message", "from", "is_bot"), None), "message")
@example(with_one(TELEGRAM, ("update_id",), float("inf")), "message")
def test_a_telegram_group(sent: dict[str, Any], kind: str) -> None:
    if "message" in sent:
        sent[kind] = sent.pop("message")
    mark = QueueMark(held={A: Held(at(0, 10), at(0, 12))})
    rooms = {CHAT_A: room(A, str(CHAT_A))}
    with suppress(ConnectorError):
        batch = batch_of([Update(sent)], mark, rooms, at(1, 12), privacy_off=True)
        assert QueueMark.of(batch.mark.written()) == batch.mark
        for taken in batch.taken.values():
            begins = min(taken.first or SPAN.start, SPAN.start)
            require_readable(taken.records, "telegram", begins)
