"""A region over a year, person by person: who writes, how they are, and what the day adds up to.

Sizes and posting of groups are those that `tideline readiness` assumes. Scores have the spread that
the published standard errors assume, but for one thing that those leave out: half of what varies
within a group is a trait that a person keeps, and few people write most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from assets.core.constructs import CONSTRUCTS
from assets.released.standard_errors import BETWEEN_GROUPS, GROUP_SHIFT_SD, PERSON_DAY_SD
from assets.restricted.release.region_totals import GroupSums
from simulation.region import FEWEST_OF_GROUP, Assumed

Array = npt.NDArray[Any]

DAYS = 364
TRAIT = 0.5
"""Share of the variance within a group that a person keeps all year."""

CONCENTRATION = 2.0
"""Of the beta distribution of how often a person writes; at 0.2 on average, one in six writes on
every other day or more, and half hardly ever."""

SWING = 0.05
"""How far the region's own level rises and falls in the year."""

_WEEKS_KEPT = 0.8
_WEEKDAYS = 5


@dataclass(frozen=True)
class RegionYear:
    """A region's year.

    Attributes:
        people: who wrote, shape (groups, days); 0 where the group-day was too small.
        sums_milli: their sums, as a group-day stores them.
        all_members: mean score of all members of all groups, had each written, by day.
        region: level of the region that its groups were drawn from, by day.
    """

    people: Array
    sums_milli: Array
    all_members: Array
    region: Array

    def day(self, day: int) -> list[GroupSums]:
        """The groups of one day, each of an employer of its own; all constructs alike."""
        return self.days([day])

    def days(self, days: Sequence[int]) -> list[GroupSums]:
        """As if these days were one: a person adds to it as often as they wrote."""
        people = self.people[:, days].sum(axis=1)
        sums = self.sums_milli[:, days].sum(axis=1)
        return [
            GroupSums(f"g-{place}", f"e-{place}", int(n), dict.fromkeys(CONSTRUCTS, int(total)))
            for place, (n, total) in enumerate(zip(people, sums, strict=True))
            if n
        ]


def region_year(groups: int, chance: np.random.Generator, assumed: Assumed) -> RegionYear:
    """Simulate a year of a region of so many groups."""
    days = np.arange(DAYS)
    # Cut off at 0 and 1 scores spread a little less; about a level near the middle evenly so.
    region = 0.5 + SWING * np.sin(2 * np.pi * days / DAYS)
    people, sums, totals, members = [], [], np.zeros(DAYS), 0
    for _ in range(groups):
        scores, wrote = _group(region, chance, assumed)
        kept = np.where(wrote.sum(axis=0) >= FEWEST_OF_GROUP, wrote, False)
        people.append(kept.sum(axis=0))
        sums.append(np.where(kept, np.rint(1000 * scores).astype(int) - 500, 0).sum(axis=0))
        totals += scores.sum(axis=0)
        members += len(scores)
    return RegionYear(np.array(people), np.array(sums), totals / members, region)


def _group(region: Array, chance: np.random.Generator, assumed: Assumed) -> tuple[Array, Array]:
    size = assumed.median_size * np.exp(assumed.size_spread * chance.standard_normal())
    members = max(3, round(size))
    level = PERSON_DAY_SD * np.sqrt(BETWEEN_GROUPS) * chance.standard_normal()
    within = PERSON_DAY_SD**2 * (1 - BETWEEN_GROUPS)
    trait = np.sqrt(within * TRAIT) * chance.standard_normal((members, 1))
    of_day = np.sqrt(within * (1 - TRAIT)) * chance.standard_normal((members, DAYS))
    scores = np.clip(region + level + _moves(chance) + trait + of_day, 0, 1)
    wrote = chance.random((members, DAYS)) < _shares(members, chance, assumed)
    return scores, wrote


def _moves(chance: np.random.Generator) -> Array:
    """How the group's own level moves; two times far apart differ by `GROUP_SHIFT_SD`."""
    weeks = np.empty(DAYS // 7)
    weeks[0] = chance.standard_normal()
    for week in range(1, len(weeks)):
        new = np.sqrt(1 - _WEEKS_KEPT**2) * chance.standard_normal()
        weeks[week] = _WEEKS_KEPT * weeks[week - 1] + new
    return np.repeat(weeks * GROUP_SHIFT_SD / np.sqrt(2), 7)


def _shares(members: int, chance: np.random.Generator, assumed: Assumed) -> Array:
    """Chance that a member writes on a day, shape (members, days)."""
    own = np.exp(assumed.group_spread * chance.standard_normal() - assumed.group_spread**2 / 2)
    mean = min(0.9, assumed.posting * own)
    of_member = chance.beta(CONCENTRATION * mean, CONCENTRATION * (1 - mean), (members, 1))
    spread = assumed.day_spread
    of_day = np.exp(spread * chance.standard_normal(DAYS) - spread**2 / 2)
    of_day[np.arange(DAYS) % 7 >= _WEEKDAYS] *= assumed.weekend
    return np.minimum(1, of_member * of_day)
