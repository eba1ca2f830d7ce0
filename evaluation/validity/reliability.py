"""Reliability: how much of the difference between cells' means is real, and what it takes.

A cell is what a mean is taken over: a group-day, a group-week, a region-day. The value is the mean
of person-days, so people and messages count apart: one loud writer is not a group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulation.weeks import OfDays

ENOUGH = 0.80
"""Reliability from which a cell's mean may be compared with another's."""

PEOPLE = (3, 5, 10, 20, 40, 80, 160, 320)
MESSAGES_EACH = (1, 3)
SPREADS = (0.05, 0.10, 0.20)
_LOWEST = 1e-6


@dataclass(frozen=True)
class ReliabilityRow:
    """Reliability of the mean of one size of cell.

    Attributes:
        construct: burnout, resilience or resistance.
        spread: standard deviation of cells' prevalence.
        people: in a cell.
        messages: in a cell.
        split_half: Spearman-Brown reliability of halves of the people; below 0 counts as 0.
        error: its standard error, by resampling cells.
        with_truth: correlation of the mean with the cell's true prevalence.
    """

    construct: str
    spread: float
    people: int
    messages: int
    split_half: float
    error: float
    with_truth: float


@dataclass(frozen=True)
class Needed:
    """What a reliability of 0.8 takes.

    Attributes:
        construct: burnout, resilience or resistance.
        spread: standard deviation of cells' prevalence.
        separation: distance of the two classes' mean scores, in standard deviations within.
        by_rule: messages, from `messages_needed`; it takes every message for another person's.
        messages_each: messages of each person, in the two that follow.
        people: people needed in the simulation; None if more than were tried.
        messages: people times `messages_each`.
    """

    construct: str
    spread: float
    separation: float
    by_rule: float
    messages_each: int
    people: float | None
    messages: float | None


@dataclass(frozen=True)
class ReliabilityTable:
    """The reliability table and how it was made."""

    prevalence: float
    person_spread: float
    cells: int
    seed: int
    rows: tuple[ReliabilityRow, ...]
    needed: tuple[Needed, ...]


def separation(scores: np.ndarray, shows: np.ndarray) -> float:
    """Distance of the classes' mean scores, in pooled standard deviations within a class.

    Args:
        scores: float array (messages,).
        shows: bool array (messages,): whether a message shows the construct.
    """
    shows = np.asarray(shows, dtype=bool)
    one, other = scores[shows], scores[~shows]
    freedom = len(one) + len(other) - 2
    within = (one.var(ddof=1) * (len(one) - 1) + other.var(ddof=1) * (len(other) - 1)) / freedom
    return float((one.mean() - other.mean()) / np.sqrt(within))


def messages_needed(
    distance: float, prevalence: float, spread: float, reliability: float = ENOUGH
) -> float:
    """Messages of different people that a cell's mean needs.

    n = R / (1 - R) * (1 + d^2 p (1 - p)) / (d s)^2: a message's variance is that within a class
    plus that of which class it is of; the variance between cells is (d s)^2.

    Args:
        distance: `separation` of the scores, d.
        prevalence: share of messages that show the construct, p.
        spread: standard deviation of that share between cells, s.
        reliability: wanted, R in (0, 1).
    """
    of_message = 1 + distance**2 * prevalence * (1 - prevalence)
    return reliability / (1 - reliability) * of_message / (distance * spread) ** 2


def spearman_brown(halves: float) -> float:
    """Reliability of a whole from the correlation of its halves; 0 for a negative one."""
    return 2 * halves / (1 + halves) if halves > 0 else 0.0


def reliability_table(
    scores: Mapping[str, np.ndarray],
    shows: Mapping[str, np.ndarray],
    of_days: Mapping[str, OfDays],
    *,
    prevalence: float = 0.15,
    spreads: Sequence[float] = SPREADS,
    people: Sequence[int] = PEOPLE,
    messages_each: Sequence[int] = MESSAGES_EACH,
    person_spread: float = 0.8,
    cells: int = 1000,
    seed: int = 20261122,
) -> ReliabilityTable:
    """Simulate cells of several sizes from scored messages.

    Args:
        scores: for each construct, float array (messages,) in [0, 1].
        shows: for each construct, bool array (messages,): whether the message truly shows it.
        of_days: for each construct, how a person-day is scored.
        prevalence: mean share of messages that show the construct.
        spreads: standard deviations of that share between cells.
        people: numbers of people in a cell, rising.
        messages_each: messages that each person writes.
        person_spread: standard deviation of people's shares within a cell, as a multiple of the
            cell's.
        cells: simulated for each line.
        seed: of the draws.
    """
    rows: list[ReliabilityRow] = []
    needed: list[Needed] = []
    for place, construct in enumerate(scores):
        level = np.asarray(shows[construct], dtype=bool)
        pools = scores[construct][level], scores[construct][~level]
        distance = separation(scores[construct], level)
        rng = np.random.default_rng([seed, place])
        for spread in spreads:
            truth = _beta(rng, np.full(cells, prevalence), spread)
            for each in messages_each:
                means = _person_means(rng, truth, max(people), each, person_spread, pools)
                of_people = of_days[construct](means, np.full(means.shape, each))
                own = [
                    _row(rng, construct, spread, each, truth, of_people[:, :count])
                    for count in people
                ]
                rows += own
                enough = _people_for_enough(own)
                needed.append(
                    Needed(
                        construct,
                        spread,
                        distance,
                        messages_needed(distance, prevalence, spread),
                        each,
                        enough,
                        None if enough is None else enough * each,
                    )
                )
    return ReliabilityTable(prevalence, person_spread, cells, seed, tuple(rows), tuple(needed))


def _beta(rng: np.random.Generator, mean: np.ndarray, deviation: float | np.ndarray) -> np.ndarray:
    mean = np.clip(mean, 1e-4, 1 - 1e-4)
    variance = np.minimum(np.square(deviation), 0.9 * mean * (1 - mean))
    size = mean * (1 - mean) / np.maximum(variance, _LOWEST) - 1
    return rng.beta(mean * size, (1 - mean) * size)


def _person_means(
    rng: np.random.Generator,
    truth: np.ndarray,
    people: int,
    each: int,
    person_spread: float,
    pools: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Mean scores of people, shape (cells, people)."""
    with_it, without = pools
    cells = np.repeat(truth[:, None], people, axis=1)
    chance = _beta(rng, cells, person_spread * cells)[..., None]
    size = (len(truth), people, each)
    shown = rng.random(size) < chance
    drawn = np.where(
        shown,
        with_it[rng.integers(0, len(with_it), size)],
        without[rng.integers(0, len(without), size)],
    )
    return drawn.mean(axis=2)


