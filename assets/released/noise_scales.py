"""What is drawn for a region-day, and how wide its noise is: public constants of a budget."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from assets.core.constructs import CONSTRUCTS
from assets.released.method import COUNT_SENSITIVITY, MICRO, SUM_SENSITIVITY_MILLI, Shares

_STEPS_PER_UNIT = 1_000_000
"""Scales are rounded up to millionths, so that what they cost never exceeds their share, and by
less than the ledger's whole micro-rho can show."""


@dataclass(frozen=True)
class NoisyTotals:
    """What was drawn for a region-day; anything may be made of it at no further cost.

    Attributes:
        person_days: the noisy count; can be negative.
        sums_milli: the noisy sum of each construct.
        micro_rho: what the draw cost.
    """

    person_days: int = field(repr=False)
    sums_milli: Mapping[str, int] = field(repr=False)
    micro_rho: int


@dataclass(frozen=True)
class NoiseScales:
    """Standard deviations of the noise: public constants.

    Attributes:
        of_sum_milli: of each construct's sum, in thousandths of a score.
        of_count: of the count, in person-days.
    """

    of_sum_milli: float
    of_count: float

    @classmethod
    def of(cls, micro_rho: int, sums: int = len(CONSTRUCTS)) -> "NoiseScales":
        """The scales of a draw that costs `micro_rho`.

        Args:
            micro_rho: of the draw.
            sums: how many are drawn beside the count.

        Raises:
            ReleaseError: `BUDGET_NOT_DIVISIBLE`.
        """
        shares = Shares.of(micro_rho, sums)
        return cls(
            _scale(SUM_SENSITIVITY_MILLI, shares.of_sum),
            _scale(COUNT_SENSITIVITY, shares.of_count),
        )


def _scale(sensitivity: int, micro_rho: int) -> float:
    exact = sensitivity / math.sqrt(2 * micro_rho / MICRO)
    return math.ceil(exact * _STEPS_PER_UNIT - 1e-3) / _STEPS_PER_UNIT
