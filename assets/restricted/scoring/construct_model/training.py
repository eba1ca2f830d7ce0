"""Trains the construct models: own messages, seeds and public corpora, none of which dominates.

Deterministic on one machine: every draw is seeded and the solver is not random.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.corpora import (
    LEARNT,
    PUBLIC_WEIGHT,
    TAUGHT_BY,
    Labelled,
    read_own,
    read_public,
)
from assets.restricted.scoring.construct_model.model import PREVALENCE, write_model
from assets.restricted.scoring.seed_model import read_seeds
from assets.restricted.scrubbing.words_to_embed import words_to_embed

SEED = 5
INVERSE_REGULARISATION = 0.003
"""Over standardised coordinates. Chosen, like all weights, on learnt_2.csv while that was
kept out, and on fifths of the public corpora other than the one of the final measurement."""

SEED_WEIGHT, ANGER_WEIGHT = 0.1, 0.2
"""Of the seeds, and of anger as what resistance is not."""

MILD, PLAIN = 0.8, 1.1
"""Weight of an own message of level 1, and of a higher level."""

MOST = {"goemotions": 14000, "goemotions anger": 3000, "hopeedi": 5000}
"""Messages drawn of a public corpus; more change nothing and take longer."""

FOLDS = 5

Embed = Callable[[Sequence[str]], np.ndarray]
"""Texts as they were written, in; unit vectors of what scrubbing leaves of them, out."""


@dataclass(frozen=True)
class Taught:
    """What one construct's model learns.

    Attributes:
        vectors: shape (messages, width); the own messages first.
        shows: bool, shape (messages,), whether a message shows the construct.
        weight: shape (messages,).
        own: how many own messages there are.
    """

    vectors: np.ndarray = field(repr=False)
    shows: np.ndarray = field(repr=False)
    weight: np.ndarray = field(repr=False)
    own: int


def train_constructs(corpora: Path, embed: Embed, *, tell: Callable[[str], None]) -> str:
    """Trains and writes the three models.

    Args:
        corpora: folder with `constructs/`.
        embed: scrubs and embeds.
        tell: is told of each step.

    Returns:
        The version of the written file.

    Raises:
        FileNotFoundError: where a corpus is missing.
    """
    public, _ = read_public(corpora)
    rng = np.random.default_rng(SEED)
    sources = {one.name: _drawn(one, rng) for one in (read_own(LEARNT), *public)}
    seeds = read_seeds()
    vectors: dict[str, np.ndarray] = {}
    for name in ("own, learnt", "goemotions", "goemotions anger", "hopeedi", "collective action"):
        tell(f"scrubbing and embedding {len(sources[name].texts)} messages: {name}")
        vectors[name] = embed(sources[name].texts)
    vectors["seeds"] = embed([text for _, text in seeds])
    weights: dict[str, np.ndarray] = {}
    bias: dict[str, float] = {}
    for construct in CONSTRUCTS:
        tell(f"fitting {construct}")
        taught = lesson(construct, sources, vectors, [label for label, _ in seeds])
        weights[construct], bias[construct] = fit_calibrated(taught)
    return write_model(weights, bias)


def lesson(
    construct: str,
    sources: Mapping[str, Labelled],
    vectors: Mapping[str, np.ndarray],
    seed_labels: Sequence[str],
) -> Taught:
    """Puts together what one construct's model learns, each source with its own weight.

    Within a source those that show the construct weigh as much as those that don't, so that
    prevalence, which differs between sources by design, teaches nothing.
    """
    own = sources["own, learnt"].levels[construct]
    shows = [own > 0]
    weight = [_even(own > 0, 1.0) * np.where(own == 1, MILD, PLAIN)]
    parts = [vectors["own, learnt"]]
    for name in TAUGHT_BY[construct]:
        shows.append(sources[name].levels[construct] > 0)
        weight.append(_even(shows[-1], PUBLIC_WEIGHT[construct] / len(TAUGHT_BY[construct])))
        parts.append(vectors[name])
    shows.append(np.array([label == construct for label in seed_labels]))
    weight.append(_even(shows[-1], SEED_WEIGHT))
    parts.append(vectors["seeds"])
    if construct == "resistance":
        angry = sources["goemotions anger"].levels[construct] > 0
        parts.append(vectors["goemotions anger"][angry])
        shows.append(np.zeros(angry.sum(), dtype=bool))
        weight.append(np.full(angry.sum(), ANGER_WEIGHT / angry.sum()))
    return Taught(
        np.vstack(parts), np.concatenate(shows), np.concatenate(weight) * len(own), len(own)
    )


def fit_calibrated(taught: Taught) -> tuple[np.ndarray, float]:
    """Fits one model and sets its level.

    The level comes from predictions for own messages by models that had not learnt them (Platt's
    scaling), moved from the share of messages written to show the construct to `PREVALENCE`.

    Returns:
        Weights of shape (width,) and bias, for vectors as they come.
    """
    scaler, line = (
        StandardScaler(),
        LogisticRegression(C=INVERSE_REGULARISATION, max_iter=500),
    )
    model = make_pipeline(scaler, line)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    # Only own messages are left out in turn; the others are learnt in every fold.
    own = np.arange(taught.own)
    others = np.arange(taught.own, len(taught.shows))
    splits = [
        (np.concatenate([learnt, others]), left_out)
        for learnt, left_out in folds.split(own, taught.shows[: taught.own])
    ]
    logits = np.empty(taught.own)
    for learnt, left_out in splits:
        model.fit(
            taught.vectors[learnt],
            taught.shows[learnt],
            logisticregression__sample_weight=taught.weight[learnt],
        )
        logits[left_out] = model.decision_function(taught.vectors[left_out])
    level = LogisticRegression(C=1e6).fit(logits[:, None], taught.shows[: taught.own])
    slope = float(level.coef_[0, 0])
    written = float(taught.shows[: taught.own].mean())
    offset = float(level.intercept_[0]) + float(logit(PREVALENCE) - logit(written))
    model.fit(taught.vectors, taught.shows, logisticregression__sample_weight=taught.weight)
    weights = line.coef_[0] / np.asarray(scaler.scale_)
    bias = float(np.asarray(line.intercept_)[0] - weights @ np.asarray(scaler.mean_))
    return slope * weights, slope * bias + offset


def embedder(scrub: Callable[[Sequence[str]], list[str]], encode: Embed) -> Embed:
    """Scrubs, leaves out the gaps, and embeds."""
    return lambda texts: encode([words_to_embed(text) for text in scrub(texts)])


def _drawn(one: Labelled, rng: np.random.Generator) -> Labelled:
    most = MOST.get(one.name)
    if most is None or most >= len(one.texts):
        return one
    keep = np.zeros(len(one.texts), dtype=bool)
    keep[rng.choice(len(one.texts), most, replace=False)] = True
    return one.part(one.name, keep)


def _even(shows: np.ndarray, total: float) -> np.ndarray:
    share = shows.mean()
    return np.where(shows, 0.5 / share, 0.5 / (1 - share)) * total / len(shows)
