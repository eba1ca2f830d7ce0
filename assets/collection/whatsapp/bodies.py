"""What an entry's body is: speech, something WhatsApp wrote in its place, or a notice.

A cheap test on a body's first and last characters spares nearly all speech the templates.
"""

from assets.collection.export import CountedKind
from assets.collection.whatsapp.templates import (
    ATTACHMENT,
    CALL,
    DELETED,
    EDITED,
    ENCRYPTION,
    EVENTS,
    MEDIA,
    PLACE,
    POLL,
)

LEFT_TO_RIGHT = "\u200e"
_PADDING = " \u200e"
# What a template's first character, last character or whole can be; anything else is speech.
TELLING_STARTS = frozenset("<LlM\u200e\u200f")
TELLING_ENDS = frozenset(">)]\u200e")
WHOLE = MEDIA | DELETED


def kind_of(text: str, *, marked: bool, from_title: bool = False) -> CountedKind:
    """Say what a body with a sender is.

    Args:
        text: the body after the sender.
        marked: whether this platform leads what it writes itself with U+200E (iOS).
        from_title: whether the sender is the group's own title.

    Returns:
        `system` only for a whole-line notice, or any led line that the title sends.
    """
    bare = text.lstrip("\u200e\u200f").rstrip(_PADDING)
    if bare in DELETED:
        return "deleted"
    if bare in MEDIA or _holds_file_place_or_poll(text):
        return "media"
    if ENCRYPTION.match(text):
        return "system"
    if text.rstrip(_PADDING).endswith(EDITED):
        return "edited"
    return _kind_by_mark(text, bare, from_title=from_title) if marked else "speech"


def _holds_file_place_or_poll(text: str) -> bool:
    # The plain words in front spare ordinary text the patterns; they decide nothing.
    return bool(
        ("(" in text and ATTACHMENT.match(text))
        or ("http" in text and PLACE.match(text))
        or POLL.match(text)
    )


def _kind_by_mark(text: str, bare: str, *, from_title: bool) -> CountedKind:
    if text.startswith(LEFT_TO_RIGHT):
        if _names_media(bare) or CALL.match(text):
            return "media"
        notice = from_title or any(event.match(text) for event in EVENTS)
        return "system" if notice else "media"
    # A document's name, its page count or a caption may come before the mark.
    _, led, rest = text.rpartition(LEFT_TO_RIGHT)
    return "media" if led and _names_media(rest) else "speech"


def without_edit_mark(text: str) -> str:
    """Drop the marker that ends an edited message."""
    ended = text.rstrip(_PADDING)
    marker = next((marker for marker in EDITED if ended.endswith(marker)), "")
    return ended.removesuffix(marker).rstrip(_PADDING)


def _names_media(bare: str) -> bool:
    # In every language a noun and a word for "omitted", or an attachment in angle brackets.
    first_line = bare.partition("\n")[0]
    return (first_line.startswith("<") and first_line.endswith(">")) or first_line.endswith(
        (
            " omitted", "omitted", " weggelassen", " omitido", " omitida", " absent", " absente",
            " omis", " omise", " omesso", " omessa", " oculto", " oculta", " ocultado",
            " ocultada", " weggelaten", " pominięto", " utelämnad", " udeladt", " utelatt",
        )
    )  # fmt: skip
