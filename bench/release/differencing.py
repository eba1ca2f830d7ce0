"""Differencing: how well the mean of a group that joins or leaves can be told from what is public.

The attacker knows more than anyone can: how many of every group wrote on every day, and, where it
says so, the true long-run means of the groups that stay, or also of those that come or go with the
target. Each estimate is the best that a difference of published values allows; beside its error
stands that of the best guess made of it and of what is known beforehand.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
import typer

from assets.core.constructs import CONSTRUCTS
from bench.release.simulated_change import BLIND, WEEK, Array, Change, Record, happens

SEED = 6
WINDOWS = (1, 7, 28, 84, 168)
"""Days before and after that are compared: an estimate, `value_7d`, `value_28d`, means of these."""

POOLED = 28
"""Most days that one published value pools."""


class Knows(StrEnum):
    """What the attacker knows besides all counts."""

    COUNTS = "counts"
    STAYING = "and means of those that stay"
    ALL_OTHERS = "and of all others"


class Found(NamedTuple):
    """How an attack went.

    Attributes:
        window: days before and after.
        knows: what the attacker knows.
        error: root-mean-square error of the estimate.
        best: of the best guess made of the estimate and of the spread of groups.
        together: of the exact mean of all groups that come or go, taken for the target's.
    """

    window: int
    knows: Knows
    error: float
    best: float
    together: float


def attack(change: Change, windows: Sequence[int], runs: int, seed: int = SEED) -> list[Found]:
    """Replay every attack on so many regions, three constructs each."""
    chance = np.random.default_rng(seed)
    records = [happens(change, max(windows), chance) for _ in range(runs)]
    truth = np.array([record.levels[:, 0] for record in records]).ravel()
    of_all = np.array([record.levels[:, record.moves].mean(axis=1) for record in records]).ravel()
    together = _size(of_all - truth)
    found = []
    for window in windows:
        for knows in Knows:
            if knows is Knows.ALL_OTHERS and not change.companions:
                continue
            estimates = np.array(
                [
                    _estimate(record, change, window, knows, row)
                    for record in records
                    for row in range(len(CONSTRUCTS))
                ]
            )
            error, best = _size(estimates - truth), _best(estimates, truth)
            found.append(Found(window, knows, error, best, together))
    return found


def _estimate(record: Record, change: Change, window: int, knows: Knows, row: int) -> float:
    first = record.before + (WEEK if change.shows_pooled_week and window != WEEK else 0)
    before = range(record.before - window, record.before)
    after = range(first, first + window)
    with_target, without = (before, after) if change.leaves else (after, before)
    construct, levels = CONSTRUCTS[row], record.levels[row]
    people = record.counts[:, list(with_target)].sum(axis=1)
    staying = people[~record.moves].sum()
    if knows is Knows.COUNTS:
        others = staying * _mean(record, without, construct)
    else:
        others = float((people * levels)[~record.moves].sum())
    moving = people[record.moves].sum()
    if knows is Knows.ALL_OTHERS:
        others += float((people * levels)[record.moves][1:].sum())
        moving = people[0]
    total = people.sum() * _mean(record, with_target, construct)
    return (total - others) / max(1, moving)


def _mean(record: Record, days: Sequence[int], construct: str) -> float:
    """Mean of person-days over days, from as few published values as hold them."""
    pooled = [days[at : at + POOLED] for at in range(0, len(days), POOLED)]
    weights = [record.counts[:, list(some)].sum() for some in pooled]
    values = [record.value(some, construct) for some in pooled]
    return float(np.average(values, weights=weights))


def by_daily_counts(
    target: int, others: int, days: int, runs: int, seed: int = SEED
) -> tuple[float, float]:
    """The attack that needs no change: estimates against the group's share of each day's people.

    Returns:
        Errors as in `Found`: of the estimate and of the best guess.
    """
    chance = np.random.default_rng(seed)
    change = Change(others, target, companions=0, leaves=True)
    estimates: list[float] = []
    truth: list[float] = []
    for _ in range(runs):
        record = happens(change, days, chance)
        counts = record.counts[:, :days]
        share = counts[0] / counts.sum(axis=0)
        for row, construct in enumerate(CONSTRUCTS):
            values = np.array([record.value([day], construct) for day in range(days)])
            slope, level = _line(share, values)
            estimates.append(level + slope)
            truth.append(float(record.levels[row, 0]))
    found, true = np.array(estimates), np.array(truth)
    return _size(found - true), _best(found, true)


def _size(errors: Array) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def _best(estimates: Array, truth: Array) -> float:
    """Error of the best guess that is a straight line in the estimate."""
    told = float(np.corrcoef(estimates, truth)[0, 1])
    return float(truth.std()) * (1 - told**2) ** 0.5


def _line(across: Array, up: Array) -> tuple[float, float]:
    slope, level = np.polyfit(across, up, 1)
    return float(slope), float(level)


CHANGES = {
    "joins with two": {"companions": 2},
    "joins alone": {"companions": 0},
    "leaves": {"companions": 0, "leaves": True},
    "leaves, two others rest (not in use)": {"companions": 2, "leaves": True},
}


def differencing(
    runs: Annotated[int, typer.Option(help="Regions for each line; three estimates each.")] = 40,
) -> None:
    """How well a group's mean can be told from published values when it joins or leaves."""
    print(f"Error of the estimate / of the best guess; a blind guess: {BLIND:.3f}. rho 0.05 a day.")
    print("Days before and after that are compared:" + "".join(f"{one:>15}" for one in WINDOWS))
    for name, kind in CHANGES.items():
        for drift in (0.0, 0.03):
            for others, target in ((60, 9), (150, 9), (150, 20), (150, 40), (400, 20), (400, 40)):
                change = Change(others, target, drift=drift, **kind)  # type: ignore[arg-type]
                found = attack(change, WINDOWS, runs)
                print(f"{target} of {others + target * (1 + change.companions)} {name}, {drift=}")
                for knows in Knows:
                    line = [one for one in found if one.knows is knows]
                    if line:
                        shown = "".join(f"{one.error:>8.3f} /{one.best:.3f}" for one in line)
                        print(f"  {knows:37}{shown}")
    print("\nWithout any change, from the daily counts of the group and of all, over a year:")
    for others, target in ((150, 9), (150, 20), (150, 40)):
        error, best = by_daily_counts(target, others, 365, max(2, runs // 4))
        print(f"  {target} of {others + target}: {error:.3f} / {best:.3f}")
