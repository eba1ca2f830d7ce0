"""From outside: a lower bound on what a mechanism costs, from its output on two neighbours.

A mechanism of rho-zCDP keeps the Renyi divergence of its outputs on two neighbouring inputs within
rho * alpha for every alpha > 1 (Bun & Steinke 2016, definition 1.1), and so that of any yes-or-no
question about the output. The auditor learns a question on some draws, counts the answers on
others, and bounds both chances by Clopper and Pearson. It knows nothing of how the noise is made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

ALPHAS = 1 + np.logspace(-3, 2, 60)
PILOT_SHARE = 0.2
_QUANTILES = np.linspace(0.02, 0.98, 49)

Mechanism = Callable[[], Sequence[float]]
"""Runs the mechanism once on a fixed input; the same number of numbers each time."""


@dataclass(frozen=True)
class Audit:
    """What the auditor found.

    Attributes:
        rho: the lower bound; true of a mechanism in all but a share `unsure` of audits.
        estimate: the same without a margin for chance.
        unsure: the share.
        draws: of each neighbour.
    """

    rho: float
    estimate: float
    unsure: float
    draws: int


def audit(one: Mechanism, other: Mechanism, *, draws: int, unsure: float) -> Audit:
    """Bound rho from below.

    Args:
        one: the mechanism on an input.
        other: the mechanism on its neighbour.
        draws: how often each is run, a fifth of them to choose the question.
        unsure: how often the bound may lie above the truth, between 0 and 1.
    """
    pilot = int(draws * PILOT_SHARE)
    first = np.array([one() for _ in range(draws)], dtype=float)
    second = np.array([other() for _ in range(draws)], dtype=float)
    direction = _direction(first[:pilot], second[:pilot])
    first, second = first @ direction, second @ direction
    threshold = _threshold(first[:pilot], second[:pilot])
    tested = draws - pilot
    yes_first = int((first[pilot:] > threshold).sum())
    yes_second = int((second[pilot:] > threshold).sum())
    low, _ = _clopper_pearson(yes_first, tested, unsure / 2)
    _, high = _clopper_pearson(yes_second, tested, unsure / 2)
    return Audit(
        rho=_rho(low, high),
        estimate=_rho(yes_first / tested, yes_second / tested),
        unsure=unsure,
        draws=draws,
    )


def _direction(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The weights that tell the two apart best if they differ by a shift (Fisher 1936)."""
    spread = np.atleast_2d((np.cov(first.T) + np.cov(second.T)) / 2)
    return np.linalg.pinv(spread) @ (first.mean(axis=0) - second.mean(axis=0))


def _threshold(first: np.ndarray, second: np.ndarray) -> float:
    places = np.quantile(np.concatenate([first, second]), _QUANTILES)
    # A hundredth keeps a threshold that few draws passed by luck from looking best.
    return float(
        max(
            places,
            key=lambda place: _rho((first > place).mean() - 0.01, (second > place).mean() + 0.01),
        )
    )


def _clopper_pearson(yes: int, asked: int, unsure: float) -> tuple[float, float]:
    low = stats.beta.ppf(unsure, yes, asked - yes + 1) if yes else 0.0
    high = stats.beta.isf(unsure, yes + 1, asked - yes) if yes < asked else 1.0
    return float(low), float(high)


def _rho(p: float, q: float) -> float:
    """Least rho that allows a chance of at least `p` against one of at most `q`."""
    if p <= q:
        return 0.0
    p, q = min(max(p, 1e-12), 1 - 1e-12), min(max(q, 1e-12), 1 - 1e-12)
    return max(float((_renyi(*pair) / ALPHAS).max()) for pair in ((p, q), (q, p)))


def _renyi(p: float, q: float) -> np.ndarray:
    """Renyi divergence of two yes-or-no answers, at each of `ALPHAS`."""
    yes = ALPHAS * np.log(p) + (1 - ALPHAS) * np.log(q)
    no = ALPHAS * np.log1p(-p) + (1 - ALPHAS) * np.log1p(-q)
    return np.logaddexp(yes, no) / (ALPHAS - 1)
