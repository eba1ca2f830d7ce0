"""The reader of Messenger's and Instagram's exports: `message_N.json`, and end-to-end ones."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from assets.restricted.collection.contract import ChatFile, Circumstances, Source
from assets.restricted.collection.export import Export
from assets.restricted.collection.messenger.chronicle import thread_chronicle
from assets.restricted.collection.messenger.fields import MESSAGES, PEOPLE, repaired
from assets.restricted.collection.messenger.reading import NAMELESS, Reading
from assets.restricted.collection.structured.at_most import documents_at_most
from assets.restricted.collection.structured.beginnings import beginnings, mark_of
from assets.restricted.collection.structured.chat_files import head_of, own_files
from assets.restricted.collection.structured.chats import Chat, the_chat
from assets.restricted.collection.structured.chronicle_document import heading_of
from assets.restricted.collection.structured.entries import Entry, Findings
from assets.restricted.collection.structured.json_stream import JsonStream
from assets.restricted.collection.structured.meta_notices import NOTICES
from assets.restricted.collection.structured.parse import Read, export_of
from assets.restricted.collection.structured.read_on import Opened, read_on

_NUMBERED = re.compile(r"(?P<thread>.*?)_?(?P<number>\d+)\.json", re.IGNORECASE)
TITLES = ("title", "threadName", "thread_path")
_TELLING = ("messages[].sender_name", "messages[].senderName")


@dataclass
class _Thread:
    """One chat's files, the oldest first."""

    files: list[tuple[int, ChatFile]] = field(default_factory=list)

    def in_order(self) -> list[ChatFile]:
        """They are numbered from the newest on."""
        return [one for _, one in sorted(self.files, key=lambda one: -one[0])]


class MessengerReader:
    """Reads what Meta gives on "Download your information", as JSON."""

    platforms = ("messenger", "instagram")

    def recognises(self, head: bytes) -> bool:
        """Say whether it begins as a thread's file does."""
        found = beginnings(head)
        return any(one in found for one in _TELLING)

    def messages_at_most(self, source: Source, most: int) -> int:
        """How many messages it holds at most; see `documents_at_most`."""
        return documents_at_most(source, most)

    def read(self, source: Source, circumstances: Circumstances) -> Export:
        """Count over the one chat and return it.

        Raises:
            ExportError: if it can't be read, or it can't be told which chat is meant.
        """
        mark = mark_of(head_of(source.open))
        if len(source.files) == 1 and mark in self.platforms:
            reading = partial(_read_chronicle, circumstances, mark)
            return read_on(reading, source, circumstances, NOTICES | {NAMELESS}, heading_of)
        threads = _threads(own_files(source, self.recognises))
        own = _chosen(threads, circumstances.is_the_chat)[1]

        def entries(findings: Findings) -> Iterator[list[Entry]]:
            for one in own:
                yield from _entries(one.open, findings)

        return export_of(
            Read(_platform_of(own), "thread", entries, other_chats=len(threads) - 1), circumstances
        )

    def chronicle(
        self, source: Source, is_the_chat: Callable[[str], bool] | None
    ) -> Iterable[bytes]:
        """The one thread, its oldest message first.

        Raises:
            ExportError: as `read`.
        """
        threads = _threads(own_files(source, self.recognises))
        name, own = _chosen(threads, is_the_chat)
        return thread_chronicle(_platform_of(own), name, own)


def _threads(files: Sequence[ChatFile]) -> dict[str, _Thread]:
    threads: dict[str, _Thread] = {}
    for one in files:
        name, number = _thread_of(one.path)
        threads.setdefault(name, _Thread()).files.append((number, one))
    return threads


def _chosen(
    threads: dict[str, _Thread], is_the_chat: Callable[[str], bool] | None
) -> tuple[str, list[ChatFile]]:
    """Name and files, the oldest first, of the thread that may be read."""
    asked = is_the_chat is not None
    chats = [
        Chat(_names(name, thread.in_order()[-1].open) if asked else (name,), (name,))
        for name, thread in threads.items()
    ]
    name = str(the_chat(chats, is_the_chat).place[0])
    return name, threads[name].in_order()


def _read_chronicle(
    circumstances: Circumstances, platform: str, opened: Opened, before: Findings
) -> Read:
    del before
    the_chat([Chat(_names("", opened, is_repaired=True), ())], circumstances.is_the_chat)
    return Read(platform, "thread", partial(_entries, opened, is_repaired=True))


def _thread_of(path: tuple[str, ...]) -> tuple[str, int]:
    """Which thread a file is of, and its number.

    A thread has a folder of its own; the flat files of end-to-end chats are named after it.
    """
    if not path:
        return "", 1
    found = _NUMBERED.fullmatch(path[-1])
    if found is None:
        return path[-1], 1
    if found["thread"].lower() == "message" and path[:-1]:
        return path[-2], int(found["number"][-9:])
    # The end-to-end file's number is the thread's.
    return path[-1], 1


def _platform_of(files: Sequence[ChatFile]) -> str:
    told = any("instagram" in part.lower() for one in files for part in one.path)
    return "instagram" if told else "messenger"


def _names(name: str, newest: Opened, *, is_repaired: bool = False) -> tuple[str, ...]:
    """The thread's folder, its path and its title."""
    found = [name]
    with newest() as stream:
        walk = JsonStream(stream)
        for part in walk.members():
            if part in TITLES:
                title = walk.text() if is_repaired else repaired(walk.text())
                found += [title, title.rpartition("/")[2]]
            elif part == "messages" and is_repaired:
                # A chronicle tells nothing after them.
                break
    return tuple(found)


def _entries(
    opened: Opened, findings: Findings, *, is_repaired: bool = False
) -> Iterator[list[Entry]]:
    reading = Reading(findings, is_repaired=is_repaired)
    with opened() as stream:
        walk = JsonStream(stream)
        for part in walk.members():
            if part in ("title", "threadName"):
                title = walk.text()
                findings.name([title if is_repaired else repaired(title)])
            elif part == "participants":
                for one in walk.value(PEOPLE):
                    name = (one if isinstance(one, str) else one.get("name")) or ""
                    findings.name([name if is_repaired else repaired(name)])
            elif part == "messages":
                for batch in walk.elements(MESSAGES):
                    findings.places = (walk.first_at, walk.place) if is_repaired else None
                    yield [reading.entry(one) for one in batch]
        walk.end()


READER = MessengerReader()
