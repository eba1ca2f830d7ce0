"""Forecasts held against what was published later."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Any

import numpy as np
import pandas as pd

from assets.public.forecasting.backtest import WEEKS_AHEAD, interval_score
from assets.public.forecasting.vintage_content import newest_revisions, shown_values

FORECASTS = 60
A_WEEK = 7
FEWEST_COMPARED = 20
"""Forecasts of one horizon that a comparison with "no change" needs."""
DECIMALS = 3
"""As published: whoever has the public files can work out every score again."""

BANDS = ("mean", "lo80", "hi80", "lo95", "hi95")
SCORED = (
    "region",
    "construct",
    "last_day",
    "day",
    "ahead",
    "error",
    "in80",
    "in95",
    "interval_score",
    "no_change_error",
    "no_change_in80",
    "no_change_in95",
    "no_change_interval_score",
    "came",
    *BANDS,
    *(f"no_change_{name}" for name in BANDS),
)


@dataclass(frozen=True)
class HitRate:
    """How the last forecasts a week ahead of one region and construct turned out.

    Attributes:
        forecasts: how many were scored.
        in80: of these, how many lay in their 80 % band.
        in95: of these, how many lay in their 95 % band.
        mae: their mean absolute error.
        mae_no_change: that of "no change" from the same days.
    """

    forecasts: int
    in80: int
    in95: int
    mae: float
    mae_no_change: float


@dataclass(frozen=True)
class BesideNoChange:
    """How past forecasts of one horizon did beside "no change", by mean interval score.

    Attributes:
        weeks: weeks ahead.
        forecasts: how many were scored.
        ours: mean interval score of the forecasts; lower is better.
        no_change: that of "no change" from the same days.
    """

    weeks: int
    forecasts: int
    ours: float
    no_change: float

    @property
    def better(self) -> bool | None:
        """Whether the forecasts did better; None of too few to say."""
        return self.ours < self.no_change if self.forecasts >= FEWEST_COMPARED else None


def scored(
    vintages: Iterable[tuple[str, date, Mapping[str, Any]]], published: pd.DataFrame
) -> pd.DataFrame:
    """Hold each forecast against each day published since.

    Left out: backfilled vintages, days without a published value (gaps, not published, retracted),
    and days of another method than the forecast's.

    Args:
        vintages: region, last day and content of each, as `content_of` gives it.
        published: rows as `PublishedValues.read` gives them.

    Returns:
        Columns `SCORED`, a row for each region, construct, last day and day ahead (1 to 14, 21 and
        28). Errors are absolute; the interval score is the mean of the 80 % and 95 % bands' own.
        `came` is the value published, and the rest what was forecast, all with 3 decimals.
    """
    rows = newest_revisions(published)
    lines: dict[tuple[str, str, str], dict[str, tuple[float, str]]] = {}
    found: list[tuple[Any, ...]] = []
    for region, last_day, content in vintages:
        if content["backfilled"]:
            continue
        column = content["column"]
        for construct, own in content["constructs"].items():
            if isinstance(own, str):
                continue
            key = (region, construct, column)
            if key not in lines:
                mine = (rows["region"] == region) & (rows["construct"] == construct)
                lines[key] = _line(rows.loc[mine, :], column)
            found += _held_against(own, lines[key], (region, construct, last_day))
    return pd.DataFrame(found, columns=list(SCORED))


def counted(
    scores: pd.DataFrame, forecasts: int = FORECASTS
) -> dict[tuple[str, str, int], list[dict[str, Any]]]:
    """The scores that count, by region, construct and days ahead, in the order of their days.

    Args:
        scores: from `scored`.
        forecasts: so many at most of each, those of the newest days.
    """
    lines: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for row in scores.sort_values(by=["day", "last_day"], kind="stable").to_dict("records"):
        if row["ahead"] in WEEKS_AHEAD:
            key = (str(row["region"]), str(row["construct"]), int(row["ahead"]))
            lines.setdefault(key, []).append(dict(row))
    return {key: lines[key][-forecasts:] for key in sorted(lines)}


def hit_rate(rows: Sequence[Mapping[str, Any]]) -> HitRate:
    """Of some scores, how many lay in their bands."""
    return HitRate(
        forecasts=len(rows),
        in80=sum(bool(row["in80"]) for row in rows),
        in95=sum(bool(row["in95"]) for row in rows),
        mae=fmean(row["error"] for row in rows),
        mae_no_change=fmean(row["no_change_error"] for row in rows),
    )


def hit_rates(scores: pd.DataFrame) -> dict[tuple[str, str], HitRate]:
    """Of the last forecasts a week ahead of each region and construct, how many lay in their bands.

    Args:
        scores: from `scored`.
    """
    return {
        (region, construct): hit_rate(rows)
        for (region, construct, ahead), rows in counted(scores).items()
        if ahead == A_WEEK
    }


def beside(ahead: int, rows: Sequence[Mapping[str, Any]]) -> BesideNoChange:
    """How some scores so many days ahead did beside "no change"."""
    return BesideNoChange(
        ahead // A_WEEK,
        len(rows),
        fmean(row["interval_score"] for row in rows),
        fmean(row["no_change_interval_score"] for row in rows),
    )


def beside_no_change(scores: pd.DataFrame) -> dict[tuple[str, str], tuple[BesideNoChange, ...]]:
    """Each region and construct, and weeks 1 to 4 of which a forecast was scored: the last 60.

    Args:
        scores: from `scored`.
    """
    found: dict[tuple[str, str], tuple[BesideNoChange, ...]] = {}
    for (region, construct, ahead), rows in counted(scores).items():
        line = (region, construct)
        found[line] = (*found.get(line, ()), beside(ahead, rows))
    return found


def _line(rows: pd.DataFrame, column: str) -> dict[str, tuple[float, str]]:
    values = shown_values(rows, column)
    days = pd.DatetimeIndex(values.index).strftime("%Y-%m-%d")
    known = zip(days, values.to_list(), rows["method_version"].to_list(), strict=True)
    return {
        day: (round(value, DECIMALS), version)
        for day, value, version in known
        if math.isfinite(value)
    }


def _held_against(
    own: Mapping[str, Any],
    line: Mapping[str, tuple[float, str]],
    key: tuple[str, str, date],
) -> Iterator[tuple[Any, ...]]:
    plain = {day: tuple(map(_published, bands)) for day, *bands in _rows(own["no_change"])}
    # Weeks +1 and +2 are days +7 and +14 too.
    for day, *made in {row[0]: row for row in _rows(own)}.values():
        came, version = line.get(day, (math.nan, ""))
        if math.isfinite(came) and version == own["method_version"]:
            of = date.fromisoformat(day)
            bands = tuple(map(_published, made))
            scores = (*_score(bands, came), *_score(plain[day], came))
            yield (*key, of, (of - key[2]).days, *scores, came, *bands, *plain[day])


def _published(value: float) -> float:
    """As a forecast is published: rounded, and cut off at 0 and 1, beyond which no score lies."""
    return min(1.0, max(0.0, round(value, DECIMALS)))


def _rows(found: Mapping[str, Any]) -> list[list[Any]]:
    return [*found["days"], *found["weeks"]]


def _score(bands: Sequence[float], came: float) -> tuple[float, bool, bool, float]:
    mean, lo80, hi80, lo95, hi95 = bands
    narrow, wide = (
        float(interval_score(np.array(low), np.array(high), np.array(came), share))
        for low, high, share in ((lo80, hi80, 0.80), (lo95, hi95, 0.95))
    )
    return abs(came - mean), lo80 <= came <= hi80, lo95 <= came <= hi95, (narrow + wide) / 2
