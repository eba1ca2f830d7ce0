import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from assets.governance.constructs import CONSTRUCTS
from assets.governance.modes import Mode
from assets.publication.facts import PageFacts, thresholds_only

FIRST = dt.date(2026, 9, 1)
REGIONS = {"greater_london": "Greater London", "east_of_england": "East of England"}


def published_rows(region, construct, values, *, status=None):
    """One row a day from 1 September; a NaN is a day that is not published."""
    return [
        {
            "region": region,
            "day": FIRST + dt.timedelta(days=at),
            "construct": construct,
            "estimate": value,
            "standard_error": np.nan if np.isnan(value) else 0.01,
            "value_7d": value,
            "status": (status or {}).get(at, "not_published" if np.isnan(value) else "published"),
            "method_version": "1",
            "revision": 0,
        }
        for at, value in enumerate(values)
    ]


def forecast_rows(region, construct, *, days=14, after=60, made_on=dt.date(2026, 11, 2), mean=0.5):
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
        }
        for at in range(days)
    ]


def page_facts(**changes):
    return PageFacts(
        **{
            "mode": Mode.SYNTHETIC,
            "regions": REGIONS,
            "made_at": dt.datetime(2026, 11, 3, 7, 10, tzinfo=dt.UTC),
            "last_day": FIRST + dt.timedelta(days=59),
            "release_rule": thresholds_only(5, 30),
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


@pytest.fixture(scope="session")
def made():
    """The builders above, for tests that need their own tables."""
    return SimpleNamespace(
        published_rows=published_rows,
        forecast_rows=forecast_rows,
        page_facts=page_facts,
        tables=tables,
        regions=REGIONS,
        first=FIRST,
    )
