"""Which words of a message survived scrubbing, found by place and not by spelling.

Works on any scrubber that writes one `_` for a run of removed words and the rest in order.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from assets.restricted.scrubbing.normalise import normalise

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
LONGEST_SPACED_OUT = 16
"""Words of the original that one word of the result can have been put together from."""

_REPEATED = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Place:
    """A word of the original message: where it stands, and its spelling for comparison."""

    start: int
    end: int
    form: str


def places_of_words(text: str) -> list[Place]:
    """The words of a message as it was sent."""
    return [Place(m.start(), m.end(), _form(m[0])) for m in WORD.finditer(text)]


def surviving(text: str, scrubbed: str, identifying: Sequence[bool]) -> list[bool]:
    """Tells for each word of `text` whether it is still in `scrubbed`.

    Every run of removed words leaves a `_`. Where that still leaves a word two places, it is taken
    to be the identifying one, so that doubt counts against the scrubber.

    Args:
        text: the message as it was sent.
        scrubbed: what was made of it.
        identifying: for each word of `places_of_words(text)` whether it had to go.

    Returns:
        As many as there are words.
    """
    words = places_of_words(text)
    left = [piece for piece in scrubbed.split(" ") if piece == "_" or WORD.fullmatch(piece)]
    forms = [_form(piece) if piece != "_" else "_" for piece in left]

    @cache
    def best(i: int, j: int) -> tuple[int, int, int, tuple[int, ...]]:
        """Most of `left[j:]` found in `words[i:]`, then fewest gaps without `_` or `_` without gap.

        Then most identifying words, and the places themselves.
        """
        if i == len(words):
            return 0, -forms[j:].count("_"), 0, ()
        if j == len(forms):
            return 0, i - len(words), 0, ()
        if forms[j] == "_":
            found, covered, worse, places = best(i, j + 1)
            nothing_under_it = (found, covered - 1, worse, places)
            return max(
                nothing_under_it, best(i + 1, j + 1), best(i + 1, j), key=lambda one: one[:3]
            )
        found, covered, worse, places = best(i + 1, j)
        options = [(found, covered - 1, worse, places), best(i, j + 1)]
        joined = ""
        for k in range(i, min(i + LONGEST_SPACED_OUT, len(words))):
            joined = _squeezed(joined + words[k].form)
            if joined == forms[j]:
                found, covered, worse, places = best(k + 1, j + 1)
                own = tuple(range(i, k + 1))
                worse += sum(identifying[p] for p in own)
                options.append((found + 1, covered, worse, own + places))
            if not forms[j].startswith(joined):
                break
        return max(options, key=lambda one: one[:3])

    survived = [False] * len(words)
    for place in best(0, 0)[3]:
        survived[place] = True
    best.cache_clear()
    return survived


def _form(word: str) -> str:
    return _squeezed(normalise(word).lower())


def _squeezed(word: str) -> str:
    return _REPEATED.sub(r"\1", word)
