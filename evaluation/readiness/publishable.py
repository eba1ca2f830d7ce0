"""What a region can publish, told from its number of groups and employers alone.

Many made-up regions of as many groups go through the release rules. A line *holds* in one of them
if it has a value on 4 days of 5 (a 4-weekly one, which moves slowly: in 4 weeks of 5) and can show
a change of 0.12: where person-days spread by 0.30, a line that shows only larger changes shows
mostly its own noise. A line is recommended if it holds in 4 made-up regions of 5, so that luck with
the sizes of groups decides little.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assets.core.constructs import CONSTRUCTS
from assets.released.method import GAUSSIAN_1, Method
from assets.released.noise_scales import NoisyTotals
from assets.released.standard_errors import BANDS, public_errors
from assets.released.thresholds import MIN_DAYS_FOR_VALUE_7D, MIN_DAYS_FOR_VALUE_28D
from simulation.region import PUBLISHED, RULES, Assumed, SimulatedDays, simulated_days

LEAST_WITH_VALUE = 0.8
"""Share of days, or of weeks, on which a line must have a value."""

LARGEST_CHANGE_TO_SHOW = 0.12
"""At rho 0.05 this is also what keeps the noise of a daily value below its sampling error."""

LEAST_REGIONS = 0.8
MOST_FURTHER_GROUPS = 40
"""How far the search for missing groups goes."""


class PublishableLine(NamedTuple):
    """A way of showing a region.

    Attributes:
        name: as it is called.
        days: days that a value pools.
        least_days: published days that it needs among them; the last of them must be one.
        due_every: days within which a value is due.
    """

    name: str
    days: int
    least_days: int
    due_every: int


DAILY = PublishableLine("daily", 1, 1, 1)
WEEKLY = PublishableLine("7-day", 7, MIN_DAYS_FOR_VALUE_7D, 1)
FOUR_WEEKLY = PublishableLine("4-weekly", 28, MIN_DAYS_FOR_VALUE_28D, 7)
LINES = (DAILY, WEEKLY, FOUR_WEEKLY)
"""From the most telling to the one that needs fewest groups."""


@dataclass(frozen=True)
class Outlook:
    """How one line would do.

    Attributes:
        days_with_value: share of days with a value, over all made-up regions.
        due_with_value: share of days, for the 4-weekly line of weeks, with a value.
        detectable_change: change that the middle region's line can show, in score units; None if
            no day has a value.
        regions_held: share of made-up regions in which the line holds.
        further_groups: groups, each of a new employer, after which it is recommended; 0 if it is
            now, None if more than `MOST_FURTHER_GROUPS`.
    """

    days_with_value: float
    due_with_value: float
    detectable_change: float | None
    regions_held: float
    further_groups: int | None

    @property
    def recommended(self) -> bool:
        """Whether the line is worth publishing."""
        return self.further_groups == 0


@dataclass(frozen=True)
class Readiness:
    """What a region can publish.

    Attributes:
        groups: groups that count.
        employers: their employers.
        suppressed: share of days without a value of their own, by restricted code of the rule.
        suppressed_in_one_of_ten: at least so many are in one made-up region of ten.
        outlooks: how each line would do.
    """

    groups: int
    employers: int
    suppressed: Mapping[str, float]
    suppressed_in_one_of_ten: float
    outlooks: Mapping[PublishableLine, Outlook]

    @property
    def days_suppressed(self) -> float:
        """Share of days without a value of their own."""
        return sum(self.suppressed.values())

    @property
    def line(self) -> PublishableLine | None:
        """The most telling line that is recommended; None if none is."""
        return next((line for line in LINES if self.outlooks[line].recommended), None)

    @property
    def headline(self) -> str | None:
        """The published column to show; daily values are an addition to the 7-day line."""
        if self.line is None:
            return None
        return "value_28d" if self.line is FOUR_WEEKLY else "value_7d"


def readiness(
    employers: Sequence[str], assumed: Assumed | None = None, method: Method = GAUSSIAN_1
) -> Readiness:
    """What a region of these groups can publish. Deterministic; reads and costs nothing.

    Args:
        employers: the employer of each group that counts.
        assumed: what is assumed of groups; the defaults if None.
        method: the release method.
    """
    assumed = assumed or Assumed()

    @cache
    def days(further: int) -> SimulatedDays:
        new = [f"new {number}" for number in range(further)]
        return simulated_days([*employers, *new], assumed, method)

    def found(line: PublishableLine, further: int) -> _Found:
        return _look(line, days(further), method)

    outlooks = {}
    for line in LINES:
        now = found(line, 0)
        outlooks[line] = Outlook(
            *now,
            _fewest(lambda more, line=line: found(line, more).regions_held >= LEAST_REGIONS),
        )
    outcome = days(0).outcome
    return Readiness(
        len(employers),
        len(set(employers)),
        {code: float((outcome == place).mean()) for place, code in enumerate(RULES, 1)},
        float(np.quantile((outcome != PUBLISHED).mean(axis=1), 0.9)),
        outlooks,
    )


class _Found(NamedTuple):
    days_with_value: float
    due_with_value: float
    detectable_change: float | None
    regions_held: float


def _look(line: PublishableLine, made_up: SimulatedDays, method: Method) -> _Found:
    shown = made_up.outcome == PUBLISHED
    days = _windows(shown, line.days)
    people = _windows(np.where(shown, made_up.noisy_people, 0), line.days)
    # A day that shows nothing of its own shows no pooled value either.
    has_value = (days >= line.least_days) & shown[:, -days.shape[1] :]
    least = np.array([one[0] for one in reversed(BANDS)])
    band = np.searchsorted(least, people / np.maximum(days, 1), side="right") - 1
    changes = _changes(line, method)[np.maximum(band, 0), days]
    due = has_value.reshape(len(shown), -1, line.due_every).any(axis=2)
    of_region = np.array(
        [
            np.median(own[valid]) if valid.any() else np.inf
            for own, valid in zip(changes, has_value, strict=True)
        ]
    )
    held = (due.mean(axis=1) >= LEAST_WITH_VALUE) & (of_region <= LARGEST_CHANGE_TO_SHOW)
    return _Found(
        float(has_value.mean()),
        float(due.mean()),
        float(np.median(changes[has_value])) if has_value.any() else None,
        float(held.mean()),
    )


def _windows(daily: npt.NDArray[np.int64], days: int) -> npt.NDArray[np.int64]:
    """Sums over the last `days` days, for every day after the first four weeks."""
    views = np.lib.stride_tricks.sliding_window_view(daily, days, axis=1)
    return views.sum(axis=2)[:, FOUR_WEEKLY.days + 1 - days :]


@cache
def _changes(line: PublishableLine, method: Method) -> npt.NDArray[np.float64]:
    """Detectable change by band, fewest people first, and number of days pooled."""
    table = np.full((len(BANDS), line.days + 1), np.inf)
    for place, (people, _) in enumerate(reversed(BANDS)):
        drawn = NoisyTotals(people, dict.fromkeys(CONSTRUCTS, 0), method.micro_rho)
        for days in range(1, line.days + 1):
            table[place, days] = public_errors([drawn] * days).detectable_change
    return table


def _fewest(enough: Callable[[int], bool]) -> int | None:
    """The fewest further groups that are enough, taking it that more never do worse."""
    if not enough(MOST_FURTHER_GROUPS):
        return None
    low, high = -1, MOST_FURTHER_GROUPS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
