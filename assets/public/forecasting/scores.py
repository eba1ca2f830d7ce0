"""Forecasts held against what was published later."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Any

import numpy as np
import pandas as pd

from assets.public.forecasting.backtest import interval_score
from assets.public.forecasting.vintage_content import newest_revisions, shown_values

FORECASTS = 60
A_WEEK = 7
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


def hit_rates(
    scores: pd.DataFrame, forecasts: int = FORECASTS, ahead: int = A_WEEK
) -> dict[tuple[str, str], HitRate]:
    """Of the last forecasts of each region and construct, how many lay in their bands.

    Args:
        scores: from `scored`.
        forecasts: so many at most, those of the newest days.
        ahead: the one day ahead that counts.
    """
    lines: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in scores.loc[scores["ahead"] == ahead, :].sort_values(by="day").to_dict("records"):
        lines.setdefault((row["region"], row["construct"]), []).append(row)
    return {
        line: HitRate(
            forecasts=len(rows[-forecasts:]),
            in80=sum(bool(row["in80"]) for row in rows[-forecasts:]),
            in95=sum(bool(row["in95"]) for row in rows[-forecasts:]),
            mae=fmean(row["error"] for row in rows[-forecasts:]),
            mae_no_change=fmean(row["no_change_error"] for row in rows[-forecasts:]),
        )
        for line, rows in lines.items()
    }


def _line(rows: pd.DataFrame, column: str) -> dict[str, tuple[float, str]]:
    values = shown_values(rows, column)
    days = pd.DatetimeIndex(values.index).strftime("%Y-%m-%d")
    known = zip(days, values.to_list(), rows["method_version"].to_list(), strict=True)
    return {day: (value, version) for day, value, version in known if math.isfinite(value)}


def _held_against(
    own: Mapping[str, Any],
    line: Mapping[str, tuple[float, str]],
    key: tuple[str, str, date],
) -> Iterator[tuple[Any, ...]]:
    plain = {row[0]: row[1:] for row in _rows(own["no_change"])}
    # Weeks +1 and +2 are days +7 and +14 too.
    for day, *bands in {row[0]: row for row in _rows(own)}.values():
        came, version = line.get(day, (math.nan, ""))
        if math.isfinite(came) and version == own["method_version"]:
            of = date.fromisoformat(day)
            yield (*key, of, (of - key[2]).days, *_score(bands, came), *_score(plain[day], came))


def _rows(found: Mapping[str, Any]) -> list[list[Any]]:
    return [*found["days"], *found["weeks"]]


def _score(bands: Sequence[float], came: float) -> tuple[float, bool, bool, float]:
    mean, lo80, hi80, lo95, hi95 = bands
    narrow, wide = (
        float(interval_score(np.array(low), np.array(high), np.array(came), share))
        for low, high, share in ((lo80, hi80, 0.80), (lo95, hi95, 0.95))
    )
    return abs(came - mean), lo80 <= came <= hi80, lo95 <= came <= hi95, (narrow + wide) / 2
