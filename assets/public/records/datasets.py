"""The published tables as CSV text, the same bytes for the same tables."""

import csv
import io
from collections.abc import Iterator, Mapping

import pandas as pd

from assets.core.points import point_id
from assets.public.records.facts import PageFacts
from assets.public.records.lines import headline_of
from assets.public.records.tables import (
    BESIDE_VALUES,
    DECIMALS,
    FIRST_VALUES,
    FORECAST_VALUES,
    LATER_VALUES,
    NO_WEEK,
    checked_forecasts,
    checked_published,
)

CSV_COLUMNS = [
    "row",
    "region",
    "construct",
    "day",
    "status",
    *FIRST_VALUES,
    "method_version",
    "revision",
    *FORECAST_VALUES,
    "made_on",
    "mode",
    "label",
    # Columns are only ever added at the end, so that programs which read by place go on.
    *LATER_VALUES,
    *BESIDE_VALUES,
    "weeks_ahead",
    "forecast_of",
    "forecast_method",
    "point_id",
]
LABEL = "experimental research figures, not official statistics; among participating groups"


def latest_csv(published: pd.DataFrame, forecasts: pd.DataFrame, facts: PageFacts) -> str:
    r"""Published values, then the newest forecasts, as one CSV.

    Args:
        published: see `assets.public.records.tables.checked_published`.
        forecasts: see `assets.public.records.tables.checked_forecasts`.
        facts: gives the regions, their headlines and the mode, which every row names.

    Returns:
        Text with "\n" line ends and the columns `CSV_COLUMNS`; `row` is "published", "forecast"
        or "forecast_week"; days are ISO 8601; values have 3 decimals; an empty field has no value.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for row in _rows(published, forecasts, facts):
        fields = {name: _field(value) for name, value in row.items()}
        writer.writerow({**fields, "mode": facts.mode, "label": LABEL})
    return text.getvalue()


def _rows(
    published: pd.DataFrame, forecasts: pd.DataFrame, facts: PageFacts
) -> Iterator[Mapping[str, object]]:
    for record in checked_published(published, facts.regions).to_dict("records"):
        point = point_id(
            str(record["region"]),
            record["day"].date(),
            str(record["construct"]),
            int(record["revision"]),
        )
        row = {str(name): value for name, value in record.items()}
        yield {"row": "published", **row, "point_id": point}
    for record in checked_forecasts(forecasts, facts.regions).to_dict("records"):
        of_day = record["weeks_ahead"] == NO_WEEK
        yield {
            "row": "forecast" if of_day else "forecast_week",
            **{str(name): value for name, value in record.items() if name != "method"},
            "weeks_ahead": None if of_day else record["weeks_ahead"],
            "forecast_of": headline_of(str(record["region"]), facts).column,
            "forecast_method": record["method"],
        }


def _field(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN of any type
        return ""
    return f"{value:.{DECIMALS}f}" if isinstance(value, float) else str(value)
