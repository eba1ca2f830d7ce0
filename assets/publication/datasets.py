"""The published tables as CSV text, the same bytes for the same tables."""

import csv
import io

import pandas as pd

from assets.publication.facts import PageFacts
from assets.publication.tables import (
    DECIMALS,
    FORECAST_VALUES,
    PUBLISHED_VALUES,
    checked_forecasts,
    checked_published,
)

CSV_COLUMNS = [
    "row",
    "region",
    "construct",
    "day",
    "status",
    *PUBLISHED_VALUES,
    "method_version",
    "revision",
    *FORECAST_VALUES,
    "made_on",
    "mode",
    "label",
]
LABEL = "experimental statistics, among participating groups"


def latest_csv(published: pd.DataFrame, forecasts: pd.DataFrame, facts: PageFacts) -> str:
    r"""Published values, then the newest forecasts, as one CSV.

    Args:
        published: see `assets.publication.tables.checked_published`.
        forecasts: see `assets.publication.tables.checked_forecasts`.
        facts: gives the regions and the mode, which every row names.

    Returns:
        Text with "\n" line ends and the columns `CSV_COLUMNS`; `row` is "published" or
        "forecast"; days are ISO 8601; values have 3 decimals; an empty field has no value.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for kind, table in (
        ("published", checked_published(published, facts.regions)),
        ("forecast", checked_forecasts(forecasts, facts.regions)),
    ):
        for record in table.to_dict("records"):
            fields = {str(name): _field(value) for name, value in record.items()}
            writer.writerow({"row": kind, **fields, "mode": facts.mode, "label": LABEL})
    return text.getvalue()


def _field(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN of any type
        return ""
    return f"{value:.{DECIMALS}f}" if isinstance(value, float) else str(value)
