# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""Exports of fields read on from a bookmark, sealed in blocks or not, beside the same whole."""

import io
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, BinaryIO, cast

import pyrage
import pytest
from bookmark_shelves import Shelf, leave_mark
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets.restricted.collection.bookmarks.kept import Bookmarks
from assets.restricted.collection.export import Export
from assets.restricted.collection.read import read_export
from resources.stores.inbox.blocks import UnsealedBlocks, sealed_in_blocks

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
LAST = date(2026, 11, 28)
FIRST = datetime(2026, 11, 28, 9, 30, tzinfo=UTC) - timedelta(hours=1_200)
OLD = 400
NAMES = ("Ola Reed", "Benjamin", "Zoë Ünal", "علی رضا", "Cynthia")
WORDS = ("shift", "cover", "rota", "late", "tired", "bus", "tea", "nights", "Zoë", "👩‍👧")
IDENTITY = pyrage.x25519.Identity.generate()
PLATFORMS = ("discord", "signal", "teams", "matrix")


@pytest.fixture(autouse=True, scope="module")
def _short_blocks() -> Iterator[None]:
    # So that short chats have places to go on from, and many blocks.
    package = "assets.restricted.collection"
    with pytest.MonkeyPatch.context() as patched:
        for name in ("json_stream.READ_BYTES", "json_lines.READ_BYTES", "read_on.NEAREST_MARK"):
            patched.setattr(f"{package}.structured.{name}", 1 << 13)
        patched.setattr(f"{package}.bookmarks.beginning.BLOCK_BYTES", 1 << 12)
        for name in ("bookmarks.kept", "container", "structured.chat_files", "platforms.canonical"):
            patched.setattr(f"{package}.{name}.HEAD_BYTES", 1 << 12)
        patched.setattr("resources.stores.inbox.blocks.BLOCK_BYTES", 1 << 12)
        yield


def discord(number: int, at: datetime, who: int, text: str, kind: float) -> Any:
    # Who is renamed is shown so from then on.
    shown = "Ola of nights" if who == 0 and number > OLD else NAMES[who]
    return {
        "id": str(10**17 + number),
        "type": "RecipientAdd" if kind > 0.98 else "Default",
        "timestamp": at.isoformat(),
        "timestampEdited": at.isoformat() if kind < 0.03 else None,
        "content": f"{text} @{NAMES[1]}" if 0.1 < kind < 0.15 else text,
        "author": {"id": str(10**17 + who), "name": f"user{who}", "nickname": shown},
        "attachments": [{}] if 0.03 < kind < 0.05 else [],
        "mentions": [{"id": "100000000000000001", "name": "user1", "nickname": NAMES[1]}],
    }


def signal(number: int, at: datetime, who: int, text: str, kind: float) -> Any:
    said: dict[str, Any] = {"standardMessage": {"text": {"body": text}}}
    if kind < 0.03:
        said = {"remoteDeletedMessage": {}}
    elif kind > 0.98:
        said = {"updateMessage": {"groupChange": {}}}
    sent = str(int(at.timestamp()) * 1000 + number % 1000)
    chat = "2" if 0.5 < kind < 0.6 else "1"
    return {"chatItem": {"chatId": chat, "authorId": str(10 + who), "dateSent": sent, **said}}


def teams(number: int, at: datetime, who: int, text: str, kind: float) -> Any:
    shown = {"kind": "deleted" if kind < 0.03 else "edited" if kind < 0.06 else "speech"}
    return {
        "id": str(int(at.timestamp()) * 1000 + number),
        "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sender": f"u{who}",
        "name": NAMES[who],
        "text": "" if kind < 0.03 else text,
        **shown,
    }


def matrix(number: int, at: datetime, who: int, text: str, kind: float) -> Any:
    # Its ids tell no order.
    return {**teams(number, at, who, text, kind), "id": f"${chr(97 + number * 7 % 26)}{number}"}


ONE = {"discord": discord, "signal": signal, "teams": teams, "matrix": matrix}


def people(*, renamed: bool) -> list[Any]:
    """What stands before the items of Signal's export."""
    groups = [
        {"recipient": {"id": str(one), "group": {"masterKey": f"key{one}"}}} for one in (8, 9)
    ]
    contacts = [
        {
            "recipient": {
                "id": str(10 + who),
                "contact": {
                    "aci": f"aci-{who}",
                    "e164": f"4477009001{who:02}",
                    "profileGivenName": "Benedict" if renamed and who == 1 else name,
                },
            }
        }
        for who, name in enumerate(NAMES)
    ]
    chats = [{"chat": {"id": "1", "recipientId": "9"}}, {"chat": {"id": "2", "recipientId": "8"}}]
    return [*groups, *contacts, *chats]


