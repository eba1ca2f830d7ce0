"""A region that might be: how many people of each group write on a day, and what the rules refuse.

Nothing here comes from data. Sizes of groups and how they post are assumed, the same rules as at a
release are applied to whole arrays of days, and the count's noise is a plain Gaussian of its scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from assets.released.method import Method
from assets.released.noise_scales import NoiseScales
from assets.released.thresholds import (
    MIN_GROUPS,
    MIN_PEOPLE,
    MOST_OF_LARGEST_PERCENT,
    MOST_OF_TOP_TWO_PERCENT,
)
from simulation.deliveries import supplied

SEED = 6
REGIONS = 300
DAYS = 84
"""Made-up regions, and days of each: 12 weeks, of which 8 have four weeks behind them."""

FEWEST_OF_GROUP = 3
"""A group-day of fewer people is counted and dropped when it is scored."""

PUBLISHED = 0
RULES = ("TOO_FEW_GROUPS", "LARGEST_TOO_LARGE", "TOP_TWO_TOO_LARGE", "TOO_FEW_PEOPLE")
"""Restricted codes of why a day shows nothing, in the order in which they are tested."""

_WEEKDAYS = 5
_SMALLEST_GROUP = 3
_MOST_POSTING = 0.95
_OF_NOISE = -1


@dataclass(frozen=True)
class Assumed:
    """What is assumed of groups; none of it is measured on this study.

    Attributes:
        median_size: members of the middle group; sizes are lognormal.
        posting: share of a group's members who write on a weekday, on average.
        weekend: what that share is multiplied by on Saturdays and Sundays.
        size_spread: standard deviation of log sizes.
        group_spread: standard deviation of the log of a group's own share.
        day_spread: standard deviation of the log of how a group's share moves from day to day.
        every: days from one delivery of an export to the next.
        missed: share of deliveries that don't come.
        close_after_days: as in `home.yaml`.
        may_be_read: share of members who may be read: who opted in, or did not object.
    """

    median_size: float = 45
    posting: float = 0.2
    weekend: float = 0.5
    size_spread: float = 0.7
    group_spread: float = 0.3
    day_spread: float = 0.2
    every: int = 1
    missed: float = 0.0
    close_after_days: int = 3
    may_be_read: float = 1.0


@dataclass(frozen=True)
class SimulatedDays:
    """Days of made-up regions, each array of shape (regions, days).

    Attributes:
        outcome: 0 for a day with a value, else 1 + the place of its rule in `RULES`.
        noisy_people: noisy count of person-days.
    """

    outcome: npt.NDArray[np.int8]
    noisy_people: npt.NDArray[np.int64]


def simulated_days(
    employers: Sequence[str], assumed: Assumed, method: Method, *, regions: int = REGIONS
) -> SimulatedDays:
    """Simulate regions of these groups, under a fixed seed.

    A group more leaves all other groups as they were, so that two numbers of groups compare.

    Args:
        employers: the employer of each group.
        assumed: what is assumed of them.
        method: the release method, for its noise.
        regions: how many regions.
    """
    people = _people_of_employers(employers, assumed, regions)
    noise = _chance(_OF_NOISE).standard_normal((regions, DAYS))
    noisy = people.sum(0) + np.rint(noise * NoiseScales.of(method.micro_rho).of_count)
    return SimulatedDays(refused(people, noisy), noisy.astype(np.int64))


def days_with_enough_groups(
    employers: Sequence[str], assumed: Assumed, *, regions: int = REGIONS
) -> float:
    """Share of days, over all made-up regions, that `MIN_GROUPS` different employers are in.

    Args:
        employers: the employer of each group.
        assumed: what is assumed of them.
        regions: how many regions.
    """
    people = _people_of_employers(employers, assumed, regions)
    return float(((people > 0).sum(0) >= MIN_GROUPS).mean())


def refused(
    people: npt.NDArray[np.int64], noisy_people: npt.NDArray[np.float64]
) -> npt.NDArray[np.int8]:
    """The rules of `region_totals.suppression` and the noisy count, for many days at once.

    Args:
        people: person-days, shape (employers, ...), at least two employers; 0 where none wrote.
        noisy_people: noisy count, shape (...).

    Returns:
        As `SimulatedDays.outcome`.
    """
    total = people.sum(0)
    second, first = np.partition(people, -2, axis=0)[-2:]
    broken = (
        (people > 0).sum(0) < MIN_GROUPS,
        100 * first > MOST_OF_LARGEST_PERCENT * total,
        100 * (first + second) > MOST_OF_TOP_TWO_PERCENT * total,
        noisy_people < MIN_PEOPLE,
    )
    return np.select(broken, range(1, 1 + len(broken)), PUBLISHED).astype(np.int8)


def _people_of_employers(
    employers: Sequence[str], assumed: Assumed, regions: int
) -> npt.NDArray[np.int64]:
    """People who write and are there when a day closes, shape (employers, regions, days)."""
    places = {name: place for place, name in enumerate(dict.fromkeys(employers))}
    people = np.zeros((max(2, len(places)), regions, DAYS), np.int64)
    for number, name in enumerate(employers):
        people[places[name]] += _people_of_group(number, assumed, regions)
    return people


@lru_cache(maxsize=256)
def _people_of_group(number: int, assumed: Assumed, regions: int) -> npt.NDArray[np.int16]:
    """People of one group who write, shape (regions, days); day 0 is a Monday."""
    chance = _chance(number)
    size = assumed.median_size * np.exp(assumed.size_spread * chance.standard_normal((regions, 1)))
    own = _around_one(chance, assumed.group_spread, (regions, 1))
    of_day = _around_one(chance, assumed.day_spread, (regions, DAYS))
    of_weekday = np.where(np.arange(DAYS) % 7 < _WEEKDAYS, 1.0, assumed.weekend)
    share = np.minimum(_MOST_POSTING, assumed.posting * own * of_day * of_weekday)
    members = np.maximum(_SMALLEST_GROUP, np.rint(size)).astype(np.int64)
    wrote = chance.binomial(members, share * assumed.may_be_read)
    there = supplied(
        # Of its own, so that a rhythm leaves everything else as it was.
        np.random.default_rng((SEED, number + 1, 1)),
        (regions, DAYS),
        every=assumed.every,
        missed=assumed.missed,
        close_after_days=assumed.close_after_days,
    )
    return np.where((wrote >= FEWEST_OF_GROUP) & there, wrote, 0).astype(np.int16)


def _around_one(
    chance: np.random.Generator, spread: float, shape: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    return np.exp(spread * chance.standard_normal(shape) - spread**2 / 2)


def _chance(number: int) -> np.random.Generator:
    return np.random.default_rng((SEED, number + 1))
