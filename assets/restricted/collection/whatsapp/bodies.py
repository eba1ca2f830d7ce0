"""What an entry's body is: speech, something WhatsApp wrote in its place, or a notice.

A cheap test on a body's first and last characters spares nearly all speech the templates.
"""

import re
from typing import NamedTuple

from assets.restricted.collection.export import CountedKind, Detail
from assets.restricted.collection.whatsapp.notices import Notices
from assets.restricted.collection.whatsapp.templates import (
    ATTACHMENT,
    CALL,
    CARD,
    DELETED,
    DELETED_BY,
    EDITED,
    ENCRYPTION,
    ENCRYPTION_OPENINGS,
    LIVE_PLACES,
    OMITTED_MEDIA,
    OPENING_LETTERS,
    PLACE,
    POLL,
    VIEW_ONCE,
    WAITING,
    says_omitted,
)
from assets.restricted.collection.whatsapp.wordings import every

LEFT_TO_RIGHT = "\u200e"
_PADDING = " \u200e"
# What a template's first character, last character or first letters can be; all else is speech.
TELLING_STARTS = frozenset("<\u200e\u200f")
TELLING_ENDS = frozenset(">)]\u200e")
TELLING_FIRST_LINE_ENDS = frozenset("):： \u200e")
WHOLE = OMITTED_MEDIA | DELETED | WAITING | LIVE_PLACES | VIEW_ONCE
WHOLE_OPENINGS = frozenset(wording[:OPENING_LETTERS] for wording in (*WHOLE, *every("deleted_by")))

_WHOLE_DETAIL: dict[str, Detail] = {
    **dict.fromkeys(WAITING, "waiting"),
    **dict.fromkeys(LIVE_PLACES, "locations"),
    **dict.fromkeys(VIEW_ONCE, "view_once"),
}
_FILE_NAME = re.compile(r"[^\n]{1,255}\.[A-Za-z0-9]{2,5}")
_COLONS = (":", "：")
_CARD_WORDS = ("contact card omitted", ".vcf")


class Body(NamedTuple):
    """What a body is.

    Attributes:
        kind: `media` also for a led line that nothing explains.
        text: the whole body; of a caption or an edited message, what the person typed.
        detail: what is counted apart in the report.
        unknown: led by U+200E, in no known wording.
    """

    kind: CountedKind
    text: str
    detail: Detail | None = None
    unknown: bool = False


def body_of(sender: str, text: str, *, marked: bool, notices: Notices) -> Body:
    """Say what a body with a sender is.

    Args:
        sender: its name.
        text: the body after the sender.
        marked: whether this platform leads what it writes itself with U+200E (iOS).
        notices: of this file.
    """
    bare = text.lstrip("\u200e\u200f").rstrip(_PADDING)
    if bare in WHOLE:
        kind: CountedKind = "deleted" if bare in DELETED else "media"
        return Body(kind, text, _WHOLE_DETAIL.get(bare))
    if DELETED_BY.match(bare):
        return Body("deleted", text)
    found = _file_place_or_poll(text)
    if found is not None:
        return found
    if bare[:OPENING_LETTERS] in ENCRYPTION_OPENINGS and ENCRYPTION.match(text):
        return Body("system", text)
    if bare.endswith(">") and bare.endswith(EDITED):
        return Body("edited", without_edit_mark(text))
    return _by_mark(sender, text, bare, notices) if marked else Body("speech", text)


def _file_place_or_poll(text: str) -> Body | None:
    # The plain words in front spare ordinary text the patterns; they decide nothing.
    if "(" in text and (file := ATTACHMENT.match(text)):
        caption = text[file.end() :].strip("\n")
        if caption:
            return Body("speech", caption, "captions")
        return Body("media", text, "contact_cards" if CARD.match(text) else None)
    if "http" in text and PLACE.match(text):
        return Body("media", text, "locations")
    if "\n" in text and text[: text.find("\n")].rstrip()[-1:] in _COLONS and POLL.match(text):
        return Body("media", text, "polls")
    return None


def _by_mark(sender: str, text: str, bare: str, notices: Notices) -> Body:
    if not text.startswith(LEFT_TO_RIGHT):
        return _typed_before_mark(text)
    if says_omitted(bare):
        _, end, caption = bare.partition("\n")
        if end and caption.strip():
            return Body("speech", caption, "captions")
        card = any(word in bare.lower() for word in _CARD_WORDS)
        return Body("media", text, "contact_cards" if card else None)
    if CALL.match(text):
        return Body("media", text, "calls")
    if _opens_with(bare, sender) or notices.recognise(text):
        return Body("system", text)
    return Body("media", text, None, unknown=True)


def _typed_before_mark(text: str) -> Body:
    # A document's name, its page count or a caption may come before the mark.
    typed, led, rest = text.rpartition(LEFT_TO_RIGHT)
    if not led or not says_omitted(rest.strip(_PADDING)):
        return Body("speech", text)
    typed = typed.rstrip(" \n")
    if LEFT_TO_RIGHT in typed or typed.endswith("•") or not typed or _FILE_NAME.fullmatch(typed):
        return Body("media", text, "contact_cards" if ".vcf" in rest.lower() else None)
    return Body("speech", typed, "captions")


def _opens_with(bare: str, sender: str) -> bool:
    # "Ola: Ola added you": the person acting is named twice.
    return bare.startswith(sender) and bare[len(sender) : len(sender) + 1] in " \u00a0\u202f,"


def without_edit_mark(text: str) -> str:
    """Drop the marker that ends an edited message."""
    ended = text.rstrip(_PADDING)
    marker = next((marker for marker in EDITED if ended.endswith(marker)), "")
    return ended.removesuffix(marker).rstrip(_PADDING)
