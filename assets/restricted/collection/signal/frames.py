"""Signal's own export: one object a line, of recipients, chats and their items.

It is the app's backup in JSON (`Backup.proto` of libsignal): numbers of 64 bits may be texts, and
what is not set is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec
from msgspec import UNSET

from assets.core.errors import ExportError
from assets.restricted.collection.contract import ChatFile, Circumstances, Source
from assets.restricted.collection.export import CountedKind, Detail, Export
from assets.restricted.collection.signal.frame_fields import (
    FRAMES,
    OUTLINES,
    Item,
    Number,
    Outline,
    Recipient,
    TextFields,
)
from assets.restricted.collection.structured.chats import Chat, the_chat
from assets.restricted.collection.structured.counting import ReadsOtherwise
from assets.restricted.collection.structured.entries import Entry, Findings, key_of
from assets.restricted.collection.structured.json_lines import decoded_lines, line_blocks_of
from assets.restricted.collection.structured.mentions import mention
from assets.restricted.collection.structured.moments import MILLI
from assets.restricted.collection.structured.parse import Read, export_of
from assets.restricted.collection.structured.read_on import (
    LONGEST_BEGINNING,
    Heading,
    Opened,
    read_on,
)
from resources.stores.members.identity import person_written

_MOST_AUTHORS, _LAST_MILLI = 1 << 20, 1 << 43
_PLACEHOLDER = "\ufffc"
_OWN_LABEL = "You"
UPDATES = frozenset(
    {
        "simpleUpdate", "groupChange", "expirationTimerChange", "profileChange", "threadMerge",
        "sessionSwitchover", "individualCall", "groupCall", "learnedProfileChange",
        "pollTerminate", "pinMessage",
    }
)  # fmt: skip


@dataclass
class _Book:
    """Who and what the ids of a file stand for.

    Attributes:
        own_name: of who exported it.
        recipients: by id.
        chats: whose they are, by id.
        used: ids of chats that have items.
        is_first: whether no item stands before any of this.
    """

    own_name: str = ""
    recipients: dict[str, Recipient] = field(default_factory=dict)
    chats: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    is_first: bool = True

    def add(self, one: "Outline") -> None:
        """Note what a frame tells of ids."""
        if one.chat_item is not None:
            self.used.add(str(one.chat_item.chat_id))
            return
        if one.recipient is not None:
            self.recipients[str(one.recipient.id)] = one.recipient
        elif one.chat is not None:
            self.chats[str(one.chat.id)] = str(one.chat.recipient_id)
        elif one.account is not None:
            whole = f"{one.account.given_name} {one.account.family_name}".strip()
            self.own_name = whole or one.account.username or ""
        else:
            return
        self.is_first = self.is_first and not self.used

    def names_of(self, chat_id: str) -> list[str]:
        one = self.recipients.get(self.chats.get(chat_id, ""))
        if one is None:
            return []
        named = one.group or one.contact
        return named.names() if named else []


def read_frames(source: Source, files: Sequence[ChatFile], circumstances: Circumstances) -> Export:
    """Count over the one chat of `main.jsonl` and return it.

    Args:
        source: of the export.
        files: of it, which are such.
        circumstances: of the export.

    Raises:
        ExportError: if it can't be read, or it can't be told which chat is meant.
    """
    if len(files) > 1:
        raise ExportError("EXPORT_ZIP_SEVERAL_CHATS")
    reading = partial(_read, circumstances)
    if len(source.files) > 1:
        return export_of(reading(files[0].open, Findings()), circumstances)
    return read_on(reading, source, circumstances, UPDATES, _heading)


def _read(circumstances: Circumstances, opened: Opened, before: Findings) -> Read:
    book = _book(opened)
    if before.chats and not book.is_first:
        # Such a frame tells of items before it too.
        raise ReadsOtherwise
    used = {key_of(chat_id): chat_id for chat_id in (*book.chats, *book.used)}
    numbers = {*before.chats, *map(key_of, book.used)}
    chats = [
        Chat(tuple(book.names_of(used[one])) if one in used else (), (one,)) for one in numbers
    ]
    wanted = the_chat(chats, circumstances.is_the_chat).place[0]
    chat_id = used.get(int(wanted), "")
    number = key_of(chat_id)
    own: frozenset[Number] = frozenset({chat_id, number} if str(number) == chat_id else {chat_id})
    heading = _heading(opened) if book.is_first else None

    def entries(findings: Findings) -> Iterator[list[Entry]]:
        findings.name(book.names_of(chat_id)[:1])
        reading = _Reading(findings, book)
        place = 0
        with opened() as stream:
            for block in line_blocks_of(stream):
                frames = decoded_lines(block, FRAMES)
                items = [item for one in frames if (item := one.chat_item) is not None]
                place += len(block)
                whole = heading is not None and block.endswith(b"\n")
                findings.places = (heading.first_at, place) if heading and whole else None
                met = {one.chat_id for one in items}
                findings.chats.update(key_of(str(one)) for one in met)
                if not met <= own:
                    items = [one for one in items if one.chat_id in own]
                yield reading.entries(items)

    return Read("signal", "json", entries, other_chats=len(chats) - 1)


def _book(opened: Opened) -> _Book:
    book = _Book()
    with opened() as stream:
        for block in line_blocks_of(stream):
            for one in decoded_lines(block, OUTLINES):
                book.add(one)
    return book


def _heading(opened: Opened) -> Heading | None:
    """What stands before the first item; the moment of the export is not of what counts there."""
    with opened() as stream:
        if stream.read(1) != b"{":
            return None
    book, place = _Book(), 0
    with opened() as stream:
        for block in line_blocks_of(stream):
            for line in block.splitlines(keepends=True):
                for one in decoded_lines(line, OUTLINES):
                    book.add(one)
                if book.used:
                    told = msgspec.json.encode([book.own_name, book.recipients, book.chats])
                    return Heading(place, (told.decode(),), of_lines=True)
                place += len(line)
            if place > LONGEST_BEGINNING:
                break
    return None


class _Reading:
    """Turns one chat's items into entries."""

    def __init__(self, findings: Findings, book: _Book) -> None:
        self._findings = findings
        self._book = book
        self._by_aci = {
            one.contact.aci: one.contact.names()
            for one in book.recipients.values()
            if one.contact and one.contact.aci
        }
        self._numbers: dict[Number, int] = {}
        self._people: dict[Number, tuple[str, str | None, bool] | None] = {}

    def entries(self, batch: Sequence[Item]) -> list[Entry]:
        """The entries of items.

        Raises:
            ExportError: `EXPORT_STRUCTURE_UNKNOWN` for a time that is none, or an author of whom
                nothing is told.
        """
        return list(map(self._entry, batch, _millis([one.date_sent for one in batch])))

    def _entry(self, one: Item, milli: int) -> Entry:
        second, key = milli // MILLI, self._key(one.author_id, milli)
        if one.update_message is not UNSET:
            kind = next((name for name in one.update_message if name in UPDATES), None)
            self._findings.notice(kind, UPDATES)
            return Entry(second, "system", key=key)
        if one.author_id not in self._people:
            self._people[one.author_id] = self._person(one.author_id)
        known = self._people[one.author_id]
        if known is None:
            self._findings.not_people += 1
            return Entry(second, "system", key=key)
        author, person, unnamed = known
        kind, text, detail = self._what(one)
        return Entry(second, kind, author, person, text, detail, key, unnamed)

    def _key(self, author: Number, milli: int) -> int:
        """Of one item among all of its chat; later ones have greater keys, as far as they can."""
        number = self._numbers.get(author)
        if number is None:
            number = self._numbers[author] = key_of(str(author))
        if 0 <= number < _MOST_AUTHORS and 0 <= milli < _LAST_MILLI:
            return milli * _MOST_AUTHORS + number
        return key_of(f"{author} {milli}")

    def _what(self, one: Item) -> tuple[CountedKind, str, Detail | None]:
        if one.remote_deleted_message is not UNSET or one.admin_deleted_message is not UNSET:
            return "deleted", "", None
        said = one.standard_message
        if said is not UNSET:
            text = self._text(said.text) if said.text else ""
            if not text:
                holds = said.attachments or said.long_text is not UNSET
                return "media" if holds else "expired", "", None
            if one.revisions:
                return "edited", text, None
            return "speech", text, "captions" if said.attachments else None
        for name, detail in _FIELDS.items():
            if getattr(one, name) is not UNSET:
                return "media", "", detail
        self._findings.left_out += 1
        return "system", "", None

    def _text(self, said: TextFields) -> str:
        if _PLACEHOLDER not in said.body or not said.body_ranges:
            return said.body
        # Places are counted as Java counts, in halves of UTF-16.
        halves = said.body.encode("utf-16-le", "surrogatepass")
        pieces, done = [], 0
        for one in sorted(said.body_ranges, key=lambda one: one.start):
            if one.mention_aci is None or one.start * 2 < done:
                continue
            names = self._by_aci.get(one.mention_aci) or [self._book.own_name or _OWN_LABEL]
            self._findings.name(names)
            pieces += [halves[done : one.start * 2], mention(names[0]).encode("utf-16-le")]
            done = (one.start + one.length) * 2
        return b"".join([*pieces, halves[done:]]).decode("utf-16-le", "replace")

    def _person(self, author: Number) -> tuple[str, str | None, bool] | None:
        """Name, person, and whether it has no name; None for what is no person."""
        one = self._book.recipients.get(str(author))
        if one is None:
            raise ExportError("EXPORT_STRUCTURE_UNKNOWN")
        if one.self is not UNSET:
            own = self._book.own_name
            self._findings.name([own])
            return own or _OWN_LABEL, None, not own
        if one.contact is None:
            return None
        names, number = one.contact.names(), one.contact.e164
        shown = None if number is None else f"+{str(number).lstrip('+')}"
        self._findings.name(names)
        called = names[0] if names else shown or ""
        written = person_written(
            called,
            f"signal {one.contact.aci}" if one.contact.aci else "",
            *names[1:],
            *([shown] if shown and names else []),
        )
        return called or _OWN_LABEL, written, not called


_FIELDS: dict[str, Detail | None] = {
    "contact_message": "contact_cards",
    "sticker_message": None,
    "payment_notification": None,
    "gift_badge": None,
    "view_once_message": "view_once",
    "direct_story_reply_message": None,
    "poll": "polls",
}


def _millis(written: Sequence[Number]) -> list[int]:
    try:
        return list(map(int, written))
    except ValueError:
        pass
    raise ExportError("EXPORT_STRUCTURE_UNKNOWN")
