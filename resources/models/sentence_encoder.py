"""The sentence encoder in use: all-MiniLM-L6-v2, from its ready file."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from assets.core.errors import SetupError
from resources.models.embedded import Embedded, places_of
from resources.models.ready_model import ENCODER_FILE, ReadyModel, ready_digest
from resources.models.word_pieces import WordPieces

LAYERS = (0, 3)
"""Hidden layers whose means over the words make a vector: from the words themselves (0) to what the
sentence as a whole says. No layer above the highest is run (docs/decisions/0017)."""

LAYER_WIDTH = 384
WIDTH = LAYER_WIDTH * len(LAYERS)
MAX_WORD_PIECES = 64


def encoder_digest() -> str:
    """SHA-256 of the ready file: weights, layers, tokeniser, length and arithmetic lie in it."""
    return ready_digest(ENCODER_FILE)


class SentenceEncoder:
    """Turns texts into unit vectors.

    A text's vector has the same bits alone and in any company, order and thread.

    Args:
        file: the ready file.
        sha256: its digest; None for the one that was noted when it was built.

    Raises:
        SetupError: `ENCODER_MISSING`, `ENCODER_CHANGED`.
    """

    def __init__(self, file: Path = ENCODER_FILE, *, sha256: str | None = None) -> None:
        changed = SetupError("ENCODER_CHANGED")
        missing = SetupError("ENCODER_MISSING")
        self._model = ReadyModel(file, missing=missing, changed=changed, sha256=sha256)
        if self._model.width != WIDTH:
            raise changed
        self._pieces = WordPieces(self._model.tokenizer, MAX_WORD_PIECES)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts, each distinct one once.

        Returns:
            float32, shape (len(texts), WIDTH), rows of unit length.
        """
        vectors, _ = self._encoded(texts)
        return vectors

    def read(self, texts: Sequence[str]) -> Embedded:
        """Embed texts, and tell which words and pairs each holds."""
        vectors, pieces = self._encoded(texts)
        places = {text: places_of(own) for text, own in pieces.items()}
        return Embedded(vectors, [places[text] for text in texts])

    def _encoded(self, texts: Sequence[str]) -> tuple[np.ndarray, dict[str, list[int]]]:
        if not texts:
            return np.empty((0, WIDTH), dtype=np.float32), {}
        distinct = list(dict.fromkeys(texts))
        pieces = self._pieces.of_texts(distinct)
        vectors = self._model.run(pieces)
        row = {text: index for index, text in enumerate(distinct)}
        return np.stack(vectors)[[row[text] for text in texts]], dict(
            zip(distinct, pieces, strict=True)
        )


@lru_cache(maxsize=1)
def load_encoder() -> SentenceEncoder:
    """The process's one encoder, open in a fraction of a second.

    Raises:
        SetupError: see `SentenceEncoder`.
    """
    return SentenceEncoder()
