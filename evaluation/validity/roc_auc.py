"""Areas under the ROC curve, with bootstrap intervals, many draws at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 500
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


def resampled(
    positive: np.ndarray, *, draws: int = DRAWS, seed: int | Sequence[int] = 5
) -> np.ndarray:
    """How often each message is drawn, with replacement and apart for either kind.

    Args:
        positive: bool array of shape (messages,).
        draws: bootstrap draws.
        seed: of the draws.

    Returns:
        Int array of shape (draws, messages); the same draws serve scorers that are compared.
    """
    random = np.random.default_rng(seed)
    weights = np.zeros((draws, len(positive)), dtype=np.int64)
    for kind in (positive, ~positive):
        if many := int(np.count_nonzero(kind)):
            weights[:, kind] = random.multinomial(many, np.full(many, 1 / many), size=draws)
    return weights


def areas(scores: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the curve for each row of weights; ties count half.

    Args:
        scores: float array of shape (messages,).
        positive: bool array of shape (messages,), with messages of either kind.
        weights: numbers of shape (draws, messages); see `resampled`.

    Returns:
        Float array of shape (draws,), in [0, 1].
    """
    order = np.argsort(scores, kind="stable")
    ranked, kind, weights = scores[order], positive[order], weights[:, order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    of_positive = np.add.reduceat(weights * kind, starts, axis=1)
    of_negative = np.add.reduceat(weights * ~kind, starts, axis=1)
    below = np.cumsum(of_negative, axis=1) - of_negative / 2
    pairs = of_positive.sum(axis=1) * of_negative.sum(axis=1)
    return (of_positive * below).sum(axis=1) / pairs


def area(scores: np.ndarray, positive: np.ndarray) -> float:
    """Area under the curve: how often a message that shows it scores above one that does not."""
    return float(areas(scores, positive, np.ones((1, len(positive))))[0])


def estimated(value: float, drawn: np.ndarray) -> Estimate:
    """A value with the middle 95 % of its bootstrap draws."""
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(float(value), float(low), float(high))


def area_estimate(
    scores: np.ndarray, positive: np.ndarray, weights: np.ndarray | None = None
) -> Estimate:
    """The area and its interval, or `NONE`; `weights` as of `resampled`."""
    if not enough(positive):
        return NONE
    weights = resampled(positive) if weights is None else weights
    return estimated(area(scores, positive), areas(scores, positive, weights))


def gain_estimate(
    scores: np.ndarray, others: np.ndarray, positive: np.ndarray, weights: np.ndarray
) -> Estimate:
    """By how much `scores` has more area than `others`, on the same draws."""
    if not enough(positive):
        return NONE
    drawn = areas(scores, positive, weights) - areas(others, positive, weights)
    return estimated(area(scores, positive) - area(others, positive), drawn)


def mean_estimate(
    scores: np.ndarray,
    positive: np.ndarray,
    parts: Sequence[np.ndarray],
    *,
    draws: int = DRAWS,
    seed: int = 5,
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
    values = [area(scores[part], positive[part]) for part in parts]
    drawn = [
        areas(
            scores[part],
            positive[part],
            resampled(positive[part], draws=draws, seed=(seed, number)),
        )
        for number, part in enumerate(parts)
    ]
    return estimated(float(np.mean(values)), np.mean(drawn, axis=0))
