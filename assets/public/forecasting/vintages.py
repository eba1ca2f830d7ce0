"""Forecasts as they were made, one JSON file for each region and last day; never written twice."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from assets.public.forecasting import scores
from assets.public.forecasting.daily import COLUMNS
from assets.public.forecasting.vintage_content import HORIZON_DAYS, WITHHELD, content_of
from resources.base.files import PUBLIC_FILE, write_once
from resources.stores.published.publishing import only_publisher
from resources.stores.published.releases import TakenBack

WITHDRAWN = "FORECAST_WITHDRAWN"
FORECAST_OF = "value_7d"
"""The headline of a region of which nothing else is said: what the page looks ahead from."""
_COLUMNS = ("region", "construct", "day", *COLUMNS, "made_on")
# Newest first: beyond, no day of the last 60 forecasts can lie unless most days went unpublished.
_MOST_SCORED = 4 * scores.FORECASTS

__all__ = ["FORECAST_OF", "HORIZON_DAYS", "WITHDRAWN", "Vintages"]


@dataclass(frozen=True)
class Vintages:
    """The folder of forecasts, public.

    Attributes:
        folder: where they lie, by region.
        headlines: of a region, the published column that is its headline: "value_7d" where left
            out, or "value_28d".
        left_out: constructs of which forecasts are read as withheld, and stay as they are.
    """

    folder: Path
    headlines: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    def path(self, region: str, last_day: date) -> Path:
        """Where the forecast from this last day lies."""
        return self.folder / region / f"{last_day.isoformat()}.json"

    def make(
        self,
        published: pd.DataFrame,
        region: str,
        last_day: date,
        made_at: datetime,
        withheld: Collection[str] = (),
    ) -> bool:
        """Forecast each construct from the values published up to `last_day`, and keep it.

        Args:
            published: rows of the region as `PublishedValues.read` gives them, none after
                `last_day`.
            region: the region.
            last_day: the last day of the history.
            made_at: the moment of making, aware.
            withheld: constructs of which no forecast may be shown.

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
            content = content_of(published, last_day, made_at, column, withheld)
            write_once(path, json.dumps(content).encode(), mode=PUBLIC_FILE)
        return True

    def withhold(self, constructs: Collection[str]) -> None:
        """Take the forecasts of constructs, which may not be shown, out of what was made before.

        Raises:
            StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`; see `only_publisher`.
        """
        for region, paths in self._paths() if constructs else ():
            with only_publisher(self.folder / region):
                for path in paths:
                    content = json.loads(path.read_bytes())
                    found = content["constructs"]
                    shown = [one for one in constructs if isinstance(found.get(one), dict)]
                    if shown:
                        found.update(dict.fromkeys(shown, WITHHELD))
                        write_once(path, json.dumps(content).encode(), mode=PUBLIC_FILE)

    def withdraw(self, gone: Iterable[TakenBack], *, newest_only: bool = False) -> int:
        """Take the numbers out of forecasts that were made with what was taken back since.

        What they were made of can be worked out from them, or stands in them. When and from which
        day they were made stays, and the digest of what they said.

        Args:
            gone: what was taken back.
            newest_only: whether to look at each region's newest forecast alone.

        Returns:
            How many were withdrawn; 0 when it is done again.

        Raises:
            StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`; see `only_publisher`.
        """
        of_region: dict[str, list[TakenBack]] = {}
        for one in gone:
            of_region.setdefault(one.region, []).append(one)
        done = 0
        for region, paths in self._paths():
            if region in of_region:
                with only_publisher(self.folder / region):
                    looked_at = paths[-1:] if newest_only else paths
                    done += sum(_withdraw(path, of_region[region]) for path in looked_at)
        return done

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
        return scores.hit_rates(self.scored(published))

    def scored(self, published: pd.DataFrame) -> pd.DataFrame:
        """The newest forecasts held against what was published since; see `scores.scored`."""
        return scores.scored(self._last_made(), published)

    def past_lines(self, apart_days: int = 28) -> pd.DataFrame:
        """Forecasts as they were made, the newest and each one so many days older.

        Returns:
            Columns region, construct, last_day, day and mean; days +1 to +14 of each.
        """
        rows = []
        for region, paths in self._paths():
            wanted = date.fromisoformat(paths[-1].stem)
            for path in reversed(paths):
                last_day = date.fromisoformat(path.stem)
                if last_day > wanted:
                    continue
                wanted = last_day - timedelta(days=apart_days)
                for construct, found in self._content(path)["constructs"].items():
                    days = [] if isinstance(found, str) else found["days"]
                    rows += [
                        (region, construct, last_day, date.fromisoformat(day), mean)
                        for day, mean, *_ in days
                    ]
        return pd.DataFrame(rows, columns=["region", "construct", "last_day", "day", "mean"])

    def _newest_of_each(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for region, paths in self._paths():
            yield region, self._content(paths[-1])

    def _last_made(self) -> Iterator[tuple[str, date, dict[str, Any]]]:
        for region, paths in self._paths():
            for path in paths[-_MOST_SCORED:]:
                yield region, date.fromisoformat(path.stem), self._content(path)

    def _content(self, path: Path) -> dict[str, Any]:
        content = json.loads(path.read_bytes())
        found = content["constructs"]
        hidden = [one for one in self.left_out if isinstance(found.get(one), dict)]
        found.update(dict.fromkeys(hidden, WITHHELD))
        return content

    def _paths(self) -> Iterator[tuple[str, list[Path]]]:
        for folder in sorted(self.folder.glob("*/")):
            paths = sorted(folder.glob("????-??-??.json"))
            if paths:
                yield folder.name, paths


def _withdraw(path: Path, gone: Iterable[TakenBack]) -> bool:
    last_day = date.fromisoformat(path.stem)
    with_it = [one for one in gone if one.day <= last_day]
    if not with_it:
        return False
    written = path.read_bytes()
    content = json.loads(written)
    made_at = datetime.fromisoformat(content["made_at"])
    since = [one.at for one in with_it if one.at > made_at]
    if "withdrawn" in content or not since:
        return False
    content["constructs"] = dict.fromkeys(content["constructs"], WITHDRAWN)
    content["withdrawn"] = {"at": min(since).isoformat(), "sha256": sha256(written).hexdigest()}
    write_once(path, json.dumps(content).encode(), mode=PUBLIC_FILE)
    return True
