"""What of Dagster is still in beta and used all the same: its version is pinned."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg


@contextmanager
def single_run_backfills() -> Iterator[None]:
    """Define assets with a backfill policy, and checks by partition, without a warning for each."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Parameter `backfill_policy`", category=dg.BetaWarning
        )
        # A check without its partitions is not told which of them it looks at.
        warnings.filterwarnings(
            "ignore",
            message="Specifying a partitions_def on an AssetCheckSpec",
            category=dg.PreviewWarning,
        )
        yield
