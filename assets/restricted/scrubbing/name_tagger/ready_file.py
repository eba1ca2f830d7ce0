"""Builds the tagger's ready file from MiniLM and trained weights, and its network to compare."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from assets.core.errors import ScrubError
from assets.restricted.scrubbing.name_tagger.corpora import LABELS
from assets.restricted.scrubbing.name_tagger.weights import (
    HEAD,
    LAYERS,
    WEIGHTS_FILE,
    layers_of,
    read_weights,
    weights_digest,
)
from resources.models.graph_nodes import Labels
from resources.models.minilm import attention_heads, minilm, minilm_tokenizer, minilm_weights
from resources.models.ready_model import DIGESTS_FILE, TAGGER_FILE
from resources.models.transformer_graph import write_ready_file

if TYPE_CHECKING:
    import torch


def build_tagger_file(
    folder: Path,
    weights: Path = WEIGHTS_FILE,
    file: Path = TAGGER_FILE,
    *,
    eight_bits: bool = True,
    digests: Path | None = DIGESTS_FILE,
) -> str:
    """Writes the ready file.

    It has the layers up to the highest that the weights name; of those below that they leave out,
    and of the words themselves, MiniLM's own.

    Args:
        folder: MiniLM's files.
        weights: the trained file.
        file: what to write.
        eight_bits: False keeps single precision, to compare with.
        digests: where the digest is noted; None for nowhere.

    Returns:
        SHA-256 of the file in hexadecimal.

    Raises:
        ScrubError: TAGGER_UNREADABLE where the weights are no tagger's.
    """
    trained = {name: tensor.numpy() for name, tensor in _tagger_weights(weights).items()}
    most = layers_of(trained)
    network = {
        name: tensor
        for name, tensor in {**minilm_weights(folder), **trained}.items()
        if not name.startswith(LAYERS) or _layer(name) < most
    }
    return write_ready_file(
        file,
        network,
        Labels(trained[f"{HEAD}weight"], trained[f"{HEAD}bias"]),
        heads=attention_heads(folder),
        tokenizer=minilm_tokenizer(folder),
        weights_sha256=weights_digest(weights),
        eight_bits=eight_bits,
        digests=digests,
    )


def tagger_module(folder: Path, weights: Path = WEIGHTS_FILE) -> "torch.nn.Module":
    """The same as single-precision PyTorch: ids and mask (texts, pieces) in, logits out.

    Raises:
        ScrubError: TAGGER_UNREADABLE where the weights are no tagger's.
    """
    import torch  # noqa: PLC0415  (needs the extra)

    trained = _tagger_weights(weights)
    head = torch.nn.Linear(trained[f"{HEAD}weight"].shape[1], trained[f"{HEAD}weight"].shape[0])
    head.load_state_dict(
        {n.removeprefix(HEAD): t for n, t in trained.items() if n.startswith(HEAD)}
    )
    encoder: Any = minilm(folder)
    encoder.encoder.layer = encoder.encoder.layer[: layers_of(trained)]
    upper = {name: tensor for name, tensor in trained.items() if not name.startswith(HEAD)}
    if encoder.load_state_dict(upper, strict=False).unexpected_keys:
        raise ScrubError("TAGGER_UNREADABLE")

    class Tagger(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            self.head = head

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            output = self.encoder(input_ids=ids, attention_mask=mask)
            return self.head(output.last_hidden_state)

    return Tagger().eval()


def _tagger_weights(path: Path) -> "dict[str, torch.Tensor]":
    trained = read_weights(path)
    if len(trained[f"{HEAD}bias"]) != len(LABELS) or not layers_of(trained):
        raise ScrubError("TAGGER_UNREADABLE")
    return trained


def _layer(name: str) -> int:
    return int(name.split(".")[2])
