import datetime as dt

import numpy as np
import pandas as pd
import pytest

from assets.core.errors import PublicationError
from assets.public.records.datasets import CSV_COLUMNS, latest_csv
from assets.public.records.lines import lines_of
from assets.public.records.tables import (
    FORECAST_COLUMNS,
    PUBLISHED_COLUMNS,
    checked_forecasts,
    checked_published,
)
from assets.released.standard_errors import BANDS


def changed(table, column, value, row=5):
    table = table.astype({column: object})
    table.loc[row, column] = value
    return table


def retracted(table, reason):
    return changed(changed(table, "status", "retracted"), "reason", reason)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table.drop(columns="status"),
        lambda table: pd.concat([table, table.iloc[[0]]]),
        lambda table: changed(table, "region", "atlantis"),
        lambda table: changed(table, "construct", "joy"),
        lambda table: changed(table, "status", "nearly"),
        lambda table: changed(table, "value_7d", np.inf),
        lambda table: changed(table, "value_7d", "secret"),
        lambda table: changed(table, "day", None),
        lambda table: changed(table, "day", "secret"),
        lambda table: changed(table, "revision", 0.5),
        lambda table: changed(table, "people_band", "103"),
        lambda table: changed(table, "people_band", "103-109"),
        lambda table: changed(table, "people_band", "100-100"),
        lambda table: changed(table, "people_band", "about 100"),
        lambda table: changed(table, "people_band", 103),
        lambda table: changed(table, "micro_rho", 0.5),
        lambda table: changed(table, "reason", "TOO_FEW_GROUPS"),
        lambda table: changed(changed(table, "status", "not_published"), "reason", "POOLED_ONLY"),
        lambda table: retracted(table, None),
        lambda table: retracted(table, "LARGEST_TOO_LARGE"),
    ],
)
def test_published_tables_refused(made, spoil):
    published, _ = made.tables()
    with pytest.raises(PublicationError) as caught:
        checked_published(spoil(published), made.regions)
    assert caught.value.code == "PUBLISHED_TABLE_INVALID"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table.drop(columns="made_on"),
        lambda table: pd.concat([table, table.iloc[[0]]]),
        lambda table: changed(table, "lo95", np.nan),
        lambda table: changed(table, "region", "atlantis"),
        lambda table: changed(table, "weeks_ahead", None),
        lambda table: changed(table, "weeks_ahead", 1.5),
        lambda table: changed(table, "weeks_ahead", 2, row=14),
        lambda table: changed(table, "method", 3),
    ],
)
def test_forecast_tables_refused(made, spoil):
    _, forecasts = made.tables()
    with pytest.raises(PublicationError):
        checked_forecasts(spoil(forecasts), made.regions)


def test_nothing_but_published_values_gets_through(made):
    rows = made.published_rows(
        "greater_london",
        "burnout",
        np.full(10, 0.4567),
        status={3: "retracted", 4: "not_published"},
    )
    table = checked_published(pd.DataFrame(rows), made.regions)
    values = table[["estimate", "standard_error_7d", "value_7d", "people_band", "micro_rho"]]
    assert values.iloc[[3, 4]].isna().all(axis=None)
    assert values.drop([3, 4]).notna().all(axis=None)
    assert table["reason"].to_list() == [None] * 3 + ["scoring_error"] + [None] * 6
    assert set(values["value_7d"].dropna()) == {0.457}


def test_every_band_of_the_release_may_be_shown(made):
    rows = pd.DataFrame(made.published_rows("greater_london", "burnout", np.full(3, 0.4)))
    for name in [*(name for _, name in BANDS), "30-49", "200-499"]:
        shown = checked_published(
            made.changed(rows, {"day": made.first}, people_band=name), made.regions
        )
        assert shown["people_band"].iloc[0] == name


def test_only_the_newest_forecast_is_shown(made):
    rows = [
        *made.forecast_rows("greater_london", "burnout", made_on=dt.date(2026, 11, 1), mean=0.1),
        *made.forecast_rows("greater_london", "burnout", made_on=dt.date(2026, 11, 2), mean=0.2),
    ]
    assert set(checked_forecasts(pd.DataFrame(rows), made.regions)["mean"]) == {0.2}


