"""Made-up weeks of a region, from real messages' scores: who writes, how much, and of what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

DAYS = 7
MAX_MESSAGES = 6
BATCH = 50
"""Series drawn at a time, to bound the memory."""

POINTS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0)
"""Planted changes that are tried, in percentage points of prevalence."""


OfDays = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Scores of person-days, from the means of their messages' scores and their numbers."""


@dataclass(frozen=True)
class RegionDesign:
    """What a made-up region looks like.

    Attributes:
        people: in each group.
        active: share of its days on which a person writes.
        more: chance, after each message of a day, that another follows (at most `MAX_MESSAGES`).
        flat_weeks: weeks before the one that is tested.
        group_spread: standard deviation of groups' prevalence, as a multiple of its mean.
        person_spread: that of people within a group, as a multiple of the group's.
        day_spread: that of days within a group, as a multiple of the group's.
    """

    people: int = 12
    active: float = 0.4
    more: float = 0.4
    flat_weeks: int = 12
    group_spread: float = 0.6
    person_spread: float = 0.8
    day_spread: float = 0.5


@dataclass(frozen=True)
class RegionWeeks:
    """Sums over person-days of made-up regions.

    Attributes:
        flat: shape (series, groups, weeks + 1, 2): sum of person-days' scores, and person-days.
        changed: shape (changes, series, groups, 2): the last week again, with each planted change.
        points: planted changes in percentage points.
    """

    flat: np.ndarray
    changed: np.ndarray
    points: tuple[float, ...]

    @classmethod
    def drawn(
        cls,
        rng: np.random.Generator,
        design: RegionDesign,
        with_it: np.ndarray,
        without: np.ndarray,
        of_days: OfDays,
        prevalence: float,
        groups: int,
        series: int,
    ) -> "RegionWeeks":
        """Draw the series.

        Args:
            rng: makes them.
            design: what a region looks like.
            with_it: scores of messages that show the construct.
            without: scores of those that don't.
            of_days: how a person-day is scored.
            prevalence: share of messages that show it, in flat weeks.
            groups: in the region.
            series: how many.
        """
        points = tuple(one for one in POINTS if prevalence + one / 100 < 1)
        pools = with_it.astype(np.float32), without.astype(np.float32)
        flat, changed = [], []
        for start in range(0, series, BATCH):
            size = min(BATCH, series - start)
            of_people = prevalences(rng, design, prevalence, (size, groups))
            weeks = [
                week_sums(rng, design, of_people, pools, of_days, (0.0,))[0]
                for _ in range(design.flat_weeks)
            ]
            # A change lifts every message that would not have shown it by the same chance.
            lifts = tuple(one / 100 / (1 - prevalence) for one in (0.0, *points))
            last = week_sums(rng, design, of_people, pools, of_days, lifts)
            flat.append(np.stack([*weeks, last[0]], axis=2))
            changed.append(last[1:])
        return cls(np.concatenate(flat), np.concatenate(changed, axis=1), points)


def prevalences(
    rng: np.random.Generator, design: RegionDesign, mean: float, shape: tuple[int, int]
) -> np.ndarray:
    """People's prevalences, shape (series, groups, people)."""
    of_groups = _beta(rng, np.full(shape, mean), design.group_spread)
    return _beta(rng, np.repeat(of_groups[..., None], design.people, axis=2), design.person_spread)


def _beta(rng: np.random.Generator, mean: np.ndarray, spread: float) -> np.ndarray:
    """Beta draws of these means, whose standard deviation is `spread` times the mean."""
    mean = np.clip(mean, 1e-4, 1 - 1e-4)
    # The widest that a beta of one mode can be bounds the spread.
    variance = np.minimum((spread * mean) ** 2, 0.9 * mean * (1 - mean))
    size = mean * (1 - mean) / variance - 1
    return rng.beta(mean * size, (1 - mean) * size)


def week_sums(
    rng: np.random.Generator,
    design: RegionDesign,
    of_people: np.ndarray,
    pools: tuple[np.ndarray, np.ndarray],
    of_days: OfDays,
    lifts: Sequence[float],
) -> np.ndarray:
    """Sums of one week, shape (lifts, series, groups, 2); the same draws under each lift."""
    series, groups, _ = of_people.shape
    # A day on which much is said of it raises everyone's chance alike.
    busy = _gamma(rng, (series, groups, 1, DAYS), design.day_spread)
    chance = np.minimum(of_people[..., None] * busy, 0.95).astype(np.float32)
    counts = np.minimum(rng.geometric(1 - design.more, chance.shape), MAX_MESSAGES)
    counts[rng.random(chance.shape, dtype=np.float32) >= design.active] = 0
    scores = np.zeros((len(lifts), *chance.shape), dtype=np.float32)
    with_it, without = pools
    for messages in range(1, MAX_MESSAGES + 1):
        of_size = counts == messages
        size = (int(np.count_nonzero(of_size)), messages)
        showing = with_it[rng.integers(0, len(with_it), size)]
        other = without[rng.integers(0, len(without), size)]
        luck = rng.random(size, dtype=np.float32)
        own = chance[of_size][:, None]
        for place, lift in enumerate(lifts):
            shown = luck < own + (1 - own) * np.float32(lift)
            means = np.where(shown, showing, other).mean(axis=1)
            scores[place][of_size] = of_days(means, np.full(len(means), messages))
    wrote = np.broadcast_to(counts > 0, scores.shape)
    return np.stack(
        [scores.sum(axis=(3, 4), dtype=np.float64), wrote.sum(axis=(3, 4), dtype=np.float64)],
        axis=-1,
    )


def _gamma(rng: np.random.Generator, shape: tuple[int, ...], spread: float) -> np.ndarray:
    """Positive factors of mean 1."""
    return rng.gamma(1 / spread**2, spread**2, shape) if spread else np.ones(shape)
