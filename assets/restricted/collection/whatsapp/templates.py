"""What WhatsApp itself writes in place of a message, as whole-line templates.

A template is tried on a whole line only: people type the same words inside their own sentences.
"""

import re
from collections.abc import Iterable

from assets.restricted.collection.whatsapp.header_candidates import SPACE, any_of
from assets.restricted.collection.whatsapp.wordings import every


def _with_stop(wordings: Iterable[str]) -> frozenset[str]:
    return frozenset(wording.rstrip(".") + stop for wording in wordings for stop in ("", "."))


OMITTED_MEDIA = frozenset(every("media"))
WAITING = frozenset(every("waiting"))
LIVE_PLACES = _with_stop(every("live"))
VIEW_ONCE = _with_stop(every("view_once"))
DELETED = _with_stop(every("deleted"))
DELETED_BY = re.compile(rf"(?:{any_of(every('deleted_by'))}){SPACE}[^\n]{{1,120}}\Z")
EDITED = tuple(every("edited"))

_ATTACHED = any_of(every("attached"))
# A file's name, then the phrase, alone on the first line; a caption follows on the next. A name
# that WhatsApp gave tells enough in languages whose phrase is not listed.
ATTACHMENT = re.compile(
    rf"[\u200e\u200f]?(?:[^\n]{{1,255}}\.[A-Za-z0-9]{{2,5}} \((?:{_ATTACHED})\)"
    r"|[A-Z]{3}-\d{8}-WA\d{4}\.[A-Za-z0-9]{2,5} \([^()\n]{2,40}\))[ \u200e]*(?:\n|\Z)"
)
CARD = re.compile(
    rf"(?m)(?:^\u200e?(?P<android>[^\n]{{1,255}})\.vcf \((?:{_ATTACHED})\)"
    r"|<[^\n<>]{0,40}: \d+-(?P<ios>[^\n<>]{1,255})\.vcf>)"
)
PLACE = re.compile(
    rf"\u200e?(?:{any_of(every('location'))}) ?[:：] ?\u200e?https?://\S+(?:\s|\Z)"
    r"|[^\n]*\n?\u200e?https?://foursquare\.com/v/\S+\Z"
)
# Capitals before a colon, an option counted in brackets: so in any language with capitals.
POLL = re.compile(
    rf"\u200e?(?:(?:{any_of(every('poll'))}) ?[:：]\s*?\n"
    r"|(?P<head>[^\W\d_a-z]{4,16}):\s*?\n(?:[^\n]*\n){1,3}?\u200e?[^\W\d_a-z]{3,16}:"
    r" [^\n]*\(\d+ \w+\))"
)
CALL = re.compile(rf"\u200e?(?:{any_of(every('calls'))})(?:[.,،、，。](?: ?[^\n]{{0,40}})?)?\Z")
ENCRYPTION = re.compile(
    rf"\u200e?(?:{any_of(every('encryption'))})(?:[.。।,،、，:]| –|\Z)(?: ?[^\n]{{0,400}})?\Z"
)
# How a notice of encryption begins; spares other bodies the pattern.
OPENING_LETTERS = 8
ENCRYPTION_OPENINGS = frozenset(wording[:OPENING_LETTERS] for wording in every("encryption"))
_ENDS = tuple(w.removeprefix("…") for w in every("omitted") if w.startswith("…"))
_STARTS = tuple(w.removesuffix("…") for w in every("omitted") if w.endswith("…"))
LONGEST_OMISSION = 60


def says_omitted(bare: str) -> bool:
    """Whether a line is iOS's marker for left-out media or a file it names in angle brackets."""
    line = bare.partition("\n")[0]
    if line.startswith("<") and line.endswith(">"):
        return True
    return len(line) <= LONGEST_OMISSION and (line.endswith(_ENDS) or line.startswith(_STARTS))
