"""Why a day is not published stays restricted: nothing public may depend on it."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.errors import CATALOGUE, PublicationError
from assets.public.page.page import render_page
from assets.public.records.data_package import data_package
from assets.public.records.datasets import latest_csv
from assets.public.records.metadata import latest_metadata
from assets.public.records.retractions import REASONS
from assets.public.records.tables import checked_published

RESTRICTED = {code for code, entry in CATALOGUE.items() if entry.exit_status in {4, 5, 6, 7, 8}} | {
    "TOO_FEW_GROUPS",
    "TOO_FEW_PEOPLE",
    "LARGEST_TOO_LARGE",
    "TOP_TWO_TOO_LARGE",
    "POOLED_ONLY",
    "BUDGET_SPENT",
    "DRAW_LOST",
}
RELEASE = sorted(code for code, entry in CATALOGUE.items() if entry.exit_status == 8)
VALUES = [
    f"{what}{days}"
    for what in ("value", "standard_error", "detectable_change")
    for days in ("_7d", "_28d")
]


def outputs(made, published, forecasts, **facts):
    said = made.page_facts(**facts)
    table = latest_csv(published, forecasts, said)
    files = (
        render_page(published, forecasts, said),
        table,
        latest_metadata(said).decode(),
        data_package(said, {"latest.csv": table.encode()}).decode(),
    )
    return list(files)


@pytest.fixture(scope="module")
def as_published(made):
    return outputs(made, *made.tables())


def test_no_restricted_reason_is_in_any_file(as_published):
    assert len(RESTRICTED) > 40
    for text in as_published:
        upper = text.upper()
        assert [code for code in RESTRICTED if code in upper] == []


@pytest.mark.parametrize("status", ["published", "not_published", "retracted"])
def test_a_restricted_reason_is_refused(made, status):
    published = pd.DataFrame(made.published_rows("greater_london", "burnout", np.full(3, 0.4)))
    assert RELEASE
    for code in RELEASE:
        rows = made.changed(published, {"day": made.day(1)}, status=status, reason=code)
        try:
            checked_published(rows, made.regions)
        except PublicationError as error:
            refused = error.code
        else:
            refused = None
        assert refused == "PUBLISHED_TABLE_INVALID", code


hidden = st.fixed_dictionaries(
    {
        **dict.fromkeys(["estimate", "standard_error", *VALUES], st.floats(0, 1)),
        "people_band": st.sampled_from([None, "30-39", "500+"]),
        "micro_rho": st.sampled_from([None, 0, 50_000, 100_000]),
        "reason": st.sampled_from([None, *REASONS]),
    }
)


@settings(max_examples=8)
@given(hidden)
def test_what_a_day_that_is_not_published_holds_changes_nothing(made, as_published, cells):
    published, forecasts = made.tables()
    day = {"day": made.day(20)}
    assert set(published.loc[published["day"] == made.day(20), "status"]) == {"not_published"}
    assert outputs(made, made.changed(published, day, **cells), forecasts) == as_published


def test_a_day_that_is_not_published_has_one_reason_in_the_csv(made):
    published, forecasts = made.tables()
    lines = latest_csv(published, forecasts, made.page_facts()).split("\n")
    header = lines[0].split(",")
    shown = [dict(zip(header, line.replace('"', "").split(","), strict=False)) for line in lines]
    of_day = [row for row in shown if row["row"] == "published" and row["status"] != "published"]
    assert {row["status"] for row in of_day} == {"not_published", "retracted"}
    assert {row["estimate"] + row["value_7d"] for row in of_day} == {""}


def test_the_files_say_what_not_published_means(as_published):
    _, _, metadata, package = as_published
    statuses = json.loads(metadata)["statuses"]
    assert "only reason ever given" in statuses["not_published"]
    assert set(statuses) == {"published", "not_published", "retracted"}
    assert set(json.loads(metadata)["reasons"]) == set(REASONS)
    assert json.loads(package)["experimental"] is True
