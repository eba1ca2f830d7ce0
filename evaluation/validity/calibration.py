"""Calibration: whether a score of 0.3 means that three in ten such messages show the construct.

Unweighted it is `sklearn.calibration.calibration_curve` by quantiles, which knows no weights; what
would hold at another prevalence needs them.
"""

from dataclasses import dataclass

import numpy as np

BINS = 10


@dataclass(frozen=True)
class ReliabilityBin:
    """Messages of like scores.

    Attributes:
        messages: how many.
        mean_score: their mean score.
        share: share of them that show the construct, weighted as `Calibration.prevalence` says.
    """

    messages: int
    mean_score: float
    share: float


@dataclass(frozen=True)
class Calibration:
    """How scores compare with shares.

    Attributes:
        corpus: measured on.
        construct: burnout, resilience or resistance.
        reweighted: whether messages were weighted to reach `prevalence`, else it is the corpus's.
        prevalence: share of messages that show the construct.
        mean_score: mean of the scores, under the same weights.
        error: expected calibration error: mean over bins of |mean score - share|, by weight.
        bins: of as many messages each, from the lowest scores to the highest.
    """

    corpus: str
    construct: str
    reweighted: bool
    prevalence: float
    mean_score: float
    error: float
    bins: tuple[ReliabilityBin, ...]


def calibration(
    corpus: str,
    construct: str,
    scores: np.ndarray,
    positive: np.ndarray,
    prevalence: float | None = None,
) -> Calibration:
    """Compare scores with shares.

    Args:
        corpus: its name.
        construct: the construct.
        scores: float array of shape (messages,), in [0, 1].
        positive: bool array of shape (messages,), with messages of either kind.
        prevalence: weight messages so that this share shows the construct, in [0, 1); None to
            take them as they are.
    """
    share = float(positive.mean())
    wanted = share if prevalence is None else prevalence
    weights = np.where(positive, wanted / share, (1 - wanted) / (1 - share)) / len(scores)
    bins, error = [], 0.0
    for rows in np.array_split(np.argsort(scores, kind="stable"), BINS):
        weight = weights[rows].sum()
        if not weight:
            continue
        mean_score = float(np.average(scores[rows], weights=weights[rows]))
        shown = float(np.average(positive[rows], weights=weights[rows]))
        error += weight * abs(mean_score - shown)
        bins.append(ReliabilityBin(len(rows), mean_score, shown))
    return Calibration(
        corpus,
        construct,
        prevalence is not None,
        wanted,
        float(np.sum(scores * weights)),
        float(error),
        tuple(bins),
    )
