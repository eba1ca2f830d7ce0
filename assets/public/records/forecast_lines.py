"""A forecast as the page shows it: days ahead in the chart, weeks ahead in the table."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from assets.public.records.tables import NO_WEEK, dates

NO_CHANGE = "no_change"


@dataclass(frozen=True)
class Ahead:
    """What is forecast for one day, rounded to 3 decimals.

    Attributes:
        day: the day.
        weeks: how many weeks ahead, from 1; 0 for a day of the chart.
        mean: the value.
        lo80: low end of the 80% band.
        hi80: its high end.
        lo95: low end of the 95% band.
        hi95: its high end.
    """

    day: date
    weeks: int
    mean: float
    lo80: float
    hi80: float
    lo95: float
    hi95: float


@dataclass(frozen=True)
class ForecastLine:
    """The newest forecast of a line.

    Attributes:
        made_on: when it was made.
        method: its name, such as "no_change"; empty where unknown.
        days: days ahead, in order; may be empty.
        weeks: weeks ahead, in order; may be empty.
    """

    made_on: date
    method: str
    days: tuple[Ahead, ...]
    weeks: tuple[Ahead, ...]

    @property
    def no_change(self) -> bool:
        """Whether the last value was carried on."""
        return self.method == NO_CHANGE


def forecast_line(rows: pd.DataFrame) -> ForecastLine | None:
    """The forecast in the checked rows of one line, indexed by day; None of no rows."""
    if rows.empty:
        return None
    ahead = [
        Ahead(day, int(weeks), *map(float, values))
        for day, weeks, *values in zip(
            dates(pd.DatetimeIndex(rows.index)),
            rows["weeks_ahead"],
            *(rows[name] for name in ("mean", "lo80", "hi80", "lo95", "hi95")),
            strict=True,
        )
    ]
    method = rows["method"].iloc[0]
    return ForecastLine(
        made_on=dates(pd.DatetimeIndex(rows["made_on"]))[0],
        method=method if isinstance(method, str) else "",
        days=tuple(one for one in ahead if one.weeks == NO_WEEK),
        weeks=tuple(one for one in ahead if one.weeks != NO_WEEK),
    )
