"""A region over a year in weeks: members change, groups join and leave, tired people write less."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from assets.released.standard_errors import BETWEEN_GROUPS, PERSON_DAY_SD
from assets.restricted.release.membership import membership
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.release.closing import Closing
from simulation.region import Assumed

Array = npt.NDArray[Any]

WEEKS = 52
WEEK = timedelta(weeks=1)
FIRST_GROUPS = 12
FIRST_MONDAY = date(2026, 1, 5)
CLOSES_AFTER = timedelta(days=3)

TRAIT, EPISODE, OF_DAY = 0.4, 0.2, 0.4
"""How the variance within a group divides: kept by a person, lasting some weeks, of the day."""

_EPISODE_KEPT = 0.85
_MEMBERS_REPLACED = 0.01
_TIRED_LEAVE_MORE = 0.5
_MOST_POSTING = 0.95
_WEEKDAYS_OF_WEEK = (5 + 2 * Assumed.weekend) / 7
_ALWAYS = FIRST_MONDAY + timedelta(weeks=3 * WEEKS)


@dataclass(frozen=True)
class Scenario:
    """What happens in the year.

    Attributes:
        name: what it is called.
        quiet: a person whose burnout is 0.25 above the middle writes exp(-quiet) times as often.
        rise: how far burnout rises over the year in the part of the members in which it does.
        rising: share of the members in whom it does.
        joining: groups that join over the year.
        leaving: groups that leave; the more burnt out, the likelier.
        joiners_level: how far burnout of groups that join lies above that of the first ones.
    """

    name: str
    quiet: float = 0.0
    rise: float = 0.0
    rising: float = 0.5
    joining: int = 0
    leaving: int = 0
    joiners_level: float = 0.0


@dataclass(frozen=True)
class Cohort:
    """A year, by group and week.

    Attributes:
        person_days: who wrote, shape (groups, weeks).
        scores: sum of their scores.
        burnout_of_members: sum over all members, writing or not.
        members: how many they are, shape (groups,).
        counted: which groups count in a week, by the rules of admission; (groups, weeks).
    """

    person_days: Array
    scores: Array
    burnout_of_members: Array
    members: Array
    counted: Array

    @property
    def all_members(self) -> Array:
        """Mean burnout of all members of the groups that count, by week."""
        sums = (self.burnout_of_members * self.counted).sum(axis=0)
        return sums / (self.members @ self.counted)

    @property
    def first_groups(self) -> Array:
        """Mean burnout of all members of the first groups, whether those still count or not."""
        sums = self.burnout_of_members[:FIRST_GROUPS].sum(axis=0)
        return sums / self.members[:FIRST_GROUPS].sum()


def cohort(scenario: Scenario, chance: np.random.Generator, assumed: Assumed) -> Cohort:
    """Simulate a year of a region that begins with 12 groups."""
    groups = FIRST_GROUPS + scenario.joining
    sizes = assumed.median_size * np.exp(assumed.size_spread * chance.standard_normal(groups))
    members = np.maximum(3, np.rint(sizes)).astype(int)
    of_group = np.repeat(np.arange(groups), members)
    level = PERSON_DAY_SD * np.sqrt(BETWEEN_GROUPS) * chance.standard_normal(groups)
    level[FIRST_GROUPS:] += scenario.joiners_level
    burnout = _burnout(scenario, level[of_group], chance)
    wrote, scores = _posts(scenario, burnout, chance, assumed)

    def by_group(of_members: Array) -> Array:
        return np.add.reduceat(of_members, np.cumsum(members) - members, axis=0)

    return Cohort(
        by_group(wrote),
        by_group(scores),
        by_group(burnout),
        members,
        counted_groups(scenario, level, chance),
    )


def _burnout(scenario: Scenario, level: Array, chance: np.random.Generator) -> Array:
    """Burnout of every member and week, shape (members, weeks)."""
    count = len(level)
    within = PERSON_DAY_SD**2 * (1 - BETWEEN_GROUPS)
    trait = np.sqrt(within * TRAIT) * chance.standard_normal(count)
    episode = np.sqrt(within * EPISODE) * chance.standard_normal(count)
    rises = chance.random(count) < scenario.rising
    weeks = np.empty((count, WEEKS))
    for week in range(WEEKS):
        gone = chance.random(count) < _MEMBERS_REPLACED * np.exp(
            _TIRED_LEAVE_MORE * (trait + episode) / PERSON_DAY_SD
        )
        trait = np.where(gone, np.sqrt(within * TRAIT) * chance.standard_normal(count), trait)
        new = np.sqrt(within * EPISODE * (1 - _EPISODE_KEPT**2)) * chance.standard_normal(count)
        episode = _EPISODE_KEPT * episode + new
        risen = scenario.rise * rises * week / (WEEKS - 1)
        weeks[:, week] = np.clip(0.5 + level + trait + episode + risen, 0, 1)
    return weeks


def _posts(
    scenario: Scenario, burnout: Array, chance: np.random.Generator, assumed: Assumed
) -> tuple[Array, Array]:
    """Days on which each wrote, and the sum of their scores; shape (members, weeks)."""
    mean = assumed.posting * _WEEKDAYS_OF_WEEK
    own = chance.beta(2 * mean, 2 * (1 - mean), (len(burnout), 1))
    quieter = np.exp(-scenario.quiet * (burnout - 0.5) / PERSON_DAY_SD)
    days = chance.binomial(7, np.minimum(_MOST_POSTING, own * quieter))
    of_days = PERSON_DAY_SD * np.sqrt((1 - BETWEEN_GROUPS) * OF_DAY * days)
    return days, days * burnout + of_days * chance.standard_normal(burnout.shape)


def counted_groups(scenario: Scenario, level: Array, chance: np.random.Generator) -> Array:
    """Which groups count in each week, decided on its Monday by the program's own rules."""
    spans = []
    odds = np.exp(level[:FIRST_GROUPS] / PERSON_DAY_SD)
    leaving = chance.choice(FIRST_GROUPS, scenario.leaving, replace=False, p=odds / odds.sum())
    for group in range(len(level)):
        since = 0 if group < FIRST_GROUPS else int(chance.integers(4, WEEKS - 8))
        start = FIRST_MONDAY + since * WEEK
        left = FIRST_MONDAY + int(chance.integers(8, WEEKS - 4)) * WEEK
        spans.append(
            ConsentSpan(
                group_ref=f"g-{group}",
                employer_ref=f"e-{group}",
                valid_from=start,
                valid_until=_ALWAYS,
                recorded_at=_morning(start),
                withdrawn_at=_morning(left) if group in leaving else None,
                runs_out_at=_morning(_ALWAYS),
            )
        )
    mondays = [FIRST_MONDAY + week * WEEK for week in range(WEEKS)]
    closings = [Closing(day, _morning(day + CLOSES_AFTER)) for day in mondays]
    counted = np.zeros((len(level), WEEKS), bool)
    for week, monday in enumerate(mondays):
        inside = membership(spans, closings[:week], monday, _morning(monday + CLOSES_AFTER)).groups
        counted[:, week] = [f"g-{group}" in inside for group in range(len(level))]
    return counted


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(6), UTC)
