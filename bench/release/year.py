"""What a year publishes of 8, 20 and 30 groups, and how far the headline is from the truth.

Every draw is OpenDP's, and every rule, pooling and standard error is the program's own.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoisyTotals
from assets.released.standard_errors import FALSE_ALARM_Z, POWER_Z, public_errors
from assets.released.thresholds import MIN_DAYS_FOR_VALUE_7D, MIN_DAYS_FOR_VALUE_28D, MIN_PEOPLE
from assets.restricted.release.noise import draw
from assets.restricted.release.region_totals import region_totals, suppression
from assets.restricted.release.regional_value import pooled_score
from bench.release.daily_or_weekly import Draws, compare, tell_draws
from bench.release.simulated_year import DAYS, Array, RegionYear, region_year
from simulation.region import Assumed

SEED = 6
STUDIES = (("8 groups, one region", 8), ("20, the larger", 12), ("20, the smaller", 8))
STUDIES += (("30, the larger", 18), ("30, the smaller", 12))
"""Two regions share the groups 60 to 40."""

TRUTHS = ("exact mean", "all members", "region")


class Headline(NamedTuple):
    """A pooled value: days pooled, days needed, and how far back it is compared."""

    name: str
    days: int
    least_days: int
    apart: int


HEADLINES = (
    Headline("7-day", 7, MIN_DAYS_FOR_VALUE_7D, 28),
    Headline("28-day", 28, MIN_DAYS_FOR_VALUE_28D, 56),
)


@dataclass
class HeadlineFacts:
    """What was found of a headline; lists hold one entry for each value, over all regions."""

    days_with_value: list[float] = field(default_factory=list)
    days_if_also_without_own: list[float] = field(default_factory=list)
    errors: dict[str, list[float]] = field(default_factory=lambda: {one: [] for one in TRUTHS})
    stated: list[float] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)
    detectable: list[float] = field(default_factory=list)


@dataclass
class RegionFacts:
    """What was found of regions of as many groups."""

    reasons: Counter[str] = field(default_factory=Counter)
    of_region: list[float] = field(default_factory=list)
    headlines: dict[Headline, HeadlineFacts] = field(
        default_factory=lambda: {one: HeadlineFacts() for one in HEADLINES}
    )


def year(regions: int = 30) -> None:
    """What 8, 20 and 30 groups publish in a year, its error, and daily against weekly draws."""
    started = time.perf_counter()
    print(
        f"{regions} made-up regions of each size, {DAYS} days, seed {SEED}; OpenDP's own draws.\n"
    )
    draws: dict[str, Draws] = {}
    for number, (name, groups) in enumerate(STUDIES):
        facts, draws[name] = RegionFacts(), Draws()
        for one in range(regions):
            chance = np.random.default_rng((SEED, number, one))
            simulated = region_year(groups, chance, Assumed())
            released = release(simulated, facts)
            for headline in HEADLINES:
                _measure(headline, simulated, released, facts.headlines[headline])
            compare(simulated, released, draws[name])
        _tell(f"{name}: {groups} groups", facts)
    tell_draws(draws)
    print(f"\n{time.perf_counter() - started:.0f} s")


def release(simulated: RegionYear, facts: RegionFacts) -> list[NoisyTotals | None]:
    """The noisy totals of each published day, by the program's own rules."""
    released: list[NoisyTotals | None] = []
    for day in range(DAYS):
        groups = simulated.day(day)
        reason, drawn = suppression(groups), None
        if reason is None:
            drawn = draw(region_totals(groups), GAUSSIAN_1.micro_rho)
            reason = "TOO_FEW_PEOPLE" if drawn.person_days < MIN_PEOPLE else None
        facts.reasons[reason or "published"] += 1
        released.append(drawn if reason is None else None)
    facts.of_region.append(released.count(None) / DAYS)
    return released


