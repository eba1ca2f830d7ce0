"""The reader of Slack's export: a zip of a folder for each channel, with a file for each day."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from msgspec import UNSET, Raw, UnsetType

from assets.core.errors import ExportError
from assets.restricted.collection.contract import ChatFile, Circumstances, Source
from assets.restricted.collection.export import Export
from assets.restricted.collection.structured.at_most import documents_at_most
from assets.restricted.collection.structured.beginnings import beginnings
from assets.restricted.collection.structured.chats import Chat, the_chat
from assets.restricted.collection.structured.entries import Entry, Findings, keys_of
from assets.restricted.collection.structured.json_stream import JsonStream
from assets.restricted.collection.structured.mentions import mention
from assets.restricted.collection.structured.parse import Read, export_of
from resources.stores.members.identity import person_written

PEOPLES = frozenset(
    {None, "", "thread_broadcast", "reply_broadcast", "me_message", "file_share", "file_comment"}
)
NOTICES = frozenset(
    {
        "channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name",
        "channel_archive", "channel_unarchive", "channel_convert_to_private",
        "channel_convert_to_public", "channel_posting_permissions", "channel_canvas_updated",
        "group_join", "group_leave", "group_topic", "group_purpose", "group_name",
        "group_archive", "group_unarchive", "pinned_item", "unpinned_item", "reminder_add",
        "huddle_thread", "sh_room_created", "sh_room_shared", "joiner_notification",
        "joiner_notification_for_inviter", "app_conversation_join", "app_conversation_leave",
        "document_mention", "list_record_comment", "ekm_access_denied", "reply_to_message",
        "message_replied", "bot_add", "bot_remove", "bot_enable", "bot_disable",
        "assistant_app_thread", "reminder_delete", "external_channel_invite",
    }
)  # fmt: skip
BOTS = frozenset({"bot_message", "slackbot_response"})
DELETED = frozenset({"tombstone", "message_deleted"})
_DIGITS = 12
# A moment of this century, as Slack writes it: `1760512345.000200`.
_DIGITS_WHOLE, _MILLIONTHS, _MOMENT_LENGTH, _LEAST_NUMBER = 10, 1_000_000, 17, 10**15
_SLACKBOT = "USLACKBOT"
_DAY = re.compile(r"\d{4}-\d\d-\d\d\.json")
_LISTS = ("channels.json", "groups.json", "mpims.json", "dms.json")
_REFERENCE = re.compile(
    r"<([@#!])([^>|]{1,80})(?:\|([^>]{0,300}))?>|<([^>|\s]{1,4000})(?:\|([^>]{0,1000}))?>"
)


class _Names(msgspec.Struct, gc=False):
    display_name: str | None = None
    real_name: str | None = None
    name: str | None = None


class _User(msgspec.Struct, gc=False):
    id: str
    name: str | None = None
    real_name: str | None = None
    is_bot: bool = False
    profile: _Names | None = None


class _Channel(msgspec.Struct, gc=False):
    id: str
    name: str | None = None


class _Message(msgspec.Struct, gc=False):
    ts: str
    type: str = "message"
    subtype: str | None = None
    user: str | None = None
    bot_id: str | None = None
    text: str | None = None
    edited: Raw | UnsetType = UNSET
    files: list[Raw] | None = None
    upload: bool | None = None
    user_profile: _Names | None = None
    attachments: Raw | UnsetType = UNSET
    poll: Raw | UnsetType = UNSET


_MESSAGES = msgspec.json.Decoder(list[_Message])
_USERS = msgspec.json.Decoder(list[_User])
_CHANNELS = msgspec.json.Decoder(list[_Channel])


@dataclass
class _Workspace:
    """The files of an export, by what they are."""

    users: ChatFile | None = None
    lists: list[ChatFile] = field(default_factory=list)
    channels: dict[str, list[ChatFile]] = field(default_factory=dict)


class SlackReader:
    """Reads what Slack's "Export data" gives."""

    platforms = ("slack",)

    def recognises(self, head: bytes) -> bool:
        """Say whether it begins as a day's file does."""
        found = beginnings(head)
        return "[].ts" in found and any(
            f"[].{name}" in found for name in ("user", "text", "subtype", "bot_id")
        )

    def messages_at_most(self, source: Source, most: int) -> int:
        """How many messages it holds at most; see `documents_at_most`."""
        return documents_at_most(source, most)

    def read(self, source: Source, circumstances: Circumstances) -> Export:
        """Count over the one channel and return it.

        Raises:
            ExportError: if it can't be read, or it can't be told which channel is meant.
        """
        workspace = _sorted(source)
        ids = _ids(workspace)
        chats = [
            Chat((name, f"#{name}", ids.get(name, "")), (name,)) for name in workspace.channels
        ]
        chat = the_chat(chats, circumstances.is_the_chat)
        days = workspace.channels[str(chat.place[0])]
        people = _people(workspace)

        def entries(findings: Findings) -> Iterator[list[Entry]]:
            findings.name([str(chat.place[0])])
            reading = _Reading(findings, people)
            for one in days:
                with one.open() as stream:
                    walk = JsonStream(stream)
                    for batch in walk.elements(_MESSAGES):
                        yield reading.entries(batch)
                    walk.end()

        return export_of(
            Read("slack", "channel", entries, other_chats=len(chats) - 1), circumstances
        )


