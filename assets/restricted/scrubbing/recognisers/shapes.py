"""What a recogniser of the project's own is made from."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

KINDS = (
    "phone", "email", "link", "handle", "identifier", "postcode", "plate", "date", "time",
    "age", "address", "money", "number",
)  # fmt: skip
"""What patterns find, in the order in which a word that is part of several is counted."""

_WORD = re.compile(r"[^\W_]+")


class Asked(Enum):
    """What a message must hold for a recogniser to be asked about it; most hold nothing.

    `NUMBER` is one in words or with a digit; `SIGN` one of those that links and handles are made
    with; `WORDS` one of the shapes' own words.
    """

    NUMBER = auto()
    DIGIT = auto()
    SIGN = auto()
    WORDS = auto()


@dataclass(frozen=True, slots=True)
class Shapes:
    """The ways of writing one kind.

    Attributes:
        kind: one of `KINDS`.
        asked: what a message must hold for any of them to match.
        regexes: regex by the name of what it finds; case is ignored.
        words: for `Asked.WORDS`, lower-case words of which every match holds one.
    """

    kind: str
    asked: Asked
    regexes: Mapping[str, str]
    words: frozenset[str] = frozenset()


def words_of(text: str) -> set[str]:
    """The runs of letters and digits in a text, in lower case."""
    return set(_WORD.findall(text.lower()))


def first_words(phrases: Iterable[str]) -> frozenset[str]:
    """The first word of each phrase."""
    return frozenset(_WORD.findall(phrase)[0] for phrase in phrases)
