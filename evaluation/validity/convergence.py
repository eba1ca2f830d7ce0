"""Convergence: regional means of pulse surveys beside the published values of their weeks."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from assets.core.constructs import CONSTRUCTS
from assets.core.fortnights import Fortnight
from resources.stores.pulse.pulse_values import PulseValue
from resources.stores.surveys.survey_store import SurveyMean

FEWEST_WEEKS = 8
_SUNDAY = 6
_WEEK = timedelta(days=7)
_NORMAL_95 = 1.959964

Weekly = Mapping[tuple[str, str], Mapping[date, float]]
"""By (region, construct), the value of each week, named by its Monday."""


@dataclass(frozen=True)
class Convergence:
    """How a region's survey and its published values go together.

    Attributes:
        region: the region.
        construct: burnout, resilience or resistance.
        weeks: with both a survey mean and a published value; fortnights where it is the pulse's.
        correlation: Pearson's, over these weeks; None while there are under 8 of them, or where
            either does not vary.
        low: lower end of its 95 % interval, by Fisher's z on as many weeks as the two series'
            week-to-week likeness leaves (Bartlett).
        high: upper end.
    """

    region: str
    construct: str
    weeks: int
    correlation: float | None
    low: float | None
    high: float | None

    @property
    def shown(self) -> bool:
        """Whether there is a correlation to show."""
        return self.correlation is not None


def weekly_survey(means: Iterable[SurveyMean], regions: Mapping[str, str]) -> Weekly:
    """Regional weekly means, each group weighted by its answers.

    Args:
        means: of groups.
        regions: group reference to region; groups that are missing here are left out.
    """
    sums: dict[tuple[str, str], dict[date, list[float]]] = defaultdict(dict)
    for one in means:
        if one.group_ref in regions:
            week = sums[regions[one.group_ref], one.construct].setdefault(one.week, [0.0, 0.0])
            week[0] += one.mean * one.answers
            week[1] += one.answers
    return {
        key: {week: total / answers for week, (total, answers) in weeks.items()}
        for key, weeks in sums.items()
    }


def weekly_published(published: pd.DataFrame) -> Weekly:
    """Published 7-day values of Sundays, which are those of the weeks that they end.

    Args:
        published: as `PublishedValues.read` gives it; only rows published, of the newest revision,
            count.
    """
    newest = published.sort_values("revision").drop_duplicates(
        ["region", "construct", "day"], keep="last"
    )
    weeks: dict[tuple[str, str], dict[date, float]] = defaultdict(dict)
    for row in newest.to_dict("records"):
        day, value = row["day"], float(row["value_7d"])
        if row["status"] == "published" and day.weekday() == _SUNDAY and math.isfinite(value):
            weeks[row["region"], row["construct"]][day - timedelta(days=_SUNDAY)] = value
    return weeks


def fortnightly_pulse(values: Iterable[PulseValue]) -> Weekly:
    """Regional means of the pulse, each fortnight named by its first Monday.

    Of one instrument alone, the one asked last: means of two scales can't be compared.

    Args:
        values: of regions and fortnights; those without a mean are left out.
    """
    out = [one for one in values if one.mean is not None]
    if not out:
        return {}
    asked = max(out, key=lambda one: one.fortnight).instrument
    fortnights: dict[tuple[str, str], dict[date, float]] = defaultdict(dict)
    for one in out:
        if one.instrument == asked and one.mean is not None:
            fortnights[one.region, one.construct][one.fortnight] = one.mean
    return fortnights


def fortnightly_published(weekly: Weekly) -> Weekly:
    """Means of the two weekly values of each fortnight that has both, named by its first Monday.

    Args:
        weekly: from `weekly_published`.
    """
    return {
        key: {
            week: (value + weeks[week + _WEEK]) / 2
            for week, value in weeks.items()
            if Fortnight.of(week).first == week and week + _WEEK in weeks
        }
        for key, weeks in weekly.items()
    }


def convergence(survey: Weekly, published: Weekly, regions: Collection[str]) -> list[Convergence]:
    """Compare them for each region and construct.

    Args:
        survey: from `weekly_survey` or `fortnightly_pulse`.
        published: from `weekly_published` or `fortnightly_published`.
        regions: in the order wanted.
    """
    return [
        _compared(
            region,
            construct,
            survey.get((region, construct), {}),
            published.get((region, construct), {}),
        )
        for region in regions
        for construct in CONSTRUCTS
    ]


def _compared(
    region: str, construct: str, survey: Mapping[date, float], published: Mapping[date, float]
) -> Convergence:
    both = sorted(survey.keys() & published.keys())
    one = np.array([survey[week] for week in both])
    other = np.array([published[week] for week in both])
    if len(both) < FEWEST_WEEKS or not min(np.ptp(one), np.ptp(other)) > 0:
        return Convergence(region, construct, len(both), None, None, None)
    found = float(np.clip(np.corrcoef(one, other)[0, 1], -1, 1))
    likeness = _next_week(one) * _next_week(other)
    left = float(np.clip(len(both) * (1 - likeness) / (1 + likeness), 4, len(both)))
    middle = np.arctanh(np.clip(found, -0.999999, 0.999999))
    half = _NORMAL_95 / math.sqrt(left - 3)
    low, high = np.tanh([middle - half, middle + half])
    return Convergence(region, construct, len(both), found, float(low), float(high))


def _next_week(values: np.ndarray) -> float:
    """Correlation of each week with the next."""
    centred = values - values.mean()
    return float(centred[1:] @ centred[:-1] / (centred @ centred))
