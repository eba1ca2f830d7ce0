"""Tables of made-up pages of any length, with every mark that a page can bear."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd

from assets.core.constructs import CONSTRUCTS
from assets.core.modes import Mode
from assets.public.forecasting.scores import BesideNoChange, HitRate
from assets.public.records.facts import MethodBreak, PageFacts
from assets.released.public_words import PublicWords
from assets.released.release_facts import release_facts

LAST = dt.date(2026, 10, 30)
REGIONS = {"greater_london": "Greater London", "east_of_england": "East of England"}
ERROR, CHANGE = 0.035, 0.06
BREAK_BEFORE_END = 80


def tables(days, *, regions=REGIONS, seed=2, marks=True):
    """Published values of so many days and a forecast of each line.

    With `marks`: a week that is not published, a retracted and a revised day, a week in which
    groups came or left, and another method in the last weeks but eleven; burnout of the first
    region rises and falls back, resilience rises.
    """
    rng = np.random.default_rng(seed)
    index = pd.date_range(end=LAST, periods=days)
    published, ahead = [], []
    for place, region in enumerate(regions):
        for at, construct in enumerate(CONSTRUCTS):
            values = 0.12 + 0.04 * at + rng.normal(0, 0.02, days).cumsum() / 30
            values += rng.normal(0, 0.004, days)
            if (place, at) == (0, 0):
                values[-50:-36] += 0.13
            if at == 1:
                values[-20:] += 0.12
            values = np.clip(values, 0, 1)
            rows = pd.DataFrame(
                {
                    "region": region,
                    "day": index.date,
                    "construct": construct,
                    "status": "published",
                    "estimate": values + rng.normal(0, 0.01, days),
                    "standard_error": 0.06,
                    "value_7d": values,
                    "standard_error_7d": ERROR,
                    "detectable_change_7d": CHANGE,
                    "value_28d": np.nan,
                    "standard_error_28d": np.nan,
                    "detectable_change_28d": np.nan,
                    "people_band": "100-149",
                    "micro_rho": 50_000,
                    "method_version": ["1"] * (days - BREAK_BEFORE_END) + ["2"] * BREAK_BEFORE_END
                    if days > BREAK_BEFORE_END
                    else "2",
                    "revision": 0,
                    "reason": None,
                }
            )
            if marks:
                _mark(rows, days, place)
            published.append(rows)
            ahead.append(_forecast(region, construct, float(values[-1])))
    return pd.concat(published), pd.concat(ahead)


def words(mode):
    """What a register says, or a made-up one."""
    if mode == Mode.SYNTHETIC:
        said = "Made up: nobody"
        return PublicWords(**{one.name: said for one in dataclasses.fields(PublicWords)})
    return PublicWords(
        controller="University of Somewhere",
        sponsor="Fund for Care Research",
        data_protection_officer="dpo@somewhere.ac.uk",
        lawful_basis="a task in the public interest, Art. 6(1)(e) UK GDPR",
        complaints="Write to the registrar of the university",
        licence="Open Government Licence v3.0",
        citation="Tideline team, Words in care workers’ groups",
        help="Ask your branch of the union",
    )


def facts(**changes):
    """Facts of a page of these tables."""
    regions = changes.get("regions", REGIONS)
    lines = [(region, construct) for region in regions for construct in CONSTRUCTS]
    return PageFacts(
        **{
            "mode": Mode.SYNTHETIC,
            "regions": REGIONS,
            "made_at": dt.datetime(2026, 11, 3, 7, 10, tzinfo=dt.UTC),
            "last_day": LAST,
            "release": release_facts(),
            "breaks": [
                MethodBreak(LAST - dt.timedelta(days=BREAK_BEFORE_END - 1), "1", "2", "lower_noise")
            ],
            "contact": "team@example.org",
            "words": words(changes.get("mode", Mode.SYNTHETIC)),
            "hit_rates": dict.fromkeys(lines, HitRate(60, 47, 57, 0.01, 0.012)),
            "hit_rates_by_week": {
                (*line, week): HitRate(60, 47, 57, 0.01, 0.012)
                for line in lines
                for week in range(1, 5)
            },
            "beside_no_change": dict.fromkeys(
                lines,
                tuple(
                    BesideNoChange(week, 60, 0.1, other)
                    for week, other in ((1, 0.12), (2, 0.11), (3, 0.1), (4, 0.09))
                ),
            ),
            **changes,
        }
    )


def _mark(rows, days, place):
    if place == 1 and days > 40:
        rows.loc[days - 40 : days - 34, "status"] = "not_published"
    if place == 0:
        rows.loc[days - 25, ["status", "reason"]] = "retracted", "scoring_error"
        rows.loc[days - 15, "revision"] = 1
    else:
        rows.loc[days - 18, ["estimate", "standard_error"]] = np.nan
    hidden = rows["status"] != "published"
    values = [name for name in rows if name.startswith(("value", "est", "standard", "detect"))]
    rows.loc[hidden, values] = np.nan


def _forecast(region, construct, last):
    rows = []
    for day, weeks in [*((day, 0) for day in range(1, 15)), *((7 * w, w) for w in range(1, 5))]:
        half = 0.02 + 0.002 * day
        mean = last - 0.001 * day
        rows.append(
            {
                "region": region,
                "construct": construct,
                "day": LAST + dt.timedelta(days=day),
                "mean": mean,
                "lo80": mean - half,
                "hi80": mean + half,
                "lo95": mean - 1.6 * half,
                "hi95": mean + 1.6 * half,
                "made_on": dt.date(2026, 11, 3),
                "weeks_ahead": weeks,
                "method": "local_level",
            }
        )
    return pd.DataFrame(rows)
