"""The words that the tagger is shown, the same in training and in use."""

import re
from dataclasses import dataclass, field

_WORD = re.compile(r"([^\W_]+(?:'[^\W_]+)*)|[^\s\w]|_+")


# Not frozen, as `Token` isn't.
@dataclass(slots=True)
class Word:
    """A word or a single mark of a text.

    Attributes:
        start: place of its first character.
        end: one past the last.
        written: as it stands; never shown.
        is_word: False for a mark.
    """

    start: int
    end: int
    written: str = field(repr=False)
    is_word: bool = True


def tagger_words(text: str) -> list[Word]:
    """Cuts a normalised text into words and single marks; only white space is left out."""
    return [
        Word(*match.span(), match[0], match.lastindex is not None) for match in _WORD.finditer(text)
    ]
