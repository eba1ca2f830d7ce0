"""The asset `dashboard`: the public page and its data file."""

import dagster as dg

from assets.aggregation.thresholds import MIN_GROUPS, MIN_PERSON_DAYS
from assets.forecasting.vintages import FORECAST_OF, Vintages
from assets.publication.datasets import latest_csv
from assets.publication.facts import PageFacts, thresholds_only
from assets.publication.page import render_page
from resources.clock import Clock
from resources.files import write_once
from resources.home import Home
from resources.published_values import PublishedValues

PAGE = "index.html"
DATA = "latest.csv"


def write_dashboard(
    home: Home, published_values: PublishedValues, vintages: Vintages, clock: Clock
) -> int:
    """Write the page and its data file anew from what is published. Returns the rows shown.

    Raises:
        StorageError: `PUBLISHED_VALUES_NOT_READABLE`, `DISK_FULL`, `DISK_NOT_WRITABLE`.
        PublicationError: see `render_page`.
    """
    published = published_values.read()
    forecasts, without = vintages.newest()
    facts = PageFacts(
        mode=home.config.mode,
        regions=home.config.regions,
        made_at=clock.now(),
        last_day=max(published["day"].to_list(), default=clock.today()),
        release_rule=thresholds_only(MIN_GROUPS, MIN_PERSON_DAYS),
        contact=home.config.contact,
        no_forecast=without,
        forecast_of=FORECAST_OF,
        csv_name=DATA,
    )
    home.public.mkdir(parents=True, exist_ok=True)
    csv_text = latest_csv(published, forecasts, facts)
    write_once(home.public / DATA, csv_text.encode("utf-8"), mode=0o644)
    page = render_page(published, forecasts, facts)
    write_once(home.public / PAGE, page.encode("utf-8"), mode=0o644)
    return len(published)


@dg.asset(
    deps=["forecast"],
    group_name="public",
    kinds={"html", "plotly"},
    owners=["team:data-engineering"],
    description="The public page and latest.csv, from published values and their forecasts.",
)
def dashboard(
    home: dg.ResourceParam[Home],
    published_values: dg.ResourceParam[PublishedValues],
    vintages: dg.ResourceParam[Vintages],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """Write the page and its data file."""
    rows = write_dashboard(home, published_values, vintages, clock)
    return dg.MaterializeResult(metadata={"published": rows})
