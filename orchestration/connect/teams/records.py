"""What Microsoft Graph tells of a channel's messages, as records of the canonical export.

Source: the resource type `chatMessage` of Microsoft Graph 1.0.
"""

from datetime import datetime
from html import escape

import msgspec

from assets.core.canonical_export import Record

_BLOCKED = "blockAccess"
"""What a rule of the organisation took away from everybody."""


class _Account(msgspec.Struct, rename="camel"):
    id: str | None = None
    display_name: str | None = None


class _Sender(msgspec.Struct):
    user: _Account | None = None
    application: _Account | None = None


class _Body(msgspec.Struct, rename="camel"):
    content_type: str = "text"
    content: str | None = None


class _Violation(msgspec.Struct, rename="camel"):
    dlp_action: str | None = None


class ChannelMessage(msgspec.Struct, rename="camel"):
    """The fields of a message that are looked at; not its attachments, pictures or reactions.

    Attributes:
        id: of the message within the channel.
        created_date_time: when it was sent.
        message_type: `message`, or what the platform wrote.
        reply_to_id: of the message that it answers.
        last_edited_date_time: when it was last edited.
        deleted_date_time: when it was deleted.
        subject: what stands above it.
        from_: who sent it.
        body: what was typed.
        policy_violation: what a rule of the organisation found in it.
        replies: the first answers to it, where they were asked for.
        more_replies: address of the next ones.
    """

    id: str
    created_date_time: datetime
    message_type: str = "message"
    reply_to_id: str | None = None
    last_edited_date_time: datetime | None = None
    deleted_date_time: datetime | None = None
    subject: str | None = None
    from_: _Sender | None = msgspec.field(name="from", default=None)
    body: _Body | None = None
    policy_violation: _Violation | None = None
    replies: list["ChannelMessage"] = []
    more_replies: str | None = msgspec.field(name="replies@odata.nextLink", default=None)


def record_of(
    message: ChannelMessage, covers_from: datetime, covers_until: datetime
) -> Record | None:
    """The record of one message, None for one that a pull of this stretch has nothing to say of.

    Of a message that was sent before, nothing is said but that it is no more what it was: neither
    who sent it nor a word of its new form, which was collected on no day of this stretch.

    Args:
        message: of a channel.
        covers_from: first moment of the stretch (aware).
        covers_until: first moment after it (aware).
    """
    sent = message.created_date_time
    edited, deleted = message.last_edited_date_time, message.deleted_date_time
    if sent >= covers_until:
        return None
    if sent < covers_from and not any(one and one >= covers_from for one in (edited, deleted)):
        return None
    if sent < covers_from:
        return Record(id=_number(message), at=sent.isoformat(), kind="deleted")
    record = Record(id=_number(message), at=sent.isoformat(), kind="system")
    sender = message.from_ or _Sender()
    violation = message.policy_violation
    if deleted is not None or (violation and _BLOCKED in (violation.dlp_action or "")):
        record.kind = "deleted"
    elif message.message_type == "message":
        record.kind = "speech" if edited is None else "edited"
        record.text, record.html = _typed(message)
    if sender.user is not None and sender.user.id:
        record.sender, record.name = sender.user.id, _whole(sender.user.display_name or "") or None
    else:
        record.bot = sender.application is not None
    return record


def _number(message: ChannelMessage) -> str:
    return f"{message.reply_to_id or message.id}/{message.id}"


def _typed(message: ChannelMessage) -> tuple[str, bool]:
    """Subject and body, and whether they are HTML."""
    body = message.body or _Body()
    text, is_html = body.content or "", body.content_type == "html"
    if message.subject:
        subject = escape(message.subject, quote=False) if is_html else message.subject
        text = f"<div>{subject}</div>{text}" if is_html else f"{subject}\n{text}".strip()
    return _whole(text), is_html


def _whole(text: str) -> str:
    """A text without halves of characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
