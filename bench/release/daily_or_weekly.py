"""Seven daily draws pooled, against one draw of the week: the same noise for whom, and for what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoisyTotals
from assets.released.thresholds import MIN_DAYS_FOR_VALUE_7D, MIN_PEOPLE
from assets.restricted.release.noise import draw
from assets.restricted.release.region_totals import region_totals, suppression
from assets.restricted.release.regional_value import mean_score
from bench.release.simulated_year import DAYS, RegionYear

DAILY = "7 daily draws"
WEEKLY = {
    "weekly, equal yearly budget": 7 * GAUSSIAN_1.micro_rho,
    "weekly, equal for one person-day": GAUSSIAN_1.micro_rho,
    # A seventh, rounded down to what divides among the constructs and the count.
    "weekly, equal for who writes daily": GAUSSIAN_1.micro_rho // 7 // 20 * 20,
}
WEEK = 7


@dataclass
class Draws:
    """Errors of weekly values against the exact mean of the week's person-days; weeks asked."""

    errors: dict[str, list[float]] = field(
        default_factory=lambda: {name: [] for name in (DAILY, *WEEKLY)}
    )
    with_value: dict[str, int] = field(default_factory=lambda: dict.fromkeys((DAILY, *WEEKLY), 0))
    weeks: int = 0


def compare(simulated: RegionYear, released: Sequence[NoisyTotals | None], found: Draws) -> None:
    """Add a region's weeks, Monday to Sunday.

    Args:
        simulated: the region's year.
        released: the noisy totals of each published day.
        found: what they are added to.
    """
    for monday in range(0, DAYS, WEEK):
        groups = simulated.days(range(monday, monday + WEEK))
        totals = region_totals(groups)
        if not totals.person_days:
            continue
        exact = (totals.sums_milli[CONSTRUCTS[0]] / totals.person_days + 500) / 1000
        found.weeks += 1
        daily = [one for one in released[monday : monday + WEEK] if one is not None]
        if len(daily) >= MIN_DAYS_FOR_VALUE_7D:
            _add(found, DAILY, daily, exact)
        if suppression(groups) is not None:
            continue
        for name, micro_rho in WEEKLY.items():
            drawn = draw(totals, micro_rho)
            if drawn.person_days >= MIN_PEOPLE:
                _add(found, name, [drawn], exact)


def _add(found: Draws, name: str, drawn: Sequence[NoisyTotals], exact: float) -> None:
    found.with_value[name] += 1
    found.errors[name] += [mean_score(drawn, construct) - exact for construct in CONSTRUCTS]


def tell_draws(of_studies: Mapping[str, Draws]) -> None:
    """Print what each way costs whom, and its error."""
    print("Daily or weekly draws: rho that a week costs who writes on so many of its days")
    for name in (DAILY, *WEEKLY):
        costs = [_cost(name, days) for days in (1, 2, 7)]
        print(f"  {name:36} 1: {costs[0]:.4f}   2: {costs[1]:.4f}   7: {costs[2]:.4f}")
    print("RMSE against the exact mean of the week's person-days (weeks with a value)")
    for study, found in of_studies.items():
        told = []
        for name, errors in found.errors.items():
            error = np.sqrt(np.mean(np.square(errors))) if errors else np.nan
            told.append(f"{name} {error:.4f} ({found.with_value[name] / found.weeks:.0%})")
        print(f"  {study}: " + "; ".join(told))


def _cost(name: str, days: int) -> float:
    """A daily draw holds a person once; the week's own as often as they wrote, so its square."""
    micro_rho = days * GAUSSIAN_1.micro_rho if name == DAILY else days**2 * WEEKLY[name]
    return micro_rho / 1_000_000
