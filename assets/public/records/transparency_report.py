"""The transparency report: quarter by quarter what was published, spent, withdrawn and went wrong.

Nothing in it tells of one objection or of how many groups took part: days and budget are counted in
the public tables, withdrawals come as a band of a noisy count, objections not at all.
"""

from typing import Any

import pandas as pd

from assets.core.constructs import CONSTRUCTS
from assets.public.records.facts import PageFacts
from assets.public.records.record import Part, Record, Table
from assets.released.method import MICRO

SHOWN = 8
"""Quarters, the newest; earlier releases show those before."""


def transparency_report(published: pd.DataFrame, facts: PageFacts) -> Record:
    """The report of a release.

    Args:
        published: see `assets.public.records.tables.checked_published`.
        facts: of the page.
    """
    of_days = published.loc[published["construct"] == CONSTRUCTS[0]]
    quarters = [
        _quarter(name, of_days, facts) for name in sorted(facts.reviewed.quarters)[-SHOWN:][::-1]
    ]
    return Record(
        title="Transparency report",
        content={"quarters": quarters},
        parts=[
            Part(
                name="about",
                heading="What this is",
                words=[
                    "For each quarter of a year that has ended, newest first. Days are those"
                    " that the figures are of. Budget is the privacy budget of the published"
                    " days, in rho; what days that are not published have spent is not told, for"
                    " it could tell why they are not.",
                    "Withdrawals of groups are told as a band, after random noise was added, so"
                    " that no single one can be told for certain. Objections of members are told"
                    " in no form.",
                ],
            ),
            *(
                Part(
                    name=one["quarter"].lower(),
                    heading=one["quarter"],
                    terms=[
                        ("Groups withdrawn", f"{one['withdrawals']} (with noise)"),
                        ("Incidents that were opened", one["incidents"]),
                        ("Incidents the regulator was told of", one["regulator_told"]),
                    ],
                    table=Table(
                        caption=f"Days and budget, {one['quarter']}",
                        columns=[
                            "Region",
                            "Days published",
                            "Not published",
                            "Taken back",
                            "Budget of published values",
                        ],
                        rows=[
                            [
                                region["name"],
                                str(region["published"]),
                                str(region["not_published"]),
                                str(region["retracted"]),
                                f"{region['micro_rho'] / MICRO:.2f}",
                            ]
                            for region in one["regions"]
                        ],
                    ),
                )
                for one in quarters
            ),
            *(
                []
                if quarters
                else [
                    Part(
                        name="none",
                        heading="Quarters",
                        words=["No quarter has ended since the first day."],
                    )
                ]
            ),
        ],
    )


def _quarter(name: str, of_days: pd.DataFrame, facts: PageFacts) -> dict[str, Any]:
    days = pd.to_datetime(of_days["day"])
    inside = of_days.loc[days.dt.year.astype(str) + "-Q" + days.dt.quarter.astype(str) == name]
    return {
        "quarter": name,
        **facts.reviewed.quarters[name],
        "regions": [
            {"region": region, "name": shown, **_counted(inside.loc[inside["region"] == region])}
            for region, shown in facts.regions.items()
        ],
    }


def _counted(rows: pd.DataFrame) -> dict[str, int]:
    states = rows["status"].to_list()
    return {
        **{one: states.count(one) for one in ("published", "not_published", "retracted")},
        "micro_rho": sum(map(int, rows.loc[rows["status"] == "published", "micro_rho"].dropna())),
    }