def _measure(
    headline: Headline,
    simulated: RegionYear,
    released: Sequence[NoisyTotals | None],
    facts: HeadlineFacts,
) -> None:
    """Compare the values with what they stand for; the three constructs hold the same scores."""
    values = np.full((DAYS, len(CONSTRUCTS)), np.nan)
    detectable = np.full(DAYS, np.nan)
    truth = _truths(headline, simulated, released)
    could = 0
    for day in range(headline.days - 1, DAYS):
        drawn = [one for one in released[day + 1 - headline.days : day + 1] if one is not None]
        could += len(drawn) >= headline.least_days
        if released[day] is None or len(drawn) < headline.least_days:
            continue
        pooled = [pooled_score(drawn, name, headline.least_days) for name in CONSTRUCTS]
        values[day] = [np.nan if one is None else one for one in pooled]
        errors = public_errors(drawn)
        detectable[day] = errors.detectable_change
        for name in TRUTHS:
            facts.errors[name] += list(values[day] - truth[name][day])
        facts.stated += [errors.standard_error] * len(CONSTRUCTS)
    asked = DAYS + 1 - headline.days
    facts.days_with_value.append(np.isfinite(detectable).sum() / asked)
    facts.days_if_also_without_own.append(could / asked)
    left = values - truth["region"][:, None]
    changes = left[headline.apart :] - left[: -headline.apart]
    known = np.isfinite(changes[:, 0])
    facts.changes += list(changes[known].ravel())
    facts.detectable += list(np.repeat(detectable[headline.apart :][known], len(CONSTRUCTS)))


def _truths(
    headline: Headline, simulated: RegionYear, released: Sequence[NoisyTotals | None]
) -> dict[str, Array]:
    published = np.array([one is not None for one in released])
    people = simulated.people.sum(axis=0) * published
    sums = simulated.sums_milli.sum(axis=0) * published
    pooled_people = np.maximum(1, _last(people, headline.days))
    return {
        "exact mean": (_last(sums, headline.days) / pooled_people + 500) / 1000,
        "all members": _last(simulated.all_members, headline.days) / headline.days,
        "region": _last(simulated.region, headline.days) / headline.days,
    }


def _last(daily: Array, days: int) -> Array:
    """Sums over the last `days` days; those of the first ones hold fewer and are not used."""
    return np.convolve(daily, np.ones(days))[: len(daily)]


def _tell(name: str, facts: RegionFacts) -> None:
    total = facts.reasons.total()
    hidden = total - facts.reasons["published"]
    low, high = np.quantile(facts.of_region, (0.1, 0.9))
    reasons = ", ".join(
        f"{code} {count / total:.1%}"
        for code, count in facts.reasons.most_common()
        if code != "published"
    )
    print(
        f"{name}\n  days not published {hidden / total:.1%} (regions: {low:.0%}-{high:.0%})", end=""
    )
    print(f": {reasons}" if reasons else "")
    for headline, found in facts.headlines.items():
        if not found.stated:
            print(f"  {headline.name}: never a value")
            continue
        stated = np.array(found.stated)
        told = []
        for truth in TRUTHS:
            errors = np.array(found.errors[truth])
            covered = (np.abs(errors) <= 1.96 * stated).mean()
            told.append(f"{truth} {np.sqrt((errors**2).mean()):.3f} ({covered:.1%})")
        changes, detectable = np.array(found.changes), np.array(found.detectable)
        # The rule that the published change states: call a change real beyond this.
        bar = detectable * FALSE_ALARM_Z / (FALSE_ALARM_Z + POWER_Z)
        power = (changes + detectable > bar).mean()
        print(
            f"  {headline.name}: a value on {np.mean(found.days_with_value):.1%} of days"
            f" ({np.mean(found.days_if_also_without_own):.1%} if also on days without"
            f" their own)\n    stated SE {np.median(stated):.3f}; RMSE (coverage of +-1.96 SE):"
            f" {'; '.join(told)}\n    detectable change stated {np.median(detectable):.3f}, found"
            f" {(FALSE_ALARM_Z + POWER_Z) * changes.std():.3f}; false alarms"
            f" {(np.abs(changes) > bar).mean():.1%}, power at the stated change {power:.1%}"
        )
