"""Messages of the Bot API as records, each as the reader of canonical exports then reads it."""

from typing import Any

import pytest
from structured_exports import kinds, read
from telegram import Message

from assets.core.canonical_export import Header, line_of
from orchestration.connect.telegram.records import records_of

SENT = 1_790_845_200
"""2026-10-01, 09:00 in UTC."""
OLA = {"id": 42, "is_bot": False, "first_name": "Ola", "last_name": "Berg"}
GROUP = {"id": -5001, "type": "group", "title": "Night team"}
CHANNEL = {"id": -1_002_222_222_222, "type": "channel", "title": "News"}
HEADER = Header(
    canonical_export=1,
    platform="telegram",
    covers_from="2026-10-01T00:00:00Z",
    covers_until="2026-10-02T00:00:00Z",
)


def message(**more: Any) -> Message:
    told = {"message_id": 7, "date": SENT, "chat": GROUP, "from": OLA, **more}
    return Message.de_json({name: one for name, one in told.items() if one is not None}, None)


def read_back(one: Message, *, edited: bool = False):
    lines = [line_of(HEADER), *map(line_of, records_of(one, edited=edited))]
    return read(b"".join(lines), platform="telegram")


PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
FORWARD = {"type": "user", "date": 1, "sender_user": {**OLA, "id": 43}}
POLL = {
    "id": "1",
    "question": "who?",
    "options": [],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}


@pytest.mark.parametrize(
    ("more", "kind", "text"),
    [
        ({"text": "so tired"}, "speech", "so tired"),
        ({"text": "a <b> & c"}, "speech", "a <b> & c"),
        ({"photo": PHOTO, "caption": "my shift"}, "speech", "my shift"),
        ({"photo": PHOTO}, "media", ""),
        ({"poll": POLL}, "media", ""),
        ({"location": {"latitude": 1.0, "longitude": 2.0}}, "media", ""),
        ({"text": "of another", "forward_origin": FORWARD}, "media", ""),
        ({"text": "found", "via_bot": {"id": 1, "is_bot": True, "first_name": "x"}}, "media", ""),
        ({"text": "half \ud83d"}, "speech", "half ?"),
        ({"text": "quoting", "quote": {"text": "of another", "position": 0}}, "speech", "quoting"),
    ],
)
def test_kinds(more: dict[str, Any], kind: str, text: str) -> None:
    assert kinds(read_back(message(**more))) == [("Ola Berg", kind, text)]


@pytest.mark.parametrize(
    "more",
    [
        {"text": "beep", "from": {**OLA, "is_bot": True}},
        {"text": "news", "sender_chat": CHANNEL, "is_automatic_forward": True},
        {"text": "by an admin without a name", "sender_chat": GROUP},
        {"text": "news", "from": None, "sender_chat": CHANNEL},
        {"new_chat_title": "Day team"},
        {"pinned_message": {"message_id": 5, "date": 0, "chat": GROUP}},
        {"migrate_to_chat_id": -1_001_111_111_111},
        {"video_chat_ended": {"duration": 5}},
        {"something_new": {"text": "of a later version"}},
    ],
)
def test_what_no_member_said(more: dict[str, Any]) -> None:
    export = read_back(message(**more))
    assert kinds(export) == []
    assert (export.report.counts["system"], export.report.entries) == (1, 1)


def test_edits() -> None:
    assert kinds(read_back(message(text="other"), edited=True)) == [("Ola Berg", "edited", "other")]
    card = message(photo=PHOTO, caption="other")
    assert kinds(read_back(card, edited=True)) == [("Ola Berg", "edited", "other")]


@pytest.mark.parametrize(
    ("text", "offset", "length", "shown"),
    [
        ("Ben Ito is off", 0, 7, "@\u2068Ben Ito\u2069 is off"),
        # Telegram counts an emoji as two.
        ("🙂 ask Ben & co", 7, 3, "🙂 ask @\u2068Ben\u2069 & co"),
        ("ask @Ben", 4, 4, "ask @\u2068Ben\u2069"),
        ("ask Ben", 4, 30, "ask @\u2068Ben\u2069"),
        ("ask <Ben>", 4, 5, "ask @\u2068<Ben>\u2069"),
    ],
)
def test_a_mention_ends_where_the_name_does(
    text: str, offset: int, length: int, shown: str
) -> None:
    user = {"id": 44, "is_bot": False, "first_name": "Ben"}
    entity = {"type": "text_mention", "offset": offset, "length": length, "user": user}
    bold = {"type": "bold", "offset": 0, "length": 1}
    export = read_back(message(text=text, entities=[bold, entity]))
    assert kinds(export) == [("Ola Berg", "speech", shown)]


def test_people_of_whom_a_message_tells() -> None:
    joined = [{"id": 43, "is_bot": False, "first_name": "Ida"}, {**OLA, "id": 9, "is_bot": True}]
    export = read_back(message(new_chat_members=joined))
    assert kinds(export) == [("Ola Berg", "media", ""), ("Ida", "media", "")][1:]
    assert "Ida" in export.roster
    for more in (
        {"left_chat_member": {"id": 44, "is_bot": False, "first_name": "Max", "last_name": "Ek"}},
        {"contact": {"phone_number": "1", "first_name": "Max", "last_name": "Ek"}},
    ):
        assert "Max Ek" in read_back(message(**more)).roster


def test_a_person_is_who_an_export_of_telegram_desktop_says() -> None:
    """So that an objection holds, whichever way the chat came."""
    (found,) = read_back(message(text="hi")).messages
    desktop = (
        '{"name": "Night team", "type": "private_group", "id": 5001, "messages": [{"id": 7,'
        f' "type": "message", "date_unixtime": "{SENT}", "from": "Ola Berg",'
        ' "from_id": "user42", "text": "hi"}]}'
    )
    (other,) = read(desktop.encode()).messages
    assert (found.person, found.author) == (other.person, other.author)
