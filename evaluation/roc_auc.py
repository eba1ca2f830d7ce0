"""Areas under the ROC curve, with SciPy's percentile bootstrap.

The seed is one, so that scorers of the same messages are compared on the same draws.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

DRAWS, SEED = 500, 5
_BATCH = 50
"""Draws at a time, so that a large corpus does not fill the memory."""
FEWEST = 5
"""Messages of either kind below which no area is given."""


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % bootstrap interval; None where there are too few messages."""

    value: float | None
    low: float | None
    high: float | None


NONE = Estimate(None, None, None)


def enough(positive: np.ndarray) -> bool:
    """Whether there are `FEWEST` messages of either kind."""
    many = int(np.count_nonzero(positive))
    return min(many, len(positive) - many) >= FEWEST


def area(scores: np.ndarray, positive: np.ndarray) -> float:
    """ROC AUC: how often a message that shows it scores above one that does not; ties count half.

    Args:
        scores: float array of shape (messages,).
        positive: bool array of shape (messages,), with messages of either kind.
    """
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415  (every process of Dagster's loads this module, few need it)

    return float(roc_auc_score(positive, scores))


def area_estimate(
    scores: np.ndarray, positive: np.ndarray, *, draws: int = DRAWS, seed: int = SEED
) -> Estimate:
    """The area with its interval, or `NONE`.

    Args:
        scores: float array of shape (messages,).
        positive: bool array of shape (messages,).
        draws: bootstrap draws.
        seed: of the draws.
    """
    if not enough(positive):
        return NONE
    kinds = _kinds(positive)
    return _estimated(
        area(scores, positive), kinds, lambda *rows: _areas(scores, *rows), draws, seed
    )


def gain_estimate(
    scores: np.ndarray,
    others: np.ndarray,
    positive: np.ndarray,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Estimate:
    """By how much `scores` has more area than `others`, on the same draws of messages."""
    if not enough(positive):
        return NONE
    return _estimated(
        area(scores, positive) - area(others, positive),
        _kinds(positive),
        lambda *rows: _areas(scores, *rows) - _areas(others, *rows),
        draws,
        seed,
    )


def mean_estimate(
    scores: np.ndarray,
    positive: np.ndarray,
    parts: Sequence[np.ndarray],
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Estimate:
    """The mean of the areas within parts that have enough of either kind.

    Args:
        scores: float array of shape (messages,).
        positive: bool array of shape (messages,).
        parts: row numbers of each part.
        draws: bootstrap draws.
        seed: of the draws.
    """
    parts = [part for part in parts if enough(positive[part])]
    if not parts:
        return NONE
    kinds = [part[rows] for part in parts for rows in _kinds(positive[part])]
    return _estimated(
        float(np.mean([area(scores[part], positive[part]) for part in parts])),
        kinds,
        lambda *rows: np.mean(
            [_areas(scores, *pair) for pair in zip(rows[::2], rows[1::2], strict=True)], axis=0
        ),
        draws,
        seed,
    )


def _kinds(positive: np.ndarray) -> list[np.ndarray]:
    return [np.flatnonzero(positive), np.flatnonzero(~positive)]


def _areas(scores: np.ndarray, shown: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Areas of many draws at once, from the sum of ranks as Mann and Whitney have it.

    Args:
        scores: float array of shape (messages,).
        shown: row numbers of messages that show it, shape (..., many).
        others: row numbers of the others, shape (..., as many or not).

    Returns:
        Float array of shape (...,), in [0, 1].
    """
    from scipy.stats import rankdata  # noqa: PLC0415  (every process of Dagster's loads this module, few need SciPy)

    many, rest = shown.shape[-1], others.shape[-1]
    ranks = rankdata(scores[np.concatenate([shown, others], axis=-1)], axis=-1)
    return (ranks[..., :many].sum(axis=-1) - many * (many + 1) / 2) / (many * rest)


def _estimated(
    value: float,
    kinds: Sequence[np.ndarray],
    statistic: Callable[..., np.ndarray],
    draws: int,
    seed: int,
) -> Estimate:
    """A value with the middle 95 % of its draws, each kind of messages drawn apart."""
    from scipy.stats import bootstrap  # noqa: PLC0415  (every process of Dagster's loads this module, few need SciPy)

    def of_draws(*rows: np.ndarray, axis: int = -1) -> np.ndarray:  # noqa: ARG001  (SciPy's)
        return statistic(*rows)

    drawn = bootstrap(
        tuple(kinds),
        of_draws,
        n_resamples=draws,
        batch=_BATCH,
        vectorized=True,
        method="percentile",
        rng=seed,
    ).confidence_interval
    return Estimate(value, float(drawn.low), float(drawn.high))
