"""Messenger's and Instagram's exports: classic threads of numbered files, and end-to-end ones."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structured_exports import AT, as_json, kinds, read, zipped

from assets.core.errors import ExportError
from assets.restricted.collection.messenger.fields import repaired

INBOX = "your_activity_across_facebook/messages/inbox"


def garbled(text: str) -> str:
    """As Meta writes it."""
    return text.encode().decode("latin-1")


def message(content: str | None = "hello", *, at: int = 0, who: str = "Ola Berg", **more: Any):
    told = {"sender_name": garbled(who), "timestamp_ms": (AT + at) * 1000, **more}
    return told if content is None else {**told, "content": garbled(content)}


def thread(*messages: Any, title: str = "Night team", path: str = "inbox/nightteam_1") -> bytes:
    return as_json(
        {
            "participants": [{"name": "Ola Berg"}, {"name": garbled("Zoë Ito")}],
            "messages": list(messages),
            "title": garbled(title),
            "is_still_participant": True,
            "thread_path": path,
            "magic_words": [],
        }
    )


def encrypted(*messages: Any) -> bytes:
    return as_json(
        {
            "participants": ["Ola Berg", "Zoë Ito"],
            "threadName": "Night team_7",
            "messages": list(messages),
        }
    )


def e2ee(text: str | None, *, at: int = 0, who: str = "Ola Berg", **more: Any) -> dict[str, Any]:
    return {
        "isUnsent": False, "media": [], "reactions": [], "senderName": who, "text": text,
        "timestamp": (AT + at) * 1000, "type": "text", **more,
    }  # fmt: skip


PHOTO = [{"uri": "messages/inbox/x/photos/1.jpg", "creation_timestamp": 1}]


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (message(), ("speech", "hello")),
        (message("so tired – “again” 😴"), ("speech", "so tired – “again” 😴")),
        (message("already right: “x”"), ("speech", "already right: “x”")),
        (message("under it", photos=PHOTO), ("speech", "under it")),
        (message(None, photos=PHOTO), ("media", "")),
        (message(None, sticker={"uri": "s"}), ("media", "")),
        (message("look", share={"link": "https://example.org"}), ("speech", "look")),
        (message(None, share={"link": "https://example.org"}), ("media", "")),
        (message("Ola called Ben.", call_duration=0, type="Call"), ("media", "Ola called Ben.")),
        (message(None, is_unsent=True), ("deleted", "")),
        (message("Ola unsent a message"), ("deleted", "")),
        (message("Ola Berg sent an attachment."), ("media", "Ola Berg sent an attachment.")),
        (message(None), ("expired", "")),
        (message("You added ten hours to my rota"), ("speech", "You added ten hours to my rota")),
        (message("You called the office"), ("speech", "You called the office")),
        (message("I left the group early"), ("speech", "I left the group early")),
        (message(reactions=[{"reaction": "x", "actor": "Ben"}]), ("speech", "hello")),
        (e2ee("héllo"), ("speech", "héllo")),
        (e2ee("", media=[{"uri": "./media/1.jpg"}], type="media"), ("media", "")),
        (e2ee("look", media=[{"uri": "./media/1.jpg"}]), ("speech", "look")),
        (e2ee("gone", isUnsent=True), ("deleted", "")),
    ],
)
def test_kinds(held: dict[str, Any], told: tuple[str, str]) -> None:
    data = (encrypted if "senderName" in held else thread)(held)
    given_ = [("Ola Berg", *told)] if told[0] != "expired" else []
    assert kinds(read(data)) == given_


@pytest.mark.parametrize(
    "line",
    [
        "Ola named the group Night team.",
        "Ola Berg added Zoë Ito to the group.",
        "You added Ben Ito to the group.",
        "Ola left the group.",
        "Ola created the group.",
        "Ola changed the group photo.",
        "Ola set the nickname for Ben Ito to Benny.",
        "Ola pinned a message.",
        "Ola reacted 😂 to your message",
        "Reacted 😂 to your message ",
        "Liked a message",
        "Ola voted for Tuesday.",
        "Messages and calls are secured with end-to-end encryption.",
    ],
)
def test_what_the_platform_wrote_in_a_members_place(line: str) -> None:
    export = read(thread(message(line), message()))
    assert kinds(export) == [("Ola Berg", "speech", "hello")]
    assert export.report.counts["system"] == sum(export.report.notices.values()) == 1


def test_membership_and_bots() -> None:
    export = read(
        thread(
            message("x", type="Subscribe", users=[{"name": "Ben"}]),
            message("I can help", who="Meta AI"),
            message("gone away", who="Facebook user"),
            message(who="Zoë Ito"),
        )
    )
    assert kinds(export) == [
        ("Facebook user", "speech", "gone away"),
        ("Zoë Ito", "speech", "hello"),
    ]
    assert [one.unnamed for one in export.messages] == [True, False]
    assert export.report.not_people == 1
    assert {"Ola Berg", "Zoë Ito", "Night team"} <= export.roster


def test_a_thread_of_many_files_and_its_folder_again() -> None:
    files = {
        f"{INBOX}/nightteam_1/message_{number}.json": thread(message(f"m{number}", at=-number))
        for number in (1, 2, 10)
    }
    moved = INBOX.replace("inbox", "e2ee_cutover")
    files[f"{moved}/nightteam_1/message_1.json"] = thread(message("before", at=-50))
    files[f"__MACOSX/{INBOX}/nightteam_1/._message_1.json"] = b"\0"
    export = read(zipped(files))
    assert {text for _, _, text in kinds(export)} == {"m1", "m2", "m10", "before"}
    assert export.report.platform == "messenger"


@pytest.mark.parametrize("named", ["Night team", "nightteam_1", "inbox/nightteam_1"])
def test_of_many_threads_the_consented_one_alone_is_read(named: str) -> None:
    other = thread({"sender_name": "Ben", "of": "no form"}, title="Family", path="inbox/f_2")
    data = zipped(
        {
            f"{INBOX}/nightteam_1/message_1.json": thread(message()),
            f"{INBOX}/f_2/message_1.json": other,
        }
    )
    with pytest.raises(ExportError) as caught:
        read(data)
    assert caught.value.code == "EXPORT_CHAT_NOT_CHOSEN"
    export = read(data, is_the_chat=named.__eq__)
    assert kinds(export) == [("Ola Berg", "speech", "hello")]
    assert export.report.other_chats == 1


def test_of_instagram() -> None:
    path = "your_instagram_activity/messages/inbox/nightteam_1/message_1.json"
    data = zipped({path: thread(message())})
    assert read(data, platform="instagram").report.platform == "instagram"
    # A file by itself does not say which of the two it is of.
    assert kinds(read(thread(message()), platform="instagram"))
    with pytest.raises(ExportError) as caught:
        read(data, platform="telegram")
    assert caught.value.code == "EXPORT_OTHER_PLATFORM"


@pytest.mark.parametrize(
    "held",
    [
        {"sender_name": "Ola", "content": "x"},
        {"timestamp_ms": AT * 1000, "content": "x"},
        {**message(), "content": 5},
        {**message(), "timestamp_ms": "soon"},
        {**message(), "timestamp_ms": 12},
    ],
)
def test_refused(held: dict[str, Any]) -> None:
    with pytest.raises(ExportError) as caught:
        read(thread(message(), held))
    assert caught.value.code == "EXPORT_STRUCTURE_UNKNOWN"


@given(st.text(max_size=60))
@settings(max_examples=200)
def test_garbled_text_is_repaired_and_right_text_stays(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert repaired(garbled(text)) == text
    if not text.isascii() and any(ord(one) > 255 for one in text):
        assert repaired(text) == text


@given(
    st.lists(
        st.tuples(st.integers(0, 9_000_000), st.text(min_size=1, max_size=40), st.booleans()),
        min_size=1,
        max_size=10,
    )
)
@settings(max_examples=100)
def test_what_is_written_is_read(written: list[tuple[int, str, bool]]) -> None:
    told = [(at, f"{text.encode('utf-8', 'replace').decode()} é.") for at, text, _ in written]
    for data in (
        thread(*(message(text, at=at) for at, text in told)),
        encrypted(*(e2ee(text, at=at) for at, text in told)),
    ):
        export = read(data)
        assert [text for _, _, text in kinds(export)] == [text for _, text in told]
        assert [one.sent_at.timestamp() - AT for one in export.messages] == [at for at, _ in told]
