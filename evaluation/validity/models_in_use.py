"""Digests of the models that score now, which every measured number is bound to."""

from dataclasses import dataclass

from assets.restricted.scoring.construct_model.model import load_construct_model
from resources.models.narrow_encoder import encoder_digest


@dataclass(frozen=True)
class ModelsInUse:
    """What scores are made with.

    Attributes:
        construct_model: SHA-256 of the committed construct model, 64 hex digits.
        encoder: SHA-256 that names the sentence encoder as it is used, 64 hex digits.
    """

    construct_model: str
    encoder: str


def models_in_use() -> ModelsInUse:
    """The models that `score_texts` uses.

    Raises:
        SetupError: CONSTRUCT_MODEL_UNREADABLE.
    """
    return ModelsInUse(load_construct_model().sha256, encoder_digest())
