"""Which of WhatsApp's clients wrote a file, as far as it can be told, and what follows from it.

WhatsApp Web and Desktop write one header whatever the language and region: month first and without
padding, two digits of the year, hours to 12 with AM or PM after a plain space, in brackets. An
iPhone set to American English writes the same but for a U+202F before AM or PM (since 2023) and the
U+200E that leads what it writes itself; Indian phones pad the numbers and British ones write four
digits of the year. So the header alone does not tell. What does is written by Web and Desktop only:
the notice of encryption as a first line without a date, or `chat.md` beside `chat.txt`. (Facts from
the client's public bundle: WAWebExportChatAction, WAWebExportChatPlainTextFormatter.)
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal

from assets.restricted.collection.whatsapp.header_candidates import INVISIBLE, SPACES, flat
from assets.restricted.collection.whatsapp.header_format import Shape
from assets.restricted.collection.whatsapp.templates import ENCRYPTION
from assets.restricted.collection.whatsapp.wordings import every, wordings

Form = Literal["phone", "american", "either", "web"]
"""`american`: a phone that spells dates as in the United States, where other countries that spell
them so may put the day first; `either`: the header is Web's to the letter, without another sign."""

# A quoted header may be spelled in another way than the file's own.
NEARLY_ALL = 0.9

_NUMBER = r"(?:[1-9]|1[0-9]|[23][0-9])"
_DATE = rf"{_NUMBER}/{_NUMBER}/[0-9]{{2}}"
_WEB_HEADER = re.compile(
    rf"\n\ufeff?\[{_DATE}, (?:[1-9]|1[0-2]):[0-5][0-9]:[0-5][0-9] [AP]M\] ?", re.ASCII
)
_AMERICAN_HEADER = re.compile(
    rf"\n\[?{_DATE}, (?:[1-9]|1[0-2]):[0-5][0-9](?::[0-5][0-9])? ?[AP]M(?:\] ?| [-–—] )", re.ASCII
)
_EDGES = INVISIBLE + SPACES + "\r\n"
# A phone's owner is shown by name; this is for files that another tool made of a phone's.
_PHONE_LABELS = frozenset({"You"})


def form_of(own: Sequence[re.Match[str]], opening: str, *, markdown_twin: bool) -> Form:
    """Say what wrote a file.

    Args:
        own: candidate headers of the file's shape, in order; at least one.
        opening: the text before the first of them.
        markdown_twin: whether a Markdown copy lies beside the file.
    """
    headers = [candidate[0] for candidate in own]
    signed = markdown_twin or bool(ENCRYPTION.match(_first_line(opening)))
    if signed and _WEB_HEADER.fullmatch(headers[0]):
        return "web"
    if _nearly_all(_WEB_HEADER, headers):
        return "either"
    plain = ["\n" + flat(header).lstrip("\n") for header in headers]
    return "american" if _nearly_all(_AMERICAN_HEADER, plain) else "phone"


def form_by_shape(shape: Shape) -> Form:
    """Say what may have written a file of which only the shape of the headers is known."""
    american = shape.part == "after" and shape.year == "last_2" and shape.sign == "/"
    return "american" if american else "phone"


def hides_exporter(form: Form, opening: str) -> bool:
    """Whether the exporting member may stand in a file as a name that nobody has.

    Where Web may have written it, and the undated first line is in no language in which Web's word
    for "You" is known.
    """
    line = _first_line(opening)
    if form not in ("web", "either") or (form == "either" and not line):
        return False
    return not any(
        line.startswith(tuple(words.get("encryption", ())))
        for words in wordings().values()
        if "exporter" in words
    )


@cache
def labels_instead_of_names(form: Form) -> frozenset[str]:
    """What a form shows as a sender where it shows no name.

    Web and Desktop call the exporting member "You" in the client's language, and a sender whom
    they can't tell "Unknown".
    """
    if form in ("web", "either"):
        return frozenset((*every("exporter"), *every("nameless")))
    return _PHONE_LABELS


@cache
def labels_of_exporter() -> frozenset[str]:
    """What any form shows in place of the exporting member's name; of "Unknown" nobody is told."""
    return _PHONE_LABELS | frozenset(every("exporter"))


def _first_line(opening: str) -> str:
    return opening.strip(_EDGES).partition("\n")[0].strip(_EDGES)


def _nearly_all(pattern: re.Pattern[str], headers: Sequence[str]) -> bool:
    fitting = sum(pattern.fullmatch(header) is not None for header in headers)
    return fitting >= NEARLY_ALL * len(headers)
