"""Runs and backfills that a restored database takes for going on: what ran them is not here."""

import os

import dagster as dg
from dagster._core.execution.backfill import BulkActionStatus
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from sqlalchemy.engine import URL

from resources.base.database.postgres import DAGSTER_PG_URL, dagster_url
from resources.base.home import Home

_GOING_ON = (BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING, BulkActionStatus.FAILING)


def cancel_interrupted(home: Home, url: URL) -> int:
    """Mark every run and backfill that is not finished as cancelled. Returns how many runs.

    Left as they are, they would hold the queue's places for ever.

    Args:
        home: a home that no Dagster process works on, with its instance's configuration.
        url: its database.
    """
    os.environ[DAGSTER_PG_URL] = dagster_url(url)
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        for status in _GOING_ON:
            for one in instance.get_backfills(status=status):
                instance.update_backfill(one.with_status(BulkActionStatus.CANCELED))
        runs = instance.get_runs(dg.RunsFilter(statuses=list(NOT_FINISHED_STATUSES)))
        for run in runs:
            instance.report_run_canceled(run)
    return len(runs)
