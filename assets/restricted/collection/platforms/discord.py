"""The reader of DiscordChatExporter's JSON: one channel, whole or in numbered parts."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from math import floor

import msgspec
from msgspec import UNSET, Raw, UnsetType

from assets.core.errors import ExportError
from assets.restricted.collection.contract import ChatFile, Circumstances, Source
from assets.restricted.collection.export import Export
from assets.restricted.collection.structured.at_most import documents_at_most
from assets.restricted.collection.structured.beginnings import beginnings
from assets.restricted.collection.structured.chat_files import own_files
from assets.restricted.collection.structured.chats import Chat, the_chat
from assets.restricted.collection.structured.chronicle_document import (
    BETWEEN,
    document,
    unpacked,
)
from assets.restricted.collection.structured.entries import Entry, Findings, keys_of
from assets.restricted.collection.structured.json_stream import JsonStream
from assets.restricted.collection.structured.mentions import mention
from assets.restricted.collection.structured.parse import Read, export_of
from assets.restricted.collection.structured.read_on import Heading, Opened, read_on
from resources.stores.members.identity import person_written

PEOPLES = frozenset({"Default", "Reply", "0", "19"})
NOTICES = frozenset(
    {
        "RecipientAdd", "RecipientRemove", "Call", "ChannelNameChange", "ChannelIconChange",
        "ChannelPinnedMessage", "GuildMemberJoin", "ThreadCreated",
    }
)  # fmt: skip
"""By name; a newer one stands as its number in Discord's API."""
_NUMBERED = frozenset(str(one) for one in (*range(1, 19), *range(21, 47))) - {"19", "23"}
_COMMANDS = frozenset({"20", "23", "ChatInputCommand", "ContextMenuCommand"})
_NO_NAMES = frozenset({"Deleted User", "deleted_user", "Unknown", ""})
_EMOJI = re.compile(r"<a?:(\w{1,40}):\d{5,25}>")
_USER = re.compile(r"<@!?(\d{5,25})>")


class _Author(msgspec.Struct, gc=False):
    id: str
    name: str = ""
    nickname: str | None = None
    isBot: bool = False  # noqa: N815


class _Reference(msgspec.Struct, gc=False):
    type: str | None = None


class _Message(msgspec.Struct, gc=False):
    id: str
    type: str
    timestamp: datetime
    author: _Author
    content: str = ""
    timestampEdited: str | None = None  # noqa: N815
    # Tuples, for of empty ones there is but one.
    attachments: tuple[Raw, ...] = ()
    embeds: tuple[Raw, ...] = ()
    stickers: tuple[Raw, ...] = ()
    mentions: tuple[_Author, ...] = ()
    reference: _Reference | None = None
    forwardedMessage: Raw | UnsetType = UNSET  # noqa: N815
    poll: Raw | UnsetType = UNSET


class _Channel(msgspec.Struct, gc=False):
    id: str | int
    name: str = ""
    type: str = ""


_MESSAGES = msgspec.json.Decoder(list[_Message])
_RAW = msgspec.json.Decoder(list[Raw])
_CHANNEL = msgspec.json.Decoder(_Channel)


class DiscordReader:
    """Reads what DiscordChatExporter writes as JSON."""

    platforms = ("discord",)

    def recognises(self, head: bytes) -> bool:
        """Say whether it begins with a guild and a channel."""
        found = beginnings(head)
        return found.get("guild") == "{" and found.get("channel") == "{"

    def messages_at_most(self, source: Source, most: int) -> int:
        """How many messages it holds at most; see `documents_at_most`."""
        return documents_at_most(source, most)

    def read(self, source: Source, circumstances: Circumstances) -> Export:
        """Count over the one channel and return it.

        Raises:
            ExportError: if it can't be read, or it can't be told which channel is meant.
        """
        files, others = _chosen(own_files(source, self.recognises), circumstances.is_the_chat)
        if len(source.files) == 1:
            return read_on(_read_file, source, circumstances, NOTICES, _heading)
        return export_of(_read([one.open for one in files], others), circumstances)

    def chronicle(
        self, source: Source, is_the_chat: Callable[[str], bool] | None
    ) -> Iterable[bytes] | None:
        """The one channel of a zip, its parts in order; None where it comes without one.

        Raises:
            ExportError: as `read`.
        """
        if not source.packed:
            return None
        files, _ = _chosen(own_files(source, self.recognises), is_the_chat)
        if len(files) == 1:
            return unpacked(files[0])
        heads = {msgspec.json.encode(_channel_of(one)) for one in files}
        if len(heads) > 1:
            return None
        # By their first message: their names put the tenth before the second.
        ordered = sorted(files, key=_first_key)
        heading = [("guild", {}), ("channel", msgspec.Raw(heads.pop()))]
        return document("discord", heading, (one for file in ordered for one in _batches(file)))


def _chosen(
    files: Sequence[ChatFile], is_the_chat: Callable[[str], bool] | None
) -> tuple[list[ChatFile], int]:
    """Files of the channel that may be read, and how many other channels there are."""
    channels: dict[str, tuple[_Channel, list[ChatFile]]] = {}
    for one in files:
        found = _channel_of(one)
        channels.setdefault(str(found.id), (found, []))[1].append(one)
    chats = [Chat((name, found.name), (name,)) for name, (found, _) in channels.items()]
    chat = the_chat(chats, is_the_chat)
    return channels[str(chat.place[0])][1], len(channels) - 1


