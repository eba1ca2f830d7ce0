"""Forecasts as they were made, one JSON file for each region and last day; never written twice."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from assets.public.forecasting import scores
from assets.public.forecasting.daily import COLUMNS
from assets.public.forecasting.vintage_content import HORIZON_DAYS, content_of
from resources.base.files import PUBLIC_FILE, write_once
from resources.stores.published.publishing import only_publisher

FORECAST_OF = "value_7d"
"""The headline of a region of which nothing else is said: what the page looks ahead from."""
_COLUMNS = ("region", "construct", "day", *COLUMNS, "made_on")
# Newest first: beyond, no day of the last 60 forecasts can lie unless most days went unpublished.
_MOST_SCORED = 4 * scores.FORECASTS

__all__ = ["FORECAST_OF", "HORIZON_DAYS", "Vintages"]


@dataclass(frozen=True)
class Vintages:
    """The folder of forecasts, public.

    Attributes:
        folder: where they lie, by region.
        headlines: of a region, the published column that is its headline: "value_7d" where left
            out, or "value_28d".
    """

    folder: Path
    headlines: Mapping[str, str] = field(default_factory=dict)

    def path(self, region: str, last_day: date) -> Path:
        """Where the forecast from this last day lies."""
        return self.folder / region / f"{last_day.isoformat()}.json"

    def make(self, published: pd.DataFrame, region: str, last_day: date, made_at: datetime) -> bool:
        """Forecast each construct from the values published up to `last_day`, and keep it.

        Args:
            published: rows of the region as `PublishedValues.read` gives them, none after
                `last_day`.
            region: the region.
            last_day: the last day of the history.
            made_at: the moment of making, aware.

        Returns:
            False if that forecast was made before; it is then left as it is.

        Raises:
            StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`; see `only_publisher`.
        """
        path = self.path(region, last_day)
        if path.exists():
            return False
        with only_publisher(path.parent):
            # Another publisher may have made it while this one waited.
            if path.exists():
                return False
            column = self.headlines.get(region, FORECAST_OF)
            content = content_of(published, last_day, made_at, column)
            write_once(path, json.dumps(content).encode(), mode=PUBLIC_FILE)
        return True

    def read(self, region: str, last_day: date) -> dict[str, Any] | None:
        """What was stored from this last day, as `content_of` gave it; None if nothing was."""
        path = self.path(region, last_day)
        return json.loads(path.read_text("utf-8")) if path.exists() else None

    def newest(self) -> tuple[pd.DataFrame, dict[tuple[str, str], str]]:
        """The newest forecast of each region, days +1 to +14.

        Returns:
            Rows with columns region, construct, day, mean, lo80, hi80, lo95, hi95, made_on; and
            for each (region, construct) without one the code that says why.
        """
        rows, without = self.newest_rows()
        days = rows.loc[rows["weeks_ahead"] == 0, list(_COLUMNS)]
        return days.reset_index(drop=True), without

    def newest_rows(self) -> tuple[pd.DataFrame, dict[tuple[str, str], str]]:
        """The newest forecast of each region, days +1 to +14 and weeks +1 to +4.

        Returns:
            As `newest`, with columns weeks_ahead (0 on the rows of days; n on the row of the line
            7 n days on), made_at (aware), column and method ("local_level", or "no_change" where
            nothing beat it).
        """
        rows, without = [], {}
        for region, content in self._newest_of_each():
            made_on = date.fromisoformat(content["made_on"])
            made_at = datetime.fromisoformat(content["made_at"])
            for construct, found in content["constructs"].items():
                if isinstance(found, str):
                    without[region, construct] = found
                    continue
                about = (made_at, content["column"], found["method"])
                numbered = [(0, row) for row in found["days"]]
                for weeks, (day, *values) in [*numbered, *enumerate(found["weeks"], start=1)]:
                    of_day = (region, construct, date.fromisoformat(day), *values, made_on)
                    rows.append((*of_day, weeks, *about))
        columns = [*_COLUMNS, "weeks_ahead", "made_at", "column", "method"]
        return pd.DataFrame(rows, columns=columns), without

    def hit_rates(self, published: pd.DataFrame) -> dict[tuple[str, str], scores.HitRate]:
        """How the last 60 forecasts a week ahead of each region and construct turned out.

        Args:
            published: rows as `PublishedValues.read` gives them, of all regions.

        Returns:
            Only regions and constructs of which at least one forecast could be scored.
        """
        return scores.hit_rates(scores.scored(self._last_made(), published))

    def _newest_of_each(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for region, paths in self._paths():
            yield region, json.loads(paths[-1].read_text("utf-8"))

    def _last_made(self) -> Iterator[tuple[str, date, dict[str, Any]]]:
        for region, paths in self._paths():
            for path in paths[-_MOST_SCORED:]:
                yield region, date.fromisoformat(path.stem), json.loads(path.read_text("utf-8"))

    def _paths(self) -> Iterator[tuple[str, list[Path]]]:
        for folder in sorted(self.folder.glob("*/")):
            paths = sorted(folder.glob("????-??-??.json"))
            if paths:
                yield folder.name, paths
