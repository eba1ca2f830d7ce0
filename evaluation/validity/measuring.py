"""Measures everything that the committed report holds, for `tideline train validity`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.corpora import (
    HELD_OUT,
    LEARNT,
    read_own,
    read_public,
)
from assets.restricted.scrubbing.group_day import Encoder
from evaluation.roc_auc import DRAWS
from evaluation.validity import baselines
from evaluation.validity.accuracy import measure_accuracy
from evaluation.validity.baselines import Baseline
from evaluation.validity.examples import Examples, Score, Scrub, examples_of
from evaluation.validity.models_in_use import ModelsInUse
from evaluation.validity.report import Measured, Part, ValidityReport

COMMAND = "tideline train validity"
ANGER = "goemotions anger"
MOST = 3000


@dataclass(frozen=True)
class Corpora:
    """Scrubbed messages to measure on and to fit simple scorers to.

    Attributes:
        own_learnt: the project's own messages that models may learn from.
        own_held_out: those that none has seen.
        public_learnt: samples of the public training parts.
        public_unseen: samples of the fifths that none has seen.
    """

    own_learnt: Examples
    own_held_out: Examples
    public_learnt: tuple[Examples, ...]
    public_unseen: tuple[Examples, ...]

    @property
    def unseen(self) -> tuple[Examples, ...]:
        """Everything that nothing was learnt from, the project's own first."""
        return (self.own_held_out, *self.public_unseen)


def read_corpora(folder: Path, scrub: Scrub, *, most: int = MOST) -> Corpora:
    """Read and scrub; at most `most` messages of each public corpus, drawn with a seed.

    Raises:
        FileNotFoundError: where a corpus is missing.
    """
    learnt, unseen = read_public(folder)
    return Corpora(
        examples_of(read_own(LEARNT), scrub),
        examples_of(read_own(HELD_OUT), scrub),
        # What resistance must not be is never learnt from, by anything.
        tuple(examples_of(one, scrub, most=most) for one in learnt if one.name != ANGER),
        tuple(examples_of(one, scrub, most=most) for one in unseen),
    )


class Remembering:
    """An encoder that embeds each text once, for scorers that share their texts."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, np.ndarray] = {}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embed the texts, of which there is at least one."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= dict(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def all_baselines(corpora: Corpora, encoder: Encoder) -> dict[str, Baseline]:
    """Every simple scorer, by the name that the report shows.

    Raises:
        ModuleNotFoundError: without the extra `train`.
    """
    own, encoder = [corpora.own_learnt], Remembering(encoder)
    return {
        "length": baselines.length,
        "VADER": baselines.sentiment,
        "Empath": baselines.fit_empath(own),
        "nearness": baselines.fit_nearness(encoder),
        "seeds": baselines.fit_seeds(encoder),
        "words": baselines.fit_words(own),
        "words, all corpora": baselines.fit_words([*own, *corpora.public_learnt]),
    }


def measure(
    score: Score,
    corpora: Corpora,
    encoder: Encoder,
    models: ModelsInUse,
    *,
    parts: Sequence[Part] = (),
    draws: int = DRAWS,
) -> ValidityReport:
    """Measure the accuracy of a scorer, and put the other parts beside it.

    Args:
        score: scrubbed texts to scores, as `score_texts`.
        corpora: from `read_corpora`.
        encoder: for nearness and seeds.
        models: digests of what `score` uses.
        parts: measured apart; see `evaluation.validity.other_parts`.
        draws: bootstrap draws.
    """
    accuracy = measure_accuracy(
        score,
        corpora.unseen,
        all_baselines(corpora, encoder),
        baselines.compounds,
        own=corpora.own_held_out.name,
        draws=draws,
    )
    return ValidityReport(accuracy, Measured(COMMAND, models), tuple(parts))


def scores_and_labels(score: Score, examples: Examples) -> tuple[dict, dict]:
    """Scores and true labels of each construct, as the power and reliability tables take them."""
    table = score(examples.scrubbed)
    return (
        {one: table[one].to_numpy() for one in CONSTRUCTS},
        {one: examples.positive[one] for one in CONSTRUCTS},
    )
