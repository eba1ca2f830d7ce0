"""From published daily estimates to weekly means that do not overlap, with their known noise."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import PublicationError
from assets.public.relations.release_noise import BETWEEN, noise_variances, people_of

LEAST_DAYS = 4
"""Published days that a week needs."""

COLUMNS = (
    "region",
    "day",
    "construct",
    "estimate",
    "status",
    "method_version",
    "revision",
    "people_band",
    "micro_rho",
)
_MIDDLE = 0.5
_DAYS = 7


@dataclass(frozen=True)
class WeeklyMeans:
    """One run of weeks by one release method. W is its length, gaps included.

    Attributes:
        method_version: the method.
        mondays: W weeks, without a gap.
        values: array (3, W), in the order of `CONSTRUCTS`, NaN where a week has too few days;
            each weekday's own mean is taken out, so a missing day moves nothing.
        own_noise: array (3, W) by edge of the band (see `release_noise`), 0 where no value.
        count_noise: likewise, of the noise that constructs share.
        from_middle: 3 means of the constructs, less 0.5.
    """

    method_version: str
    mondays: tuple[date, ...]
    values: np.ndarray
    own_noise: np.ndarray
    count_noise: np.ndarray
    from_middle: np.ndarray

    @property
    def weeks(self) -> int:
        """Weeks that have a value."""
        return int(np.isfinite(self.values[0]).sum())

    def noise(self, first: int, second: int) -> np.ndarray:
        """Noise (co)variance (3, W) of two constructs, by their places in `CONSTRUCTS`."""
        shared = self.from_middle[first] * self.from_middle[second] * self.count_noise
        return shared + self.own_noise if first == second else shared


def segments(published: pd.DataFrame, region: str) -> list[WeeklyMeans]:
    """Weekly means of each segment of a region; method versions are never mixed.

    Days without a published estimate of all constructs, and weeks that the table does not reach
    the end of, are left out.

    Args:
        published: columns `COLUMNS`, in any order; of several revisions the newest counts.
        region: the region; rows of others are not looked at.

    Returns:
        Those with at least one week, oldest first.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
        ReleaseError: `BUDGET_NOT_DIVISIBLE`.
    """
    if not set(COLUMNS) <= set(published.columns):
        raise PublicationError("PUBLISHED_TABLE_INVALID")
    days = _usable_days(published.loc[published["region"] == region])
    run = days["method_version"].ne(days["method_version"].shift()).cumsum()
    found = [_weekly(days.loc[run == one]) for one in run.unique()]
    return [one for one in found if one is not None]


def _usable_days(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by day: estimates of each construct, method_version, people_band, micro_rho."""
    rows = rows.loc[rows["construct"].isin(CONSTRUCTS)].assign(day=pd.to_datetime(rows["day"]))
    last_revision = rows.groupby(["day", "construct"])["revision"].transform("max")
    newest = rows.loc[rows["revision"] == last_revision]
    if newest.duplicated(subset=["day", "construct"]).any():
        raise PublicationError("PUBLISHED_TABLE_INVALID")
    week_ends = _mondays(newest) + pd.Timedelta(days=_DAYS - 1)
    # A value without band or cost was released before there was noise.
    usable = newest.loc[
        (newest["status"] == "published")
        & np.isfinite(newest["estimate"].astype(float))
        & newest["people_band"].notna()
        & newest["micro_rho"].notna()
        & (week_ends <= rows["day"].max())
    ]
    keys = ["day", "method_version", "people_band", "micro_rho"]
    days = usable.pivot_table(index=keys, columns="construct", values="estimate", aggfunc="first")
    whole = days.reindex(columns=list(CONSTRUCTS)).dropna().astype(float)
    return whole.reset_index().sort_values("day", ignore_index=True)


def _mondays(days: pd.DataFrame) -> pd.Series:
    return days["day"] - pd.to_timedelta(days["day"].dt.day_of_week, unit="D")


def _weekly(days: pd.DataFrame) -> WeeklyMeans | None:
    own, of_count = noise_variances(
        days["micro_rho"].to_list(), people_of(days["people_band"].to_list())
    )
    estimates = days[list(CONSTRUCTS)].to_numpy(copy=True).T
    middle = estimates.mean(axis=1) - _MIDDLE
    # Precisions differ by construct only through their means; one weight serves all three.
    precision = 1 / (own + np.mean(middle**2) * of_count)[BETWEEN]
    weekday = np.asarray(days["day"].dt.day_of_week)
    for one in np.unique(weekday):
        at = weekday == one
        estimates[:, at] -= (estimates[:, at] @ precision[at] / precision[at].sum())[:, None]

    monday = _mondays(days)
    grid = pd.date_range(monday.iloc[0], monday.iloc[-1], freq=f"{_DAYS}D")
    week = grid.get_indexer(pd.DatetimeIndex(monday))
    member = week == np.arange(len(grid))[:, None]
    weights = member * precision / np.maximum((member * precision).sum(axis=1), 1e-300)[:, None]
    full = member.sum(axis=1) >= LEAST_DAYS
    if not full.any():
        return None
    first, last = np.flatnonzero(full)[[0, -1]]
    kept = slice(first, last + 1)
    return WeeklyMeans(
        method_version=str(days["method_version"].iloc[0]),
        mondays=tuple(one.date() for one in grid[kept]),
        values=np.where(full, estimates @ weights.T, np.nan)[:, kept],
        own_noise=np.where(full, own @ (weights**2).T, 0.0)[:, kept],
        count_noise=np.where(full, of_count @ (weights**2).T, 0.0)[:, kept],
        from_middle=middle,
    )
