"""Associations on made-up regions whose truth is known: `python -m bench.relations [RUNS [PART]]`.

Weekly levels are AR(1); daily values are means of made-up people with the release noise of
gaussian-1 on sums and count. Seeds are fixed; docs/relations.md says what was chosen on them.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

import numpy as np
import pandas as pd

from assets.aggregation.method import GAUSSIAN_1
from assets.aggregation.noise_scales import NoiseScales
from assets.aggregation.standard_errors import PERSON_DAY_SD, band_of
from assets.governance.constructs import CONSTRUCTS
from assets.relations.associations import Association, relate
from assets.relations.lagged import LAGS, LOOKS, lagged
from assets.relations.slow_trend import without_trend
from assets.relations.weekly_means import LEAST_DAYS, segments

REGION = "greater_london"
FIRST_MONDAY = date(2026, 1, 5)
MEANS = np.array([0.35, 0.6, 0.3])
WEEKDAYS = np.array([0.0, 0.01, 0.01, 0.0, -0.01, -0.03, 0.02])
WHO_WRITE = np.array([1.1, 1.1, 1.1, 1.1, 1.1, 0.8, 0.7])
FEWEST_TO_PUBLISH = 30
SCALES = NoiseScales.of(GAUSSIAN_1.micro_rho)


@dataclass(frozen=True)
class World:
    """A made-up region: weeks; week-to-week likeness (1: a random walk); spread of levels; people
    a day; planted correlation of the first two constructs at `lag`; what is added to all three;
    correlation of what a person shows of two constructs; spread of people; share of days not
    published."""

    weeks: int = 52
    likeness: float = 0.7
    spread: float = 0.05
    people: float = 150
    planted: float = 0.0
    lag: int = 2
    added: str = "nothing"
    same_person: float = -0.4
    person_spread: float = PERSON_DAY_SD
    missing: float = 0.05


def levels(world: World, rng: np.random.Generator) -> np.ndarray:
    """Array (3, weeks)."""
    run_in = 100
    shocks = rng.standard_normal((3, run_in + world.weeks + world.lag))
    shocks[1, world.lag :] = (
        world.planted * shocks[0, : shocks.shape[1] - world.lag]
        + np.sqrt(1 - world.planted**2) * shocks[1, world.lag :]
    )
    courses = np.zeros_like(shocks)
    for week in range(1, shocks.shape[1]):
        courses[:, week] = world.likeness * courses[:, week - 1] + shocks[:, week]
    courses = courses[:, -world.weeks :]
    if world.likeness == 1:
        courses = (courses - courses[:, :1]) / 4
    else:
        courses *= np.sqrt(1 - world.likeness**2)
    week = np.arange(world.weeks)
    if world.added == "trend":
        courses = courses + 2 * week / 52
    if world.added == "season":
        courses = courses + np.cos(2 * np.pi * (week / 52 + rng.uniform()))
    return world.spread * courses


def published(world: World, rng: np.random.Generator, courses: np.ndarray) -> pd.DataFrame:
    """Rows as `PublishedValues.read` gives them, as far as associations read them."""
    alike = np.full((3, 3), abs(world.same_person))
    alike[0, 1] = alike[1, 0] = alike[1, 2] = alike[2, 1] = world.same_person
    np.fill_diagonal(alike, 1)
    of_people = np.linalg.cholesky(alike)
    rows = []
    counts: list[float] = []
    for at in range(world.weeks * 7):
        people = max(5, rng.poisson(world.people * WHO_WRITE[at % 7]))
        sampled = of_people @ rng.standard_normal(3) * world.person_spread / np.sqrt(people)
        mean = MEANS + courses[:, at // 7] + WEEKDAYS[at % 7] + sampled
        sums = people * (mean - 0.5) + rng.normal(0, SCALES.of_sum_milli / 1000, 3)
        count = people + rng.normal(0, SCALES.of_count)
        shown = count >= FEWEST_TO_PUBLISH and rng.uniform() >= world.missing
        values = np.clip(sums / count + 0.5, 0, 1) if shown else [None] * 3
        counts.append(count if shown else np.nan)
        week = [one for one in counts[-7:] if np.isfinite(one)]
        own_band = band_of(np.mean(week) if len(week) >= LEAST_DAYS else count)[1]
        rows += [
            {
                "region": REGION,
                "day": FIRST_MONDAY + timedelta(days=at),
                "construct": construct,
                "estimate": value,
                "status": "published" if shown else "not_published",
                "method_version": GAUSSIAN_1.version,
                "revision": 0,
                "people_band": own_band if shown else None,
                "micro_rho": GAUSSIAN_1.micro_rho if shown else None,
            }
            for construct, value in zip(CONSTRUCTS, values, strict=True)
        ]
    return pd.DataFrame(rows).astype({"estimate": float, "micro_rho": "Int64"})


def frames(world: World, runs: int, seed: int = 0) -> Iterator[pd.DataFrame]:
    """What each of `runs` made-up regions publishes."""
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        yield published(world, rng, levels(world, rng))


def made(world: World, runs: int, seed: int = 0) -> Iterator[tuple[Association, ...]]:
    """The rows of each of `runs` made-up regions."""
    for frame in frames(world, runs, seed):
        yield relate(frame, REGION).rows


def expected(world: World) -> dict[int, float]:
    """What the planted correlation is, at each lag, once slow trends are out of both courses."""
    clean = without_trend(np.arange(world.weeks, dtype=float), np.zeros((3, world.weeks)))
    apart = np.subtract.outer(np.arange(world.weeks), np.arange(world.weeks))
    own = clean.remover @ np.power(world.likeness, np.abs(apart)) @ clean.remover
    both = world.planted * np.power(world.likeness, np.abs(apart + world.lag))
    left = clean.remover @ both @ clean.remover
    sizes = own.diagonal()
    return {
        lag: float(np.trace(left, offset=lag))
        / np.sqrt(sizes[max(0, -lag) : world.weeks - max(0, lag)].sum())
        / np.sqrt(sizes[max(0, lag) : world.weeks - max(0, -lag)].sum())
        for lag in LAGS
    }


def false_alarms(runs: int) -> None:
    print("\nFalse alarms: share of regions with any adjusted p <= 0.05, nothing planted")
    worlds = [
        World(weeks=weeks, likeness=likeness, people=people)
        for weeks in (26, 39, 52, 104)
        for likeness, people in ((0, 150), (0.5, 150), (0.8, 150), (0.95, 150), (1, 150), (0.8, 75))
    ]
    worlds += [
        World(weeks=weeks, added=added) for weeks in (26, 52, 104) for added in ("trend", "season")
    ]
    worlds += [World(weeks=weeks, people=600) for weeks in (26, 52)]
    worlds += [World(weeks=weeks, people=190, spread=0.0) for weeks in (26, 52)]
    for world in worlds:
        regions = list(made(world, runs))
        read = [rows for rows in regions if any(row.adjusted_p is not None for row in rows)]
        alarms = sum(any(map(significant, rows)) for rows in read)
        print(
            f"weeks {world.weeks:3}  likeness {world.likeness:4}  people {world.people:3}"
            f"  spread {world.spread:.2f}  {world.added:7}"
            f"  alarms {alarms / max(len(read), 1):.3f} of {len(read):4}"
            f"  refused {refused(regions):.2f}"
        )


def significant(row: Association) -> bool:
    return row.adjusted_p is not None and row.adjusted_p <= 0.05


def refused(regions: list[tuple[Association, ...]]) -> float:
    """Share of rows that noise dominates."""
    return float(np.mean([row.reason == "noise_dominates" for rows in regions for row in rows]))


def planted(runs: int) -> None:
    print("\nPlanted at lag 2: found, mean with and without correction, and intervals that hold")
    base = World(planted=0.7)
    for world in (
        *(replace(base, weeks=weeks) for weeks in (26, 39, 52, 104)),
        *(replace(base, planted=size) for size in (0.3, 0.5, 0.9)),
        *(replace(base, people=people) for people in (75, 105, 190, 300, 600)),
        *(replace(base, likeness=likeness) for likeness in (0, 0.9)),
        replace(base, spread=0.03),
        replace(base, spread=0.03, people=75),
        replace(base, weeks=104, spread=0.03),
    ):
        both = [
            (relate(frame, REGION).rows, uncorrected(frame))
            for frame in frames(world, runs, seed=1)
        ]
        regions, seen = [rows for rows, _ in both], [one for _, one in both]
        truth = expected(world)
        pair = CONSTRUCTS[0], CONSTRUCTS[1]
        rows = [
            {row.lag: row for row in found if (row.first, row.second) == pair} for found in regions
        ]
        given = [one for one in rows if one[2].association is not None]
        if not given:
            print(f"{world}: all refused")
            continue
        at_lag = [one[2] for one in given]
        holds = [
            {lag: row.lo95 <= truth[lag] <= row.hi95 for lag, row in one.items() if lag}
            for one in given
        ]
        print(
            f"weeks {world.weeks:3}  people {world.people:3}  spread {world.spread:.2f}"
            f"  likeness {world.likeness:3}  truth {truth[2]:.2f}"
            f"  found {np.mean([significant(one) for one in at_lag]):.2f}"
            f"  mean {np.mean([one.association for one in at_lag]):.3f}"
            f"  median {np.median([one.association for one in at_lag]):.3f}"
            f"  uncorrected {np.mean(seen):.3f}"
            f"  interval {np.mean([one.lo95 for one in at_lag]):+.2f}"
            f" to {np.mean([one.hi95 for one in at_lag]):+.2f}"
            f"  holds {np.mean([one[2] for one in holds]):.3f}"
            f"  all 8 lags hold {np.mean([all(one.values()) for one in holds]):.3f}"
            f"  refused {1 - len(given) / len(rows):.2f}"
        )


def uncorrected(frame: pd.DataFrame) -> float:
    """Lag-2 correlation of the first two constructs as they were published."""
    (means,) = segments(frame, REGION)
    one, other = (without_trend(means.values[place], means.noise(place, place)) for place in (0, 1))
    quiet = (replace(course, signal_shares=np.ones(3)) for course in (one, other))
    return lagged(*quiet, np.zeros((3, len(one.values))), 2).association


def nothing_but_noise(runs: int) -> None:
    print("\nNo signal at all: share of rows that are not refused")
    for weeks in (26, 52):
        for people in (55, 95, 105, 190):
            flat = World(weeks=weeks, people=people, spread=0.0)
            regions = list(made(flat, runs, seed=2))
            print(f"weeks {weeks}  people {people:3}  not refused {1 - refused(regions):.3f}")


def circular_shifts(runs: int) -> None:
    """Why not: there are as many shifts as weeks, and 27 looks leave too few to compare with."""
    print("\nFalse alarms of the largest of 27 looks against circular shifts, independent weeks")
    for weeks in (26, 52, 104):
        rng = np.random.default_rng([3, weeks])
        alarms = [_shifted(rng.standard_normal((3, weeks))) for _ in range(runs)]
        print(f"weeks {weeks:3}  alarms {np.mean(alarms):.3f}")


def _shifted(courses: np.ndarray) -> bool:
    weeks = courses.shape[1]
    clear = [one for one in range(weeks) if 2 * max(LAGS) < one < weeks - 2 * max(LAGS)]
    standard = (courses - courses.mean(axis=1, keepdims=True)) / courses.std(axis=1, keepdims=True)
    seen, apart = [], []
    for one, other in combinations(range(3), 2):
        circle = np.array([standard[one] @ np.roll(standard[other], by) for by in range(weeks)])
        highest = np.max([np.abs(np.roll(circle, lag)) for lag in LAGS], axis=0)
        seen.append(highest[0])
        apart.append(highest)
    shifts = [
        max(apart[0][one], apart[1][other], apart[2][(other - one) % weeks])
        for one in clear
        for other in clear
        if (other - one) % weeks in clear
    ]
    return (1 + sum(value >= max(seen) for value in shifts)) / (1 + len(shifts)) <= 0.05


PARTS = {one.__name__: one for one in (circular_shifts, nothing_but_noise, false_alarms, planted)}


def main(runs: int, parts: list[str]) -> None:
    print(f"{runs} runs of each; {LOOKS} looks")
    for name in parts or PARTS:
        PARTS[name](runs)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400, sys.argv[2:])
