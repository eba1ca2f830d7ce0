"""The data files that lie beside the page. A further one is a function and a line here."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd

from assets.core.public_files import DATA, PACKAGE
from assets.public.records.datasets import latest_csv
from assets.public.records.facts import PageFacts
from assets.public.records.metadata import data_package


class Content(NamedTuple):
    """What data files are made of.

    Attributes:
        published: all published values, as `PublishedValues.read` gives them.
        forecasts: the forecasts of the lines shown.
        facts: of the page.
        csv: `latest.csv`, which other files tell the digest of.
    """

    published: pd.DataFrame
    forecasts: pd.DataFrame
    facts: PageFacts
    csv: bytes


DATA_FILES: Mapping[str, Callable[[Content], bytes]] = {
    DATA: lambda content: content.csv,
    PACKAGE: lambda content: data_package(content.facts, content.csv),
}
"""By name, what makes its bytes; the same bytes of the same content."""


def data_files(
    published: pd.DataFrame, forecasts: pd.DataFrame, facts: PageFacts
) -> dict[str, bytes]:
    """All data files by name, but for the one that says what was written (`latest_metadata`).

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
    """
    csv = latest_csv(published, forecasts, facts).encode("utf-8")
    content = Content(published, forecasts, facts, csv)
    return {name: make(content) for name, make in DATA_FILES.items()}
