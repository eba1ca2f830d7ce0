"""The reader of Telegram Desktop's `result.json`: of one chat, or of a whole account."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import BinaryIO
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Raw, UnsetType

from assets.core.errors import ExportError
from assets.restricted.collection.contract import Circumstances, Source
from assets.restricted.collection.export import Detail, Export
from assets.restricted.collection.structured.at_most import documents_at_most
from assets.restricted.collection.structured.beginnings import beginnings, mark_of
from assets.restricted.collection.structured.chats import the_chat
from assets.restricted.collection.structured.chronicle_document import unpacked
from assets.restricted.collection.structured.entries import Entry, Findings
from assets.restricted.collection.structured.json_stream import JsonStream
from assets.restricted.collection.structured.mentions import mention
from assets.restricted.collection.structured.moments import second_of
from assets.restricted.collection.structured.parse import Read
from assets.restricted.collection.structured.read_on import read_on
from assets.restricted.collection.telegram.chats import at_chat, chat_chronicle, chats_in
from resources.stores.members.identity import person_written

CHAT_TYPES = frozenset(
    {
        "personal_chat", "bot_chat", "saved_messages", "replies", "verification_codes",
        "private_group", "private_supergroup", "public_supergroup", "private_channel",
        "public_channel",
    }
)  # fmt: skip
ACTIONS = frozenset(
    {
        "create_group", "create_channel", "edit_group_title", "edit_group_photo",
        "delete_group_photo", "invite_members", "remove_members", "join_group_by_link",
        "join_group_by_request", "migrate_to_supergroup", "migrate_from_group", "pin_message",
        "clear_history", "score_in_game", "send_payment", "phone_call", "take_screenshot",
        "allow_sending_messages", "send_passport_values", "joined_telegram", "proximity_reached",
        "requested_phone_number", "group_call", "invite_to_group_call", "group_call_scheduled",
        "set_messages_ttl", "edit_chat_theme", "topic_created", "topic_edit",
        "suggest_profile_photo", "boost_apply", "conference_call",
    }
)  # fmt: skip
_TELLING = ("messages[].date_unixtime", "messages[].from_id", "messages[].text_entities")


class _Piece(msgspec.Struct, gc=False):
    text: str = ""
    type: str = ""


class _Card(msgspec.Struct, gc=False):
    first_name: str = ""
    last_name: str = ""


class _Message(msgspec.Struct, gc=False):
    type: str
    id: int | None = None
    date: str | None = None
    date_unixtime: str | int | None = None
    from_: str | None = msgspec.field(name="from", default=None)
    from_id: str | int | None = None
    text: str | list[str | _Piece] = ""
    edited: str | None = None
    edited_unixtime: str | int | None = None
    reactions: Raw | UnsetType = UNSET
    forwarded_from: str | UnsetType | None = UNSET
    saved_from: str | UnsetType | None = UNSET
    via_bot: str | None = None
    inline_bot_buttons: Raw | UnsetType = UNSET
    media_type: str | None = None
    photo: str | None = None
    file: str | None = None
    poll: Raw | UnsetType = UNSET
    location_information: Raw | UnsetType = UNSET
    contact_information: _Card | UnsetType = UNSET
    rich_message: Raw | UnsetType = UNSET
    self_destruct_period_seconds: int | UnsetType = UNSET
    game_title: str | None = None
    todo_list: Raw | UnsetType = UNSET
    invoice_information: Raw | UnsetType = UNSET
    giveaway_information: Raw | UnsetType = UNSET
    paid_stars_amount: Raw | UnsetType = UNSET
    actor: str | None = None
    action: str | None = None
    members: list[str | None] | None = None
    inviter: str | None = None
    title: str | None = None


_MESSAGES = msgspec.json.Decoder(list[_Message])
_OTHER_MEDIA = (
    "poll", "location_information", "contact_information", "self_destruct_period_seconds",
    "game_title", "todo_list", "invoice_information", "giveaway_information", "paid_stars_amount",
)  # fmt: skip


class TelegramReader:
    """Reads the JSON that Telegram Desktop writes."""

    platforms = ("telegram",)

    def recognises(self, head: bytes) -> bool:
        """Say whether it begins as one chat or as an account does, or as a chronicle."""
        found = beginnings(head)
        if mark_of(head) == "telegram":
            return True
        if found.get("messages") == "[" and (
            found.get("type") in CHAT_TYPES or any(one in found for one in _TELLING)
        ):
            return True
        account = found.get("chats.list") == "[" or found.get("left_chats.list") == "["
        return account or ("personal_information.user_id" in found and "about" in found)

    def messages_at_most(self, source: Source, most: int) -> int:
        """How many messages it holds at most; see `documents_at_most`."""
        return documents_at_most(source, most)

    def chronicle(
        self, source: Source, is_the_chat: Callable[[str], bool] | None
    ) -> Iterable[bytes] | None:
        """The one chat of an account, or what a zip holds; None of a file that grows at its end.

        Raises:
            ExportError: as `read`.
        """
        if len(source.files) > 1:
            return None
        with source.open() as stream:
            chat = the_chat(list(chats_in(JsonStream(stream))), is_the_chat)
        if chat.place:
            return chat_chronicle(source.files[0], chat)
        return unpacked(source.files[0]) if source.packed else None

    def read(self, source: Source, circumstances: Circumstances) -> Export:
        """Count over the one chat and return it.

        Raises:
            ExportError: if it can't be read, or it can't be told which chat is meant.
        """
        if len(source.files) > 1:
            raise ExportError("EXPORT_ZIP_SEVERAL_CHATS")
        return read_on(partial(_read, circumstances), source, circumstances, ACTIONS)


def _read(circumstances: Circumstances, opened: Callable[[], BinaryIO], before: Findings) -> Read:
    del before
    with opened() as stream:
        chats = list(chats_in(JsonStream(stream)))
    chat = the_chat(chats, circumstances.is_the_chat)

    def entries(findings: Findings) -> Iterator[list[Entry]]:
        with opened() as stream:
            walk = JsonStream(stream)
            for _ in at_chat(walk, chat):
                yield from _of_chat(walk, findings, circumstances.zone)

    form = "account" if chat.place else "chat"
    return Read("telegram", form, entries, other_chats=len(chats) - 1)


def _of_chat(walk: JsonStream, findings: Findings, zone: ZoneInfo) -> Iterator[list[Entry]]:
    reading = _Reading(findings, zone)
    for name in walk.members():
        if name == "name":
            findings.name([walk.text()])
        elif name == "type":
            reading.of_bot = walk.text() == "bot_chat"
        elif name == "id":
            reading.chat_id = walk.text()
        elif name == "messages":
            for batch in walk.elements(_MESSAGES):
                findings.places = walk.first_at, walk.place
                yield [one for one in map(reading.entry, batch) if one is not None]


class _Reading:
    """Turns one chat's messages into entries.

    Attributes:
        of_bot: whether it is a chat with a bot.
        chat_id: the chat's id, which in such a chat is the bot's.
    """

    def __init__(self, findings: Findings, zone: ZoneInfo) -> None:
        self.of_bot = False
        self.chat_id = ""
        self._findings = findings
        self._zone = zone
        self._people: dict[tuple[str | None, str | int | None], tuple[str, str | None]] = {}

    def entry(self, one: _Message) -> Entry | None:
        """The entry of a message; None for one without a time."""
        if one.type != "message":
            return self._of_other_type(one)
        second = self._second(one)
        who = (one.from_, one.from_id)
        known = self._people.get(who)
        if known is None:
            known = self._people[who] = self._person(*who)
        author, person = known
        if person is None or one.inline_bot_buttons is not UNSET:
            self._findings.not_people += 1
            return Entry(second, "system", key=one.id)
        written = one.text
        text = written if isinstance(written, str) else _joined(written)
        entry = Entry(second, "speech", author, person, text, None, one.id, one.from_ is None)
        if (
            one.media_type is not None
            or one.photo is not None
            or one.file is not None
            or one.forwarded_from is not UNSET
            or one.via_bot is not None
            or one.saved_from is not UNSET
            or not text
            or one.poll is not UNSET
        ):
            self._as_media(entry, one)
        elif (one.edited or one.edited_unixtime) and one.reactions is UNSET:
            # A reaction sets the time of an edit too.
            entry.kind = "edited"
        return entry

    def _as_media(self, entry: Entry, one: _Message) -> None:
        is_file = one.media_type is not None or one.photo is not None or one.file is not None
        if one.forwarded_from is not UNSET or one.via_bot or one.saved_from is not UNSET:
            entry.kind, entry.detail = "media", "forwarded"
        elif one.poll is not UNSET:
            entry.kind, entry.detail, entry.text = "media", "polls", ""
        elif entry.text:
            edited = (one.edited or one.edited_unixtime) and one.reactions is UNSET
            entry.kind = "edited" if edited else "speech"
            entry.detail = None if edited else "captions"
        else:
            entry.kind, entry.detail = "media", _detail(one)
            if one.contact_information is not UNSET:
                card = one.contact_information
                self._findings.name([f"{card.first_name} {card.last_name}".strip()])
            if not is_file and all(getattr(one, name) in (UNSET, None) for name in _OTHER_MEDIA):
                # Such as a rich message, whose words are not in `text`.
                self._findings.left_out += 1

    def _of_other_type(self, one: _Message) -> Entry | None:
        findings = self._findings
        if one.type == "service":
            findings.notice(one.action, ACTIONS)
            findings.name([one.actor, one.inviter, one.title, *(one.members or ())])
            return Entry(self._second(one), "system", key=one.id)
        findings.left_out += 1
        findings.undated += 1
        return None

    def _person(self, name: str | None, account: str | int | None) -> tuple[str, str | None]:
        """Name and person; no person for a channel, a group that writes as itself, or a bot."""
        if account is None:
            return (name, name) if name else ("Deleted Account", "Deleted Account")
        written = str(account)
        number = written.removeprefix("user")
        if written.startswith(("channel", "chat")) or (self.of_bot and number == self.chat_id):
            return name or "", None
        return name or "Deleted Account", person_written(name or "", f"telegram {number}")

    def _second(self, one: _Message) -> int:
        if one.date_unixtime is not None:
            try:
                return int(one.date_unixtime)
            except ValueError:
                pass
        if one.date is None:
            raise ExportError("EXPORT_STRUCTURE_UNKNOWN")
        # Versions before 2021 wrote the clock of the exporting computer alone.
        return second_of(one.date, self._zone)


def _joined(text: list[str | _Piece]) -> str:
    return "".join(
        one
        if isinstance(one, str)
        else mention(one.text.lstrip("@"))
        if one.type == "mention_name"
        else one.text
        for one in text
    )


def _detail(one: _Message) -> Detail | None:
    if one.location_information is not UNSET:
        return "locations"
    if one.contact_information is not UNSET:
        return "contact_cards"
    return "view_once" if one.self_destruct_period_seconds is not UNSET else None


READER = TelegramReader()
