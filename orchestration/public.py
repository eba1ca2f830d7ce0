"""The public code location: reads published values with a role that can read nothing else."""

import dagster as dg

from assets.core.public_files import FORECASTS
from assets.public.forecasting.asset import define_forecast
from assets.public.forecasting.checks import define_bands_in_order
from assets.public.forecasting.vintages import Vintages
from assets.public.page.asset import dashboard
from assets.public.records.asset import public_records
from assets.public.relations.asset import construct_relations
from orchestration.beta import single_run_backfills
from orchestration.jobs import publish
from orchestration.partition_definitions import region_day_partitions
from orchestration.publish_sensor import published_values_sensor
from resources.base.clock import Clock
from resources.base.database.postgres import postgres_url
from resources.base.home import Home, load_home
from resources.stores.published.published_values import PublishedValues
from resources.stores.published.reviewed_facts import ReviewedFacts


def vintages_of(home: Home) -> Vintages:
    """The home's folder of forecasts."""
    headlines = {region: home.config.headline_of(region) for region in home.regions}
    return Vintages(home.public / FORECASTS, headlines)


@single_run_backfills()
def public_assets(region_days: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The assets of the location, over a home's partitions."""
    return [define_forecast(region_days), construct_relations, public_records, dashboard]


@single_run_backfills()
def public_definitions(home: Home, clock: Clock | None = None) -> dg.Definitions:
    """The location of a home.

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE`.
    """
    region_days = region_day_partitions(home.config.first_day, home.regions)
    return dg.Definitions(
        assets=public_assets(region_days),
        asset_checks=[define_bands_in_order(region_days)],
        jobs=[publish],
        sensors=[published_values_sensor],
        resources={
            "home": home,
            "published_values": PublishedValues(postgres_url(home.postgres)),
            "reviewed_facts": ReviewedFacts(postgres_url(home.postgres)),
            "vintages": vintages_of(home),
            "clock": clock or Clock(),
        },
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The location of the home at TIDELINE_HOME."""
    return public_definitions(load_home())
