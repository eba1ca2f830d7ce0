"""What an entry's body is: speech, something WhatsApp wrote in its place, or a notice.

A cheap test on a body's first and last characters spares nearly all speech the templates.
"""

import re
from typing import NamedTuple

from assets.restricted.collection.export import CountedKind, Detail
from assets.restricted.collection.whatsapp.notices import Notices
from assets.restricted.collection.whatsapp.stems import Said, said_by
from assets.restricted.collection.whatsapp.templates import (
    ATTACHMENT,
    BRACKETED,
    CALL,
    CALLS,
    CARD,
    DELETED,
    DELETED_BY,
    EDITED,
    ENCRYPTION,
    ENCRYPTION_OPENINGS,
    END_BRACKETED,
    LIVE_PLACES,
    NUMBERED_FILE,
    OMITTED_MEDIA,
    OPENING_LETTERS,
    PLACE,
    UNMARKED_CALL,
    VIEW_ONCE,
    WAITING,
    no_person_typed,
    poll_head,
    says_omitted,
)
from assets.restricted.collection.whatsapp.wordings import every

LEADING_MARKS = "\u200e\u200f"
"""What iOS leads its own lines with; in a script from right to left some versions use the other."""

_PADDING = " \u200e\u200f"
# What a template's first character, last character or first letters can be; all else is speech.
TELLING_STARTS = frozenset(["", *"<\u200e\u200f"])
TELLING_ENDS = frozenset(">)]\u200e\u200f")
TELLING_FIRST_LINE_ENDS = frozenset(">):： \u200e\u200f")
# What Android writes for what its version can't show.
NOTHING_SHOWN = frozenset({"null"})
WHOLE = OMITTED_MEDIA | DELETED | WAITING | LIVE_PLACES | VIEW_ONCE | CALLS | NOTHING_SHOWN
WHOLE_OPENINGS = frozenset(wording[:OPENING_LETTERS] for wording in (*WHOLE, *every("deleted_by")))

_WHOLE_DETAIL: dict[str, Detail] = {
    **dict.fromkeys(WAITING, "waiting"),
    **dict.fromkeys(LIVE_PLACES, "locations"),
    **dict.fromkeys(VIEW_ONCE, "view_once"),
    **dict.fromkeys(CALLS, "calls"),
}
_SAID_DETAIL: dict[Said, Detail] = {
    "missed": "calls",
    "live": "locations",
    "waiting": "waiting",
    "view_once": "view_once",
}
_FILE_NAME = re.compile(r"[^\n]{1,255}\.[A-Za-z0-9]{2,5}")
_ATTACHED = frozenset(every("attached"))
_COLONS = (":", "：")
_CARD_WORDS = ("contact card omitted", ".vcf")


class Body(NamedTuple):
    """What a body is.

    Attributes:
        kind: `media` also for a led line that nothing explains.
        text: the whole body; of a caption or an edited message, what the person typed.
        detail: what is counted apart in the report.
        unknown: led by a mark, in no known wording.
        listed: of WhatsApp's own words those that stand in a listed wording; empty where none do.
        unlisted: those that are told by single words or by their form alone.
        of_form: those told by their form alone in a line that people might have typed: the marker
            of an edited message, and what stands before a place or heads a poll.
    """

    kind: CountedKind
    text: str
    detail: Detail | None = None
    unknown: bool = False
    listed: str = ""
    unlisted: str = ""
    of_form: str = ""


def body_of(sender: str, text: str, *, marked: bool, notices: Notices) -> Body:
    """Say what a body with a sender is.

    Args:
        sender: its name.
        text: the body after the sender.
        marked: whether this platform leads what it writes itself with a mark (iOS).
        notices: of this file.
    """
    bare = text.lstrip(LEADING_MARKS).rstrip(_PADDING)
    found = _whole_line(text, bare) or _file_place_or_poll(text) or _in_words(text, bare, marked)
    if found is not None:
        return found
    if not marked:
        return Body("speech", text)
    if text.startswith(tuple(LEADING_MARKS)):
        return _led(sender, text, bare, notices)
    if opens_with(bare, sender) and notices.recognise(bare):
        # Where no line has a mark.
        return Body("system", text)
    return _typed_before_mark(text)


def _whole_line(text: str, bare: str) -> Body | None:
    if not bare:
        # Nobody can send nothing: it was for one view, or in a form that is not exported.
        return Body("media", text, "view_once")
    if bare in WHOLE:
        kind: CountedKind = "deleted" if bare in DELETED else "media"
        listed = "" if bare in NOTHING_SHOWN else bare
        return Body(kind, text, _WHOLE_DETAIL.get(bare), listed=listed)
    if DELETED_BY.match(bare):
        return Body("deleted", text, listed=bare)
    if bare[:OPENING_LETTERS] in ENCRYPTION_OPENINGS and ENCRYPTION.match(text):
        return Body("system", text)
    return Body("media", text, "calls") if UNMARKED_CALL.match(bare) else None


