"""Words drawn out by a letter held down."""

import re
from collections.abc import Iterator
from itertools import product

from assets.restricted.scrubbing.vocabulary_file import load_vocabulary

_STRETCHED = re.compile(
    r"(?<![^\W_'])(?=[^\W\d_]*([^\W\d_])\1\1)[^\W\d_]+(?:'[^\W\d_]+)*", re.IGNORECASE
)
_THRICE = re.compile(r"([a-z])\1\1")
_RUN = re.compile(r"(.)\1\1+", re.IGNORECASE)
_MOST_RUNS = 4
_DOUBLED = frozenset({"too", "off", "good", "see", "feed", "meet", "soon", "all", "loose", "wee"})
"""Read so although the word with one letter fewer is one too ("to", "of", "god")."""


def unstretched(text: str, roster: frozenset[str] = frozenset()) -> str:
    """The text with stretched words as they are spelled: "soooo" as "so", "allll" as "all".

    Three or more of a letter become one or two: as a name of the export has them, otherwise as
    the vocabulary has them, otherwise one. A word is thus judged by the names that it can be.

    Args:
        text: normalised.
        roster: lower-case words of the names known to the export.
    """
    if text.isascii() and not _THRICE.search(text.lower()):
        return text
    return _STRETCHED.sub(lambda match: _spelled(match[0], roster), text)


def _spelled(word: str, roster: frozenset[str]) -> str:
    lower = word.lower()
    if lower == "www":
        return word
    forms = list(_forms(word))
    for form in forms:
        if form.lower() in roster:
            return form
    known = [form for form in forms if form.lower() in load_vocabulary()[0]]
    return next((form for form in known if form.lower() in _DOUBLED), (known or forms)[0])


def _forms(word: str) -> Iterator[str]:
    """The word with each run as one letter or two, fewest first; all as one if they are many."""
    runs = list(_RUN.finditer(word))
    lengths = product((1, 2), repeat=len(runs)) if len(runs) <= _MOST_RUNS else [(1,) * len(runs)]
    for own in lengths:
        form, at = "", 0
        for run, length in zip(runs, own, strict=True):
            form += word[at : run.start()] + run[0][:length]
            at = run.end()
        yield form + word[at:]