def _sorted(source: Source) -> _Workspace:
    """Which file is what, by path: an export that was packed again has a folder more around it."""
    workspace = _Workspace()
    for one in source.files:
        name = one.path[-1] if one.path else ""
        if not one.path:
            workspace.channels[""] = [one]
        elif name == "users.json":
            workspace.users = one
        elif name in _LISTS:
            workspace.lists.append(one)
        elif _DAY.fullmatch(name) and len(one.path) > 1:
            workspace.channels.setdefault(one.path[-2], []).append(one)
    if not workspace.channels:
        # Such as one day's file packed by itself.
        for one in source.files:
            workspace.channels.setdefault("", []).append(one)
    for days in workspace.channels.values():
        days.sort(key=lambda one: one.path)
    return workspace


def _ids(workspace: _Workspace) -> Mapping[str, str]:
    """Ids of channels by name."""
    found: dict[str, str] = {}
    for one in workspace.lists:
        with one.open() as stream:
            for batch in JsonStream(stream).elements(_CHANNELS):
                found.update((channel.name or channel.id, channel.id) for channel in batch)
    return found


def _people(workspace: _Workspace) -> Mapping[str, _User]:
    if workspace.users is None:
        return {}
    with workspace.users.open() as stream:
        return {one.id: one for batch in JsonStream(stream).elements(_USERS) for one in batch}


