"""Release noise: OpenDP's discrete Gaussian on a region-day's totals, from the system's randomness.

Zero-concentrated differential privacy (Bun & Steinke 2016) of one person-day more or less:
a sum moves by at most 500, the count by 1. OpenDP can't be seeded, and nothing here tries to.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from assets.aggregation.method import (
    COUNT_SENSITIVITY,
    MICRO,
    SUM_SENSITIVITY_MILLI,
    Shares,
)
from assets.aggregation.region_totals import RegionTotals
from assets.governance.constructs import CONSTRUCTS
from assets.governance.errors import ReleaseError

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
    def of(cls, micro_rho: int) -> "NoiseScales":
        """The scales of a draw that costs `micro_rho`.

        Raises:
            ReleaseError: `BUDGET_NOT_DIVISIBLE`.
        """
        shares = Shares.of(micro_rho)
        return cls(
            _scale(SUM_SENSITIVITY_MILLI, shares.of_sum),
            _scale(COUNT_SENSITIVITY, shares.of_count),
        )


def _scale(sensitivity: int, micro_rho: int) -> float:
    exact = sensitivity / math.sqrt(2 * micro_rho / MICRO)
    return math.ceil(exact * _STEPS_PER_UNIT - 1e-3) / _STEPS_PER_UNIT


def draw(totals: RegionTotals, micro_rho: int) -> NoisyTotals:
    """Add noise once. The budget must have been debited before.

    Args:
        totals: the exact totals.
        micro_rho: what the draw may cost.

    Returns:
        The noisy totals.

    Raises:
        ReleaseError: `BUDGET_NOT_DIVISIBLE`; `NOISE_COSTS_MORE` if by OpenDP's own maps the draw
            would cost more than was debited.
    """
    mechanism = _mechanism(micro_rho)
    if mechanism.micro_rho > micro_rho:
        raise ReleaseError("NOISE_COSTS_MORE")
    return NoisyTotals(
        mechanism.count(totals.person_days),
        {name: mechanism.total(totals.sums_milli[name]) for name in CONSTRUCTS},
        micro_rho,
    )


def cost_by_maps(micro_rho: int) -> int:
    """What a draw of `micro_rho` costs by OpenDP's maps, in micro-rho, rounded up."""
    return _mechanism(micro_rho).micro_rho


@dataclass(frozen=True)
class _Mechanism:
    total: Callable[[int], int] = field(repr=False)
    count: Callable[[int], int] = field(repr=False)
    micro_rho: int


@cache
def _mechanism(micro_rho: int) -> _Mechanism:
    dp, scales = _opendp(), NoiseScales.of(micro_rho)
    space = dp.atom_domain(T="i64"), dp.absolute_distance(T="i64")
    total = dp.m.make_gaussian(*space, scales.of_sum_milli)
    count = dp.m.make_gaussian(*space, scales.of_count)
    rho = len(CONSTRUCTS) * total.map(SUM_SENSITIVITY_MILLI) + count.map(COUNT_SENSITIVITY)
    # Adding four floats may round up in the last place; the scales themselves are rounded up.
    return _Mechanism(total, count, math.ceil(rho * MICRO - 1e-6))


@cache
def _opendp():
    # Slow to load, and Dagster loads this module to list the assets.
    import opendp.prelude  # noqa: PLC0415

    dp: Any = opendp.prelude
    dp.enable_features("contrib")
    return dp
