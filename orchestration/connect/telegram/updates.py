"""What the Bot API hands out, as far as is looked at before it is known whose chat it is of."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from assets.core.errors import ConnectorError, refuse_as

ASKED_FOR = ("message", "edited_message", "my_chat_member")
"""Kinds of updates; of all others the platform is told to keep none."""
READING = frozenset({"creator", "administrator", "member"})
ADMIN = frozenset({"creator", "administrator"})


class Chat(msgspec.Struct, frozen=True):
    """Which chat something is of; groups have negative numbers."""

    id: int


class Standing(msgspec.Struct, frozen=True):
    """How the bot stands in a chat.

    Attributes:
        status: the platform's word.
        is_member: whether a `restricted` bot is in the chat.
    """

    status: str
    is_member: bool = False

    @property
    def is_in(self) -> bool:
        """Whether the bot is in the chat."""
        return self.status in READING or (self.status == "restricted" and self.is_member)

    def is_told_all(self, *, privacy_off: bool) -> bool:
        """Whether the bot is given every message.

        Args:
            privacy_off: whether it is given more than what is addressed to it.
        """
        return self.status in ADMIN or (self.is_in and privacy_off)


class Happening(msgspec.Struct, frozen=True):
    """A message, or a change of how the bot stands; its words are not looked at.

    Attributes:
        chat: where.
        date: when it was sent, in seconds since 1970.
        message_id: of a message.
        migrate_to_chat_id: what the group is called from now on.
        migrate_from_chat_id: what it was called.
        new_chat_member: how the bot stands from now on.
    """

    chat: Chat
    date: int
    message_id: int = 0
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None
    new_chat_member: Standing | None = None

    @property
    def at(self) -> datetime:
        """When it was sent, aware."""
        return datetime.fromtimestamp(self.date, UTC)


class _Update(msgspec.Struct, frozen=True):
    update_id: int
    message: Happening | None = None
    edited_message: Happening | None = None
    my_chat_member: Happening | None = None


class _Where(msgspec.Struct, frozen=True):
    chat: Chat


class _Placed(msgspec.Struct, frozen=True):
    message: _Where | None = None
    edited_message: _Where | None = None
    my_chat_member: _Where | None = None


class Update:
    """One update.

    Args:
        plain: as it was decoded from JSON.

    Attributes:
        number: by which it is confirmed.
        kind: one of `ASKED_FOR`, None for anything else.
        happening: what is looked at; None for anything else, or in no form that is known.
        chat: whose it is; None for anything else, or where that can't be told.
        is_damaged: whether it is of one of these kinds and in no form that is known.
        content: all of it, which only the reader of a listed chat's messages looks at.

    Raises:
        ConnectorError: `PLATFORM_ANSWER_UNKNOWN` for one without a number.
    """

    def __init__(self, plain: Mapping[str, Any]) -> None:
        refused = ConnectorError("PLATFORM_ANSWER_UNKNOWN")
        with refuse_as(refused, KeyError, TypeError, ValueError, OverflowError):
            self.number = int(plain["update_id"])
        try:
            known = msgspec.convert(plain, _Update)
        except msgspec.ValidationError:
            known = _Update(self.number)
        self.kind = next((one for one in ASKED_FOR if getattr(known, one) is not None), None)
        self.happening: Happening | None = getattr(known, self.kind) if self.kind else None
        self.is_damaged = self.kind is None and any(one in plain for one in ASKED_FOR)
        self.chat = self.happening.chat.id if self.happening else self._told_chat(plain)
        self.content: Mapping[str, Any] = plain[self.kind] if self.kind else {}

    def _told_chat(self, plain: Mapping[str, Any]) -> int | None:
        """The chat of one that is damaged, where it says so much."""
        try:
            placed = msgspec.convert(plain, _Placed)
        except msgspec.ValidationError:
            return None
        where = placed.message or placed.edited_message or placed.my_chat_member
        return where.chat.id if where else None
