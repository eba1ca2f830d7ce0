import datetime as dt
import functools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from assets.core.constructs import CONSTRUCTS
from assets.core.modes import Mode
from assets.public.page import panel_pictures
from assets.public.records.facts import PageFacts
from assets.released.release_facts import release_facts
from assets.released.standard_errors import BANDS

FIRST = dt.date(2026, 9, 1)
BAND = BANDS[-2][1]
REGIONS = {"greater_london": "Greater London", "east_of_england": "East of England"}


def published_rows(region, construct, values, *, status=None, change=0.05, error=0.02):
    """One row a day from 1 September; a NaN is a day that is not published."""
    rows = []
    for at, value in enumerate(values):
        of_day = (status or {}).get(at, "not_published" if np.isnan(value) else "published")
        pooled = not np.isnan(value)
        rows.append(
            {
                "region": region,
                "day": FIRST + dt.timedelta(days=at),
                "construct": construct,
                "status": of_day,
                "estimate": value + 0.01,
                "standard_error": 0.03 if pooled else np.nan,
                "value_7d": value,
                "standard_error_7d": error if pooled else np.nan,
                "detectable_change_7d": change if pooled else np.nan,
                "value_28d": value + 0.002 if at >= 27 else np.nan,
                "standard_error_28d": error / 2 if pooled and at >= 27 else np.nan,
                "detectable_change_28d": change / 2 if pooled and at >= 27 else np.nan,
                "people_band": BAND if pooled else None,
                "micro_rho": 50_000 if pooled else None,
                "method_version": "gaussian-1",
                "revision": 0,
                "reason": "scoring_error" if of_day == "retracted" else None,
            }
        )
    return rows


def forecast_rows(
    region,
    construct,
    *,
    days=14,
    weeks=4,
    after=60,
    made_on=dt.date(2026, 11, 2),
    mean=0.5,
    method="local_level",
):
    return [
        {
            "region": region,
            "construct": construct,
            "day": FIRST + dt.timedelta(days=after + at),
            "mean": mean,
            "lo80": mean - 0.0504,
            "hi80": mean + 0.0504,
            "lo95": mean - 0.1,
            "hi95": mean + 0.1,
            "made_on": made_on,
            "weeks_ahead": ahead,
            "method": method,
        }
        for at, ahead in (
            *((at, 0) for at in range(days)),
            *((7 * ahead - 1, ahead) for ahead in range(1, weeks + 1)),
        )
    ]


def page_facts(**changes):
    return PageFacts(
        **{
            "mode": Mode.SYNTHETIC,
            "regions": REGIONS,
            "made_at": dt.datetime(2026, 11, 3, 7, 10, tzinfo=dt.UTC),
            "last_day": FIRST + dt.timedelta(days=59),
            "release": release_facts(),
            "contact": "team@example.org",
            **changes,
        }
    )


def tables():
    """Sixty days of both regions with gaps, a retraction, an early start and one forecast less."""
    rng = np.random.default_rng(11)
    published, forecasts = [], []
    for region in REGIONS:
        for construct in CONSTRUCTS:
            values = 0.5 + rng.normal(0, 0.02, 60)
            values[:3] = np.nan
            values[[20, 22, 40]] = np.nan
            status = {0: "published", 1: "published", 2: "published"}
            if region == "greater_london":
                status[30] = "retracted"
            published += published_rows(region, construct, values, status=status)
            if (region, construct) != ("east_of_england", "resistance"):
                forecasts += forecast_rows(region, construct)
    return pd.DataFrame(published), pd.DataFrame(forecasts)


def changed(table, where, **cells):
    """The table with other cells in some rows.

    Args:
        where: columns to the values that the rows must have.
    """
    rows = np.logical_and.reduce([table[name] == value for name, value in where.items()])
    table = table.astype(dict.fromkeys(cells, object))
    for name, cell in cells.items():
        table.loc[rows, name] = cell
    return table


def day(at):
    return FIRST + dt.timedelta(days=at)


@pytest.fixture(scope="package", autouse=True)
def pictures_drawn_once():
    """The same SVG gives the same PNG, which is a third of a release's time.

    That it does is held where a release is made again: that test draws anew.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panel_pictures, "_png", functools.cache(panel_pictures._png))
        yield


@pytest.fixture(scope="session")
def made():
    """The builders above, for tests that need their own tables."""
    return SimpleNamespace(
        published_rows=published_rows,
        forecast_rows=forecast_rows,
        page_facts=page_facts,
        tables=tables,
        changed=changed,
        day=day,
        regions=REGIONS,
        first=FIRST,
        band=BAND,
    )
