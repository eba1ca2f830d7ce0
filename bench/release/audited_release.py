"""What the auditor is shown: a region-day with and without one person, by our code and by bugs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoisyTotals
from assets.restricted.release.noise import draw
from assets.restricted.release.region_totals import (
    GroupSums,
    RegionTotals,
    region_totals,
    suppression,
)
from assets.restricted.scoring.person_days import DayCurve, person_day_sums
from bench.release.auditor import Mechanism

MICRO_RHO = GAUSSIAN_1.micro_rho
_GROUPS = 5
_PEOPLE = 7
_STEEP = DayCurve((0.5,), 40.0)
"""Leaves 0, a half and 1 where they are, so that a person moves the sums by the most there is."""


@dataclass(frozen=True)
class GroupDay:
    """Messages of a group on a day: a score each, the same for all constructs, and whose it is."""

    scores: Sequence[float]
    people: Sequence[int]


WITHOUT = tuple(GroupDay([0.5] * _PEOPLE, range(_PEOPLE)) for _ in range(_GROUPS))
"""Of people in the middle, so that one more moves the sums by the most there is."""


def with_one_more(score: float) -> tuple[GroupDay, ...]:
    """The neighbour: one more person in the first group, who wrote two messages."""
    first = WITHOUT[0]
    more = GroupDay([*first.scores, score, score], [*first.people, _PEOPLE, _PEOPLE])
    return (more, *WITHOUT[1:])


SumsOf = Callable[[GroupDay], Mapping[str, tuple[int, int]]]
Draw = Callable[..., NoisyTotals]


def sums_of(day: GroupDay) -> Mapping[str, tuple[int, int]]:
    """As the program adds up a group's day."""
    of_messages = dict.fromkeys(CONSTRUCTS, np.array(day.scores))
    return person_day_sums(of_messages, np.array(day.people), dict.fromkeys(CONSTRUCTS, _STEEP))


def two_rows_of_a_person(day: GroupDay) -> Mapping[str, tuple[int, int]]:
    """A bug: who wrote two messages counts as two."""
    return sums_of(GroupDay(day.scores, range(len(day.scores))))


def unclipped(day: GroupDay) -> Mapping[str, tuple[int, int]]:
    """A bug: a score outside [0, 1] is added as it is, and the group's others hide it."""
    means = [
        np.mean(
            [score for score, whose in zip(day.scores, day.people, strict=True) if whose == one]
        )
        for one in sorted(set(day.people))
    ]
    total = sum(round(1000 * float(one)) - 500 for one in means)
    return dict.fromkeys(CONSTRUCTS, (len(means), total))


def release_of(
    region: Sequence[GroupDay], *, sums: SumsOf = sums_of, noise: Draw = draw
) -> Mechanism:
    """Draws for a region-day, as everyone could see them: the count and the three sums."""
    groups = []
    for number, day in enumerate(region):
        found = sums(day)
        people = next(iter(found.values()))[0]
        of = {name: total for name, (_, total) in found.items()}
        groups.append(GroupSums(f"g-{number}", f"e-{number}", people, of))
    assert suppression(groups) is None
    totals = region_totals(groups)

    def once() -> list[int]:
        drawn = noise(totals, MICRO_RHO)
        return [drawn.person_days, *drawn.sums_milli.values()]

    return once


@dataclass(frozen=True)
class Audited:
    """A mechanism on two neighbours, and whether it keeps what it claims."""

    name: str
    one: Mechanism
    other: Mechanism
    sound: bool


def audited(noise: Draw = draw) -> tuple[Audited, ...]:
    """This version twice, then one bug each.

    Args:
        noise: makes a draw as the program's own does.
    """

    def half_the_scale(totals: RegionTotals, micro_rho: int) -> NoisyTotals:
        """A bug: noise of half the standard deviation."""
        return noise(totals, 4 * micro_rho)

    without = release_of(WITHOUT, noise=noise)
    return (
        Audited(
            "this version, score 1", release_of(with_one_more(1.0), noise=noise), without, True
        ),
        Audited(
            "this version, score 0", release_of(with_one_more(0.0), noise=noise), without, True
        ),
        Audited(
            "half the scale",
            release_of(with_one_more(1.0), noise=half_the_scale),
            release_of(WITHOUT, noise=half_the_scale),
            False,
        ),
        Audited(
            "two rows of a person",
            release_of(with_one_more(1.0), sums=two_rows_of_a_person, noise=noise),
            release_of(WITHOUT, sums=two_rows_of_a_person, noise=noise),
            False,
        ),
        Audited(
            "an unclipped value of 3",
            release_of(with_one_more(3.0), sums=unclipped, noise=noise),
            release_of(WITHOUT, sums=unclipped, noise=noise),
            False,
        ),
    )
