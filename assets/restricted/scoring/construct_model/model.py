"""The construct models in use: one logistic regression each, over the encoder's vectors.

Only weights are committed, so nothing is fitted when the program starts and scikit-learn is not
needed to score.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.special import expit

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import SetupError, StorageError, refuse_as

MODEL_FILE = Path(__file__).parent / "construct_model.safetensors"
METHOD = "constructs-1"

PREVALENCE = 0.1
"""Share of messages assumed to show a construct. Nobody knows it: the written messages hold a fifth
by design, and a score must not be read as a share (MODEL_CARD.md)."""


@dataclass(frozen=True)
class ConstructModel:
    """The fitted models, as lines: score = 1 / (1 + exp(-(vector · weights + bias))).

    Attributes:
        version: names the method and the file, at most 40 characters.
        sha256: of the file, in hexadecimal.
        base_rate: for each construct, the score of a text without a word.
        weights: for each construct float64 of shape (width,).
        bias: for each construct.
    """

    version: str
    sha256: str
    base_rate: Mapping[str, float]
    weights: Mapping[str, np.ndarray] = field(repr=False)
    bias: Mapping[str, float]

    def score(self, embeddings: np.ndarray) -> dict[str, np.ndarray]:
        """Score messages.

        Args:
            embeddings: float array of shape (messages, width), unit rows.

        Returns:
            For each construct a float array of shape (messages,), in [0, 1].

        Raises:
            StorageError: VECTORS_NOT_AS_AGREED where they are of another encoder's width.
        """
        if embeddings.shape[1:] != self.weights[CONSTRUCTS[0]].shape:
            raise StorageError("VECTORS_NOT_AS_AGREED")
        if not len(embeddings):
            return {construct: np.empty(0) for construct in CONSTRUCTS}
        return {
            construct: expit(
                np.asarray(embeddings, dtype=float) @ self.weights[construct] + self.bias[construct]
            )
            for construct in CONSTRUCTS
        }


def write_model(
    weights: Mapping[str, np.ndarray], bias: Mapping[str, float], path: Path = MODEL_FILE
) -> str:
    """Writes the file, in single precision; returns its version."""
    from safetensors.numpy import save_file  # noqa: PLC0415

    tensors = {f"{c}.weights": np.asarray(weights[c], dtype=np.float32) for c in CONSTRUCTS}
    tensors |= {f"{c}.bias": np.array([bias[c]], dtype=np.float32) for c in CONSTRUCTS}
    save_file(tensors, path)
    path.chmod(0o644)
    return read_model(path).version


def read_model(path: Path = MODEL_FILE) -> ConstructModel:
    """Reads the file.

    Raises:
        SetupError: CONSTRUCT_MODEL_UNREADABLE where it is missing or holds no models.
    """
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.numpy import load_file  # noqa: PLC0415

    with refuse_as(SetupError("CONSTRUCT_MODEL_UNREADABLE"), OSError, SafetensorError):
        tensors = {name: tensor.astype(float) for name, tensor in load_file(path).items()}
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if set(tensors) != {
        f"{c}.{part}" for c in CONSTRUCTS for part in ("weights", "bias")
    } or not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise SetupError("CONSTRUCT_MODEL_UNREADABLE")
    return ConstructModel(
        version=f"{METHOD}-{digest[:12]}",
        sha256=digest,
        base_rate=dict.fromkeys(CONSTRUCTS, PREVALENCE),
        weights={c: tensors[f"{c}.weights"] for c in CONSTRUCTS},
        bias={c: float(tensors[f"{c}.bias"][0]) for c in CONSTRUCTS},
    )


@lru_cache(maxsize=1)
def load_construct_model() -> ConstructModel:
    """The process's one model.

    Raises:
        SetupError: CONSTRUCT_MODEL_UNREADABLE.
    """
    return read_model()
