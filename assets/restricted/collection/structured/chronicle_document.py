"""How a chronicle is written, and what stands before its entries."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Raw

from assets.restricted.collection.contract import ChatFile
from assets.restricted.collection.structured.beginnings import CHRONICLE
from assets.restricted.collection.structured.json_stream import JsonStream
from assets.restricted.collection.structured.read_on import Heading, Opened
from resources.stores.inbox.blocks import read_whole

LARGEST_CHRONICLE = 1 << 29
"""Bytes; of what is larger the file is sealed as it came, for it is held in memory."""
_READ_BYTES = 1 << 18
BETWEEN = b",\n"
_HELD = Raw(b"0")


def document(
    platform: str, heading: Sequence[tuple[str, Any]], batches: Iterable[bytes]
) -> Iterator[bytes]:
    """A chronicle.

    Args:
        platform: it is of.
        heading: members that stand before the entries.
        batches: entries in order, as JSON, with `BETWEEN` between them; none empty.
    """
    told = [(CHRONICLE, platform), *heading]
    members = [msgspec.json.encode(name) + b":" + msgspec.json.encode(one) for name, one in told]
    yield b"{" + BETWEEN.join(members) + BETWEEN + b'"messages":[\n'
    between = b""
    for one in batches:
        yield between + one
        between = BETWEEN
    yield b"\n]}\n"


def heading_of(opened: Opened) -> Heading | None:
    """What stands before the entries, all of which decides how they are read."""
    with opened() as stream:
        walk = JsonStream(stream)
        first_at = next(
            (
                walk.place + 1
                for one in walk.members()
                if one == "messages" and walk.begins() == b"["
            ),
            None,
        )
    if first_at is None:
        return None
    with opened() as stream:
        told = read_whole(stream, first_at)
    return Heading(first_at, (told.decode("utf-8", "replace"),))


def unpacked(file: ChatFile) -> Iterator[bytes]:
    """A file that grows at its end, as it is."""
    with file.open() as stream:
        while block := stream.read(_READ_BYTES):
            yield block


def emptied(held: msgspec.Struct) -> None:
    """Let go of what is read of a message only in that it is there, such as its files."""
    for name in held.__struct_fields__:
        one = getattr(held, name)
        if isinstance(one, Raw):
            setattr(held, name, _HELD)
        elif isinstance(one, list) and one and isinstance(one[0], Raw):
            setattr(held, name, [_HELD])
