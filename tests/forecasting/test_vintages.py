import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from assets.core.constructs import CONSTRUCTS
from assets.public.forecasting import scores
from assets.public.forecasting.vintages import Vintages

LONDON = "greater_london"
FIRST = date(2026, 3, 2)
LINE = (LONDON, "burnout")


def published(days, *, region=LONDON, seed=1, version="1"):
    """Every construct over so many days from FIRST, all published."""
    rng = np.random.default_rng(seed)
    tables = []
    for construct in CONSTRUCTS:
        daily = pd.Series(0.5 + rng.normal(0, 0.02, days))
        tables.append(
            pd.DataFrame(
                {
                    "region": region,
                    "day": [FIRST + timedelta(days=n) for n in range(days)],
                    "construct": construct,
                    "estimate": daily,
                    "value_7d": daily.rolling(7, min_periods=4).mean(),
                    "value_28d": daily.rolling(28, min_periods=7).mean(),
                    "status": "published",
                    "method_version": version,
                    "revision": 0,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def made_at(last_day, late=3):
    moment = last_day + timedelta(days=late)
    return datetime(moment.year, moment.month, moment.day, 6, tzinfo=UTC)


def day(number):
    return FIRST + timedelta(days=number)


@pytest.fixture
def vintages(tmp_path):
    return Vintages(tmp_path)


def make(vintages, table, number, late=3):
    known = table[table["day"] <= day(number)]
    return vintages.make(known, LONDON, day(number), made_at(day(number), late))


def spoilt(table, rows, **changed):
    table = table.copy()
    for name, value in changed.items():
        table.loc[rows, name] = value
    return table


def test_a_vintage_is_written_once(vintages):
    table = published(70)
    assert make(vintages, table, 59)
    before = vintages.path(LONDON, day(59)).read_bytes()
    assert not make(vintages, published(70, seed=2), 59, late=30)
    assert vintages.path(LONDON, day(59)).read_bytes() == before
    content = json.loads(before)
    assert content["made_at"] == "2026-05-03T06:00:00+00:00"
    assert content["made_on"] == "2026-05-03"
    assert content["column"] == "value_7d"
    assert content["backfilled"] is False


@pytest.mark.parametrize(("late", "backfilled"), [(1, False), (10, False), (11, True)])
def test_late_vintages_are_marked(vintages, late, backfilled):
    make(vintages, published(60), 59, late)
    assert vintages.read(LONDON, day(59))["backfilled"] is backfilled


def test_the_day_of_making_is_the_day_in_london(vintages):
    vintages.make(published(60), LONDON, day(59), datetime(2026, 5, 2, 23, 30, tzinfo=UTC))
    assert vintages.read(LONDON, day(59))["made_on"] == "2026-05-03"


def test_what_the_page_reads(vintages):
    table = spoilt(published(60), slice(None))
    table = table[~((table["construct"] == "resistance") & (table["day"] < day(40)))]
    make(vintages, table, 58)
    make(vintages, table, 59)
    days, without = vintages.newest()
    columns = ["region", "construct", "day", "mean", "lo80", "hi80", "lo95", "hi95", "made_on"]
    assert list(days.columns) == columns
    assert without == {(LONDON, "resistance"): "TOO_FEW_DAYS"}
    burnout = days[days["construct"] == "burnout"]
    assert burnout["day"].tolist() == [day(60 + n) for n in range(14)]
    assert set(burnout["made_on"]) == {day(62)}

    rows, _ = vintages.newest_rows()
    weeks = rows[(rows["construct"] == "burnout") & (rows["weeks_ahead"] > 0)]
    assert weeks["weeks_ahead"].tolist() == [1, 2, 3, 4]
    assert weeks["day"].tolist() == [day(59 + 7 * n) for n in range(1, 5)]
    assert set(weeks["method"]) <= {"local_level", "no_change"}
    assert weeks["made_at"].iloc[0] == made_at(day(59))


def test_a_region_without_any(vintages):
    rows, without = vintages.newest()
    assert rows.empty
    assert without == {}
    assert vintages.hit_rates(published(10)) == {}


def test_a_region_s_headline_is_what_is_forecast(tmp_path):
    vintages = Vintages(tmp_path, {LONDON: "value_28d"})
    make(vintages, published(90), 89)
    content = vintages.read(LONDON, day(89))
    assert content["column"] == "value_28d"
    table = published(90)
    pooled = table.loc[table["construct"] == "burnout", "value_28d"].iloc[-1]
    assert content["constructs"]["burnout"]["days"][0][1] == pytest.approx(pooled, abs=0.004)


def test_no_forecast_across_a_break(vintages):
    table = published(80)
    broken = spoilt(table, table["day"] >= day(60), method_version="2")
    make(vintages, broken, 79)
    assert set(vintages.read(LONDON, day(79))["constructs"].values()) == {"TOO_FEW_DAYS"}

    moved = broken.copy()
    moved.loc[moved["day"] < day(30), ["estimate", "value_7d"]] += 0.3
    after_break = spoilt(moved, moved["day"] >= day(30), method_version="2")
    alone = after_break[after_break["day"] >= day(30)]
    found = []
    for number, rows in enumerate((after_break, alone)):
        own = Vintages(vintages.folder / str(number))
        make(own, rows, 79)
        found.append(own.read(LONDON, day(79))["constructs"])
    assert found[0] == found[1]


def test_retracted_and_unpublished_days_are_not_history(vintages):
    table = published(60)
    hidden = table["day"].isin([day(50), day(55)])
    wild = spoilt(table, hidden, estimate=9.0, value_7d=9.0, status="retracted")
    none = spoilt(table, hidden, estimate=np.nan, value_7d=np.nan, status="not_published")
    make(vintages, wild, 59)
    other = Vintages(vintages.folder / "other")
    make(other, none, 59)
    ours, theirs = (one.read(LONDON, day(59))["constructs"] for one in (vintages, other))
    assert ours == theirs


def test_the_newest_revision_counts(vintages):
    table = published(60)
    older = spoilt(table, table["day"] == day(55), estimate=9.0, value_7d=9.0)
    newer = table[table["day"] == day(55)].assign(revision=1)
    make(vintages, pd.concat([newer, older]), 59)
    other = Vintages(vintages.folder / "other")
    make(other, table, 59)
    ours, theirs = (one.read(LONDON, day(59))["constructs"] for one in (vintages, other))
    assert ours == theirs


def content(*, mean=0.5, backfilled=False, version="1"):
    """A vintage from day 59 whose bands are mean +/- 0.01 and 0.02; no change says 0.6."""

    def rows(middle, ahead):
        bands = [middle, middle - 0.01, middle + 0.01, middle - 0.02, middle + 0.02]
        return [[day(59 + n).isoformat(), *bands] for n in ahead]

    def table(middle):
        return {"days": rows(middle, range(1, 15)), "weeks": rows(middle, (7, 14, 21, 28))}

    own = {"method": "local_level", "method_version": version, **table(mean)}
    constructs = {"burnout": {**own, "no_change": table(0.6)}, "resilience": "TOO_FEW_DAYS"}
    return {"column": "value_7d", "backfilled": backfilled, "constructs": constructs}


def came(**spoil):
    """What came after day 59: 0.5 on each of 28 days."""
    table = spoilt(published(88), slice(None), value_7d=0.5)
    return spoilt(table, table["day"] == day(66), **spoil) if spoil else table


def test_scores_of_what_came():
    found = scores.scored([(LONDON, day(59), content(mean=0.515))], came())
    assert list(found.columns) == list(scores.SCORED)
    assert found["ahead"].tolist() == [*range(1, 15), 21, 28]
    first = found.iloc[0]
    assert (first["region"], first["construct"], first["day"]) == (*LINE, day(60))
    assert first["error"] == pytest.approx(0.015)
    assert first["no_change_error"] == pytest.approx(0.1)
    assert not first["in80"]
    assert first["in95"]
    assert not first["no_change_in95"]
    # 0.005 below the 80 % band of width 0.02; within the 95 % band of width 0.04.
    assert first["interval_score"] == pytest.approx((0.02 + 10 * 0.005 + 0.04) / 2)


@pytest.mark.parametrize(
    "spoil",
    [
        {"value_7d": np.nan},
        {"status": "not_published"},
        {"status": "retracted"},
        {"method_version": "2"},
    ],
    ids=["gap", "not published", "retracted", "another method"],
)
def test_days_never_scored(spoil):
    found = scores.scored([(LONDON, day(59), content())], came(**spoil))
    assert found["ahead"].tolist() == [*range(1, 7), *range(8, 15), 21, 28]
    assert scores.hit_rates(found) == {}


def test_backfilled_vintages_and_days_to_come_are_not_scored():
    assert scores.scored([(LONDON, day(59), content(backfilled=True))], came()).empty
    assert scores.scored([(LONDON, day(59), content())], published(60)).empty


def test_hit_rates_count_the_last_sixty_a_week_ahead(vintages):
    table = spoilt(published(170), slice(None), value_7d=0.5)
    for number in range(59, 159):
        off = 0.5 if number % 10 else 0.515
        own = content(mean=off)
        for part in (own["constructs"]["burnout"], own["constructs"]["burnout"]["no_change"]):
            part["days"] = [
                [day(number + n).isoformat(), *row[1:]] for n, row in enumerate(part["days"], 1)
            ]
            part["weeks"] = []
        path = vintages.path(LONDON, day(number))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(own))
    (line,) = vintages.hit_rates(table)
    rate = vintages.hit_rates(table)[line]
    assert line == LINE
    assert (rate.forecasts, rate.in80, rate.in95) == (60, 54, 60)
    assert rate.mae == pytest.approx(0.0015)
    assert rate.mae_no_change == pytest.approx(0.1)