def _in_words(text: str, bare: str, marked: bool) -> Body | None:
    if bare.endswith(">") and (edited := without_edit_mark(bare)):
        return Body("edited", edited, of_form=_unlisted_edit_mark(bare))
    said = said_by(bare, omitted=marked)
    if said is None or said == "edited":
        return None
    if said == "deleted":
        return Body("deleted", text, unlisted=bare)
    detail = _card(bare) if said == "omitted" else _SAID_DETAIL[said]
    return Body("media", text, detail, unlisted=bare)


def _file_place_or_poll(text: str) -> Body | None:
    # The plain words in front spare ordinary text the patterns; they decide nothing.
    if "(" in text and (file := ATTACHMENT.match(text)):
        found = _captioned(text, text[file.end() :], card=CARD.match(text) is not None)
        words = file[0].rpartition("(")[2].rstrip(_PADDING + "\n)")
        if words in _ATTACHED:
            return found._replace(listed=words)
        return found._replace(unlisted=words)
    if ">" in text and (found := _in_brackets(text)):
        return found
    if "http" in text and (place := PLACE.match(text)):
        return Body("media", text, "locations", of_form=place["unlisted"] or "")
    if "\n" in text and text[: text.find("\n")].rstrip(_PADDING)[-1:] in _COLONS:
        head = poll_head(text)
        return None if head is None else Body("media", text, "polls", of_form=head)
    return None


def _in_brackets(text: str) -> Body | None:
    if file := NUMBERED_FILE.match(text):
        typed = (file["typed"] or "").rstrip(_PADDING + "\n")
        if LEADING_MARKS[0] in typed or typed.endswith("•") or _FILE_NAME.fullmatch(typed):
            # A document's name and its page count.
            typed = ""
        below = file["below"] or ""
        return _captioned(text, typed or below, card=".vcf>" in text)
    found = BRACKETED.match(text.lstrip(LEADING_MARKS))
    if found is None:
        return None
    known = f"<{found['inside']}>" in OMITTED_MEDIA
    if not known and (found["between"] == " " or not no_person_typed(found["inside"])):
        return None
    body = _captioned(text, found["caption"] or "", card=False)
    return body if known else body._replace(unlisted=found["inside"])


def _captioned(text: str, caption: str, *, card: bool) -> Body:
    caption = caption.strip("\n")
    if not caption.strip():
        return Body("media", text, "contact_cards" if card else None)
    edited = without_edit_mark(caption)
    return Body("edited", edited) if edited else Body("speech", caption, "captions")


def _card(bare: str) -> Detail | None:
    return "contact_cards" if any(word in bare.lower() for word in _CARD_WORDS) else None


def _led(sender: str, text: str, bare: str, notices: Notices) -> Body:
    """What iOS led with a mark."""
    if says_omitted(bare):
        _, end, caption = bare.partition("\n")
        if end and caption.strip():
            return Body("speech", caption, "captions")
        return Body("media", text, _card(bare))
    if CALL.match(text):
        return Body("media", text, "calls")
    if opens_with(bare, sender) or notices.recognise(text):
        return Body("system", text)
    return Body("media", text, None, unknown=True)


def _typed_before_mark(text: str) -> Body:
    # A document's name, its page count or a caption may come before the mark.
    place = max(text.rfind(mark) for mark in LEADING_MARKS)
    typed, rest = text[: max(place, 0)], text[place + 1 :]
    if place < 0 or not says_omitted(rest.strip(_PADDING)):
        return Body("speech", text)
    typed = typed.rstrip(" \n")
    marked = any(mark in typed for mark in LEADING_MARKS)
    if marked or typed.endswith("•") or not typed or _FILE_NAME.fullmatch(typed):
        return Body("media", text, "contact_cards" if ".vcf" in rest.lower() else None)
    return Body("speech", typed, "captions")


def opens_with(bare: str, sender: str) -> bool:
    """Whether a body begins with its sender's name: "Ola: Ola added you" names her twice."""
    return bare.startswith(sender) and bare[len(sender) : len(sender) + 1] in " \u00a0\u202f,"


def _unlisted_edit_mark(text: str) -> str:
    if text.endswith(EDITED):
        return ""
    found = END_BRACKETED.search(text)
    return found["inside"] if found else ""


def without_edit_mark(text: str) -> str | None:
    """What stands before the marker that ends an edited message; `None` where there is none."""
    ended = text.rstrip(_PADDING)
    for marker in EDITED:
        if ended.endswith(marker):
            return ended.removesuffix(marker).rstrip(_PADDING)
    found = END_BRACKETED.search(ended)
    if found is None:
        return None
    inside = found["inside"]
    if no_person_typed(inside) or said_by(inside) == "edited":
        return ended[: found.start()].rstrip(_PADDING + "\n")
    return None