def _row(
    rng: np.random.Generator,
    construct: str,
    spread: float,
    each: int,
    truth: np.ndarray,
    means: np.ndarray,
) -> ReliabilityRow:
    people = means.shape[1]
    # An odd one is left out of both halves, so that they are alike.
    half = people // 2
    first, second = means[:, :half].mean(axis=1), means[:, half : 2 * half].mean(axis=1)
    again = rng.integers(0, len(truth), (200, len(truth)))
    resampled = [spearman_brown(_correlation(first[one], second[one])) for one in again]
    return ReliabilityRow(
        construct,
        spread,
        people,
        people * each,
        spearman_brown(_correlation(first, second)),
        float(np.std(resampled, ddof=1)),
        _correlation(means.mean(axis=1), truth),
    )


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def _people_for_enough(rows: Sequence[ReliabilityRow]) -> float | None:
    """People at which the reliability, made monotone, reaches `ENOUGH`."""
    people = np.array([row.people for row in rows], dtype=float)
    rising = np.maximum.accumulate([row.split_half for row in rows])
    if rising[-1] < ENOUGH:
        return None
    # Reliability is n / (n + c), so its odds are straight lines in n.
    odds = rising / np.maximum(1 - rising, _LOWEST)
    return float(np.interp(ENOUGH / (1 - ENOUGH), odds, people))
