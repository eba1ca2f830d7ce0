"""Scores of texts, for whoever has scrubbed texts and no platform."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.model import load_construct_model
from assets.restricted.scrubbing.words_to_embed import words_to_embed
from resources.models.narrow_encoder import load_narrow_encoder


def score_texts(scrubbed_texts: Sequence[str]) -> pd.DataFrame:
    """Score scrubbed texts.

    Args:
        scrubbed_texts: as `Scrubber.scrub` returns them.

    Returns:
        Columns burnout, resilience, resistance in [0, 1]; one row for each text, in order, no NaN;
        a text without a word gives the model's base rate.

    Raises:
        SetupError: CONSTRUCT_MODEL_UNREADABLE, and see
            `resources.models.narrow_encoder.load_narrow_encoder`.
    """
    model = load_construct_model()
    words = [words_to_embed(text) for text in scrubbed_texts]
    scores = model.score(load_narrow_encoder().encode(words))
    empty = np.array([not text for text in words], dtype=bool)
    return pd.DataFrame(
        {
            construct: np.where(empty, model.base_rate[construct], scores[construct])
            for construct in CONSTRUCTS
        },
        columns=list(CONSTRUCTS),
    )
