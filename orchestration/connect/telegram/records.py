"""What Telegram's Bot API tells of a message, as records of the canonical export.

Source: the Bot API, version 9, as python-telegram-bot 22 reads it.
"""

from collections.abc import Sequence
from html import escape

from telegram import Message, MessageEntity, Poll

from assets.core.canonical_export import Record, RecordKind, whole

UNIT = 2
"""Bytes of UTF-16's code unit, in which Telegram counts the places of a text."""


def records_of(message: Message, *, edited: bool = False) -> list[Record]:
    """The records of one message: its own, and one for each person of whom it tells.

    Of a forwarded message, of one through an inline bot, and of files, nothing is taken but that
    they were there.

    Args:
        message: of a group.
        edited: whether it is what became of a message that was sent before.
    """
    own, at = f"{message.chat.id}/{message.message_id}", message.date.isoformat()
    told = [] if edited else _told_of(message, at)
    sender = message.from_user
    if sender is None or message.sender_chat is not None:
        # A channel, or an admin who writes in the group's name.
        return [Record(id=own, at=at, kind="system"), *told]
    kind, text, is_html, is_caption = _content(message, edited=edited)
    record = Record(
        id=own,
        at=at,
        sender=str(sender.id),
        name=whole(sender.full_name),
        kind=kind,
        text=text,
        html=is_html,
        caption=is_caption,
        bot=sender.is_bot,
    )
    return [record, *told]


def _content(message: Message, *, edited: bool) -> tuple[RecordKind, str, bool, bool]:
    """Kind, text, whether that is HTML, and whether it stood under a file."""
    if message.forward_origin is not None or message.via_bot is not None:
        return "media", "", False, False
    kind: RecordKind = "edited" if edited else "speech"
    if message.text:
        return kind, *_typed(message.text, message.entities), False
    attached = message.effective_attachment
    if attached is None:
        return "system", "", False, False
    if message.caption:
        return kind, *_typed(message.caption, message.caption_entities), True
    return "poll" if isinstance(attached, Poll) else "media", "", False, False


def _typed(text: str, entities: Sequence[MessageEntity]) -> tuple[str, bool]:
    """The text, as HTML where it mentions people by name, so that it can be told where names end.

    A mention of who has no username shows a name that may have several words.
    """
    mentions = [one for one in entities if one.type == MessageEntity.TEXT_MENTION]
    if not mentions:
        return whole(text), False
    units = text.encode("utf-16-le", "surrogatepass")
    pieces: list[str] = []
    place = 0
    for one in sorted(mentions, key=lambda one: one.offset):
        start, end = UNIT * one.offset, UNIT * (one.offset + one.length)
        if start < place:
            continue
        pieces += [_shown(units[place:start]), f"<at>{_shown(units[start:end]).lstrip('@')}</at>"]
        place = end
    return "".join([*pieces, _shown(units[place:])]), True


def _shown(units: bytes) -> str:
    return escape(units.decode("utf-16-le", "replace"), quote=False)


def _told_of(message: Message, at: str) -> list[Record]:
    """Who joined, and whom else a message names beside its sender."""
    joined = [
        Record(at=at, sender=str(one.id), name=whole(one.full_name), kind="member")
        for one in message.new_chat_members
        if not one.is_bot
    ]
    others = [one for one in (message.left_chat_member, message.contact) if one is not None]
    names = [f"{one.first_name} {one.last_name or ''}".strip() for one in others]
    return [*joined, *(Record(at=at, name=whole(one), kind="system") for one in names)]
