"""Texts as the lines read them: the encoder's vectors, and which words and pairs a text holds.

Words and pairs are places in one table of weights: word pieces by their number, pairs of neighbours
by a hash, so that the table's size is known whatever is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

WORD_PIECES = 30_522
"""Numbers of the encoder's word pieces."""

PAIRS = 2**15
PLACES = WORD_PIECES + PAIRS

_FIRST, _SECOND, _PRIME = 1_000_003, 7_919, 2**31 - 1


@dataclass(frozen=True)
class Embedded:
    """Texts, read.

    Attributes:
        vectors: float array of shape (texts, width), rows of unit length.
        places: of each text its words' and pairs' places, each once, rising.
    """

    vectors: np.ndarray = field(repr=False)
    places: Sequence[np.ndarray] = field(repr=False)

    def __len__(self) -> int:
        return len(self.vectors)

    def of(self, chosen: np.ndarray) -> "Embedded":
        """Some of the texts, by a bool array or by places."""
        rows = np.arange(len(self.vectors))[chosen]
        return Embedded(self.vectors[rows], [self.places[row] for row in rows])


def places_of(pieces: Sequence[int]) -> np.ndarray:
    """Where a text's words and pairs of neighbours stand, int64, each once, rising.

    Args:
        pieces: word-piece numbers with begin and end, which count as neighbours only.
    """
    own = np.array(pieces, dtype=np.int64)
    pairs = (own[:-1] * _FIRST + own[1:] * _SECOND) % _PRIME % PAIRS
    return np.unique(np.concatenate([own[1:-1], WORD_PIECES + pairs]))
