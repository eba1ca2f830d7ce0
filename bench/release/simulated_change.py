"""A region before and after groups join or leave, with what is published of it.

Sums, thresholds, noise and published means are made by the program; only scores are made up. As
in the notes on disclosure control (1.6): groups' own levels are spread evenly over 0.2 to 0.8, so
that a blind guess is off by 0.173, and nothing moves but by `drift`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from assets.core.constructs import CONSTRUCTS
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoisyTotals
from assets.released.thresholds import MIN_PEOPLE
from assets.restricted.release.noise import draw
from assets.restricted.release.region_totals import GroupSums, region_totals, suppression
from assets.restricted.release.regional_value import mean_score

Array = npt.NDArray[Any]

LOWEST, HIGHEST = 0.2, 0.8
BLIND = (HIGHEST - LOWEST) / 12**0.5
PERSON_DAY_SD = 0.25
POSTING = 0.2
KEPT_A_DAY = 0.97
WEEK = 7


@dataclass(frozen=True)
class Change:
    """What happens on the day after the window before.

    Attributes:
        others: person-days a day of the groups that stay.
        target: person-days a day of the group that the attacker wants.
        companions: groups of that size that come or go with it.
        leaves: whether they leave; they join if not.
        drift: standard deviation of the common movement of all levels, of a month's persistence.
    """

    others: int
    target: int
    companions: int
    leaves: bool = False
    drift: float = 0.0

    @property
    def shows_pooled_week(self) -> bool:
        """Whether the first week after shows its pooled value only."""
        return self.leaves or self.companions < 2


@dataclass(frozen=True)
class Record:
    """What happened and what was drawn; days count from the first of the window before.

    Attributes:
        levels: of each group, shape (constructs, groups); the target is group 0.
        moves: whether each group is the target or comes or goes with it.
        counts: person-days, shape (groups, days); 0 on days on which a group does not count.
        drawn: each day's noisy totals.
        before: days of the window before the change.
    """

    levels: Array
    moves: Array
    counts: Array
    drawn: Sequence[NoisyTotals]
    before: int

    def value(self, days: Sequence[int], construct: str) -> float:
        """The published value of days that are pooled."""
        shown = [self.drawn[day] for day in days if self.drawn[day].person_days >= MIN_PEOPLE]
        return mean_score(shown or [self.drawn[days[-1]]], construct)


def happens(change: Change, window: int, chance: np.random.Generator) -> Record:
    """Make up a region for `window` days before the change, and a week and as many after it."""
    sizes = _sizes(change)
    moves = np.arange(len(sizes)) <= change.companions
    days = np.arange(2 * window + WEEK)
    inside = (days < window) == change.leaves
    counts = chance.binomial(
        np.rint(sizes / POSTING).astype(int)[:, None], POSTING, (len(sizes), len(days))
    )
    counts = np.where(counts < 3, 0, counts)
    counts[moves] = np.where(inside, counts[moves], 0)
    levels = chance.uniform(LOWEST, HIGHEST, (len(CONSTRUCTS), len(sizes)))
    wandering = _wandering(len(days), chance) * change.drift
    sums = (levels[..., None] - 0.5 + wandering) * counts
    sums = sums + PERSON_DAY_SD * np.sqrt(counts) * chance.normal(size=sums.shape)
    sums = np.clip(np.rint(1000 * sums), -500 * counts, 500 * counts).astype(int)
    drawn = [_drawn(counts[:, day], sums[:, :, day]) for day in days]
    return Record(levels, moves, counts, drawn, window)


def _sizes(change: Change) -> Array:
    each = max(3, round(change.others / 10))
    staying = [each] * round(change.others / each)
    return np.array([change.target] * (1 + change.companions) + staying)


def _wandering(days: int, chance: np.random.Generator) -> Array:
    found = np.empty(days)
    at = chance.normal()
    for day in range(days):
        found[day] = at
        at = KEPT_A_DAY * at + (1 - KEPT_A_DAY**2) ** 0.5 * chance.normal()
    return found


def _drawn(counts: Array, sums: Array) -> NoisyTotals:
    groups = [
        GroupSums(
            f"g-{place}",
            f"e-{place}",
            int(people),
            {name: int(sums[row, place]) for row, name in enumerate(CONSTRUCTS)},
        )
        for place, people in enumerate(counts)
        if people
    ]
    assert suppression(groups) is None
    return draw(region_totals(groups), GAUSSIAN_1.micro_rho)
