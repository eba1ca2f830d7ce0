"""One thread of Messenger or Instagram as a chronicle: the oldest message first."""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import UNSET

from assets.core.errors import ExportError
from assets.restricted.collection.contract import ChatFile
from assets.restricted.collection.messenger.fields import MESSAGES, PEOPLE, Message, repaired
from assets.restricted.collection.messenger.reading import told_by
from assets.restricted.collection.structured import chronicle_document
from assets.restricted.collection.structured.chronicle_document import BETWEEN, document, emptied
from assets.restricted.collection.structured.json_stream import JsonStream

_TOLD_ONCE = ("title", "threadName", "thread_path")


def thread_chronicle(platform: str, folder: str, files: Sequence[ChatFile]) -> Iterator[bytes]:
    """The chronicle of a thread, with its texts and names put right.

    Args:
        platform: that it is of.
        folder: of the thread, empty where it has none; a name of the chat.
        files: of the thread.

    Raises:
        ExportError: if a file can't be read; `EXPORT_TOO_LARGE` where more would be held than
            `LARGEST_CHRONICLE`.
    """
    people: dict[str, None] = {}
    titles: dict[tuple[str, str], None] = {("thread_path", folder): None} if folder else {}
    held: list[tuple[int, list[bytes]]] = []
    left = chronicle_document.LARGEST_CHRONICLE
    for one in files:
        with one.open() as stream:
            walk = JsonStream(stream)
            for part in walk.members():
                if part in _TOLD_ONCE:
                    titles[part, repaired(walk.text())] = None
                elif part == "participants":
                    for person in walk.value(PEOPLE):
                        name = person if isinstance(person, str) else person.get("name")
                        people[repaired(name or "")] = None
                elif part == "messages":
                    held.append(_messages(walk, left))
                    left -= sum(map(len, held[-1][1]))
            walk.end()
    # By its newest message: files may be of several folders, and their numbers then tell no order.
    held.sort(key=lambda one: one[0])
    heading = [("participants", list(people)), *((part, told) for part, told in titles)]
    return document(platform, heading, (one for _, batches in held for one in batches))


def _messages(walk: JsonStream, left: int) -> tuple[int, list[bytes]]:
    """The newest message's moment, and all in pieces, oldest first, of `left` bytes at most."""
    first: int | None = None
    last = newest = 0
    batches: list[list[bytes]] = []
    for batch in walk.elements(MESSAGES):
        if not batch:
            continue
        first = told_by(batch[0])[1] if first is None else first
        last = told_by(batch[-1])[1]
        newest = max(newest, *(told_by(one)[1] for one in batch))
        batches.append([msgspec.json.encode(_put_right(one)) for one in batch])
        left -= sum(map(len, batches[-1]))
        if left < 0:
            raise ExportError("EXPORT_TOO_LARGE")
    if first is not None and first > last:
        batches = [batch[::-1] for batch in reversed(batches)]
    return newest, [BETWEEN.join(batch) for batch in batches]


def _put_right(one: Message) -> Message:
    if one.senderName is not UNSET:
        one.senderName = repaired(one.senderName)
        one.text = one.text and repaired(one.text)
    if one.sender_name is not UNSET:
        one.sender_name = repaired(one.sender_name)
    one.content = one.content and repaired(one.content)
    emptied(one)
    return one
