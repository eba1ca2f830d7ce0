"""What a recogniser of the project's own is made from."""

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Flag, auto

KINDS = (
    "phone", "email", "link", "handle", "identifier", "postcode", "plate", "date", "time",
    "age", "address", "money", "number",
)  # fmt: skip
"""What patterns find, in the order in which a word that is part of several is counted."""

_WORD = re.compile(r"[^\W_]+")
_OUTLINES = str.maketrans(
    dict.fromkeys(string.ascii_letters, "a") | dict.fromkeys(string.digits, "0")
)


class Asked(Flag):
    """What a text must hold for a recogniser to be asked about it; most hold nothing.

    `NUMBER` is one in words or with a digit; `DIGIT` one in any script; `SIGN` one of those that
    links, handles and addresses on the Internet are made with; `WORDS` what each pattern's own
    trigger says and nothing more.
    """

    NUMBER = auto()
    DIGIT = auto()
    SIGN = auto()
    WORDS = auto()


@dataclass(frozen=True, slots=True)
class Trigger:
    """What every match of a pattern holds, so that a text without it need not be looked at.

    Attributes:
        words: sets of lower-case words; every match holds one of each as a word of its own.
        mark: regex of Python's own, which every match holds; empty for none. It is searched in
            texts of which Python and Presidio's regex library agree what is a letter.
        outlines: of every match's outline one of these is part, so that most texts need no search
            for the mark; empty for any. Looked at in the same texts.
        digits: fewest digits of a match, likewise.
        numbers: fewest words of a match that hold a digit or are one of `number_words`.
        number_words: see `numbers`.
    """

    words: tuple[frozenset[str], ...] = ()
    mark: str = ""
    outlines: tuple[str, ...] = ()
    digits: int = 0
    numbers: int = 0
    number_words: frozenset[str] = frozenset()


def held(
    *words: Iterable[str],
    mark: str = "",
    outlines: Iterable[str] = (),
    digits: int = 0,
    numbers: int = 0,
    number_words: Iterable[str] = (),
) -> Trigger:
    """A trigger; of a phrase the first word."""
    return Trigger(
        tuple(first_words(own) for own in words),
        mark,
        tuple(outlines),
        digits,
        numbers,
        first_words(number_words),
    )


def outline(text: str) -> str:
    """The text with each letter of ASCII as `a` and each digit as `0`."""
    return text.translate(_OUTLINES)


@dataclass(frozen=True, slots=True)
class Shapes:
    """The ways of writing one kind.

    Attributes:
        kind: one of `KINDS`.
        asked: what a message must hold for any of them to match.
        regexes: regex by the name of what it finds; case is ignored.
        triggers: for some of the regexes, and all of `SIGN` and `WORDS`, what every match holds.
    """

    kind: str
    asked: Asked
    regexes: Mapping[str, str]
    triggers: Mapping[str, Trigger] = field(default_factory=dict)


def words_of(text: str) -> list[str]:
    """The runs of letters and digits in a text, in lower case."""
    return _WORD.findall(text.lower())


def first_words(phrases: Iterable[str]) -> frozenset[str]:
    """The first word of each phrase."""
    return frozenset(_WORD.findall(phrase)[0] for phrase in phrases)
