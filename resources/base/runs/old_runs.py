"""Runs that ended long ago leave Dagster's storage, with their events.

What has to last of a run is copied where it worked: who collected, scored and released, with which
models, stands in the tables of evidence (docs/decisions/0030-evidence-that-counts-nobody.md).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import dagster as dg

KEPT = timedelta(days=400)
"""A year and a month, so that this month can be held against the same one a year before."""
KEPT_OF_HOURLY = timedelta(days=30)
"""Of what only deleted what was due: the ledger has its counts, and there are 8,760 a year."""
AT_ONCE = 100
"""A day brings about thirty, so an hour's look that takes four times as many catches up."""

_ENDED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]
_WELL = [dg.DagsterRunStatus.SUCCESS]


def delete_old_runs(instance: dg.DagsterInstance, hourly: Sequence[str], now: datetime) -> int:
    """Delete runs past their time, at most `AT_ONCE` of each kind. Returns how many went.

    Args:
        instance: the home's.
        hourly: jobs whose runs go after `KEPT_OF_HOURLY` if they ended well.
        now: the moment (aware).
    """
    due = [dg.RunsFilter(statuses=_ENDED, updated_before=now - KEPT)]
    due += [
        dg.RunsFilter(job_name=one, statuses=_WELL, updated_before=now - KEPT_OF_HOURLY)
        for one in hourly
    ]
    count = 0
    for filters in due:
        for run in instance.get_runs(filters, limit=AT_ONCE, ascending=True):
            instance.delete_run(run.run_id)
            count += 1
    return count
