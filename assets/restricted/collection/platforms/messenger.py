"""The reader of Messenger's and Instagram's exports: `message_N.json`, and end-to-end ones."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
from msgspec import UNSET, Raw, UnsetType

from assets.core.errors import ExportError
from assets.restricted.collection.contract import ChatFile, Circumstances, Source
from assets.restricted.collection.copied_posts import is_bot
from assets.restricted.collection.export import Export
from assets.restricted.collection.structured.at_most import documents_at_most
from assets.restricted.collection.structured.beginnings import beginnings
from assets.restricted.collection.structured.chat_files import own_files
from assets.restricted.collection.structured.chats import Chat, the_chat
from assets.restricted.collection.structured.entries import Entry, Findings
from assets.restricted.collection.structured.json_stream import JsonStream
from assets.restricted.collection.structured.meta_notices import notice_of
from assets.restricted.collection.structured.moments import MILLI
from assets.restricted.collection.structured.parse import Read, export_of

_NUMBERED = re.compile(r"(?P<thread>.*?)_?(?P<number>\d+)\.json", re.IGNORECASE)
_TITLES = ("title", "threadName", "thread_path")
# What stands in place of a name whose account is gone.
_NO_NAMES = frozenset({"", "Facebook user", "Facebook User", "Instagram user", "Instagram User"})
_TELLING = ("messages[].sender_name", "messages[].senderName")


class _Share(msgspec.Struct, gc=False):
    link: str | None = None


class _Message(msgspec.Struct, gc=False):
    sender_name: str | UnsetType = UNSET
    timestamp_ms: int | UnsetType = UNSET
    content: str | None = None
    type: str | None = None
    photos: Raw | UnsetType = UNSET
    videos: Raw | UnsetType = UNSET
    audio_files: Raw | UnsetType = UNSET
    gifs: Raw | UnsetType = UNSET
    files: Raw | UnsetType = UNSET
    sticker: Raw | UnsetType = UNSET
    share: _Share | UnsetType | None = UNSET
    call_duration: int | UnsetType | None = UNSET
    missed: bool | UnsetType = UNSET
    is_unsent: bool | None = None
    # Of end-to-end encrypted chats.
    senderName: str | UnsetType = UNSET  # noqa: N815
    timestamp: int | UnsetType = UNSET
    text: str | None = None
    isUnsent: bool | None = None  # noqa: N815
    media: list[Raw] = []


_MESSAGES = msgspec.json.Decoder(list[_Message])
_PEOPLE = msgspec.json.Decoder(list[str | dict[str, str | None]])
_MEMBERSHIP = frozenset({"Subscribe", "Unsubscribe"})
_KNOWN_TYPES = frozenset(
    {None, "Generic", "Share", "Call", "text", "media", "link", "placeholder", *_MEMBERSHIP}
)


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
        files = own_files(source, self.recognises)
        threads: dict[str, _Thread] = {}
        for one in files:
            name, number = _thread_of(one.path)
            threads.setdefault(name, _Thread()).files.append((number, one))
        asked = circumstances.is_the_chat is not None
        chats = [
            Chat(_names(name, thread.in_order()[-1]) if asked else (name,), (name,))
            for name, thread in threads.items()
        ]
        chat = the_chat(chats, circumstances.is_the_chat)
        own = threads[str(chat.place[0])].in_order()
        platform = "instagram" if _of_instagram(own) else "messenger"

        def entries(findings: Findings) -> Iterator[list[Entry]]:
            for one in own:
                with one.open() as stream:
                    yield from _entries(JsonStream(stream), findings)

        return export_of(
            Read(platform, "thread", entries, other_chats=len(threads) - 1), circumstances
        )


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


def _of_instagram(files: Sequence[ChatFile]) -> bool:
    return any("instagram" in part.lower() for one in files for part in one.path)


def _names(name: str, newest: ChatFile) -> tuple[str, ...]:
    """The thread's folder, its path and its title."""
    found = [name]
    with newest.open() as stream:
        walk = JsonStream(stream)
        for part in walk.members():
            if part in _TITLES:
                title = repaired(walk.text())
                found += [title, title.rpartition("/")[2]]
    return tuple(found)


def _entries(walk: JsonStream, findings: Findings) -> Iterator[list[Entry]]:
    reading = _Reading(findings)
    for part in walk.members():
        if part in ("title", "threadName"):
            findings.name([repaired(walk.text())])
        elif part == "participants":
            for one in walk.value(_PEOPLE):
                name = one if isinstance(one, str) else one.get("name")
                findings.name([repaired(name or "")])
        elif part == "messages":
            for batch in walk.elements(_MESSAGES):
                yield [reading.entry(one) for one in batch]
    walk.end()


def repaired(text: str) -> str:
    """Text whose UTF-8 was taken for Latin-1, as Meta writes it; other text as it is."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


class _Reading:
    """Turns one thread's messages into entries."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._senders: dict[str, tuple[str, bool, bool]] = {}

    def entry(self, one: _Message) -> Entry:
        """The entry of a message."""
        if one.senderName is not UNSET:
            written, stamp, text = one.senderName, one.timestamp, one.text or ""
        else:
            written, stamp, text = one.sender_name, one.timestamp_ms, one.content or ""
        if written is UNSET or stamp is UNSET:
            raise ExportError("EXPORT_STRUCTURE_UNKNOWN")
        second = stamp // MILLI
        known = self._senders.get(written)
        if known is None:
            name = repaired(written).strip()
            known = self._senders[written] = (name, name in _NO_NAMES, is_bot(name))
        author, unnamed, bot = known
        if bot:
            self._findings.not_people += 1
            return Entry(second, "system")
        if not text.isascii():
            text = repaired(text)
        entry = Entry(second, "speech", author or "Facebook user", None, text, unnamed=unnamed)
        self._settle(entry, one)
        return entry

    def _settle(self, entry: Entry, one: _Message) -> None:
        if one.type not in _KNOWN_TYPES:
            self._findings.left_out += 1
            entry.kind, entry.text = "system", ""
            return
        if one.is_unsent or one.isUnsent:
            entry.kind, entry.text = "deleted", ""
            return
        if one.type in _MEMBERSHIP:
            self._findings.notices["membership"] += 1
            entry.kind = "system"
            return
        if one.call_duration is not UNSET or one.missed is not UNSET or one.type == "Call":
            entry.kind, entry.detail = "media", "calls"
            return
        text = entry.text
        notice = notice_of(entry.author, text) if text else None
        holds_file = bool(one.media) or not (
            one.photos
            is one.videos
            is one.audio_files
            is one.gifs
            is one.files
            is one.sticker
            is UNSET
        )
        if notice is not None:
            self._as_notice(entry, notice)
        elif holds_file:
            entry.kind = "speech" if text else "media"
            entry.detail = "captions" if text else None
        elif not text:
            shared = one.share is not UNSET and one.share is not None
            entry.kind = "media" if shared or one.type == "media" else "expired"

    def _as_notice(self, entry: Entry, notice: str) -> None:
        if notice == "unsent":
            entry.kind, entry.text = "deleted", ""
        elif notice == "attachment":
            entry.kind = "media"
        elif notice == "call":
            entry.kind, entry.detail = "media", "calls"
        elif notice == "poll":
            entry.kind, entry.detail = "media", "polls"
        elif notice == "location":
            entry.kind, entry.detail = "media", "locations"
        else:
            entry.kind = "system"
            self._findings.notices[notice] += 1


READER = MessengerReader()
