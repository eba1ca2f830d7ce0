"""DiscordChatExporter's JSON: messages, replies, bots, system types, numbered parts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structured_exports import as_json, kinds, read, zipped

from assets.core.errors import ExportError

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
OLA = {"id": "100000000000000001", "name": "ola_b", "discriminator": "0000", "nickname": "Ola",
       "color": None, "isBot": False, "roles": [], "avatarUrl": "x"}  # fmt: skip


def message(number: int, content: str = "hello", **more: Any) -> dict[str, Any]:
    return {
        "id": str(10**17 + number),
        "type": "Default",
        "timestamp": (START + timedelta(minutes=number)).isoformat(),
        "timestampEdited": None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": content,
        "author": OLA,
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
        **more,
    }


def channel(*messages: Any, number: str = "5", name: str = "night-team") -> bytes:
    return as_json(
        {
            "guild": {"id": "1", "name": "Home", "iconUrl": "x"},
            "channel": {"id": number, "type": "GuildTextChat", "category": "c", "name": name},
            "dateRange": {"after": None, "before": None},
            "exportedAt": "2026-03-02T00:00:00+00:00",
            "messages": list(messages),
            "messageCount": len(messages),
        }
    )


FILE = [{"id": "1", "url": "x", "fileName": "a.png", "fileSizeBytes": 1}]
FORMS = [
    (message(1), ("speech", "hello")),
    (message(1, type="Reply", reference={"messageId": "1"}), ("speech", "hello")),
    (message(1, timestampEdited="2026-03-01T10:00:00+00:00"), ("edited", "hello")),
    (message(1, reactions=[{"emoji": {"name": "x"}, "count": 2}]), ("speech", "hello")),
    (message(1, "", attachments=FILE), ("media", "")),
    (message(1, "look", attachments=FILE), ("speech", "look")),
    (message(1, "", stickers=[{"id": "1", "name": "x"}]), ("media", "")),
    (message(1, "", poll={"question": "who?"}), ("media", "")),
    (message(1, "old", reference={"type": "Forward"}), ("media", "old")),
    (message(1, "ok <:thumbs:123456789>"), ("speech", "ok :thumbs:")),
    (
        message(1, "ask @Ben now", mentions=[{"id": "7", "name": "ben_i", "nickname": "Ben"}]),
        ("speech", "ask @\u2068Ben\u2069 now"),
    ),
    (
        message(1, "ask <@!77777>", mentions=[{"id": "77777", "name": "ben_i", "nickname": "Ben"}]),
        ("speech", "ask @\u2068Ben\u2069"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("held", "told"), FORMS, ids=range(len(FORMS)))
def test_kinds(held: dict[str, Any], told: tuple[str, str]) -> None:
    assert kinds(read(channel(held))) == [("Ola", *told)]


def test_what_nobody_wrote() -> None:
    bot = {**OLA, "id": "9", "name": "helper", "isBot": True}
    held = [
        message(1, "Started a call.", type="Call"),
        message(2, "Changed the channel name", type="ChannelNameChange"),
        message(3, "joined", type="GuildMemberJoin"),
        message(4, "boost", type="8"),
        message(5, "beep", author=bot),
        message(6, "command", type="20"),
        message(7, "of 2031", type="Hologram"),
        *(message(number) for number in range(10, 40)),
    ]
    report = read(channel(*held)).report
    assert (report.counts["system"], report.not_people, report.left_out) == (7, 2, 1)
    assert report.notices == {"Call": 1, "ChannelNameChange": 1, "GuildMemberJoin": 1, "unknown": 1}
    assert report.with_sender == 30


def test_a_message_that_is_there_twice_counts_once() -> None:
    export = read(channel(message(1), message(2), message(1)))
    assert [text for *_, text in kinds(export)] == ["hello", "hello"]
    assert export.report.repeated == 1


def test_people_by_id() -> None:
    other = {**OLA, "id": "100000000000000002"}
    gone = {**OLA, "id": "3", "name": "Deleted User", "nickname": "Deleted User"}
    export = read(channel(message(1), message(2, author=other), message(3, author=gone)))
    assert export.report.authors == 3
    assert [one.unnamed for one in export.messages] == [False, False, True]
    assert {"Ola", "ola_b", "night-team"} <= export.roster


def test_parts_and_other_channels() -> None:
    parts = {
        "a [part 1].json": channel(message(1)),
        "a [part 2].json": channel(message(2, "more")),
    }
    assert [text for *_, text in kinds(read(zipped(parts)))] == ["hello", "more"]
    parts["b.json"] = channel({"of": "no form"}, number="6", name="off-topic")
    with pytest.raises(ExportError) as caught:
        read(zipped(parts))
    assert caught.value.code == "EXPORT_CHAT_NOT_CHOSEN"
    for named in ("5", "night-team"):
        assert len(kinds(read(zipped(parts), is_the_chat=named.__eq__))) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": "2026-03-01T09:00:00"},
        {"timestamp": "soon"},
        {"author": None},
        {"content": None},
        {"type": 0},
    ],
)
def test_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ExportError) as caught:
        read(channel(message(1), message(2, **change)))
    assert caught.value.code == "EXPORT_STRUCTURE_UNKNOWN"


@given(st.lists(st.tuples(st.integers(0, 300_000), st.text(max_size=40)), min_size=1, max_size=10))
@settings(max_examples=100)
def test_what_is_written_is_read(written: list[tuple[int, str]]) -> None:
    told = [(at, f"{text.encode('utf-8', 'replace').decode()}.") for at, text in written]
    held = [message(at, text, id=str(10**17 + number)) for number, (at, text) in enumerate(told)]
    export = read(channel(*held))
    assert [text for *_, text in kinds(export)] == [text for _, text in told]
    assert [one.sent_at for one in export.messages] == [
        START + timedelta(minutes=at) for at, _ in told
    ]
