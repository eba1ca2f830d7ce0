"""Slack's export: a folder for each channel, a file for each day, people in a file of their own."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structured_exports import AT, as_json, kinds, read, zipped

from assets.core.errors import ExportError

USERS = [
    {"id": "U1", "name": "ola.b", "real_name": "Ola Berg",
     "profile": {"display_name": "Ola", "real_name": "Ola Berg"}},
    {"id": "U2", "name": "ben", "profile": {"display_name": "", "real_name": "Ben Ito"}},
    {"id": "UBOT", "name": "rota", "is_bot": True, "profile": {"real_name": "Rota"}},
]  # fmt: skip
CHANNELS = [{"id": "C1", "name": "night-team"}, {"id": "C2", "name": "off-topic"}]


def message(number: int, text: str = "hello", **more: Any) -> dict[str, Any]:
    told = {"type": "message", "user": "U1", "ts": f"{AT + number}.000{number:03d}", "text": text}
    return {key: one for key, one in {**told, **more}.items() if one is not None}


def export_of(*messages: Any, folder: str = "night-team", top: str = "", **more: Any) -> bytes:
    return zipped(
        {
            f"{top}channels.json": as_json(CHANNELS),
            f"{top}users.json": as_json(USERS),
            f"{top}integration_logs.json": b"[]",
            f"{top}{folder}/2023-11-14.json": as_json(list(messages)),
            **more,
        }
    )


FORMS = [
    (message(1), ("speech", "hello")),
    (message(1, thread_ts="1.0", parent_user_id="U2"), ("speech", "hello")),
    (message(1, subtype="thread_broadcast"), ("speech", "hello")),
    (message(1, subtype="me_message"), ("speech", "hello")),
    (message(1, edited={"user": "U1", "ts": "1.0"}), ("edited", "hello")),
    (message(1, reactions=[{"name": "x", "count": 1}]), ("speech", "hello")),
    (message(1, "", files=[{"id": "F1", "url_private": "https://x?t=xoxe-1"}]), ("media", "")),
    (message(1, "look", files=[{"id": "F1"}], upload=True), ("speech", "look")),
    (message(1, "ask <@U2> &amp; me"), ("speech", "ask @\u2068Ben Ito\u2069 & me")),
    (message(1, "<!here> <#C1|night-team>"), ("speech", "@here #night-team")),
    (message(1, "see <https://example.org|this>"), ("speech", "see this")),
    (message(1, "at <mailto:a@example.org|a@example.org>"), ("speech", "at a@example.org")),
    (message(1, "3 &lt; 4 &lt;@U2&gt;"), ("speech", "3 < 4 <@U2>")),
]  # fmt: skip


@pytest.mark.parametrize(("held", "told"), FORMS, ids=range(len(FORMS)))
def test_kinds(held: dict[str, Any], told: tuple[str, str]) -> None:
    assert kinds(read(export_of(held))) == [("Ola", *told)]


def test_what_nobody_wrote() -> None:
    held = [
        message(1, "<@U1> has joined the channel", subtype="channel_join"),
        message(2, "A huddle started", subtype="huddle_thread"),
        message(3, "beep", subtype="bot_message", user=None, bot_id="B1"),
        message(4, "beep", user="UBOT"),
        message(5, "beep", user="USLACKBOT"),
        message(6, "sent by an app", bot_id="B2"),
        message(7, "This message was deleted.", subtype="tombstone", user="USLACKBOT"),
        message(8, "of 2031", subtype="hologram"),
        *(message(number) for number in range(10, 40)),
    ]
    report = read(export_of(*held)).report
    assert (report.counts["system"], report.counts["deleted"]) == (7, 1)
    assert (report.not_people, report.left_out, report.with_sender) == (4, 1, 30)
    assert report.notices == {"channel_join": 1, "huddle_thread": 1}
    assert report.unsure_reasons == ()


def test_people_by_id_and_by_all_their_names() -> None:
    export = read(
        export_of(
            message(1),
            message(2, user="U2"),
            message(3, user="U9"),
            message(4, user="U8", user_profile={"real_name": "Cy Dent", "display_name": "Cy"}),
        )
    )
    assert [author for author, *_ in kinds(export)] == ["Ola", "Ben Ito", "U9", "Cy"]
    assert [one.unnamed for one in export.messages] == [False, False, True, False]
    assert {"Ola", "Ola Berg", "ola.b", "Cy Dent"} <= export.roster


def test_packed_again_with_a_folder_around_it() -> None:
    data = export_of(message(1), top="My export/")
    assert kinds(read(data)) == [("Ola", "speech", "hello")]


def test_days_are_read_together_and_other_channels_not() -> None:
    data = export_of(
        message(1),
        **{
            "night-team/2023-11-15.json": as_json([message(90_000)]),
            "off-topic/2023-11-14.json": as_json([{"ts": "1.0", "user": "U1", "text": 5}]),
            "night-team/canvas_in_the_conversation.json": as_json([{"id": "F1"}]),
        },
    )
    with pytest.raises(ExportError) as caught:
        read(data)
    assert caught.value.code == "EXPORT_CHAT_NOT_CHOSEN"
    for named in ("night-team", "#night-team", "C1"):
        export = read(data, is_the_chat=named.__eq__)
        assert len(kinds(export)) == 2
        assert export.report.other_chats == 1


def test_one_days_file_has_no_names_so_that_nobody_is_read() -> None:
    export = read(as_json([message(1), message(2, user="U2")]))
    assert export.report.authors == 2
    assert all(one.unnamed for one in export.messages)


@pytest.mark.parametrize(
    "change", [{"ts": "soon"}, {"ts": None}, {"ts": 5}, {"text": 5}, {"user": {"id": "U1"}}]
)
def test_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ExportError) as caught:
        read(export_of(message(1), message(2, **change)))
    assert caught.value.code == "EXPORT_STRUCTURE_UNKNOWN"


@given(st.lists(st.tuples(st.integers(0, 999), st.text(max_size=40)), min_size=1, max_size=10))
@settings(max_examples=100)
def test_what_is_written_is_read(written: list[tuple[int, str]]) -> None:
    told = [f"{text.encode('utf-8', 'replace').decode()}." for _, text in written]
    escaped = [
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in told
    ]
    held = [
        message(at, text, ts=f"{AT + at}.{number:06d}")
        for number, ((at, _), text) in enumerate(zip(written, escaped, strict=True))
    ]
    export = read(export_of(*held))
    assert [text for *_, text in kinds(export)] == told
    assert [one.sent_at.timestamp() - AT for one in export.messages] == [at for at, _ in written]
