"""Telegram Desktop's `result.json`, of one chat and of an account."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structured_exports import AT, NOW, as_json, kinds, read

from assets.core.errors import ExportError
from assets.core.london_time import LONDON


def message(number: int, text: Any = "hello", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": "2023-11-14T22:13:20",
        "date_unixtime": str(AT + number),
        "from": "Ola Berg",
        "from_id": "user1001",
        "text": text,
        "text_entities": [],
        **more,
    }


def service(number: int, action: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "service",
        "date": "2023-11-14T22:13:20",
        "date_unixtime": str(AT + number),
        "actor": "Ola Berg",
        "actor_id": "user1001",
        "action": action,
        "text": "",
        **more,
    }


def chat(*messages: Any, **more: Any) -> dict[str, Any]:
    return {
        "name": "Night team",
        "type": "private_supergroup",
        "id": 1234567890,
        **more,
        "messages": list(messages),
    }


FORMS = [
    (message(1), ("speech", "hello")),
    (message(1, ["so ", {"type": "bold", "text": "tired"}, "!"]), ("speech", "so tired!")),
    (
        message(1, ["ask ", {"type": "mention_name", "text": "Ben", "user_id": 7}]),
        ("speech", "ask @\u2068Ben\u2069"),
    ),
    (message(1, edited="2023-11-15T00:00:00", edited_unixtime="1700006400"), ("edited", "hello")),
    (
        message(1, edited_unixtime="1700006400", reactions=[{"type": "emoji", "count": 1}]),
        ("speech", "hello"),
    ),
    (message(1, "", photo="(File not included)", width=1), ("media", "")),
    (message(1, "look", photo="photos/photo_1.jpg"), ("speech", "look")),
    (message(1, "", media_type="sticker", file="s.webp", sticker_emoji="x"), ("media", "")),
    (message(1, "", poll={"question": "who?", "answers": []}), ("media", "")),
    (message(1, "", location_information={"latitude": 51.5, "longitude": 0.1}), ("media", "")),
    (
        message(1, "", contact_information={"first_name": "Zed", "last_name": "Ur"}),
        ("media", ""),
    ),
    (message(1, "news", forwarded_from="Ben"), ("media", "news")),
    (message(1, "news", forwarded_from=None), ("media", "news")),
    (message(1, "found", via_bot="@gif"), ("media", "found")),
    (message(1, reply_to_message_id=7), ("speech", "hello")),
]  # fmt: skip


@pytest.mark.parametrize(("held", "told"), FORMS, ids=range(len(FORMS)))
def test_kinds(held: dict[str, Any], told: tuple[str, str]) -> None:
    assert kinds(read(as_json(chat(held)))) == [("Ola Berg", *told)]


def test_details() -> None:
    held = [{**one, "id": number} for number, (one, _) in enumerate(FORMS)]
    report = read(as_json(chat(*held), indent=None)).report
    assert {name: many for name, many in report.details.items() if many} == {
        "captions": 1, "polls": 1, "locations": 1, "contact_cards": 1, "forwarded": 3,
    }  # fmt: skip


def test_what_nobody_wrote() -> None:
    export = read(
        as_json(
            chat(
                service(1, "create_group", title="Night team", members=["Ola Berg", "Ben Ito"]),
                service(2, "phone_call"),
                service(3, "moved_to_the_moon"),
                message(4),
                message(5, **{"from": "Night team", "from_id": "channel1234567890"}),
                message(6, inline_bot_buttons=[[{"type": "url", "text": "x"}]]),
                {"id": 7, "type": "unsupported"},
                {"id": 8, "type": "of 2031"},
                *(message(number) for number in range(10, 60)),
            )
        )
    )
    assert {author for author, *_ in kinds(export)} == {"Ola Berg"}
    report = export.report
    assert (report.entries, report.counts["system"], report.counts["speech"]) == (58, 7, 51)
    assert (report.not_people, report.left_out, report.unsure_reasons) == (2, 2, ())
    assert report.notices == {"create_group": 1, "phone_call": 1, "unknown": 1}
    assert {"Ben Ito", "Night team", "Ola Berg"} <= export.roster


def test_many_entries_of_unknown_types_are_doubtful() -> None:
    held = [message(number) for number in range(20)]
    held += [{"id": 30 + number, "type": "of 2031"} for number in range(3)]
    assert read(as_json(chat(*held))).report.unsure_reasons == ("unknown_types",)


def test_two_people_of_one_name_are_two_and_one_of_two_names_is_one() -> None:
    export = read(
        as_json(
            chat(
                message(1),
                message(2, from_id="user2002"),
                message(3, **{"from": "Ola B"}),
                message(4, **{"from": None}),
            )
        )
    )
    found = list(export.messages)
    assert len({one.person for one in found}) == 4
    assert [one.unnamed for one in found] == [False, False, False, True]
    assert found[0].person.partition("\x1f")[2] == found[2].person.partition("\x1f")[2]


def test_times() -> None:
    export = read(as_json(chat(message(0), message(90_000_000 - 17_000_000))))
    assert [one.sent_at.isoformat() for one in export.messages] == [
        "2023-11-14T22:13:20+00:00",
        "2026-03-08T20:00:00+00:00",
    ]
    old = message(1)
    del old["date_unixtime"]
    old["date"] = "2019-07-01T09:00:00"
    (found,) = read(as_json(chat(old))).messages
    assert found.sent_at == datetime(2019, 7, 1, 8, tzinfo=UTC)


def test_the_hour_that_comes_twice() -> None:
    """25 October 2026, 01:30 in London: once in summer time, once in winter time."""
    first = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp())
    held = [message(n, date_unixtime=str(first + n * 3600)) for n in range(3)]
    found = [one.sent_at for one in read(as_json(chat(*held))).messages]
    assert [one.isoformat() for one in found] == [
        "2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00", "2026-10-25T02:30:00+00:00",
    ]  # fmt: skip
    assert all(one.tzinfo is LONDON for one in found)


def test_control_characters_as_it_writes_them() -> None:
    data = as_json(chat(message(1, "before QQ after"))).replace(b"QQ", rb"\x1F")
    assert kinds(read(data)) == [("Ola Berg", "speech", "before \x1f after")]


def account(*chats: dict[str, Any], left: tuple[dict[str, Any], ...] = ()) -> bytes:
    return as_json(
        {
            "about": "Here is the data you requested.",
            "personal_information": {"user_id": 1001, "first_name": "Ola"},
            "contacts": {"about": "", "list": [{"first_name": "Zed", "date": ""}]},
            "chats": {"about": "Chats", "list": list(chats)},
            "left_chats": {"about": "Left", "list": list(left)},
        }
    )


@pytest.mark.parametrize("named", ["Night team", "1234567890", "-1001234567890"])
def test_of_an_account_the_consented_chat_alone_is_read(named: str) -> None:
    other = chat({"of": "no form"}, name="Family", id=5, type="private_group")
    data = account(other, chat(message(1)), left=(chat(message(2), name="Old", id=6),))
    export = read(data, is_the_chat=named.__eq__)
    assert kinds(export) == [("Ola Berg", "speech", "hello")]
    assert export.report.other_chats == 2
    assert export.report.form == "account"
    assert not export.roster & {"Zed", "Family", "Old"}


def test_which_chat_is_not_guessed() -> None:
    two = account(chat(message(1)), chat(message(1), id=5))
    for asked, code in (
        ({}, "EXPORT_CHAT_NOT_CHOSEN"),
        ({"is_the_chat": "Day team".__eq__}, "EXPORT_OF_ANOTHER_CHAT"),
        ({"is_the_chat": "Night team".__eq__}, "EXPORT_CHAT_AMBIGUOUS"),
    ):
        with pytest.raises(ExportError) as caught:
            read(two, **asked)
        assert caught.value.code == code
    assert kinds(read(two, is_the_chat="5".__eq__)) == [("Ola Berg", "speech", "hello")]
    assert kinds(read(account(chat(message(1))))) == [("Ola Berg", "speech", "hello")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": 5}, "EXPORT_STRUCTURE_UNKNOWN"),
        ({"id": 2**70}, "EXPORT_STRUCTURE_UNKNOWN"),
        ({"id": -(2**63) - 1}, "EXPORT_STRUCTURE_UNKNOWN"),
        ({"from": ["x"]}, "EXPORT_STRUCTURE_UNKNOWN"),
        ({"date_unixtime": "soon", "date": None}, "EXPORT_STRUCTURE_UNKNOWN"),
        ({"date_unixtime": "12"}, "EXPORT_STRUCTURE_UNKNOWN"),
        ({"date_unixtime": "999999999999999"}, "EXPORT_STRUCTURE_UNKNOWN"),
        ({"date_unixtime": str(int(NOW.timestamp()) + 200_000)}, "EXPORT_DATED_IN_FUTURE"),
    ],
)
def test_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(ExportError) as caught:
        read(as_json(chat(message(1), message(2, **change))))
    assert caught.value.code == code


_texts = st.text(max_size=60)
_messages = st.lists(
    st.tuples(
        st.integers(0, 80_000_000),
        st.sampled_from(["Ola Berg", "Ben Ito", "Zoë 🌙", "{x}"]),
        st.one_of(_texts, st.lists(_texts | st.builds(lambda t: {"type": "x", "text": t}, _texts))),
    ),
    min_size=1,
    max_size=12,
)


@given(_messages, st.sampled_from([None, 1]), st.booleans())
@settings(max_examples=150)
def test_what_is_written_is_read(
    written: list[tuple[int, str, Any]], indent: int | None, escaped: bool
) -> None:
    held = [
        message(number, text, date_unixtime=str(AT + at), **{"from": who, "from_id": f"user{who}"})
        for number, (at, who, text) in enumerate(written)
    ]
    data = json.dumps(chat(*held), indent=indent, ensure_ascii=escaped)
    export = read(data.encode("utf-8", "surrogatepass").replace(b"\0", b""))
    plain = [
        "".join(one if isinstance(one, str) else one["text"] for one in text)
        for _, _, text in written
    ]
    assert [(who, text) for who, _, text in kinds(export)] == [
        (who, text) for (_, who, _), text in zip(written, plain, strict=True)
    ]
    assert [one.sent_at.timestamp() for one in export.messages] == [AT + at for at, *_ in written]
