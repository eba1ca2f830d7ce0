"""From noisy totals to published values: nothing here costs budget, for nothing exact is read."""

from collections.abc import Sequence

from assets.aggregation.method import SUM_SENSITIVITY_MILLI
from assets.aggregation.noise_scales import NoisyTotals

DECIMALS = 3
"""Values are rounded before they are stored: three full quotients would tell their divisor, the
noisy count, of which a coarse band is published at most."""

_FULL_SCALE_MILLI = 1000


def mean_score(drawn: Sequence[NoisyTotals], construct: str) -> float:
    """Mean of a construct over the days drawn: noisy sums over noisy counts, in [0, 1], rounded.

    Args:
        drawn: the days' noisy totals, at least one.
        construct: burnout, resilience or resistance.
    """
    people = max(1, sum(one.person_days for one in drawn))
    total = sum(one.sums_milli[construct] for one in drawn)
    value = (total / people + SUM_SENSITIVITY_MILLI) / _FULL_SCALE_MILLI
    return round(min(1.0, max(0.0, value)), DECIMALS)


def pooled_score(drawn: Sequence[NoisyTotals], construct: str, least_days: int) -> float | None:
    """The pooled value of several published days; None of fewer than `least_days`."""
    return mean_score(drawn, construct) if len(drawn) >= least_days else None
