"""The quality report: what users need to know of the figures, by the usual five dimensions.

All numbers are measured from the released tables.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd

from assets.core.constructs import CONSTRUCTS
from assets.public.records.facts import PageFacts
from assets.public.records.lines import headline_of
from assets.public.records.record import Part, Record, Table, listed, said
from assets.public.records.tables import checked_published
from assets.public.records.written import counted, long_date, number

_NONE = "no value"


def quality_report(published: pd.DataFrame, facts: PageFacts) -> Record:
    """The report of a release.

    Args:
        published: see `assets.public.records.tables.checked_published`.
        facts: of the page.
    """
    rows = checked_published(published, facts.regions)
    lines = [
        _line(rows, region, construct, facts)
        for region in facts.regions
        for construct in CONSTRUCTS
    ]
    timely = _timely(facts)
    breaks = [
        {"day": one.day.isoformat(), "to": one.version_after, "reason": one.reason}
        for one in sorted(facts.breaks, key=lambda one: one.day)
    ]
    relevance = {
        "need": said(facts, "need"),
        "users": listed(facts, "users"),
        "plan": said(facts, "quality_plan"),
        "limitations": said(facts, "limitations"),
        "feedback": said(facts, "feedback"),
    }
    return Record(
        title="Quality report",
        content={
            "framework": "Code of Practice for Statistics 3.0, applied by choice",
            "relevance": relevance,
            "accuracy": lines,
            "timeliness_and_punctuality": timely,
            "comparability_and_coherence": {
                "method_changes": breaks,
                "regions_comparable": False,
                "constructs_comparable": False,
            },
            "accessibility": {"formats": list(_FORMATS), "languages": ["en"]},
        },
        parts=[
            Part(
                name="relevance",
                heading="Relevance",
                terms=[(name.capitalize(), one) for name, one in relevance.items()],
            ),
            _accuracy(lines, facts),
            Part(
                name="timeliness",
                heading="Timeliness and punctuality",
                points=[
                    f"A day closes {counted(facts.closes_after_days, 'day')} after it at the"
                    " earliest. The newest day of this release is"
                    f" {counted(timely['days_behind'], 'day')} old.",
                    f"Of the last {counted(timely['releases'], 'release')} that followed another,"
                    f" {timely['on_time']} came on the day that was announced or before."
                    if timely["releases"]
                    else "No release has followed another yet.",
                ],
            ),
            Part(
                name="comparability",
                heading="Comparability and coherence",
                points=[
                    "Over time: a line can be compared with itself where no change of method lies"
                    " between. "
                    + (
                        f"{counted(len(breaks), 'change')} of method, the last from"
                        f" {long_date(date.fromisoformat(breaks[-1]['day']))} on."
                        if breaks
                        else "No change of method was announced."
                    ),
                    "Between regions, and between constructs: levels must not be compared.",
                    "Released values are never changed; one drawn again is a revision, and one"
                    " taken back leaves a notice.",
                ],
            ),
            Part(
                name="accessibility",
                heading="Accessibility and clarity",
                points=[*_FORMATS, "In English alone. The page for members is in plain English."],
            ),
        ],
    )


_FORMATS = (
    "a page that works without scripts, by keyboard and by screen reader",
    "tables of all values on it",
    "CSV and JSON with a data package",
    "SVG and PNG of each graph",
)


def _accuracy(lines: Sequence[Mapping[str, Any]], facts: PageFacts) -> Part:
    return Part(
        name="accuracy",
        heading="Accuracy and reliability",
        words=[
            "The standard error is of noise and of who happened to write; it does not hold what"
            " scores miss. A change counts as one where it is told from chance 4 times of 5. Which"
            " areas under the curve the models reach is in the algorithmic transparency record."
        ],
        table=Table(
            caption="Each line, measured in this release’s tables",
            columns=[
                "Line",
                "Days published",
                "Not published",
                "Taken back",
                "Drawn again",
                "Median standard error",
                "Median smallest change",
                "Forecasts in their 80% range",
            ],
            rows=[
                [
                    f"{facts.regions[one['region']]}, {one['construct']}",
                    str(one["published"]),
                    str(one["not_published"]),
                    str(one["retracted"]),
                    str(one["revised"]),
                    _or_none(one["median_standard_error"]),
                    _or_none(one["median_detectable_change"]),
                    f"{one['forecasts_in_80']} of {one['forecasts_scored']}",
                ]
                for one in lines
            ],
        ),
    )


def _line(rows: pd.DataFrame, region: str, construct: str, facts: PageFacts) -> dict[str, Any]:
    mine = rows.loc[(rows["region"] == region) & (rows["construct"] == construct)]
    states = mine["status"].value_counts()
    headline = headline_of(region, facts)
    rate = facts.hit_rates.get((region, construct))
    return {
        "region": region,
        "construct": construct,
        "value": headline.column,
        **{one: int(states.get(one, 0)) for one in ("published", "not_published", "retracted")},
        "revised": int((mine["revision"].fillna(0) > 0).sum()),
        "median_standard_error": _median(mine[headline.error_column]),
        "median_detectable_change": _median(mine[headline.change_column]),
        "forecasts_scored": rate.forecasts if rate else 0,
        "forecasts_in_80": rate.in80 if rate else 0,
        "forecasts_in_95": rate.in95 if rate else 0,
    }


def _timely(facts: PageFacts) -> dict[str, int]:
    """How old the newest day is, and how many releases came when the one before said."""
    made = [one.made_at.date() for one in facts.changes]
    pairs = list(pairwise(made))
    return {
        "closes_after_days": facts.closes_after_days,
        "days_behind": (facts.made_at.date() - facts.last_day).days,
        "releases": len(pairs),
        "on_time": sum(after <= before + timedelta(days=1) for after, before in pairs),
    }


def _median(column: pd.Series) -> float | None:
    known = column.dropna()
    return round(float(known.median()), 3) if len(known) else None


def _or_none(value: float | None) -> str:
    return _NONE if value is None else number(value)