def _batches(file: ChatFile) -> Iterator[bytes]:
    with file.open() as stream:
        walk = JsonStream(stream)
        for part in walk.members():
            if part == "messages":
                for batch in walk.elements(_RAW):
                    if batch:
                        yield BETWEEN.join(map(bytes, batch))
        walk.end()


def _first_key(file: ChatFile) -> int:
    with file.open() as stream:
        walk = JsonStream(stream)
        for part in walk.members():
            if part == "messages":
                for batch in walk.elements(_MESSAGES):
                    return keys_of([batch[0].id])[0] if batch else 0
    return 0


def _read(files: Sequence[Opened], other_chats: int = 0) -> Read:
    def entries(findings: Findings) -> Iterator[list[Entry]]:
        reading = _Reading(findings)
        for opened in files:
            with opened() as stream:
                yield from _entries(JsonStream(stream), reading)

    return Read("discord", "channel", entries, other_chats=other_chats)


def _read_file(opened: Opened, before: Findings) -> Read:
    del before
    return _read([opened])


def _heading(opened: Opened) -> Heading | None:
    """What of it counts is the channel; the moment of the export stands there too."""
    channel: _Channel | None = None
    with opened() as stream:
        walk = JsonStream(stream)
        for part in walk.members():
            if part == "channel":
                channel = walk.value(_CHANNEL)
            elif part == "messages" and channel is not None and walk.begins() == b"[":
                return Heading(walk.place + 1, (str(channel.id), channel.name, channel.type))
            elif part == "messages":
                break
    return None


def _channel_of(one: ChatFile) -> _Channel:
    with one.open() as stream:
        walk = JsonStream(stream)
        for part in walk.members():
            if part == "channel":
                return walk.value(_CHANNEL)
    raise ExportError("EXPORT_STRUCTURE_UNKNOWN")


def _entries(walk: JsonStream, reading: "_Reading") -> Iterator[list[Entry]]:
    for part in walk.members():
        if part == "channel":
            reading.findings.name([walk.value(_CHANNEL).name])
        elif part == "messages":
            for batch in walk.elements(_MESSAGES):
                reading.findings.places = walk.first_at, walk.place
                yield reading.entries(batch)
    walk.end()


class _Reading:
    """Turns messages into entries."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self._people: dict[tuple[str, str, str | None], tuple[str, str, bool]] = {}

    def entries(self, batch: Sequence[_Message]) -> list[Entry]:
        """The entries of messages.

        Raises:
            ExportError: `EXPORT_STRUCTURE_UNKNOWN` for a time without an offset.
        """
        times = [one.timestamp for one in batch]
        if any(one.tzinfo is None for one in times):
            raise ExportError("EXPORT_STRUCTURE_UNKNOWN")
        seconds = [floor(one.timestamp()) for one in times]
        keys = keys_of([one.id for one in batch])
        return list(map(self._entry, batch, seconds, keys))

    def _entry(self, one: _Message, second: int, key: int) -> Entry:
        by = one.author
        if by.isBot:
            self.findings.not_people += 1
            return Entry(second, "system", key=key)
        if one.type not in PEOPLES:
            return self._of_other_type(one, second, key)
        who = by.id, by.name, by.nickname
        known = self._people.get(who)
        if known is None:
            known = self._people[who] = self._person(by)
        author, person, unnamed = known
        text = one.content
        if one.mentions or "<" in text:
            text = self._text(one)
        entry = Entry(second, "speech", author, person, text, None, key, unnamed)
        replied = one.reference
        if (
            replied is not None and replied.type in ("Forward", "1")
        ) or one.forwardedMessage is not UNSET:
            entry.kind, entry.detail = "media", "forwarded"
        elif one.poll is not UNSET:
            entry.kind, entry.detail = "media", "polls"
        elif not text:
            holds = one.attachments or one.embeds or one.stickers
            entry.kind = "media" if holds else "expired"
        elif one.timestampEdited is not None:
            entry.kind = "edited"
        elif one.attachments or one.stickers:
            entry.detail = "captions"
        return entry

    def _of_other_type(self, one: _Message, second: int, key: int) -> Entry:
        findings = self.findings
        findings.name([name for person in one.mentions for name in (person.name, person.nickname)])
        if one.type in NOTICES or one.type in _NUMBERED:
            findings.notice(one.type, NOTICES)
        elif one.type in _COMMANDS:
            findings.not_people += 1
        else:
            findings.left_out += 1
        return Entry(second, "system", key=key)

    def _text(self, one: _Message) -> str:
        text = one.content
        if "<" in text:
            text = _EMOJI.sub(r":\1:", text)
        for person in one.mentions:
            shown = person.nickname or person.name
            self.findings.name([shown, person.name])
            if shown:
                # As the exporter shows it, or as Discord keeps it.
                for written in {f"@{shown}", f"@{person.name}"}:
                    text = text.replace(written, mention(shown))
                text = _USER.sub(
                    lambda found, person=person, shown=shown: (
                        mention(shown) if found[1] == person.id else found[0]
                    ),
                    text,
                )
        return text

    def _person(self, by: _Author) -> tuple[str, str, bool]:
        name = by.nickname or by.name
        self.findings.name([by.nickname, by.name])
        others = (by.name,) if by.name != name else ()
        unnamed = name in _NO_NAMES
        return name or by.id, person_written(name, f"discord {by.id}", *others), unnamed


READER = DiscordReader()
