"""What becomes of a Matrix room's events."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assets.core.errors import ConnectorError
from orchestration.connect.contract import Span
from orchestration.connect.matrix.events import (
    members_of,
    names_of,
    records_of,
    require_readable,
    sent_at,
)

START = datetime(2026, 10, 12, 23, tzinfo=UTC)
SPAN = Span(START, START + timedelta(days=1))
OLA, BEN, OWN = "@ola:x.test", "@ben:x.test", "@reader:x.test"
NAMES = {OLA: "Ola Berg", BEN: "Ben Ito"}


def event(
    event_id: str, content: dict[str, Any], minute: float = 5, sender: str = OLA, **more: Any
) -> dict[str, Any]:
    at = START + timedelta(minutes=minute)
    return {
        "event_id": event_id,
        "type": "m.room.message",
        "sender": sender,
        "origin_server_ts": round(at.timestamp() * 1000),
        "content": content,
        **more,
    }


def typed(event_id: str, text: str = "hello", minute: float = 5, **more: Any) -> dict[str, Any]:
    return event(event_id, {"msgtype": "m.text", "body": text}, minute, **more)


def edit(
    event_id: str, target: str, text: str, minute: float = 6, sender: str = OLA
) -> dict[str, Any]:
    content = {
        "msgtype": "m.text",
        "body": f"* {text}",
        "m.new_content": {"msgtype": "m.text", "body": text},
        "m.relates_to": {"rel_type": "m.replace", "event_id": target},
    }
    return event(event_id, content, minute, sender)


def redaction(event_id: str, target: str, minute: float = 6, **more: Any) -> dict[str, Any]:
    return event(event_id, {}, minute, type="m.room.redaction", redacts=target, **more)


def found(*events: dict[str, Any]) -> list[tuple[Any, ...]]:
    records = records_of(events, SPAN, NAMES, OWN)
    return [(one.id, one.kind, one.text) for one in records]


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        ({"msgtype": "m.text", "body": "so tired"}, "speech", "so tired"),
        ({"msgtype": "m.emote", "body": "waves"}, "speech", "waves"),
        ({"msgtype": "m.image", "body": "x.png"}, "media", ""),
        ({"msgtype": "m.image", "body": "x.png", "filename": "x.png"}, "media", ""),
        ({"msgtype": "m.file", "body": "the rota", "filename": "x.pdf"}, "speech", "the rota"),
        ({"msgtype": "m.location", "body": "at home", "geo_uri": "geo:1,1"}, "media", ""),
        ({"msgtype": "org.example.new", "body": "?"}, "media", ""),
        ({"msgtype": "m.text"}, "speech", ""),
        (
            {
                "msgtype": "m.text",
                "body": "> <@ben:x.test> I hate it\n> here\n\nme too",
                "m.relates_to": {"m.in_reply_to": {"event_id": "$b"}},
            },
            "speech",
            "me too",
        ),
        ({"msgtype": "m.text", "body": "> <3 that\nall of it"}, "speech", "> <3 that\nall of it"),
        ({"msgtype": "m.text", "body": "> quoted\nby hand"}, "speech", "> quoted\nby hand"),
    ],
)
def test_messages(content: dict[str, Any], kind: str, text: str) -> None:
    assert found(event("$a", content)) == [("$a", kind, text)]


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [
        ("m.sticker", "media"),
        ("m.poll.start", "poll"),
        ("org.matrix.msc3381.poll.start", "poll"),
        ("m.call.invite", "call"),
    ],
)
def test_other_types(kind: str, becomes: str) -> None:
    assert found(event("$a", {"body": "x"}, type=kind)) == [("$a", becomes, "")]


def test_reactions_and_state_are_nothing_that_was_sent() -> None:
    assert found(event("$a", {}, type="m.reaction"), typed("$b", state_key="")) == []


def test_people_and_programs() -> None:
    notice = event("$b", {"msgtype": "m.notice", "body": "beep"})
    records = records_of([typed("$a"), notice, typed("$c", sender=OWN)], SPAN, NAMES, OWN)
    assert [(one.sender, one.name, one.bot) for one in records] == [
        (OLA, "Ola Berg", False),
        (OLA, "Ola Berg", True),
        (OWN, None, True),
    ]


def test_the_newest_edit_of_the_same_sender_stands() -> None:
    assert found(
        typed("$a", "frist"),
        edit("$e2", "$a", "second", 8),
        edit("$e1", "$a", "first", 7),
        edit("$e3", "$a", "forged", 9, sender=BEN),
    ) == [("$a", "edited", "second")]


def test_an_edit_that_the_server_sends_along() -> None:
    later = edit("$e", "$a", "after the day", 3000)
    told = typed("$a", unsigned={"m.relations": {"m.replace": later}})
    forged = typed("$b", unsigned={"m.relations": {"m.replace": edit("$f", "$b", "x", 7, BEN)}})
    assert found(told, forged) == [("$a", "edited", "after the day"), ("$b", "speech", "hello")]


def test_what_was_deleted_has_no_text() -> None:
    gone = event("$a", {}, unsigned={"redacted_because": {"type": "m.room.redaction"}})
    assert found(gone, typed("$b"), redaction("$r", "$b")) == [
        ("$a", "deleted", ""),
        ("$b", "deleted", ""),
    ]


def test_what_is_taken_back_of_days_before_is_told_without_text() -> None:
    of_11 = redaction("$r", "")
    of_11["content"] = {"redacts": "$old"}
    del of_11["redacts"]
    records = records_of([of_11, edit("$e", "$older", "changed")], SPAN, NAMES, OWN)
    assert {(one.id, one.kind, one.text, one.sender) for one in records} == {
        ("$old", "deleted", "", None),
        ("$older", "deleted", "", None),
    }
    assert all(datetime.fromisoformat(one.at) < SPAN.start for one in records)


def test_of_other_days_nothing() -> None:
    assert found(typed("$a", minute=-1), typed("$b", minute=24 * 60), typed("$c", minute=0)) == [
        ("$c", "speech", "hello")
    ]


@pytest.mark.parametrize(
    "broken",
    [
        {},
        typed("$a") | {"event_id": 5},
        typed("$a") | {"sender": None},
        typed("$a") | {"content": "x"},
        typed("$a") | {"origin_server_ts": "now"},
        typed("$a") | {"origin_server_ts": -5},
        typed("$a") | {"origin_server_ts": 1 << 60},
    ],
)
def test_unknown_answers_are_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ConnectorError, match="PLATFORM_ANSWER_UNKNOWN"):
        found(broken)


def test_an_encrypted_message_is_refused() -> None:
    with pytest.raises(ConnectorError, match="CHAT_ENCRYPTED"):
        found(typed("$a"), event("$b", {"ciphertext": "x"}, type="m.room.encrypted"))


def member(who: str, shown: str | None, minute: float, membership: str = "join") -> dict[str, Any]:
    content = {"membership": membership, "displayname": shown}
    return event("$m", content, minute, who, type="m.room.member", state_key=who)


def test_members_who_wrote_are_known_by_id_and_others_by_name() -> None:
    state = [
        member(OLA, "Ola Berg", -9000),
        member(BEN, "Ben Ito", -9000),
        member("@cy:x.test", None, -9000),
        member("@gone:x.test", "Gone", -9000, "leave"),
        member(OWN, "Reader", -9000),
    ]
    assert names_of(state) == {OLA: "Ola Berg", BEN: "Ben Ito", OWN: "Reader"}
    messages = records_of([typed("$a")], SPAN, NAMES, OWN)
    told = [(one.sender, one.name, one.kind) for one in members_of(state, messages, SPAN)]
    assert told == [
        (OLA, "Ola Berg", "member"),
        (None, "Ben Ito", "member"),
        (None, "Reader", "member"),
    ]
    joined = members_of(state, messages, SPAN)[0].at
    assert datetime.fromisoformat(joined) == sent_at(state[0])


def test_who_joined_before_there_was_any_chat_counts_from_the_span_on() -> None:
    """Else their server could make every file unreadable, or them known as told long ago."""
    state = [{**member(OLA, "Ola Berg", 0), "origin_server_ts": 0}]
    (found,) = members_of(state, records_of([typed("$a")], SPAN, NAMES, OWN), SPAN)
    assert found.at == START.isoformat()


def rule(shown: str, minute: float) -> dict[str, Any]:
    content = {"history_visibility": shown}
    return event("$v", content, minute, type="m.room.history_visibility", state_key="")


ENCRYPTION = event("$x", {"algorithm": "a"}, -50, type="m.room.encryption", state_key="")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ([member(OWN, None, -60)], None),
        ([member(OWN, None, -60), rule("joined", -60)], None),
        ([member(OWN, None, 60), rule("shared", -60)], None),
        ([member(OWN, None, 60)], None),
        ([member(OWN, None, 60), rule("joined", -60)], "CHAT_NOT_WHOLE"),
        ([member(OWN, None, 60), rule("shared", 30)], "CHAT_NOT_WHOLE"),
        ([member(OWN, None, -60, "leave")], "CHAT_NOT_JOINED"),
        ([member(OLA, None, -60)], "CHAT_NOT_JOINED"),
        ([member(OWN, None, -60), ENCRYPTION], "CHAT_ENCRYPTED"),
    ],
)
def test_which_rooms_are_read(state: list[dict[str, Any]], code: str | None) -> None:
    if code is None:
        require_readable(state, OWN, START)
        return
    with pytest.raises(ConnectorError, match=code):
        require_readable(state, OWN, START)
