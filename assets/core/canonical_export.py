"""The canonical export: one form for what is pulled from a platform, and for trimmed deliveries.

JSON Lines in UTF-8. The first line is a `Header`, each line after it a `Record`, in any order.
Whoever writes it imports nothing else of Tideline's.
"""

from typing import Literal

import msgspec

VERSION = 1
RecordKind = Literal["speech", "edited", "deleted", "media", "poll", "call", "system", "member"]
"""`edited` is speech in its edited form; `system` what the platform wrote; `member` nothing that
was sent, but that somebody was in the chat at that time, who so could be told of being read."""


class Header(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """The first line.

    Attributes:
        canonical_export: the form's version.
        platform: one of `assets.core.platforms.PLATFORMS`.
        covers_from: first moment, with an offset, of which the file holds everything that the chat
            holds.
        covers_until: the moment, with an offset, up to which it does; not in it itself.
        chat_id: the platform's id of the chat.
        chat_title: the chat's title.
    """

    canonical_export: Literal[1] = msgspec.field(name="canonical_export")
    platform: str
    covers_from: str = msgspec.field(name="from")
    covers_until: str = msgspec.field(name="to")
    chat_id: str | None = None
    chat_title: str | None = None


class Record(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One message, or what is known of it.

    A record of a message sent before `covers_from` is taken for one thing alone: that the message
    was since deleted or edited. One of a member may be of any time before `covers_until`.

    Attributes:
        id: the platform's id of the message; `null` only where the platform has none.
        at: when it was sent, with an offset.
        sender: the platform's id of the sender; `null` for what no person sent, and for a member
            of whom the name alone is told, so that it is known as one.
        name: of the sender, as the platform shows it.
        also_named: further names or the number of the sender.
        kind: what it is.
        text: what was typed; nothing of a deleted message.
        html: whether `text` is HTML.
        caption: whether `text` was typed under a file.
        bot: whether the sender is a bot, a webhook or an app.
    """

    id: str | None = None
    at: str
    sender: str | None = None
    name: str | None = None
    also_named: list[str] = []
    kind: RecordKind | str = "speech"
    text: str = ""
    html: bool = False
    caption: bool = False
    bot: bool = False


def whole(text: str) -> str:
    """A text without halves of characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def line_of(one: Header | Record) -> bytes:
    """A header or a record as a line, its end included."""
    return msgspec.json.encode(one) + b"\n"