class _Reading:
    """Turns messages into entries."""

    def __init__(self, findings: Findings, people: Mapping[str, _User]) -> None:
        self._findings = findings
        self._users = people
        self._people: dict[str, tuple[str, str, bool]] = {}
        self._bots = {_SLACKBOT} | {one.id for one in people.values() if one.is_bot}

    def entries(self, batch: Sequence[_Message]) -> list[Entry]:
        """The entries of messages.

        Raises:
            ExportError: `EXPORT_STRUCTURE_UNKNOWN` for a time that is none.
        """
        seconds, keys = moments_of([one.ts for one in batch])
        return list(map(self._entry, batch, seconds, keys))

    def _entry(self, one: _Message, second: int, key: int) -> Entry:
        user = one.user
        if (
            one.subtype not in PEOPLES
            or user is None
            or user in self._bots
            or one.bot_id is not None
            or one.type != "message"
        ):
            return self._of_no_person(one, second, key)
        author, person, unnamed = self._people.get(user) or self._person(user, one.user_profile)
        text = one.text or ""
        if "<" in text or "&" in text:
            text = self._text(text)
        entry = Entry(second, "speech", author, person, text, None, key, unnamed)
        if not text:
            holds = one.files or one.upload or one.attachments is not UNSET
            entry.kind = "media" if holds else "expired"
        elif one.edited is not UNSET:
            entry.kind = "edited"
        elif one.files or one.upload:
            entry.detail = "captions"
        return entry

    def _of_no_person(self, one: _Message, second: int, key: int) -> Entry:
        findings, user = self._findings, one.user
        if one.type != "message":
            findings.left_out += 1
            return Entry(second, "system", key=key)
        if one.subtype in DELETED:
            return Entry(second, "deleted", key=key)
        if one.subtype in NOTICES:
            findings.notice(one.subtype, NOTICES)
            return Entry(second, "system", key=key)
        if one.subtype in BOTS or one.bot_id is not None or user in self._bots:
            findings.not_people += 1
        else:
            findings.left_out += 1
        return Entry(second, "system", key=key)

    def _person(self, user: str, shown: _Names | None = None) -> tuple[str, str, bool]:
        known = self._people.get(user)
        if known is None:
            names = self._names(user, shown)
            self._findings.name(names)
            if not names:
                # Not kept, for a later message may show a name.
                return user, person_written("", f"slack {user}"), True
            known = self._people[user] = (
                names[0],
                person_written(names[0], f"slack {user}", *names[1:]),
                False,
            )
        return known

    def _names(self, user: str, shown: _Names | None) -> list[str]:
        """What a person is called, as others see it first."""
        own = self._users.get(user)
        written: list[str | None] = []
        if own is not None:
            profile = own.profile or _Names()
            written += [profile.display_name, profile.real_name, own.real_name, own.name]
        elif shown is not None:
            written += [shown.display_name, shown.real_name, shown.name]
        return list(dict.fromkeys(name for name in written if name))

    def _text(self, text: str) -> str:
        if "<" in text:
            text = _REFERENCE.sub(self._referred, text)
        return html.unescape(text) if "&" in text else text

    def _referred(self, found: re.Match[str]) -> str:
        sign, name, label, link, shown = found.groups()
        if sign == "@":
            called = self._names(name, None)
            called = called or ([label] if label else [])
            self._findings.name(called)
            return mention(called[0]) if called else "@"
        if sign == "#":
            return f"#{label or ''}"
        if sign == "!":
            return label or f"@{name.partition('^')[0]}"
        return shown or link.removeprefix("mailto:").removeprefix("tel:")


def moments_of(written: Sequence[str]) -> tuple[list[int], list[int]]:
    """Seconds of messages, and their keys, for a moment is one message's alone in a channel.

    Args:
        written: moments as Slack writes them.

    Raises:
        ExportError: `EXPORT_STRUCTURE_UNKNOWN` for what is none.
    """
    count = len(written)
    joined = "".join(written)
    if (
        set(map(len, written)) == {_MOMENT_LENGTH}
        and joined[_DIGITS_WHOLE::_MOMENT_LENGTH] == "." * count
    ):
        digits = joined.replace(".", "")
        if digits.isdecimal() and digits.isascii() and len(digits) == count * (_MOMENT_LENGTH - 1):
            numbers = list(map(int, "\n".join(written).replace(".", "").split("\n")))
            if min(numbers) >= _LEAST_NUMBER:
                return [one // _MILLIONTHS for one in numbers], [-one for one in numbers]
    return list(map(second_of_moment, written)), keys_of(written)


def second_of_moment(ts: str) -> int:
    """The whole second of one moment; raises as `moments_of`."""
    whole = ts.partition(".")[0]
    if whole.isdigit() and whole.isascii() and len(whole) < _DIGITS:
        return int(whole)
    raise ExportError("EXPORT_STRUCTURE_UNKNOWN")


READER = SlackReader()
