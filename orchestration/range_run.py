"""`collect`, `release` and `publish` for a range, closing every day in it that may close."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date

import dagster as dg

from assets.core.modes import may_publish
from assets.core.names import COLLECT, PUBLISH, RELEASE
from assets.core.shards import WHOLE, Shard
from assets.restricted.release.closing import may_close
from orchestration.partitions import days_between
from orchestration.runs import run_job
from resources.base.home import Home
from resources.base.share_done import Tell, watched
from resources.stores.study import gate

Progress = Callable[[str], AbstractContextManager[Tell | None]]
GOES_ON = frozenset({"GROUPS_REFUSED"})
"""Codes after which the range goes on, for the others' work is stored."""


@dataclass
class RangeOutcome:
    """How the jobs of a range ended.

    Attributes:
        codes: for each (job, region) that failed, its code.
        last_due: the last day of the range that may close, None if none may.
    """

    codes: dict[tuple[str, str], str] = field(default_factory=dict)
    last_due: date | None = None

    @property
    def first_code(self) -> str | None:
        """The code to exit with, None if all went well."""
        return next(iter(self.codes.values()), None)

    def stopped(self, job: str, region: str) -> bool:
        """Whether nothing further should be run for the region after this job.

        What was collected before the study register stopped collection may be released.
        """
        code = self.codes.get((job, region))
        if job == COLLECT and code in gate.CODES:
            return False
        return code is not None and code not in GOES_ON


def run_range(
    home: Home,
    definitions: Mapping[str, dg.Definitions],
    instance: dg.DagsterInstance,
    *,
    first: date,
    last: date,
    today: date,
    progress: Progress,
    shard: Shard = WHOLE,
) -> RangeOutcome:
    """Run the three jobs over a range, region by region.

    Args:
        home: the home.
        definitions: of the locations `restricted` and `public`.
        instance: the home's Dagster instance.
        first: first day.
        last: last day, before today.
        today: the day in London.
        progress: shows that a named piece of work goes on.
        shard: which groups are collected; nothing is released unless it is all.
    """
    outcome = RangeOutcome()
    due = [
        day
        for day in days_between(first, last)
        if may_close(day, today, home.config.close_after_days)
    ]
    outcome.last_due = due[-1] if due else None
    steps = [(COLLECT, "restricted", first, last)]
    if due and may_publish(home.config.mode) and shard == WHOLE:
        steps.append((RELEASE, "restricted", due[0], due[-1]))
        steps.append((PUBLISH, "public", due[-1], due[-1]))
    for before, (job, location, start, end) in zip([None, *steps], steps, strict=False):
        for region, name in home.config.regions.items():
            if before is not None and outcome.stopped(before[0], region):
                outcome.codes.setdefault((job, region), outcome.codes[before[0], region])
                continue
            with progress(f"{job}: {name}, {start} to {end}") as tell, watched(tell):
                code = run_job(
                    definitions[location],
                    job,
                    instance,
                    region=region,
                    first=start,
                    last=end,
                    shard=shard,
                )
            if code is not None:
                outcome.codes[job, region] = code
    return outcome
