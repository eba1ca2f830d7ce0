"""Signal's own export: one object a line, of recipients, chats and their items.

It is the app's backup in JSON (`Backup.proto` of libsignal): numbers of 64 bits may be texts, and
what is not set is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
from msgspec import UNSET, Raw, UnsetType

from assets.core.errors import ExportError
from assets.restricted.collection.contract import ChatFile, Circumstances
from assets.restricted.collection.export import CountedKind, Detail, Export
from assets.restricted.collection.structured.chats import Chat, the_chat
from assets.restricted.collection.structured.entries import Entry, Findings
from assets.restricted.collection.structured.json_lines import decoded_lines, line_blocks_of
from assets.restricted.collection.structured.mentions import mention
from assets.restricted.collection.structured.moments import MILLI
from assets.restricted.collection.structured.parse import Read, export_of
from resources.stores.members.identity import person_written

Number = str | int
_PLACEHOLDER = "\ufffc"
_OWN_LABEL = "You"


class _Name(msgspec.Struct, rename="camel", gc=False):
    given: str = ""
    family: str = ""


class _Contact(msgspec.Struct, rename="camel", gc=False):
    aci: str | None = None
    e164: Number | None = None
    username: str | None = None
    profile_given_name: str | None = None
    profile_family_name: str | None = None
    system_given_name: str | None = None
    system_family_name: str | None = None
    nickname: _Name | None = None

    def names(self) -> list[str]:
        written = [
            f"{self.system_given_name or ''} {self.system_family_name or ''}",
            f"{self.nickname.given} {self.nickname.family}" if self.nickname else "",
            f"{self.profile_given_name or ''} {self.profile_family_name or ''}",
            self.username or "",
        ]
        return list(dict.fromkeys(name.strip() for name in written if name.strip()))


class _Title(msgspec.Struct, gc=False):
    title: str = ""


class _Snapshot(msgspec.Struct, gc=False):
    title: _Title | str | None = None


class _Group(msgspec.Struct, rename="camel", gc=False):
    master_key: str | None = None
    snapshot: _Snapshot | None = None
    name: str | None = None

    def names(self) -> list[str]:
        title = self.snapshot.title if self.snapshot else None
        written = title.title if isinstance(title, _Title) else title
        return [one for one in (written, self.name, self.master_key) if one]


class _Recipient(msgspec.Struct, gc=False):
    id: Number
    contact: _Contact | None = None
    group: _Group | None = None
    self: Raw | UnsetType = UNSET
    releaseNotes: Raw | UnsetType = UNSET  # noqa: N815


class _Chat(msgspec.Struct, rename="camel", gc=False):
    id: Number
    recipient_id: Number


class _Range(msgspec.Struct, rename="camel", gc=False):
    mention_aci: str | None = None
    start: int = 0
    length: int = 0


class _Text(msgspec.Struct, rename="camel", gc=False):
    body: str = ""
    body_ranges: list[_Range] = []


class _Standard(msgspec.Struct, rename="camel", gc=False):
    text: _Text | None = None
    long_text: Raw | UnsetType = UNSET
    attachments: list[Raw] = []


class _Item(msgspec.Struct, rename="camel", gc=False):
    chat_id: Number
    author_id: Number
    date_sent: Number
    revisions: list[Raw] = []
    standard_message: _Standard | UnsetType = UNSET
    remote_deleted_message: Raw | UnsetType = UNSET
    admin_deleted_message: Raw | UnsetType = UNSET
    update_message: dict[str, Raw] | UnsetType = UNSET
    contact_message: Raw | UnsetType = UNSET
    sticker_message: Raw | UnsetType = UNSET
    payment_notification: Raw | UnsetType = UNSET
    gift_badge: Raw | UnsetType = UNSET
    view_once_message: Raw | UnsetType = UNSET
    direct_story_reply_message: Raw | UnsetType = UNSET
    poll: Raw | UnsetType = UNSET


class _Account(msgspec.Struct, rename="camel", gc=False):
    given_name: str = ""
    family_name: str = ""
    username: str | None = None


class _Frame(msgspec.Struct, rename="camel", gc=False):
    chat_item: _Item | None = None


class _OutlineItem(msgspec.Struct, rename="camel", gc=False):
    chat_id: Number


class _Outline(msgspec.Struct, rename="camel", gc=False):
    """A frame of which no message is made anything."""

    account: _Account | None = None
    recipient: _Recipient | None = None
    chat: _Chat | None = None
    chat_item: _OutlineItem | None = None


_FRAMES = msgspec.json.Decoder(_Frame)
_OUTLINES = msgspec.json.Decoder(_Outline)
UPDATES = frozenset(
    {
        "simpleUpdate", "groupChange", "expirationTimerChange", "profileChange", "threadMerge",
        "sessionSwitchover", "individualCall", "groupCall", "learnedProfileChange",
        "pollTerminate", "pinMessage",
    }
)  # fmt: skip


@dataclass
class _Book:
    """Who and what the ids of a file stand for."""

    own_name: str = ""
    recipients: dict[str, _Recipient] = field(default_factory=dict)
    chats: dict[str, str] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)

    def names_of(self, chat_id: str) -> list[str]:
        one = self.recipients.get(self.chats.get(chat_id, ""))
        if one is None:
            return []
        named = one.group or one.contact
        return named.names() if named else []


def read_frames(files: Sequence[ChatFile], circumstances: Circumstances) -> Export:
    """Count over the one chat of `main.jsonl` and return it.

    Raises:
        ExportError: if it can't be read, or it can't be told which chat is meant.
    """
    if len(files) > 1:
        raise ExportError("EXPORT_ZIP_SEVERAL_CHATS")
    opened = files[0].open
    book = _book(files[0])
    chats = [Chat(tuple(book.names_of(chat_id)), (chat_id,)) for chat_id in book.used]
    chat = the_chat(chats, circumstances.is_the_chat)
    wanted = str(chat.place[0])

    def entries(findings: Findings) -> Iterator[list[Entry]]:
        findings.name(book.names_of(wanted)[:1])
        reading = _Reading(findings, book)
        with opened() as stream:
            for block in line_blocks_of(stream):
                items = [one.chat_item for one in decoded_lines(block, _FRAMES)]
                yield [
                    reading.entry(one)
                    for one in items
                    if one is not None and str(one.chat_id) == wanted
                ]

    return export_of(Read("signal", "json", entries, other_chats=len(chats) - 1), circumstances)


def _book(file: ChatFile) -> _Book:
    book = _Book()
    with file.open() as stream:
        for block in line_blocks_of(stream):
            for one in decoded_lines(block, _OUTLINES):
                if one.chat_item is not None:
                    chat_id = str(one.chat_item.chat_id)
                    book.used[chat_id] = book.used.get(chat_id, 0) + 1
                elif one.recipient is not None:
                    book.recipients[str(one.recipient.id)] = one.recipient
                elif one.chat is not None:
                    book.chats[str(one.chat.id)] = str(one.chat.recipient_id)
                elif one.account is not None:
                    whole = f"{one.account.given_name} {one.account.family_name}".strip()
                    book.own_name = whole or one.account.username or ""
    return book


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
        self._people: dict[Number, tuple[str, str | None, bool] | None] = {}

    def entry(self, one: _Item) -> Entry:
        """The entry of an item."""
        sent = one.date_sent
        milli = sent if isinstance(sent, int) else _whole(sent)
        second, key = milli // MILLI, hash((str(one.author_id), milli))
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

    def _what(self, one: _Item) -> tuple[CountedKind, str, Detail | None]:
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

    def _text(self, said: _Text) -> str:
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


def _whole(written: Number) -> int:
    try:
        return int(written)
    except ValueError:
        pass
    raise ExportError("EXPORT_STRUCTURE_UNKNOWN")
