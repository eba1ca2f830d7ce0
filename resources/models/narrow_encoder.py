"""The narrow vector that is stored of a message: a few lines' values, and no more of its words.

The sentence encoder's 768 numbers are as good as the text to whoever has the keys. They stay in the
memory of the step that makes them; what is stored holds the values of lines that were learnt from
labelled messages, and is of unit length by one number more. A line reads the encoder's numbers and,
beside them, which words and pairs of words a message holds (docs/decisions/0045).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from assets.core.errors import SetupError, refuse_as
from resources.models.embedded import PLACES, Embedded
from resources.models.ready_model import FOLDER
from resources.models.sentence_encoder import SentenceEncoder, load_encoder
from resources.models.sentence_encoder import encoder_digest as sentence_encoder_digest

NARROWING_FILE = FOLDER / "narrowing.safetensors"

WIDTH = 12
"""Numbers of a stored vector: eleven lines, and what makes its length one."""


@dataclass(frozen=True)
class Narrowing:
    """What narrows.

    Attributes:
        weights: float64 of shape (lines, width of the sentence encoder).
        bias: float64 of shape (lines,).
        words: float32 of shape (PLACES, lines + 1): what each word or pair adds to each line's
            value, and the square of its rarity, by whose sum's root all that is added is divided.
        reach: length that the lines' values of a message may have together; a longer one is cut.
    """

    weights: np.ndarray = field(repr=False)
    bias: np.ndarray = field(repr=False)
    words: np.ndarray = field(repr=False)
    reach: float

    def of(self, embedded: Embedded) -> np.ndarray:
        """Narrow vectors, each by itself: in any company a message gets the same bits.

        Returns:
            float32 of shape (messages, lines + 1), rows of unit length: the lines' values by
            `reach`, then what is left to a length of one.
        """
        wide = embedded.vectors.astype(float)
        # A product of the whole matrix would add in an order that depends on its height.
        values = [
            np.vecdot(wide, line) + bias for line, bias in zip(self.weights, self.bias, strict=True)
        ]
        beside = np.zeros((len(wide), len(self.bias)))
        for row, places in enumerate(embedded.places):
            beside[row] = self._by_words(places)
        told = (np.stack(values, axis=1) + beside) / self.reach
        length = np.sqrt(np.vecdot(told, told))
        told /= np.maximum(length, 1)[:, None]
        left = np.sqrt(np.clip(1 - np.vecdot(told, told), 0, None))
        return np.concatenate([told, left[:, None]], axis=1).astype(np.float32)

    def _by_words(self, places: np.ndarray) -> np.ndarray:
        *added, rarity = self.words[places].sum(axis=0, dtype=float)
        return np.array(added) / np.sqrt(rarity) if rarity else np.zeros(len(added))


class NarrowEncoder:
    """Turns texts into narrow unit vectors.

    Args:
        encoder: makes the wide ones, which go no further.
        narrowing: narrows them.
    """

    def __init__(self, encoder: SentenceEncoder, narrowing: Narrowing) -> None:
        self._encoder = encoder
        self._narrowing = narrowing

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts, float32 of shape (len(texts), WIDTH), rows of unit length."""
        return self._narrowing.of(self._encoder.read(texts))


def write_narrowing(narrowing: Narrowing, path: Path = NARROWING_FILE) -> None:
    """Writes the file: in single precision, what words add in half."""
    from safetensors.numpy import save_file  # noqa: PLC0415

    save_file(
        {
            "weights": np.ascontiguousarray(narrowing.weights, dtype=np.float32),
            "bias": np.asarray(narrowing.bias, dtype=np.float32),
            "words": np.ascontiguousarray(narrowing.words, dtype=np.float16),
            "reach": np.array([narrowing.reach], dtype=np.float32),
        },
        path,
    )
    path.chmod(0o644)


def read_narrowing(path: Path = NARROWING_FILE) -> Narrowing:
    """Reads the file.

    Raises:
        SetupError: `ENCODER_MISSING`, `ENCODER_CHANGED` where it holds no narrowing.
    """
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.numpy import load  # noqa: PLC0415

    with refuse_as(SetupError("ENCODER_MISSING"), OSError):
        content = path.read_bytes()
    with refuse_as(SetupError("ENCODER_CHANGED"), SafetensorError, KeyError):
        tensors = {name: tensor.astype(float) for name, tensor in load(content).items()}
        narrowing = Narrowing(
            tensors["weights"],
            tensors["bias"],
            tensors["words"].astype(np.float32),
            float(tensors["reach"][0]),
        )
    agreed = narrowing.words.shape == (PLACES, len(narrowing.bias) + 1)
    if not agreed or not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise SetupError("ENCODER_CHANGED")
    return narrowing


@lru_cache(maxsize=1)
def encoder_digest() -> str:
    """SHA-256 over encoder and narrowing: names what makes the stored vectors.

    Of the files as they were when the process first asked, as `load_narrow_encoder` has them.
    """
    own = hashlib.sha256(NARROWING_FILE.read_bytes()).hexdigest()
    return hashlib.sha256(f"{sentence_encoder_digest()}{own}".encode()).hexdigest()


@lru_cache(maxsize=1)
def load_narrow_encoder() -> NarrowEncoder:
    """The process's one encoder, open in a fraction of a second.

    Raises:
        SetupError: see `SentenceEncoder` and `read_narrowing`.
    """
    return NarrowEncoder(load_encoder(), read_narrowing())
