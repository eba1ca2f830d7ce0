"""Power: the smallest change of a region's weekly value that can be told from chance.

Regional weeks are made up from real messages: groups and people differ in how often a message of
theirs shows the construct, groups have days on which many write about it, and each message's score
is drawn from scored messages of its true label, so that the mix of lengths is that of the
messages. The value is the release's (`assets.restricted.release`): the mean of person-days, over a
week.

A week is compared with the flat weeks before it in two ways. `groups` takes the group as the unit
(linearised variance of a ratio, G - 1 degrees of freedom) and needs the encrypted sums; `published`
takes the weekly values alone, as any reader can. No release noise is in either, so both are
the best that a release can reach.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulation.weeks import OfDays, RegionDesign, RegionWeeks

FALSE_ALARMS = 0.05
POWER = 0.80
CONFIDENCE_Z = 1.645
TESTS = ("groups", "published")
Test = Literal["groups", "published"]


@dataclass(frozen=True)
class PowerCell:
    """One line of the power table.

    Attributes:
        construct: burnout, resilience or resistance.
        prevalence: share of messages that show it, in flat weeks.
        groups: in the region.
        test: `groups` or `published`.
        cut: absolute value of the statistic above which a week is flagged.
        nominal_cut: that of Student's t, which holds only for normal sums.
        false_alarm: share of weeks of flat series that are flagged, on series that did not set
            the cut; per week tested, so a year of weeks has 52 chances.
        false_alarm_error: its Monte-Carlo standard error.
        points: smallest planted change found with 80 % power, in percentage points of prevalence;
            None if it is beyond the largest that was tried.
        points_error: its Monte-Carlo standard error.
        score_units: what that change moves the regional value by, on the scale 0 to 1.
        largest_tried: in percentage points.
    """

    construct: str
    prevalence: float
    groups: int
    test: str
    cut: float
    nominal_cut: float
    false_alarm: float
    false_alarm_error: float
    points: float | None
    points_error: float | None
    score_units: float | None
    largest_tried: float


@dataclass(frozen=True)
class PowerTable:
    """The power table and how it was made."""

    design: RegionDesign
    series: int
    seed: int
    messages: Mapping[str, tuple[int, int]]
    """For each construct, how many messages without and with it the scores were drawn from."""
    cells: tuple[PowerCell, ...]


def power_table(
    scores: Mapping[str, np.ndarray],
    shows: Mapping[str, np.ndarray],
    of_days: Mapping[str, OfDays],
    *,
    prevalences: Sequence[float] = (0.02, 0.05, 0.10),
    groups: Sequence[int] = (10, 20, 30),
    design: RegionDesign | None = None,
    series: int = 400,
    seed: int = 20261122,
) -> PowerTable:
    """Find the smallest planted weekly change for each construct, prevalence and number of groups.

    Args:
        scores: for each construct, float array (messages,) in [0, 1] of scored messages.
        shows: for each construct, bool array (messages,): whether the message truly shows it.
        of_days: for each construct, how a person-day is scored.
        prevalences: shares of messages that show the construct in flat weeks.
        groups: numbers of groups; the fewer are taken from the more of the same series.
        design: what a region looks like.
        series: made-up series for each construct and prevalence.
        seed: of the draws.

    Returns:
        A cell for each construct, prevalence, number of groups and test.

    Raises:
        ValueError: a construct has no message with, or none without it.
    """
    design = design or RegionDesign()
    cells: list[PowerCell] = []
    for place, construct in enumerate(scores):
        level = np.asarray(shows[construct], dtype=bool)
        with_it, without = scores[construct][level], scores[construct][~level]
        if not len(with_it) or not len(without):
            raise ValueError
        for row, prevalence in enumerate(prevalences):
            rng = np.random.default_rng([seed, place, row])
            weeks = RegionWeeks.drawn(
                rng,
                design,
                with_it,
                without,
                of_days[construct],
                prevalence,
                max(groups),
                series,
            )
            for count in groups:
                for test in TESTS:
                    found = _smallest(_statistics(weeks, count, test), weeks.points, rng)
                    points = found.points
                    cells.append(
                        PowerCell(
                            construct=construct,
                            prevalence=prevalence,
                            groups=count,
                            test=test,
                            cut=found.cut,
                            nominal_cut=_nominal_cut(count, design.flat_weeks, test),
                            false_alarm=found.false_alarm,
                            false_alarm_error=found.false_alarm_error,
                            points=points,
                            points_error=found.points_error,
                            score_units=None if points is None else _moved(weeks, points),
                            largest_tried=weeks.points[-1],
                        )
                    )
    return PowerTable(
        design,
        series,
        seed,
        {name: _counts(shows[name]) for name in scores},
        tuple(cells),
    )


def _moved(weeks: RegionWeeks, points: float) -> float:
    """By how much the line moves with a change of so many points, on average over the series."""

    def value(sums: np.ndarray) -> float:
        total = sums.sum(axis=(0, 1))
        return float(total[0] / total[1])

    moves = [value(one) - value(weeks.flat[:, :, -1]) for one in weeks.changed]
    return float(np.interp(points, (0.0, *weeks.points), (0.0, *moves)))


def _counts(shows: np.ndarray) -> tuple[int, int]:
    with_it = int(np.count_nonzero(shows))
    return len(shows) - with_it, with_it


def _nominal_cut(groups: int, flat_weeks: int, test: Test | str) -> float:
    from scipy.stats import t as student  # noqa: PLC0415  (every process of Dagster's loads this module, few need SciPy)

    freedom = groups - 1 if test == "groups" else flat_weeks - 1
    return float(student.ppf(1 - FALSE_ALARMS / 2, freedom))


def _statistics(weeks: RegionWeeks, groups: int, test: Test | str) -> tuple[np.ndarray, np.ndarray]:
    """The statistic of every flat week against the others, and of each change.

    Returns:
        Arrays (series, weeks + 1), the last week's last, and (changes, series).
    """
    statistic = _by_groups if test == "groups" else _by_published
    flat = weeks.flat[:, :groups]
    of_flat = [
        statistic(np.delete(flat, week, axis=2), flat[:, :, week]) for week in range(flat.shape[2])
    ]
    before = flat[:, :, :-1]
    return (
        np.stack(of_flat, axis=1),
        np.stack([statistic(before, one[:, :groups]) for one in weeks.changed]),
    )


def _by_groups(before: np.ndarray, week: np.ndarray) -> np.ndarray:
    """Student's t of weeks (series, groups, 2) against those before (series, groups, weeks, 2)."""
    flat, (groups,) = before.sum(axis=2), week.shape[1:2]
    totals, flat_totals = week.sum(axis=1), flat.sum(axis=1)
    value, flat_value = (one[:, 0] / one[:, 1] for one in (totals, flat_totals))
    off = (week[..., 0] - value[:, None] * week[..., 1]) / totals[:, 1:]
    flat_off = (flat[..., 0] - flat_value[:, None] * flat[..., 1]) / flat_totals[:, 1:]
    variance = ((off - flat_off) ** 2).sum(axis=1) * groups / (groups - 1)
    return (value - flat_value) / np.sqrt(variance)


