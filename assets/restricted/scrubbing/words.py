"""A message cut into words and marks, which the layers then strike out."""

import re
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from assets.restricted.scrubbing.look_alikes import plain
from assets.restricted.scrubbing.normalise import normalise
from assets.restricted.scrubbing.stretched import unstretched

PLACEHOLDER = "_"
"""Stands for a run of removed words; no word can be written so."""

MARKS = frozenset(".,?!")
"""The only punctuation that survives."""

PARTICLES = frozenset({"al", "ben", "bin", "de", "del", "di", "do", "el", "la", "le", "van", "von"})
"""Part of a name where they stand between two words that are likely names."""

LONGEST = 10_000
"""Characters read of one message. The rest is removed: nobody's working day needs more, and
the patterns' time must have a bound."""

_SHORTEST_OVERLONG = 200
_OVERLONG_RUN = re.compile(rf"\S{{{_SHORTEST_OVERLONG},}}")
_HEADS_OF_NAMES = "van|von|de|den|der|del|di|da|du|la|le|mac|mc|fitz|al|el|bin|ben|st|san"
# "thxBlessing" is two words, "vanDyke" and "MaryAnn" are one: half a name must not stand alone.
_GLUED = re.compile(rf"(?<![^\W_])(?!(?:{_HEADS_OF_NAMES})[A-Z])[a-z]{{2,}}(?=[A-Z])")
_HUMP = re.compile("[a-z][A-Z]")
_TOKEN = re.compile(r"([^\W_]+(?:'[^\W_]+)*)|(_+)|([.,?!]+)")
_WORD_GROUP, _MARK_GROUP = 1, 3


# Not frozen: there are millions, and freezing makes each take twice as long to make.
@dataclass(slots=True)
class Token:
    """A word, a mark, or a placeholder that was there before.

    Attributes:
        start: first character's place in the message's text.
        end: one past the last character's place.
        written: as written, look-alike letters and all; never shown.
        lower: in lower case; never shown.
        is_word: True for anything that is neither punctuation nor a placeholder.
        is_mark: True for punctuation.
    """

    start: int
    end: int
    written: str = field(repr=False)
    lower: str = field(repr=False)
    is_word: bool
    is_mark: bool


@dataclass(frozen=True)
class TokenizedMessage:
    """A normalised message and its tokens, in order.

    Attributes:
        text: normalised, look-alike and accented letters read as plain ones; never shown.
        written: the same with the letters as they were; never shown.
        roster: lower-case words of the names known to the export; never shown.
        odds: the name tagger's probability of each kind of name for each token, shape
            (tokens, kinds) in the order of `name_tagger.layer.KINDS`; None where it was not asked.
    """

    text: str = field(repr=False)
    written: str = field(repr=False)
    roster: frozenset[str] = field(repr=False, default=frozenset())
    odds: np.ndarray | None = field(repr=False, default=None, compare=False)

    @classmethod
    def read(cls, text: str, roster: frozenset[str] = frozenset()) -> "TokenizedMessage":
        """Normalises a message as it was sent; it is cut up when its tokens are first asked for."""
        written = _as_read(text, roster)
        return cls(plain(written), written, roster)

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Words and marks; what lies between them is dropped with the rest."""
        tokens = []
        for match in _TOKEN.finditer(self.written):
            start, end = match.span()
            written, kind = match[0], match.lastindex
            tokens.append(
                Token(
                    start, end, written, written.lower(), kind == _WORD_GROUP, kind == _MARK_GROUP
                )
            )
        return tuple(tokens)

    @cached_property
    def name_odds(self) -> list[float] | None:
        """Of each token the probability of any name; None where the tagger was not asked."""
        return None if self.odds is None else self.odds.sum(axis=1).tolist()

    def with_odds(self, odds: np.ndarray) -> "TokenizedMessage":
        """The same message, read by the tagger."""
        message = TokenizedMessage(self.text, self.written, self.roster, odds)
        # Not cut up twice.
        message.__dict__["tokens"] = self.tokens
        return message


def _as_read(text: str, roster: frozenset[str]) -> str:
    text = normalise(_shortened(text))
    if len(text) >= _SHORTEST_OVERLONG:
        text = _OVERLONG_RUN.sub(f" {PLACEHOLDER} ", text)
    text = unstretched(text, roster)
    return _GLUED.sub(r"\g<0> ", text) if _HUMP.search(text) else text


def _shortened(text: str) -> str:
    """The first characters up to a space, so that no word is cut into another."""
    if len(text) <= LONGEST:
        return text
    head = text[:LONGEST]
    return head[: len(head.rstrip()) if head[-1].isspace() else head.rfind(" ") + 1]
