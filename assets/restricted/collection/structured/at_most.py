"""How many messages an export holds at most, told by passing over them."""

from collections.abc import Iterator

import msgspec

from assets.restricted.collection.contract import Source
from assets.restricted.collection.structured.json_lines import line_blocks_of
from assets.restricted.collection.structured.json_stream import JsonStream

_PASSED_OVER = msgspec.json.Decoder(list[msgspec.Raw])


def documents_at_most(source: Source, most: int) -> int:
    """Never fewer than the documents hold, of all their chats; stops once past `most`.

    A message is an element of a list called `messages`, or of a list that is the whole document.

    Raises:
        ExportError: if one can't be passed over.
    """
    counted = 0
    for one in source.files:
        with one.open() as stream:
            for some in _of_value(JsonStream(stream), is_messages=True):
                counted += some
                if counted > most:
                    return counted
    return counted


def lines_at_most(source: Source, most: int) -> int:
    """Never fewer than the lines are; stops once past `most`.

    Raises:
        ExportError: if a line is too long.
    """
    counted = 0
    for one in source.files:
        with one.open() as stream:
            for block in line_blocks_of(stream):
                counted += block.count(b"\n") + (not block.endswith(b"\n"))
                if counted > most:
                    return counted
    return counted


def _of_value(walk: JsonStream, *, is_messages: bool) -> Iterator[int]:
    first = walk.begins()
    if first == b"[" and is_messages:
        for some in walk.elements(_PASSED_OVER):
            yield len(some)
    elif first == b"[":
        for _ in walk.items():
            yield from _of_value(walk, is_messages=False)
    elif first == b"{":
        for name in walk.members():
            yield from _of_value(walk, is_messages=name == "messages")
    else:
        walk.skip()
