"""Builds the sentence encoder's ready file, and its network to compare with."""

from pathlib import Path
from typing import TYPE_CHECKING

from resources.models.graph_nodes import Vectors
from resources.models.minilm import (
    WEIGHTS_SHA256,
    attention_heads,
    minilm,
    minilm_tokenizer,
    minilm_weights,
)
from resources.models.ready_model import DIGESTS_FILE, ENCODER_FILE
from resources.models.sentence_encoder import LAYERS, MAX_WORD_PIECES
from resources.models.transformer_graph import write_ready_file

if TYPE_CHECKING:
    import torch


def build_encoder(
    folder: Path,
    file: Path = ENCODER_FILE,
    *,
    eight_bits: bool = True,
    digests: Path | None = DIGESTS_FILE,
) -> str:
    """Writes the ready file from MiniLM's weights, up to the highest layer that is used.

    Args:
        folder: MiniLM's files.
        file: what to write.
        eight_bits: False keeps single precision, to compare with.
        digests: where the digest is noted; None for nowhere.

    Returns:
        SHA-256 of the file in hexadecimal.
    """
    used = tuple(f"encoder.layer.{i}." for i in range(max(LAYERS)))
    weights = {
        name: values
        for name, values in minilm_weights(folder).items()
        if not name.startswith("encoder.layer.") or name.startswith(used)
    }
    return write_ready_file(
        file,
        weights,
        Vectors(LAYERS),
        heads=attention_heads(folder),
        tokenizer=minilm_tokenizer(folder, most_pieces=MAX_WORD_PIECES),
        weights_sha256=WEIGHTS_SHA256,
        eight_bits=eight_bits,
        digests=digests,
    )


def encoder_module(folder: Path) -> "torch.nn.Module":
    """The same as single-precision PyTorch: ids and mask (texts, pieces) in, vectors out."""
    import torch  # noqa: PLC0415  (needs the extra)

    encoder = minilm(folder)

    class MeanOfLayers(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            hidden = self.encoder(
                input_ids=ids, attention_mask=mask, output_hidden_states=True
            ).hidden_states
            words = mask.unsqueeze(-1).to(hidden[0].dtype)
            means = [
                torch.nn.functional.normalize((hidden[i] * words).sum(1) / words.sum(1), dim=1)
                for i in LAYERS
            ]
            return torch.cat(means, dim=1) / len(LAYERS) ** 0.5

    return MeanOfLayers().eval()