def export(platform: str, seed: int, messages: int, change: str = "none") -> bytes:
    """An export whose first messages end on `LAST`, and where one of them may have changed."""
    chance = random.Random(seed)
    held = []
    for number in range(messages):
        at = FIRST + timedelta(hours=1_200 / OLD * min(number, OLD))
        at += timedelta(minutes=15 * max(number - OLD, 0))
        text = " ".join(chance.choices(WORDS, k=chance.randrange(3, 30)))
        held.append(ONE[platform](number, at, chance.randrange(5), text, chance.random()))
    place = chance.randrange(5, OLD // 2)
    if change == "edited":
        held[place] = ONE[platform](place, FIRST, 0, "quite another text", 0.2)
    elif change == "deleted":
        del held[place]
    elif change == "repeated":
        held.append(held[place])
    elif change == "late":
        # Of ids that tell no order it is one that never came before.
        number = place + 10**6 if platform == "matrix" else place
        held.append(ONE[platform](number, FIRST + timedelta(seconds=place), 1, "a late one", 0.2))
    elif change == "late frame":
        held.append(people(renamed=True)[3])
    renamed = change == "renamed"
    # The moment of the export stands in all of them.
    if platform == "discord":
        channel = {"id": "5", "name": "day-rota" if renamed else "night-rota"}
        moment = f"2026-11-29T09:00:{messages % 60:02}{'' if change == 'longer' else '.123'}+00:00"
        heading = {"guild": {"id": "1"}, "channel": channel, "exportedAt": moment}
        whole = {**heading, "messages": held, "messageCount": len(held)}
        return json.dumps(whole, indent=1, ensure_ascii=False).encode()
    lines: list[Any] = people(renamed=renamed)
    lines.insert(0, {"version": "1", "backupTimeMs": str(10**12 + messages)})
    if platform in ("teams", "matrix"):
        until = "2026-11-28T12:00:00Z" if messages == OLD else "2026-11-30T08:00:00Z"
        if change == "longer":
            until = until.replace("Z", ".5Z")
        span = {"from": "2026-01-01T00:00:00Z", "to": until}
        title = "Day rota" if renamed else "Night rota"
        lines = [{"canonical_export": 1, "platform": platform, **span, "chat_title": title}]
    elif change == "longer":
        lines[0]["more"] = "x"
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in (*lines, *held))


def opened(content: bytes, own: Bookmarks | None, *, in_blocks: bool = False) -> Export:
    source: BinaryIO = io.BytesIO(content)
    if in_blocks:
        sealed = sealed_in_blocks(b"", source, IDENTITY.to_public(), b"")
        source = cast(
            "BinaryIO",
            UnsealedBlocks(
                lambda start, size: sealed[start : start + size],
                len(sealed),
                lambda one: pyrage.decrypt(one, [IDENTITY]),
            ),
        )

    def chosen(name: str) -> bool:
        return name in ("key9", "5", "Night rota", "Day rota")

    return read_export(source, "greater_london", now=NOW, is_the_chat=chosen, bookmarks=own)


CHANGES = ("none", "edited", "deleted", "repeated", "late", "renamed", "longer", "late frame")


@given(
    platform=st.sampled_from(PLATFORMS),
    seed=st.integers(0, 10**6),
    more=st.integers(0, 80),
    change=st.sampled_from(CHANGES),
    blocks=st.tuples(st.booleans(), st.booleans()),
)
@settings(max_examples=12)
@example(platform="discord", seed=1, more=0, change="none", blocks=(True, True))
@example(platform="signal", seed=1, more=60, change="none", blocks=(True, False))
@example(platform="teams", seed=1, more=60, change="none", blocks=(False, True))
@example(platform="discord", seed=1, more=60, change="renamed", blocks=(True, True))
@example(platform="signal", seed=1, more=60, change="late frame", blocks=(True, True))
@example(platform="teams", seed=1, more=60, change="repeated", blocks=(True, True))
@example(platform="matrix", seed=1, more=60, change="none", blocks=(True, True))
@example(platform="matrix", seed=1, more=60, change="repeated", blocks=(True, True))
@example(platform="matrix", seed=1, more=60, change="late", blocks=(True, True))
def test_what_is_read_on_is_what_is_read_whole(
    platform: str, seed: int, more: int, change: str, blocks: tuple[bool, bool]
) -> None:
    if change == "late frame":
        platform = "signal"
    shelf = Shelf()
    bookmarks = Bookmarks(b"k" * 32, ("terms",), shelf)
    first = opened(export(platform, seed, OLD), bookmarks, in_blocks=blocks[0])
    assert leave_mark(first, bookmarks, LAST)
    content = export(platform, seed, OLD + more, change)
    marked = opened(content, bookmarks, in_blocks=blocks[1])
    whole = opened(content, None)
    assert marked.report == whole.report
    assert marked.roster == whole.roster
    assert marked.superseded == whole.superseded
    given_before = marked.before.given if marked.before else 0
    assert list(marked.messages) == list(whole.messages)[given_before:]
    knows_each = platform == "matrix" and change == "late"
    assert (marked.before is not None) == (change == "none" or knows_each)
    kept = b"".join(shelf.kept.values())
    assert not any(name.encode() in kept for name in (*NAMES, "night-rota", "Night rota"))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_of_what_was_read_before_little_is_unsealed(platform: str) -> None:
    bookmarks = Bookmarks(b"k" * 32, ("terms",), Shelf())
    first = opened(export(platform, 3, OLD), bookmarks)
    assert leave_mark(first, bookmarks, LAST)
    sealed = sealed_in_blocks(
        b"", io.BytesIO(export(platform, 3, OLD + 20)), IDENTITY.to_public(), b""
    )
    unsealed: list[int] = []

    def decrypted(one: bytes) -> bytes:
        unsealed.append(len(one))
        return pyrage.decrypt(one, [IDENTITY])

    held = UnsealedBlocks(lambda at, size: sealed[at : at + size], len(sealed), decrypted)
    chosen = ("key9", "5", "Night rota").__contains__
    source = cast("BinaryIO", held)
    marked = read_export(source, "greater_london", now=NOW, is_the_chat=chosen, bookmarks=bookmarks)
    assert marked.before is not None
    assert len(list(marked.messages)) >= 20
    assert len(unsealed) < len(held.block_digests) / 2