def _by_published(before: np.ndarray, week: np.ndarray) -> np.ndarray:
    """Student's t of a week's value against the values of the weeks before it."""
    of_weeks, total = before.sum(axis=1), week.sum(axis=1)
    values = of_weeks[..., 0] / of_weeks[..., 1]
    spread = values.std(axis=1, ddof=1) * np.sqrt(1 + 1 / values.shape[1])
    return (total[:, 0] / total[:, 1] - values.mean(axis=1)) / spread


@dataclass(frozen=True)
class _FoundChange:
    cut: float
    false_alarm: float
    false_alarm_error: float
    points: float | None
    points_error: float | None


def _smallest(
    statistics: tuple[np.ndarray, np.ndarray],
    points: Sequence[float],
    rng: np.random.Generator,
    *,
    resamples: int = 200,
) -> _FoundChange:
    """The cut, what it flags of flat series, and the change found with 80 % power."""
    flat, changed = np.abs(statistics[0]), statistics[1]
    series = flat.shape[0]
    # Each half sets a cut that the other tries, on every week, for any week of a flat series is
    # as good as the last; the higher of the two is used, so the rate told is at most too high.
    halves = flat[: series // 2], flat[series // 2 :]
    cuts = [_cut(half) for half in halves]
    flagged = np.concatenate(
        [(half > cut).mean(axis=1) for half, cut in zip(halves, cuts[::-1], strict=True)]
    )
    cut = max(cuts)
    # A change that is flagged with the wrong sign is not found.
    seen = (changed > cut).T.astype(float)
    crossing = _crossing(points, seen.mean(axis=0))
    error = None
    if crossing is not None:
        weights = rng.multinomial(series, np.full(series, 1 / series), resamples) / series
        again = [_crossing(points, power) for power in weights @ seen]
        error = float(np.std([points[-1] if one is None else one for one in again], ddof=1))
    return _FoundChange(
        cut,
        float(flagged.mean()),
        float(flagged.std(ddof=1) / np.sqrt(series)),
        crossing,
        error,
    )


def _cut(flat: np.ndarray) -> float:
    """What at most `FALSE_ALARMS` of flat weeks exceed, allowing for the chance of the draw."""
    by_series = (flat > np.quantile(flat, 1 - FALSE_ALARMS)).mean(axis=1)
    margin = CONFIDENCE_Z * float(by_series.std(ddof=1)) / np.sqrt(len(flat))
    return float(np.quantile(flat, 1 - FALSE_ALARMS + min(margin, FALSE_ALARMS / 2)))


def _crossing(points: Sequence[float], power: np.ndarray) -> float | None:
    """Where a power curve, made monotone, reaches `POWER`; None if it does not."""
    rising = np.maximum.accumulate(power)
    if rising[-1] < POWER:
        return None
    place = int(np.argmax(rising >= POWER))
    if not place:
        return float(points[0])
    low, high = rising[place - 1], rising[place]
    share = (POWER - low) / (high - low)
    return float(points[place - 1] + share * (points[place] - points[place - 1]))
