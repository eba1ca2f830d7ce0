"""The asset `dashboard`: the public page and its data files."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import pandas as pd

from assets.core.coded_failures import coded
from assets.core.names import CONSTRUCT_RELATIONS, DASHBOARD, FORECAST
from assets.core.public_files import DATA, METADATA, PACKAGE, PAGE, RELATIONS
from assets.public.forecasting.vintages import Vintages
from assets.public.page.page import render_page
from assets.public.records.data_files import data_files
from assets.public.records.facts import MethodBreak, PageFacts
from assets.public.records.group_relations import read_relations
from assets.public.records.headlines import HeadlineColumn
from assets.public.records.metadata import latest_metadata
from assets.released.release_facts import release_facts
from resources.base.clock import Clock
from resources.base.files import PUBLIC_FILE, write_once
from resources.base.home import Home
from resources.stores.published.published_values import PublishedValues, state_of
from resources.stores.published.publishing import only_publisher


def write_dashboard(
    home: Home, published_values: PublishedValues, vintages: Vintages, clock: Clock
) -> int:
    """Write the page and its data files anew from what is published. Returns the rows shown.

    Raises:
        StorageError: `PUBLISHED_VALUES_NOT_READABLE`, `DISK_FULL`, `DISK_NOT_WRITABLE`; see
            `only_publisher`.
        PublicationError: see `render_page` and `read_relations`.
    """
    # Read by who writes, or an older state could be written over a newer one.
    with only_publisher(home.public):
        return _write(home, published_values, vintages, clock)


def _write(home: Home, published_values: PublishedValues, vintages: Vintages, clock: Clock) -> int:
    published = published_values.read()
    headline: dict[str, HeadlineColumn] = {
        region: home.config.headline_of(region) for region in home.regions
    }
    forecasts, without = vintages.newest_rows()
    # Made of another column before the headline was chosen anew: not a forecast of this line.
    of_lines = zip(forecasts["region"], forecasts["column"], strict=True)
    forecasts = forecasts.loc[[headline.get(region) == column for region, column in of_lines]]
    forecasts, withdrawn = _standing(forecasts, published_values.retracted_at())
    facts = PageFacts(
        mode=home.config.mode,
        regions=home.config.regions,
        made_at=clock.now(),
        last_day=max(published["day"].to_list(), default=clock.today()),
        release=release_facts(),
        headline=headline,
        daily_dots=home.config.daily_dots,
        breaks=_breaks(published_values.breaks()),
        contact=home.config.contact,
        no_forecast=without | withdrawn,
        hit_rates=vintages.hit_rates(published),
        relations=read_relations(home.public / RELATIONS),
        csv_name=DATA,
        metadata_name=METADATA,
        package_name=PACKAGE,
        state=state_of(published),
    )
    files = {
        **data_files(published, forecasts, facts),
        PAGE: render_page(published, forecasts, facts).encode("utf-8"),
        # The last: what it says is written is there.
        METADATA: latest_metadata(facts),
    }
    for name, content in files.items():
        write_once(home.public / name, content, mode=PUBLIC_FILE)
    return len(published)


def written_state(public: Path) -> str | None:
    """The state that the files of the public folder were written from; None if they never were."""
    try:
        content = json.loads((public / METADATA).read_bytes())
    except FileNotFoundError:
        return None
    return content.get("state")


def _standing(
    forecasts: pd.DataFrame, retracted: Sequence[tuple[str, date, datetime]]
) -> tuple[pd.DataFrame, dict[tuple[str, str], str]]:
    """The forecasts that were made with nothing retracted since, and a code for the others."""
    begins = forecasts.groupby("region")["day"].transform("min")
    stale = [
        any(
            region == of_region and day < first and made_at < at for of_region, day, at in retracted
        )
        for region, first, made_at in zip(
            forecasts["region"], begins, forecasts["made_at"], strict=True
        )
    ]
    gone = forecasts.loc[stale, ["region", "construct"]].drop_duplicates()
    codes = {
        (str(region), str(construct)): "FORECAST_WITHDRAWN"
        for region, construct in gone.itertuples(index=False)
    }
    return forecasts.loc[[not one for one in stale]], codes


def _breaks(table: pd.DataFrame) -> tuple[MethodBreak, ...]:
    return tuple(
        MethodBreak(
            day=row["day"],
            version_before=str(row["version_before"]),
            version_after=str(row["version_after"]),
            reason=str(row["reason"]),
        )
        for row in table.to_dict("records")
    )


@dg.asset(
    name=DASHBOARD,
    deps=[FORECAST, CONSTRUCT_RELATIONS],
    group_name="public",
    kinds={"html", "plotly"},
    owners=["team:data-engineering"],
    description=(
        "The public page, latest.csv and what its columns mean, from published values and their"
        " forecasts."
    ),
)
@coded
def dashboard(
    home: dg.ResourceParam[Home],
    published_values: dg.ResourceParam[PublishedValues],
    vintages: dg.ResourceParam[Vintages],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """Write the page and its data files."""
    rows = write_dashboard(home, published_values, vintages, clock)
    return dg.MaterializeResult(metadata={"published": rows})
