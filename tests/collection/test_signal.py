"""Signal's own export in JSON Lines, and the text that is made of Signal Desktop's chats."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structured_exports import AT, kinds, read, zipped

from assets.core.errors import ExportError

PEOPLE = [
    {"version": "1", "backupTimeMs": "1700000000000"},
    {"account": {"profileKey": "x", "givenName": "Zoë", "familyName": "Ito"}},
    {"recipient": {"id": "1", "self": {}}},
    {"recipient": {"id": "2", "contact": {
        "aci": "YWNp", "e164": "447700900123", "profileGivenName": "Ola",
        "profileFamilyName": "Berg", "systemGivenName": "Ola from work"}}},
    {"recipient": {"id": "3", "group": {
        "masterKey": "a2V5", "snapshot": {"title": {"title": "Night team"}}}}},
    {"recipient": {"id": "4", "releaseNotes": {}}},
    {"recipient": {"id": "5", "group": {"masterKey": "b3Ro", "snapshot": {}}}},
    {"recipient": {"id": "6", "contact": {"e164": "447700900456"}}},
    {"chat": {"id": "11", "recipientId": "3"}},
    {"chat": {"id": "12", "recipientId": "5"}},
]  # fmt: skip


def item(number: int, text: str | None = "hello", *, by: str = "2", **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "chatId": "11",
        "authorId": by,
        "dateSent": str((AT + number) * 1000),
        "incoming": {"dateReceived": "1", "read": True},
        **more,
    }
    if text is not None:
        told["standardMessage"] = {"text": {"body": text}, **told.get("standardMessage", {})}
    return {"chatItem": told}


def lines(*items: Any) -> bytes:
    return b"".join(
        json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in (*PEOPLE, *items)
    )


OLA = "Ola from work"
FORMS = [
    (item(1), ("speech", "hello")),
    (item(1, chatId=11, dateSent=(AT + 1) * 1000), ("speech", "hello")),
    (item(1, revisions=[{"chatId": "11"}]), ("edited", "hello")),
    (item(1, standardMessage={"quote": {"text": {"body": "of Ben"}}}), ("speech", "hello")),
    (item(1, standardMessage={"reactions": [{"emoji": "x"}]}), ("speech", "hello")),
    (item(1, standardMessage={"attachments": [{}]}), ("speech", "hello")),
    (item(1, None, standardMessage={"attachments": [{"pointer": {}}]}), ("media", "")),
    (item(1, None, stickerMessage={}), ("media", "")),
    (item(1, None, contactMessage={"contact": {}}), ("media", "")),
    (item(1, None, viewOnceMessage={}), ("media", "")),
    (item(1, None, poll={"question": "who?"}), ("media", "")),
    (item(1, None, remoteDeletedMessage={}), ("deleted", "")),
]  # fmt: skip


@pytest.mark.parametrize(("held", "told"), FORMS, ids=range(len(FORMS)))
def test_kinds(held: dict[str, Any], told: tuple[str, str]) -> None:
    assert kinds(read(lines(held))) == [(OLA, *told)]


def test_mentions_by_id() -> None:
    said = {
        "text": {
            "body": "😀 ask \ufffc now",
            "bodyRanges": [{"start": 7, "length": 1, "mentionAci": "YWNp"}],
        }
    }
    ((_, _, text),) = kinds(read(lines(item(1, None, by="1", standardMessage=said))))
    assert text == f"😀 ask @\u2068{OLA}\u2069 now"


def test_who_wrote_and_what_nobody_did() -> None:
    export = read(
        lines(
            item(1),
            item(2, by="1", outgoing={}),
            item(3, by="6"),
            item(4, "news", by="4"),
            item(5, None, updateMessage={"groupChange": {"updates": []}}, directionless={}),
            item(6, None, updateMessage={"groupCall": {}}),
            item(7, None, updateMessage={"hologram": {}}),
            item(8, None, hologram={}),
            *(item(number) for number in range(20, 50)),
        )
    )
    assert [author for author, *_ in kinds(export)][:3] == [OLA, "Zoë Ito", "+447700900456"]
    report = export.report
    assert (report.counts["system"], report.not_people, report.left_out) == (5, 1, 1)
    assert report.notices == {"groupChange": 1, "groupCall": 1, "unknown": 1}
    assert {"Night team", "Ola Berg", "Zoë Ito"} <= export.roster


def test_the_consented_chat_alone() -> None:
    other = item(2, chatId="12")
    other["chatItem"]["standardMessage"] = {"text": {"body": 5}}
    data = zipped({"Signal/main.jsonl": lines(item(1)), "Signal/metadata.json": b'{"version": 1}'})
    assert kinds(read(data)) == [(OLA, "speech", "hello")]
    two = lines(item(1), item(2, chatId="12"))
    with pytest.raises(ExportError) as caught:
        read(two)
    assert caught.value.code == "EXPORT_CHAT_NOT_CHOSEN"
    for named in ("Night team", "a2V5"):
        assert kinds(read(two, is_the_chat=named.__eq__)) == [(OLA, "speech", "hello")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"dateSent": "soon"}, "EXPORT_STRUCTURE_UNKNOWN"),
        ({"authorId": "99"}, "EXPORT_STRUCTURE_UNKNOWN"),
        ({"standardMessage": {"text": 5}}, "EXPORT_STRUCTURE_UNKNOWN"),
    ],
)
def test_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(ExportError) as caught:
        read(lines(item(1), item(2, None, **change)))
    assert caught.value.code == code
    with pytest.raises(ExportError) as caught:
        read(lines(item(1))[:-9])
    assert caught.value.code == "EXPORT_JSON_DAMAGED"


TEXT = """[2026-03-01, 09:00] Ola Berg: hello
[2026-03-01, 09:01] Zoë: two
lines
[2026-03-01, 09:02] Me: mine
[2026-03-01, 09:03] Ola Berg: ![](./media/1.jpg)
[2026-03-01, 09:04] Ola Berg: look ![photo](./media/2.jpg)
[2026-03-01, 09:05] Zoë: she wrote
[2026-02-27, 08:00] Ben: I quit
[2026-03-01, 09:06] Zoë:
> Ola Berg: hello
me too
[2026-03-01, 09:07] Ola Berg: nice (- Zoë: 👍 -)
[2026-03-01, 09:08] No-Sender: timer set
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text(end: str) -> None:
    export = read(TEXT.replace("\n", end).encode())
    assert kinds(export) == [
        ("Ola Berg", "speech", "hello"),
        ("Zoë", "speech", "two\nlines"),
        ("Me", "speech", "mine"),
        ("Ola Berg", "media", ""),
        ("Ola Berg", "speech", "look"),
        ("Zoë", "speech", "she wrote\n[2026-02-27, 08:00] Ben: I quit"),
        ("Zoë", "speech", "me too"),
        ("Ola Berg", "speech", "nice"),
    ]
    assert export.report.platform == "signal"
    assert [one.author for one in export.messages if one.unnamed] == ["Me"]


