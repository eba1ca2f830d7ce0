"""Forecasts as they were made, one JSON file for each region and last day; never written twice."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assets.forecasting.daily import COLUMNS, forecast
from assets.governance.constructs import CONSTRUCTS
from assets.governance.errors import TooFewDays
from resources.files import write_once

HORIZON_DAYS = 14
FORECAST_OF = "value_7d"
"""The published column that is forecast: what the page shows is what it looks ahead from."""


@dataclass(frozen=True)
class Vintages:
    """The folder of forecasts, public."""

    folder: Path

    def path(self, region: str, last_day: date) -> Path:
        """Where the forecast from this last day lies."""
        return self.folder / region / f"{last_day.isoformat()}.json"

    def make(self, published: pd.DataFrame, region: str, last_day: date, made_on: date) -> bool:
        """Forecast each construct from the values published up to `last_day`, and keep it.

        Args:
            published: rows of the region as `PublishedValues.read` gives them, none after
                `last_day`.
            region: the region.
            last_day: the last day of the history.
            made_on: the day of making.

        Returns:
            False if that forecast was made before; it is then left as it is.

        Raises:
            StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
        """
        path = self.path(region, last_day)
        if path.exists():
            return False
        found: dict[str, object] = {}
        for construct in CONSTRUCTS:
            rows = published[published["construct"] == construct]
            history = pd.Series(
                np.asarray(rows[FORECAST_OF], dtype=float), index=pd.DatetimeIndex(rows["day"])
            )
            try:
                ahead = forecast(history, HORIZON_DAYS)
            except TooFewDays as error:
                found[construct] = error.code
            else:
                found[construct] = [
                    [day.date().isoformat(), *map(float, row)]
                    for day, row in zip(ahead.index, ahead[list(COLUMNS)].to_numpy(), strict=True)
                ]
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"made_on": made_on.isoformat(), "constructs": found}
        write_once(path, json.dumps(content, indent=1).encode(), mode=0o644)
        return True

    def read(self, region: str, last_day: date) -> dict[str, Any] | None:
        """What was stored from this last day: `made_on` and `constructs`; None if nothing was."""
        path = self.path(region, last_day)
        return json.loads(path.read_text("utf-8")) if path.exists() else None

    def newest(self) -> tuple[pd.DataFrame, dict[tuple[str, str], str]]:
        """The newest forecast of each region.

        Returns:
            Rows with columns region, construct, day, mean, lo80, hi80, lo95, hi95, made_on; and
            for each (region, construct) without one the code that says why.
        """
        rows, without = [], {}
        for folder in sorted(self.folder.glob("*/")):
            path = max(folder.glob("????-??-??.json"), default=None)
            if path is None:
                continue
            content = json.loads(path.read_text("utf-8"))
            made_on = date.fromisoformat(content["made_on"])
            for construct, found in content["constructs"].items():
                if isinstance(found, str):
                    without[folder.name, construct] = found
                    continue
                rows += [
                    (folder.name, construct, date.fromisoformat(day), *values, made_on)
                    for day, *values in found
                ]
        columns = ["region", "construct", "day", *COLUMNS, "made_on"]
        return pd.DataFrame(rows, columns=columns), without
