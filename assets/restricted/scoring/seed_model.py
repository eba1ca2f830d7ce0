"""Scores by seed statements: one logistic regression for each construct over MiniLM embeddings.

The seeds are our own (`seeds.csv`): statements of each construct, and everyday work talk. A
construct's model learns its seeds against all the others, so that a tired message does not count
as resistance. There is no training corpus and no calibration to real prevalence: a score orders
messages, and its mean follows a trend, but its level says little.
"""

import csv
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.person_days import DayCurve

if TYPE_CHECKING:
    from assets.restricted.scrubbing.group_day import Encoder

INVERSE_REGULARISATION = 10.0
METHOD = "seeds-1"
NEARLY_STRAIGHT = DayCurve((0.5,), 4.0)
"""Of slope one in the middle."""


@dataclass(frozen=True)
class SeedModel:
    """The three fitted models.

    Attributes:
        version: names the method and the seeds, at most 40 characters.
        base_rate: for each construct, the share of seeds that are its own.
    """

    version: str
    base_rate: dict[str, float]
    _models: dict[str, LogisticRegression]

    @property
    def curves(self) -> dict[str, DayCurve]:
        """A person-day is about the mean of its messages: what would be steep is not known."""
        return dict.fromkeys(CONSTRUCTS, NEARLY_STRAIGHT)

    def score(self, embeddings: np.ndarray) -> dict[str, np.ndarray]:
        """Score messages.

        Args:
            embeddings: float array of shape (messages, 384), unit rows.

        Returns:
            For each construct a float array of shape (messages,), in [0, 1].
        """
        if not len(embeddings):
            return {construct: np.empty(0) for construct in CONSTRUCTS}
        return {
            construct: self._models[construct].predict_proba(embeddings)[:, 1]
            for construct in CONSTRUCTS
        }


def read_seeds() -> list[tuple[str, str]]:
    """The committed seeds as (construct or `none`, text)."""
    with (files("assets.restricted.scoring") / "seeds.csv").open(encoding="utf-8") as file:
        return [(row["construct"], row["text"]) for row in csv.DictReader(file)]


def fit_seed_model(encoder: "Encoder") -> SeedModel:
    """Fit on the committed seeds; deterministic, well under a second after encoding."""
    seeds = read_seeds()
    labels = np.array([construct for construct, _ in seeds])
    embeddings = encoder.encode([text for _, text in seeds])
    models = {
        construct: LogisticRegression(
            C=INVERSE_REGULARISATION, class_weight="balanced", max_iter=1000
        ).fit(embeddings, labels == construct)
        for construct in CONSTRUCTS
    }
    digest = hashlib.sha256(repr(seeds).encode()).hexdigest()
    return SeedModel(
        version=f"{METHOD}-{digest[:12]}",
        base_rate={construct: float(np.mean(labels == construct)) for construct in CONSTRUCTS},
        _models=models,
    )
