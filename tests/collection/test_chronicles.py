"""Exports that do not grow at their end: their chronicles say the same, and are read on."""

import io
import json
import random
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from bookmark_shelves import Shelf, leave_mark
from hypothesis import example, given, settings
from hypothesis import strategies as st
from structured_exports import as_json, zipped

from assets.core.errors import ExportError
from assets.restricted.collection.bookmarks.kept import Bookmarks
from assets.restricted.collection.chronicle import chronicle
from assets.restricted.collection.export import Export, StructuredReport
from assets.restricted.collection.read import read_export
from assets.restricted.collection.structured import chronicle_document

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
LAST = date(2026, 11, 28)
OLD = 400
FIRST = datetime(2026, 11, 28, 9, 30, tzinfo=UTC) - timedelta(hours=3 * OLD)
NAMES = ("Ola Reed", 'Benj "B" Ito', "Zoë Ünal", "علی رضا", "Cynthia")
WORDS = ("shift", "cover", "rota", "late", "tired", "bus", "tea", "nights", "Zoë", "👩‍👧")
INBOX = "your_activity_across_facebook/messages/inbox/n_1"
TITLE = "Nights é"


@dataclass(frozen=True)
class Said:
    number: int
    at: datetime
    who: int
    text: str
    kind: float


@dataclass(frozen=True)
class Chat:
    """A chat, and how its export is cut and packed."""

    said: tuple[Said, ...]
    names: tuple[str, ...] = NAMES
    a_file: int = 150
    turned: bool = False
    damaged: bool = False
    reacted: bool = False

    @property
    def reactions(self) -> dict[str, Any]:
        return {"reactions": [{"actor": "Ben", "count": 1}]} if self.reacted else {}

    def packed(self, files: dict[str, bytes]) -> bytes:
        listed = list(files.items())
        if self.damaged:
            name, content = max(listed, key=lambda one: len(one[1]))
            files[name] = content[: len(content) // 2]
            listed = list(files.items())
        return zipped(dict(reversed(listed) if self.turned else listed))


def chat(seed: int, messages: int) -> Chat:
    """One whose first `OLD` messages end on `LAST`."""
    chance = random.Random(seed)
    said = []
    for number in range(messages):
        at = FIRST + timedelta(hours=3 * min(number, OLD))
        at += timedelta(minutes=15 * max(number - OLD, 0))
        text = " ".join(chance.choices(WORDS, k=chance.randrange(3, 20)))
        # The last of them is new to the chat.
        who = chance.randrange(4 if number < OLD else 5)
        said.append(Said(number, at, who, text, chance.random()))
    return Chat(tuple(said))


def changed(made: Chat, change: str, place: int) -> Chat:
    said = list(made.said)
    if change == "edited":
        said[place] = replace(said[place], text="quite another text", kind=0.5)
    elif change == "deleted":
        del said[place]
    elif change == "late":
        said.insert(place, replace(said[place], number=10**6, text="a late one"))
    elif change == "cut":
        said = said[40:]
    elif change == "renamed":
        return replace(made, names=("Ola Berg", *made.names[1:]))
    elif change == "split anew":
        return replace(made, a_file=110, turned=True)
    elif change == "reacted":
        return replace(made, reacted=True)
    elif change == "damaged":
        return replace(made, damaged=True)
    return replace(made, said=tuple(said))


def garbled(text: str) -> str:
    return text.encode().decode("latin-1")


def classic(one: Said, names: tuple[str, ...]) -> Any:
    told = {"sender_name": garbled(names[one.who]), "timestamp_ms": int(one.at.timestamp()) * 1000}
    if one.kind < 0.03:
        return {**told, "is_unsent": True}
    if one.kind < 0.06:
        return {**told, "photos": [{"uri": "1.jpg"}], "reactions": [{"actor": "Ben"}]}
    if one.kind > 0.98:
        return {**told, "content": garbled(f"{names[one.who]} named the group x.")}
    if one.kind > 0.97:
        return {**told, "share": {"link": "https://x"}, "type": "Share"}
    return {**told, "content": garbled(one.text)}


def messenger(made: Chat, inbox: str = INBOX) -> bytes:
    held = [classic(one, made.names) | made.reactions for one in reversed(made.said)]
    starts = range(0, len(held), made.a_file)
    present = made.names[: 1 + max(one.who for one in made.said)]
    people = [{"name": garbled(name)} for name in present]
    parts = {
        f"{inbox}/message_{number}.json": json.dumps(
            {
                "participants": people,
                "messages": held[start : start + made.a_file],
                "title": garbled(TITLE),
                "thread_path": "inbox/n_1",
            }
        ).encode()
        for number, start in enumerate(starts, 1)
    }
    other = {"participants": [], "messages": [classic(made.said[0], NAMES)], "title": "Family"}
    return made.packed({**parts, f"{inbox[:-3]}f_2/message_1.json": as_json(other)})


def instagram(made: Chat) -> bytes:
    return messenger(made, "your_instagram_activity/messages/inbox/n_1")


def encrypted(made: Chat) -> bytes:
    held = [
        {
            "isUnsent": one.kind < 0.03, "media": [{"uri": "1.jpg"}] * (0.1 < one.kind < 0.13),
            "reactions": [], "senderName": made.names[one.who], "text": one.text,
            "timestamp": int(one.at.timestamp() * 1000), "type": "text",
            **made.reactions,
        }
        for one in reversed(made.said)
    ]  # fmt: skip
    present = made.names[: 1 + max(one.who for one in made.said)]
    whole = as_json({"participants": list(present), "threadName": TITLE, "messages": held})
    return whole[: len(whole) // 2] if made.damaged else whole


def slack(made: Chat) -> bytes:
    users = [
        {"id": f"U{who}", "name": f"u{who}", "email": "x@example.org",
         "profile": {"display_name": name if who else "", "real_name": name}}
        for who, name in enumerate(made.names) if who != 3
    ]  # fmt: skip
    users.append({"id": "UBOT", "name": "rota", "is_bot": True})
    days: dict[str, list[Any]] = {}
    for one in made.said:
        ts = f"{int(one.at.timestamp())}.{one.number:06d}"
        told = {"type": "message", "user": f"U{one.who}", "ts": ts, "text": one.text}
        if one.kind < 0.03:
            told |= {"subtype": "tombstone", "user": "USLACKBOT"}
        elif one.kind < 0.06:
            told |= {"user": "UBOT"}
        elif one.kind < 0.1:
            told |= {"edited": {"user": "U1"}, "reply_count": 2}
        elif one.kind < 0.2:
            told |= {"text": f"{one.text} <@U1> &amp; <@U{one.who}> <@U9|cy>"}
        elif one.kind < 0.25:
            told |= {"files": [{"name": "plan.pdf"}]}
        elif one.kind > 0.98:
            told |= {"subtype": "channel_join"}
        if one.who == 3 and 0.4 < one.kind < 0.6:
            # Of another workspace, and called otherwise later.
            shown = made.names[3] if one.number < OLD // 2 else "Ali"
            told |= {"user_profile": {"real_name": shown, "name": "ali"}}
        days.setdefault(f"{one.at:%Y-%m-%d}", []).append(told | made.reactions)
    top = "My export/" if made.turned else ""
    files = {f"{top}nights/{day}.json": as_json(held) for day, held in days.items()}
    channels = [{"id": "C1", "name": "nights"}, {"id": "C2", "name": "off"}]
    files |= {f"{top}channels.json": as_json(channels), f"{top}users.json": as_json(users)}
    files[f"{top}off/2026-01-01.json"] = as_json([{"ts": "1.0", "user": "U1", "text": "x"}])
    return made.packed(files)


def discord(made: Chat) -> bytes:
    channel = {"id": "5", "name": TITLE, "type": "GuildTextChat"}
    parts = {}
    for start in range(0, len(made.said), made.a_file):
        held = [
            {
                "id": str(10**17 + one.number), "type": "Default", "timestamp": one.at.isoformat(),
                "timestampEdited": one.at.isoformat() if one.kind < 0.03 else None,
                "content": one.text, "attachments": [],
                "author": {"id": f"{10**17 + one.who}", "name": made.names[one.who]},
            }
            for one in made.said[start : start + made.a_file]
        ]  # fmt: skip
        whole = {"guild": {"id": "1"}, "channel": channel, "exportedAt": "x", "messages": held}
        parts[f"n [part {start // made.a_file + 1}].json"] = as_json(whole)
    return made.packed(parts)


def telegram(made: Chat) -> bytes:
    return made.packed({"result.json": as_json(in_telegram(made)), "photo.txt": b"no chat"})


def account(made: Chat) -> bytes:
    other = {"name": "Family", "type": "private_group", "id": 7, "messages": [{"of": "no form"}]}
    listed = [other, in_telegram(made), {**other, "id": 8}]
    about = {"user_id": 1, "phone_number": "x@example.org"}
    whole = as_json({"about": "x", "personal_information": about, "chats": {"list": listed}})
    return whole[: len(whole) // 2] if made.damaged else whole


def in_telegram(made: Chat) -> Any:
    held = [
        {
            "id": one.number, "type": "message", "date_unixtime": str(int(one.at.timestamp())),
            "from": made.names[one.who], "from_id": f"user{one.who}", "text": one.text,
        }
        for one in made.said
    ]  # fmt: skip
    return {"name": TITLE, "type": "private_supergroup", "id": 5, "messages": held}


def teams(made: Chat) -> bytes:
    head = {"canonical_export": 1, "platform": "teams", "chat_title": TITLE}
    span = {"from": "2026-01-01T00:00:00Z", "to": "2026-11-30T08:00:00Z"}
    held = [
        {
            "id": f"{int(one.at.timestamp())}{one.number % 1000:03d}", "at": one.at.isoformat(),
            "sender": f"u{one.who}", "name": made.names[one.who], "text": one.text,
            "kind": "deleted" if one.kind < 0.03 else "speech",
        }
        for one in made.said
    ]  # fmt: skip
    lines = [json.dumps(one, ensure_ascii=False) + "\n" for one in ({**head, **span}, *held)]
    return made.packed({"teams.jsonl": "".join(lines).encode()})


_ALL = (messenger, instagram, encrypted, slack, discord, telegram, account, teams)
WRITERS: dict[str, Callable[[Chat], bytes]] = {one.__name__: one for one in _ALL}
GROWS_BY_PEOPLE = ("slack", "discord", "telegram", "account", "teams")
"""Whose chronicle begins the same when somebody joins."""


@pytest.fixture(autouse=True, scope="module")
def _short_blocks() -> Iterator[None]:
    # So that short chats have places to go on from.
    package = "assets.restricted.collection"
    with pytest.MonkeyPatch.context() as patched:
        for name in ("json_stream.READ_BYTES", "json_lines.READ_BYTES", "read_on.NEAREST_MARK"):
            patched.setattr(f"{package}.structured.{name}", 1 << 12)
        for name in ("bookmarks.kept", "container", "structured.chat_files", "platforms.canonical"):
            patched.setattr(f"{package}.{name}.HEAD_BYTES", 1 << 12)
        yield


def chosen(name: str) -> bool:
    return name in (TITLE, "n_1", "nights", "5")


def opened(content: bytes, bookmarks: Bookmarks | None = None) -> Export:
    return read_export(
        io.BytesIO(content), "greater_london", now=NOW, is_the_chat=chosen, bookmarks=bookmarks
    )


def refused(content: bytes, bookmarks: Bookmarks | None) -> str:
    with pytest.raises(ExportError) as caught:
        opened(content, bookmarks)
    return caught.value.code


def sealed(content: bytes) -> bytes:
    return chronicle(io.BytesIO(content), chosen).read()


def told(export: Export) -> tuple[Any, ...]:
    """All that an export says, but in which order, and of how many chats."""
    report = export.report
    assert isinstance(report, StructuredReport)
    alike = replace(
        report, form="", out_of_order=0, other_chats=0, language_judged=0, not_english=0,
        first=report.earliest, last=report.latest,
    )  # fmt: skip
    return alike, export.roster, export.superseded, sorted(map(repr, export.messages))


@given(platform=st.sampled_from(list(WRITERS)), seed=st.integers(0, 10**6))
@settings(max_examples=7)
@example("messenger", 1)
@example("instagram", 1)
@example("encrypted", 1)
@example("slack", 1)
@example("discord", 1)
@example("account", 1)
def test_a_chronicle_says_what_its_export_says(platform: str, seed: int) -> None:
    content = WRITERS[platform](chat(seed, OLD + 30))
    held = sealed(content)
    assert not held.startswith(b"PK")
    assert told(opened(held)) == told(opened(content))
    # Of people and chats that are not of it, and of what is never read, nothing is sealed.
    assert not any(one in held for one in (b"Family", b"example.org", b"1.jpg", b"plan.pdf"))
    sent = [one.sent_at for one in opened(held).messages]
    assert sent == sorted(sent)
    # A chronicle of a chronicle is none of another.
    assert sealed(held) == held


SAME = ("none", "reacted", "split anew")
CHANGES = (*SAME, "edited", "deleted", "late", "cut", "renamed", "damaged")


@given(
    platform=st.sampled_from(list(WRITERS)),
    seed=st.integers(0, 10**6),
    more=st.integers(0, 60),
    change=st.sampled_from(CHANGES),
    place=st.integers(5, OLD // 2),
)
@settings(max_examples=12)
@example("messenger", 1, 0, "none", 20)
@example("messenger", 1, 40, "split anew", 20)
@example("messenger", 1, 40, "damaged", 20)
@example("encrypted", 1, 0, "split anew", 20)
@example("slack", 1, 40, "reacted", 20)
@example("slack", 1, 40, "split anew", 20)
@example("slack", 1, 40, "renamed", 20)
@example("slack", 2, 40, "late", 20)
@example("discord", 1, 40, "split anew", 20)
@example("telegram", 1, 40, "none", 20)
def test_what_is_read_on_is_what_is_read_whole(
    platform: str, seed: int, more: int, change: str, place: int
) -> None:
    shelf = Shelf()
    bookmarks = Bookmarks(b"k" * 32, ("terms",), shelf)
    first = opened(sealed(WRITERS[platform](chat(seed, OLD))), bookmarks)
    assert leave_mark(first, bookmarks, LAST - timedelta(days=3))
    later = chat(seed, OLD + more)
    joined = any(one.who == 4 for one in later.said) and platform not in GROWS_BY_PEOPLE
    content = sealed(WRITERS[platform](changed(later, change, place)))
    if change == "damaged":
        codes = {refused(content, own) for own in (None, bookmarks)}
        assert codes <= {"EXPORT_JSON_DAMAGED", "EXPORT_ENTRY_TOO_LONG"}
        assert len(codes) == 1
        return
    whole = opened(content)
    marked = opened(content, bookmarks)
    assert marked.report == whole.report
    assert marked.roster == whole.roster
    assert marked.superseded == whole.superseded
    given_before = marked.before.given if marked.before else 0
    assert list(marked.messages) == list(whole.messages)[given_before:]
    same = change in SAME and not joined
    assert (marked.before is not None) == same
    kept = b"".join(shelf.kept.values())
    assert not any(name.encode() in kept for name in (*NAMES, TITLE, "nights", "Ali"))


def test_what_needs_no_chronicle_is_sealed_as_it_came() -> None:
    text = "".join(f"15/10/2026, 08:{n:02} - Ola: hello\n" for n in range(60)).encode()
    day = as_json([{"ts": "1700000000.000100", "user": "U1", "text": "x"}])
    cut = messenger(chat(1, 9))[:-9]
    for content in (text, zipped({"_chat.txt": text}), day, b"", b"PK\3\4", cut):
        assert sealed(content) == content
    # Without it being told which of two, neither is picked.
    several = messenger(chat(1, 9))
    assert chronicle(io.BytesIO(several)).read() == several


@pytest.mark.parametrize("platform", ["messenger", "instagram", "encrypted", "slack"])
def test_what_is_too_large_to_be_held_is_sealed_as_it_came(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = WRITERS[platform](chat(1, 50))
    monkeypatch.setattr(chronicle_document, "LARGEST_CHRONICLE", 1_000)
    assert sealed(content) == content


def test_no_more_of_a_thread_is_held_than_a_chronicle_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = messenger(chat(1, 20_000))
    monkeypatch.setattr(chronicle_document, "LARGEST_CHRONICLE", 1 << 16)
    file = io.BytesIO(content)
    tracemalloc.start()
    try:
        assert chronicle(file, chosen) is file
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 21