NEWER = """[2026-03-01 09:00:05] Ola Berg: hello
[2026-03-01 09:01:06] Me: mine
(- Zoë: 👍 -)
[2026-03-01 09:02:07] Ola Berg: (This message was deleted)
[2026-03-01 09:03:08] Zoë: look![a.jpg](./media/a.jpg)
[2026-03-01 09:04:09] Zoë:
(( 😀 ))
"""


def test_text_of_newer_versions() -> None:
    export = read(NEWER.encode())
    assert kinds(export) == [
        ("Ola Berg", "speech", "hello"),
        ("Me", "speech", "mine"),
        ("Ola Berg", "deleted", ""),
        ("Zoë", "speech", "look"),
        ("Zoë", "media", ""),
    ]
    assert export.report.last.isoformat() == "2026-03-01T09:04:09+00:00"


def test_data_lines() -> None:
    def line(sender: str, body: str, **more: Any) -> bytes:
        told = {
            "date": "2026-07-01T09:00:00.5",
            "sender": sender,
            "body": body,
            "quote": "> of Ben",
            "sticker": None,
            "reactions": [["Ben", "x"]],
            "attachments": [],
            **more,
        }
        return json.dumps(told).encode() + b"\n"

    export = read(
        line("Ola Berg", "hello")
        + line("Me", "mine")
        + line("Ola Berg", "", deleted=True)
        + line("Ola Berg", "", attachments=[{"name": "a", "path": "media/a"}])
        + line("Ola Berg", "look", attachments=[{"name": "a", "path": "media/a"}])
        + line("Ola Berg", "", call=True)
        + line("No-Sender", "timer set")
    )
    assert kinds(export) == [
        ("Ola Berg", "speech", "hello"),
        ("Me", "speech", "mine"),
        ("Ola Berg", "deleted", ""),
        ("Ola Berg", "media", ""),
        ("Ola Berg", "speech", "look"),
        ("Ola Berg", "media", ""),
    ]
    assert export.report.counts["system"] == 1
    assert export.report.first.isoformat() == "2026-07-01T09:00:00+01:00"


@pytest.mark.parametrize(
    "text",
    [
        "[2026-03-01 09:00:05] Ola: \u200eimage omitted\n[2026-03-01 09:00:06] Me: hello\n",
        "[2026-03-01 09:00:05] Ola: hello\n",
        "[2026-03-01, 09:00:05] Ola: hello\n",
        "2026-03-01, 09:00 - Ola: hello\n",
        "[01/03/2026, 09:00] Ola: hello\n[14/03/2026, 09:00] Ola: hello\n",
    ],
)
def test_texts_of_whatsapp_are_not_taken_for_signals(text: str) -> None:
    assert read(text.encode()).report.platform == "whatsapp"


@given(st.lists(st.tuples(st.integers(0, 9999), st.text(max_size=40)), min_size=1, max_size=10))
@settings(max_examples=100)
def test_what_is_written_is_read(written: list[tuple[int, str]]) -> None:
    told = [f"{text.encode('utf-8', 'replace').decode()}." for _, text in written]
    held = [item(at, text) for (at, _), text in zip(written, told, strict=True)]
    for number, one in enumerate(held):
        one["chatItem"]["dateSent"] = str((AT + written[number][0]) * 1000 + number)
    export = read(lines(*held))
    assert [text for *_, text in kinds(export)] == told
    assert [int(one.sent_at.timestamp()) - AT for one in export.messages] == [
        at for at, _ in written
    ]