def test_every_region_has_three_lines_over_the_same_days(made):
    published, forecasts = made.tables()
    some = published[(published["region"] != "east_of_england") & (published["day"] != made.first)]
    lines = lines_of(some, forecasts, made.page_facts())
    assert [(line.region, line.construct) for line in lines[3:]] == [
        ("East of England", construct) for construct in ("burnout", "resilience", "resistance")
    ]
    assert {line.days for line in lines} == {lines[0].days}
    assert set(lines[4].states) == {"not_published"}


def test_states_tell_gaps_apart(made):
    line = lines_of(*made.tables(), made.page_facts())[0]
    assert [line.states[at] for at in (0, 10, 20, 30)] == [
        "too_few_days_pooled",
        "published",
        "not_published",
        "retracted",
    ]
    assert [line.values[at] is None for at in (0, 10, 20, 30)] == [True, False, True, True]


def test_csv_is_the_same_for_the_same_rows_in_any_order(made):
    published, forecasts = made.tables()
    text = latest_csv(published, forecasts, made.page_facts())
    shuffled = published.sample(frac=1, random_state=1)[PUBLISHED_COLUMNS[::-1]]
    again = latest_csv(shuffled, forecasts.sample(frac=1, random_state=2), made.page_facts())
    assert text == again
    lines = text.split("\n")
    assert lines[0] == ",".join(CSV_COLUMNS)
    assert len(lines) == 1 + len(published) + len(forecasts) + 1
    label = '"experimental research figures, not official statistics; among participating groups"'
    assert lines[11] == (
        "published,east_of_england,burnout,2026-09-11,published,0.489,0.030,0.479,gaussian-1,0,"
        f",,,,,,synthetic,{label},0.020,0.050,,,,{made.band},50000,,,,"
        ",east_of_england-2026-09-11-burnout-0"
    )
    assert lines[-6] == (
        "forecast,greater_london,resistance,2026-11-13,,,,,,,0.500,0.450,0.550,0.400,0.600,"
        f"2026-11-02,synthetic,{label},,,,,,,,,,value_7d,local_level,"
    )
    assert lines[-2] == (
        "forecast_week,greater_london,resistance,2026-11-27,,,,,,,0.500,0.450,0.550,0.400,0.600,"
        f"2026-11-02,synthetic,{label},,,,,,,,,4,value_7d,local_level,"
    )


def test_columns_of_the_csv_keep_their_places():
    """A program that reads by place must go on: new columns come after all old ones."""
    assert CSV_COLUMNS[:18] == [
        *("row", "region", "construct", "day", "status"),
        *("estimate", "standard_error", "value_7d", "method_version", "revision"),
        *("mean", "lo80", "hi80", "lo95", "hi95", "made_on", "mode", "label"),
    ]


@pytest.mark.parametrize("column", ["value_7d", "value_28d"])
def test_csv_reads_back_as_the_lines_shown(made, tmp_path, column):
    published, forecasts = made.tables()
    facts = made.page_facts(headline=dict.fromkeys(made.regions, column))
    file = tmp_path / "latest.csv"
    file.write_text(latest_csv(published, forecasts, facts))
    read = pd.read_csv(file)
    assert set(read["forecast_of"].dropna()) == {column}
    for line in lines_of(published, forecasts, facts):
        region = next(key for key, name in made.regions.items() if name == line.region)
        of_line = read[(read["region"] == region) & (read["construct"] == line.construct)]
        rows = of_line[of_line["row"] == "published"]
        for name, shown in (
            (column, line.values),
            ("estimate", line.estimates),
            (column.replace("value", "detectable_change"), line.changes),
        ):
            assert [None if np.isnan(value) else value for value in rows[name]] == list(shown)
        errors = rows[column.replace("value", "standard_error")].where(rows[column].notna())
        halves = [None if np.isnan(error) else round(1.96 * error, 3) for error in errors]
        assert halves == list(line.half_bands)


def test_tables_without_rows_are_fine(made):
    empty = pd.DataFrame(columns=PUBLISHED_COLUMNS), pd.DataFrame(columns=FORECAST_COLUMNS)
    lines = lines_of(*empty, made.page_facts())
    assert [line.values for line in lines] == [(None,)] * 6
    assert latest_csv(*empty, made.page_facts()) == ",".join(CSV_COLUMNS) + "\n"
