"""The public code location: reads published values with a role that can read nothing else."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.core.names import DASHBOARD
from assets.core.public_files import FORECASTS
from assets.public.forecasting.asset import define_forecast
from assets.public.forecasting.checks import define_bands_in_order
from assets.public.forecasting.vintages import Vintages
from assets.public.page.asset import dashboard
from assets.public.page.checks import release_as_listed
from assets.public.records.asset import public_records
from assets.public.records.metadata import data_columns
from assets.public.relations.asset import construct_relations
from orchestration.beta import single_run_backfills
from orchestration.jobs import publish
from orchestration.lineage import described
from orchestration.partition_definitions import region_day_partitions
from orchestration.publish_sensor import published_values_sensor
from resources.base.clock import Clock
from resources.base.database.postgres import url_of_public
from resources.base.home import Home, load_home
from resources.stores.published.published_values import PublishedValues
from resources.stores.published.reviewed_facts import ReviewedFacts

RESOURCES = ("home", "published_values", "reviewed_facts", "vintages", "clock")
"""Names by which assets and sensors ask for what they need."""


def vintages_of(home: Home) -> Vintages:
    """The home's folder of forecasts."""
    headlines = {region: home.config.headline_of(region) for region in home.regions}
    return Vintages(home.public / FORECASTS, headlines)


@single_run_backfills()
def public_assets(
    region_days: dg.PartitionsDefinition,
) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The assets of the location, over a home's partitions."""
    return described(
        [define_forecast(region_days), construct_relations, public_records, dashboard],
        {DASHBOARD: data_columns()},
    )


@single_run_backfills()
def public_definitions(
    home: Home, clock: Clock | None = None, resources: Mapping[str, Any] | None = None
) -> dg.Definitions:
    """The location of a home.

    Args:
        home: the home.
        clock: what its steps take for the time; the real one by default.
        resources: other ones than the home's own, none of which is then opened.

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE`.
    """
    region_days = region_day_partitions(home.config.first_day, home.regions)
    return dg.Definitions(
        assets=public_assets(region_days),
        asset_checks=[define_bands_in_order(region_days), release_as_listed],
        jobs=[publish],
        sensors=[published_values_sensor],
        resources=_resources(home, clock or Clock()) if resources is None else resources,
        executor=dg.in_process_executor,
    )


def _resources(home: Home, clock: Clock) -> dict[str, Any]:
    url = url_of_public(home.postgres)
    own = (home, PublishedValues(url), ReviewedFacts(url), vintages_of(home), clock)
    return dict(zip(RESOURCES, own, strict=True))


@dg.definitions
def defs() -> dg.Definitions:
    """The location of the home at TIDELINE_HOME."""
    return public_definitions(load_home())
