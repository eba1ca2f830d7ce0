"""Release noise: OpenDP's discrete Gaussian on a region-day's totals, from the system's randomness.

Zero-concentrated differential privacy (Bun & Steinke 2016) of one person-day more or less:
a sum moves by at most 500, the count by 1. OpenDP can't be seeded, and nothing here tries to.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import ReleaseError
from assets.released.method import COUNT_SENSITIVITY, MICRO, SUM_SENSITIVITY_MILLI
from assets.released.noise_scales import NoiseScales, NoisyTotals
from assets.restricted.release.region_totals import RegionTotals


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
    mechanism = _mechanism(micro_rho, len(totals.sums_milli))
    if mechanism.micro_rho > micro_rho:
        raise ReleaseError("NOISE_COSTS_MORE")
    return NoisyTotals(
        mechanism.count(totals.person_days),
        {name: mechanism.total(one) for name, one in totals.sums_milli.items()},
        micro_rho,
    )


def cost_by_maps(micro_rho: int, sums: int = len(CONSTRUCTS)) -> int:
    """What a draw of `micro_rho` costs by OpenDP's maps, in micro-rho, rounded up.

    Args:
        micro_rho: of the draw.
        sums: how many are drawn beside the count.
    """
    return _mechanism(micro_rho, sums).micro_rho


@dataclass(frozen=True)
class _Mechanism:
    total: Callable[[int], int] = field(repr=False)
    count: Callable[[int], int] = field(repr=False)
    micro_rho: int


@cache
def _mechanism(micro_rho: int, sums: int) -> _Mechanism:
    dp, scales = _opendp(), NoiseScales.of(micro_rho, sums)
    space = dp.atom_domain(T="i64"), dp.absolute_distance(T="i64")
    total = dp.m.make_gaussian(*space, scales.of_sum_milli)
    count = dp.m.make_gaussian(*space, scales.of_count)
    rho = sums * total.map(SUM_SENSITIVITY_MILLI) + count.map(COUNT_SENSITIVITY)
    # Adding four floats may round up in the last place; the scales themselves are rounded up.
    return _Mechanism(total, count, math.ceil(rho * MICRO - 1e-6))


@cache
def _opendp():
    # Slow to load, and Dagster loads this module to list the assets.
    import opendp.prelude  # noqa: PLC0415

    dp: Any = opendp.prelude
    dp.enable_features("contrib")
    return dp
