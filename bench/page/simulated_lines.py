"""Published lines of a made-up region over a year, day by day, as the program would publish them.

Person by person: a group's level, a trait that a person keeps, an episode of some weeks, the day.
Scores lie near `LEVEL`, as published ones do, where the count's noise moves a mean most. Groups
come and go by the program's rules of admission; noise is a Gaussian of its scale; bands, standard
errors and detectable changes are looked up as at a release. What is planted moves everyone alike.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from assets.core.constructs import CONSTRUCTS
from assets.public.page.verdict import WINDOWS
from assets.public.records.headlines import DEFAULT
from assets.public.records.lines import NORMAL_95, Line
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoiseScales, NoisyTotals
from assets.released.standard_errors import (
    BETWEEN_GROUPS,
    GROUP_SHIFT_SD,
    PERSON_DAY_SD,
    PublicErrors,
    band_of,
    public_errors,
)
from assets.released.thresholds import MIN_DAYS_FOR_VALUE_7D
from bench.release.simulated_cohort import FIRST_GROUPS, Scenario, counted_groups
from simulation.region import Assumed, refused

Array = npt.NDArray[Any]

WEEKS = 52
DAYS = 7 * WEEKS
LEVEL = 0.15
FIRST_DAY = date(2026, 1, 5)
TRAIT, EPISODE, OF_DAY = 0.4, 0.2, 0.4
LOOKED_AT = 7 * (WINDOWS + 2)
_EPISODE_KEPT, _SHIFT_KEPT = 0.85, 0.8
_SCALES = NoiseScales.of(GAUSSIAN_1.micro_rho)

STILL = Scenario("nobody quiet, same groups")
WORSE = Scenario(
    "worse-off groups join, groups leave, tired people go quiet",
    quiet=0.3,
    joining=9,
    leaving=3,
    joiners_level=0.08,
)


@dataclass(frozen=True)
class RegionPublished:
    """A region's year as it was published.

    Attributes:
        lines: one for each construct.
        truth: what was planted on each day, shape (days,); all constructs alike.
        everyone: mean of all members of the groups that count, less the noise of who wrote;
            shape (constructs, days), of the pooled week.
    """

    lines: tuple[Line, ...]
    truth: Array
    everyone: Array


def region_published(
    scenario: Scenario,
    chance: np.random.Generator,
    *,
    people_factor: float = 1.0,
    planted: Array | None = None,
    region: str = "Greater London",
) -> RegionPublished:
    """Simulate a year of a region that begins with 12 groups.

    Args:
        scenario: who joins, leaves and goes quiet; its `rise` is not used.
        chance: makes all.
        people_factor: multiplies the median size of groups.
        planted: what is added to everyone's scores on each day, shape (days,); None for nothing.
        region: display name.
    """
    assumed = replace(Assumed(), median_size=Assumed.median_size * people_factor)
    groups = FIRST_GROUPS + scenario.joining
    sizes = assumed.median_size * np.exp(assumed.size_spread * chance.standard_normal(groups))
    members = np.maximum(3, np.rint(sizes)).astype(int)
    starts = np.cumsum(members) - members
    truth = np.zeros(DAYS) if planted is None else planted
    level = PERSON_DAY_SD * np.sqrt(BETWEEN_GROUPS) * chance.standard_normal((3, groups))
    level[:, FIRST_GROUPS:] += scenario.joiners_level
    counted = np.repeat(counted_groups(scenario, level[0], chance), 7, axis=1)

    states = [_states(of_construct, members, chance) for of_construct in level]
    wrote = _wrote(states[0], members, scenario.quiet, chance, assumed)
    people = np.add.reduceat(wrote, starts, axis=0) * counted
    people = np.where(people < 3, 0, people)
    within = PERSON_DAY_SD * np.sqrt((1 - BETWEEN_GROUPS) * OF_DAY)
    sums, everyone = [], []
    for weekly in states:
        daily = np.repeat(weekly, 7, axis=1)
        total = np.add.reduceat(wrote * daily, starts, axis=0)
        total = np.where(people > 0, total, 0.0).sum(axis=0)
        all_people = people.sum(axis=0)
        total = total + within * np.sqrt(all_people) * chance.standard_normal(DAYS)
        sums.append(total + all_people * (LEVEL + truth - 0.5))
        of_groups = np.add.reduceat(daily, starts, axis=0) * counted
        everyone.append(of_groups.sum(axis=0) / (members @ counted) + LEVEL + truth)
    noisy_people = np.rint(people.sum(axis=0) + _SCALES.of_count * chance.standard_normal(DAYS))
    noisy_sums = np.array(sums) + _SCALES.of_sum_milli / 1000 * chance.standard_normal((3, DAYS))
    shown = refused(people, noisy_people) == 0
    lines = _published(noisy_sums, noisy_people, shown, counted, region)
    return RegionPublished(lines, truth, np.array(everyone))


def until(line: Line, days: int) -> Line:
    """The line as the page of an earlier day had it, without what its verdict never looks at."""
    cut = {
        name: getattr(line, name)[max(0, days - LOOKED_AT) : days]
        for name in (
            "days",
            "values",
            "half_bands",
            "changes",
            "estimates",
            "states",
            "reasons",
            "revised",
        )
    }
    return replace(line, **cut)


def _states(level: Array, members: Array, chance: np.random.Generator) -> Array:
    """How far each member lies from `LEVEL` in each week, shape (members, weeks)."""
    of_group = np.repeat(np.arange(len(members)), members)
    count, within = len(of_group), PERSON_DAY_SD**2 * (1 - BETWEEN_GROUPS)
    trait = np.sqrt(within * TRAIT) * chance.standard_normal((count, 1))
    episode = np.sqrt(within * EPISODE) * _kept(_EPISODE_KEPT, (count, WEEKS), chance)
    shift = GROUP_SHIFT_SD / np.sqrt(2) * _kept(_SHIFT_KEPT, (len(members), WEEKS), chance)
    return (level[:, None] + shift)[of_group] + trait + episode


def _kept(kept: float, shape: tuple[int, int], chance: np.random.Generator) -> Array:
    """Autoregressions of order 1 and variance 1 along the second axis."""
    found = chance.standard_normal(shape)
    for at in range(1, shape[1]):
        found[:, at] = kept * found[:, at - 1] + np.sqrt(1 - kept**2) * found[:, at]
    return found


def _wrote(
    state: Array, members: Array, quiet: float, chance: np.random.Generator, assumed: Assumed
) -> Array:
    own = np.exp(assumed.group_spread * chance.standard_normal(len(members)))
    mean = np.minimum(0.9, assumed.posting * own / np.exp(assumed.group_spread**2 / 2))
    mean = np.repeat(mean, members)[:, None]
    of_member = chance.beta(2 * mean, 2 * (1 - mean))
    spread = assumed.day_spread
    of_day = np.exp(spread * chance.standard_normal((len(members), DAYS)) - spread**2 / 2)
    of_day[:, np.arange(DAYS) % 7 >= 5] *= assumed.weekend
    quieter = np.repeat(np.exp(-quiet * state / PERSON_DAY_SD), 7, axis=1)
    share = of_member * quieter * np.repeat(of_day, members, axis=0)
    return chance.random(share.shape) < np.minimum(0.95, share)


def _published(
    sums: Array, people: Array, shown: Array, counted: Array, region: str
) -> tuple[Line, ...]:
    """Values of a week at a time; a week in which groups left, or one or two came, shows one."""
    changed = _pooled_weeks(counted)
    values: list[list[float | None]] = [[] for _ in CONSTRUCTS]
    estimates: list[list[float | None]] = [[] for _ in CONSTRUCTS]
    halves: list[float | None] = []
    changes: list[float | None] = []
    states: list[str] = []
    own = shown & ~np.repeat(changed, 7)
    for day in range(DAYS):
        pooled = changed[day // 7]
        if pooled:
            pool = [at for at in range(day - day % 7, day + 1) if shown[at]] if day % 7 == 6 else []
        else:
            pool = [at for at in range(max(0, day - 6), day + 1) if own[at]] if own[day] else []
        enough = len(pool) >= MIN_DAYS_FOR_VALUE_7D
        published = own[day] or (pooled and enough)
        total = people[pool].sum() if enough else 0.0
        error = _errors(band_of(total / len(pool))[0], len(pool)) if enough else None
        for at in range(3):
            pooled_value = 0.5 + sums[at][pool].sum() / max(1, total) if enough else None
            values[at].append(None if pooled_value is None else _value(pooled_value))
            single = 0.5 + sums[at][day] / max(1, people[day])
            estimates[at].append(_value(single) if own[day] else None)
        halves.append(None if error is None else round(NORMAL_95 * error.standard_error, 3))
        changes.append(None if error is None else round(error.detectable_change, 3))
        states.append("published" if published else "not_published")
    days = tuple(FIRST_DAY + timedelta(days=at) for at in range(DAYS))
    return tuple(
        Line(
            region=region,
            region_id=region.lower().replace(" ", "_"),
            construct=name,
            headline=DEFAULT,
            days=days,
            values=tuple(values[at]),
            half_bands=tuple(halves),
            changes=tuple(changes),
            estimates=tuple(estimates[at]),
            states=tuple(states),
            reasons=(None,) * DAYS,
            revised=(False,) * DAYS,
            breaks=(),
            forecast=None,
            no_forecast=None,
            hit_rate=None,
        )
        for at, name in enumerate(CONSTRUCTS)
    )


def _pooled_weeks(counted: Array) -> Array:
    weekly = counted[:, ::7]
    left = (weekly[:, :-1] & ~weekly[:, 1:]).any(axis=0)
    came = (~weekly[:, :-1] & weekly[:, 1:]).sum(axis=0)
    return np.concatenate([[False], left | ((came > 0) & (came < 3))])


@cache
def _errors(least: int, days: int) -> PublicErrors:
    one = NoisyTotals(least, {}, GAUSSIAN_1.micro_rho)
    return public_errors([one] * days)


def _value(value: float) -> float:
    return round(float(min(1.0, max(0.0, value))), 3)
