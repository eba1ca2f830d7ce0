"""Labelled messages as the measures take them: as written, and as the models see them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from assets.restricted.scoring.construct_model.corpora import Labelled

Score = Callable[[Sequence[str]], pd.DataFrame]
"""Scrubbed texts to columns burnout, resilience, resistance in [0, 1], as `score_texts` does."""

Scrub = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True)
class Examples:
    """A corpus to measure on.

    Attributes:
        name: of the corpus.
        raw: as written; never shown.
        scrubbed: as `Scrubber.scrub` returns them, in the same order; never shown.
        positive: for each construct that the corpus speaks of, bool array of shape (messages,):
            whether its level is 1 or more.
    """

    name: str
    raw: list[str] = field(repr=False)
    scrubbed: list[str] = field(repr=False)
    positive: dict[str, np.ndarray] = field(repr=False)

    def __len__(self) -> int:
        return len(self.raw)

    @property
    def emptied(self) -> int:
        """Messages of which scrubbing left nothing; they are scored at the base rate."""
        return sum(not text for text in self.scrubbed)


def examples_of(labelled: Labelled, scrub: Scrub, *, most: int = 0, seed: int = 5) -> Examples:
    """Scrub a corpus, or a random part of it.

    Args:
        labelled: texts and levels.
        scrub: as `Scrubber.load().scrub`.
        most: messages drawn without replacement if there are more; 0 for all.
        seed: of the draw.
    """
    chosen = np.arange(len(labelled.texts))
    if most and len(chosen) > most:
        chosen = np.sort(np.random.default_rng(seed).choice(chosen, most, replace=False))
    raw = [labelled.texts[i] for i in chosen]
    return Examples(
        labelled.name,
        raw,
        scrub(raw),
        {construct: level[chosen] >= 1 for construct, level in labelled.levels.items()},
    )
