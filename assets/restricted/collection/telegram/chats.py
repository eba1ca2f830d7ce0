"""The chats in Telegram Desktop's `result.json`, which is of one chat or of a whole account."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from assets.restricted.collection.contract import ChatFile
from assets.restricted.collection.structured.chats import Chat
from assets.restricted.collection.structured.chronicle_document import BETWEEN, document
from assets.restricted.collection.structured.json_stream import JsonStream

_SECTIONS = ("chats", "left_chats")
_SUPERGROUP_MARK = "-100"
_TELLING = ("name", "type", "id")
_ONE = msgspec.json.Decoder(Raw)
_SEVERAL = msgspec.json.Decoder(list[Raw])


def chats_in(walk: JsonStream) -> Iterator[Chat]:
    """Every chat by its ids and titles; of their messages nothing is made."""
    alone: list[str] = []
    is_alone = False
    for name in walk.members():
        if name in _SECTIONS and walk.begins() == b"{":
            for inner in walk.members():
                if inner != "list":
                    continue
                for place in walk.items():
                    names: list[str] = []
                    for part in walk.members():
                        names += _names(walk, part)
                    yield Chat(tuple(names), (name, place))
        elif name == "messages":
            is_alone = True
            if alone:
                # Who it is of stands before them, so that they need not be passed over here.
                break
        else:
            alone += _names(walk, name)
    if is_alone:
        yield Chat(tuple(alone), ())


def _names(walk: JsonStream, part: str) -> list[str]:
    if part == "name":
        return [walk.text()]
    if part == "id":
        chat_id = walk.text()
        # Bots and links write the id of a supergroup with a mark before it.
        return [chat_id, f"{_SUPERGROUP_MARK}{chat_id}", f"-{chat_id}"]
    return []


def at_chat(walk: JsonStream, chat: Chat) -> Iterator[None]:
    """Walk a file to its end, with one stop where the members of a chat come next.

    Args:
        walk: at the file's first byte.
        chat: as `chats_in` gives it.
    """
    if not chat.place:
        yield
        walk.end()
        return
    section, wanted = chat.place
    for name in walk.members():
        if name != section:
            continue
        for inner in walk.members():
            if inner != "list":
                continue
            for place in walk.items():
                if place == wanted:
                    yield


def chat_chronicle(file: ChatFile, chat: Chat) -> Iterator[bytes]:
    """The chronicle of a chat of an account.

    Args:
        file: of the account.
        chat: which.

    Raises:
        ExportError: if it can't be read.
    """
    heading: list[tuple[str, Any]] = []
    with file.open() as stream:
        walk = JsonStream(stream)
        for _ in at_chat(walk, chat):
            heading += [(name, walk.value(_ONE)) for name in walk.members() if name in _TELLING]
    return document("telegram", heading, _batches(file, chat))


def _batches(file: ChatFile, chat: Chat) -> Iterator[bytes]:
    with file.open() as stream:
        walk = JsonStream(stream)
        for _ in at_chat(walk, chat):
            for name in walk.members():
                if name == "messages":
                    for batch in walk.elements(_SEVERAL):
                        if batch:
                            yield BETWEEN.join(map(bytes, batch))
