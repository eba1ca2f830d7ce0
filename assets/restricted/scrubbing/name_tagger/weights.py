"""What training changed: the layers and the head, in half precision, over pinned MiniLM."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from assets.core.errors import ScrubError, refuse_as

if TYPE_CHECKING:
    import torch

WEIGHTS_FILE = Path(__file__).parent / "name_tagger.safetensors"
HEAD = "linear."
LAYERS = "encoder.layer."


def changed_weights(
    encoder: "dict[str, torch.Tensor]", head: "dict[str, torch.Tensor]", first_layer: int
) -> "dict[str, torch.Tensor]":
    """Picks from a trained tagger what differs from MiniLM.

    Args:
        encoder: state of the encoder, names as `encoder.layer.3.…`.
        head: `weight` and `bias` of the head.
        first_layer: the lowest layer that was trained.

    Returns:
        Tensors in half precision by name.
    """
    upper = {
        name: tensor
        for name, tensor in encoder.items()
        if name.startswith(LAYERS) and int(name.split(".")[2]) >= first_layer
    }
    upper.update({f"{HEAD}{name}": tensor for name, tensor in head.items()})
    return {name: tensor.half().contiguous() for name, tensor in upper.items()}


def layers_of(weights: Iterable[str]) -> int:
    """How many layers the tagger has: one more than the highest that the weights name.

    Those below that they leave out are MiniLM's own of the same number; 0 where none is named.

    Args:
        weights: names of the tensors.
    """
    return max(
        (int(name.split(".")[2]) + 1 for name in weights if name.startswith(LAYERS)), default=0
    )


def write_weights(weights: "dict[str, torch.Tensor]", path: Path = WEIGHTS_FILE) -> str:
    """Writes the file; returns its SHA-256 in hexadecimal."""
    from safetensors.torch import save_file  # noqa: PLC0415  (imports torch)

    save_file(weights, path)
    return weights_digest(path)


def weights_digest(path: Path = WEIGHTS_FILE) -> str:
    """SHA-256 of the file in hexadecimal.

    Raises:
        ScrubError: TAGGER_UNREADABLE where it is missing.
    """
    digest = None
    if path.is_file():
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest is None:
        raise ScrubError("TAGGER_UNREADABLE")
    return digest


def read_weights(path: Path = WEIGHTS_FILE) -> "dict[str, torch.Tensor]":
    """Reads the file, in single precision.

    Raises:
        ScrubError: TAGGER_UNREADABLE where it is missing or no weights can be read from it.
    """
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415  (imports torch)

    with refuse_as(ScrubError("TAGGER_UNREADABLE"), OSError, SafetensorError):
        weights = {name: tensor.float() for name, tensor in load_file(path).items()}
    if f"{HEAD}weight" not in weights or f"{HEAD}bias" not in weights:
        raise ScrubError("TAGGER_UNREADABLE")
    return weights
