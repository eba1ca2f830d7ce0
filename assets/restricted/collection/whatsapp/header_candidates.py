"""What any WhatsApp header may look like: one pattern for candidates, in two orders.

Invisible marks are allowed at a line's start and between a header's parts, nowhere else.
"""

import re
from collections.abc import Iterable
from typing import TypeAlias

from assets.restricted.collection.whatsapp.words import (
    ERAS_AFTER,
    ERAS_BEFORE,
    LINKS_TO_TIME,
    MONTHS,
    NEUTRAL,
    PARTS_OF_DAY,
)

INVISIBLE = (
    "\ufeff\u061c\u200b\u200c\u200e\u200f\u2060"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
SPACES = " \t\u00a0\u2007\u2009\u202f\u3000"

# Bounded, so that a line of nothing but marks costs no more than any other.
MARKS = f"[{INVISIBLE}]{{0,8}}"
SPACE = f"[{SPACES}]"
BEFORE_PART = f"[{SPACES}_]?"

_Begun: TypeAlias = "dict[str, _Begun]"
"""Pieces by their first letters' patterns; an empty one stands for the end of a piece."""

_FLAT = str.maketrans(dict.fromkeys(INVISIBLE) | dict.fromkeys(SPACES, " "))


def flat(piece: str) -> str:
    """Drop invisible marks from a piece of a header and make its spaces plain."""
    return piece.translate(_FLAT)


def flexible(piece: str) -> str:
    """Turn a flat piece of a header into a pattern that allows any space for a space."""
    pieces = (SPACE if letter == " " else re.escape(letter) for letter in piece)
    # Arabic headers have a mark between the comma and the space.
    return "".join(pieces).replace("،", f"،{MARKS}")


def any_of(pieces: Iterable[str]) -> str:
    """Alternatives, longest first, any space for a space; what they begin with is written once.

    Thousands of words tried one by one at each line would cost more than all the rest.
    """
    begun: _Begun = {}
    for piece in sorted(pieces):
        node = begun
        for letter in piece:
            node = node.setdefault(flexible(letter), {})
        node[""] = {}
    return _ways_on(begun)


def _ways_on(begun: _Begun) -> str:
    ways = [letter + _ways_on(further) for letter, further in begun.items() if letter]
    if not ways:
        return ""
    return f"(?:{'|'.join(ways)}){'?' if '' in begun else ''}"


# The grammar spells am and pm itself: dotted, spaced, either case.
PART_OF_DAY = (
    rf"(?:[AaPp]\.?{SPACE}?[Mm]\b\.?|(?i:{any_of([*PARTS_OF_DAY, *NEUTRAL])})(?![^\W\d_]))"
)
_ERA_BEFORE = f"(?:{any_of(ERAS_BEFORE)}){SPACE}?"
_ERA_AFTER = f"{SPACE}(?:{any_of(ERAS_AFTER)})"
_MONTH = f"(?i:{any_of(MONTHS)})"

_NUMBERS = (
    rf"(?P<era_a>{_ERA_BEFORE})?(?P<a>\d{{1,4}}){MARKS}(?P<mark>{SPACE}?[/.\-]{SPACE}?){MARKS}"
    rf"(?P<b>\d{{1,2}}){MARKS}(?P=mark){MARKS}(?P<era_c>{_ERA_BEFORE})?(?P<c>\d{{1,4}})"
    rf"(?P<tail>\.(?![0-9])|{SPACE}г\.|{_ERA_AFTER})?"
)
_KANJI = (
    rf"(?P<era_k>{_ERA_BEFORE})?(?P<k>\d{{1,4}})[年년]{SPACE}?\d{{1,2}}[月월]{SPACE}?"
    r"\d{1,2}[日일]"
)
_NAMED = (
    rf"(?P<named>\d{{1,2}}\.?{SPACE}(?:de{SPACE})?{_MONTH}\.?(?:,?{SPACE}(?:de{SPACE})?"
    rf"(?P<named_year>\d{{4}})(?:{SPACE}г\.)?)?|{_MONTH}\.?{SPACE}\d{{1,2}}(?:,{SPACE}(?P<named_year_after>\d{{4}}))?)"
)
_DATE = f"(?P<date>{_NUMBERS}|{_KANJI}|{_NAMED})"
_TIME = (
    rf"(?P<time>(?P<before>{PART_OF_DAY}{SPACE}?)?{MARKS}\d{{1,2}}(?P<clock>[:.]|{SPACE}?h{SPACE}?)"
    rf"\d\d(?P<seconds>(?P=clock)\d\d)?(?P<after>{BEFORE_PART}{MARKS}{PART_OF_DAY})?)"
)
_OPEN = rf"\n(?P<lead>{MARKS})(?P<bracket>\[)?{MARKS}"
_CLOSE = rf"{MARKS}(?P<close>(?(bracket)\]{SPACE}?|(?:{SPACE}?[-–—]{MARKS}{SPACE}|[:;]{SPACE})))"
_LINK = f"{MARKS}(?P<link>{any_of(LINKS_TO_TIME)}){MARKS}"

DATE_FIRST = re.compile(f"{_OPEN}{_DATE}{_LINK}{_TIME}{_CLOSE}")
TIME_FIRST = re.compile(f"{_OPEN}{_TIME}{_LINK}{_DATE}{_CLOSE}")


def candidates(text: str) -> list[re.Match[str]]:
    """Find every line that starts like a header of any form, in order.

    Args:
        text: lines, each led by LF.
    """
    found = [*DATE_FIRST.finditer(text), *TIME_FIRST.finditer(text)]
    return sorted(found, key=re.Match.start)


def holds_header(text: str) -> bool:
    """Say whether any line starts like a header of any form."""
    led = "\n" + (text if "\n" in text else text.replace("\r", "\n"))
    return bool(DATE_FIRST.search(led) or TIME_FIRST.search(led))
