"""The asset `forecast`: from published values only."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.core.coded_failures import coded
from assets.core.names import FORECAST, REGIONAL_AGGREGATES, STUDY_REGISTER
from assets.core.partition_events import RegionDay, materialized
from assets.core.run_partitions import days_asked_for
from assets.core.study_entries import Action
from assets.public.forecasting.vintages import Vintages
from resources.base.clock import Clock
from resources.base.home import Home
from resources.base.share_done import told
from resources.stores.published.published_values import PublishedValues
from resources.stores.study import gate
from resources.stores.study.harm_review import withheld_forecasts


def define_forecast(region_days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset over these partitions."""

    @dg.asset(
        name=FORECAST,
        partitions_def=region_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=[REGIONAL_AGGREGATES, STUDY_REGISTER],
        group_name="public",
        kinds={"python", "pandas"},
        owners=["team:data-engineering"],
        description="The headline 14 days and 4 weeks ahead, with bands, from each closed day.",
    )
    @coded
    def forecast(
        context: dg.AssetExecutionContext,
        home: dg.ResourceParam[Home],
        published_values: dg.ResourceParam[PublishedValues],
        vintages: dg.ResourceParam[Vintages],
        clock: dg.ResourceParam[Clock],
    ) -> Iterator[Any]:
        gate.require(home, Action.PUBLISH, clock.today())
        found: dict[RegionDay, dict[str, int]] = {}
        stored = 0
        withheld = withheld_forecasts(home)
        for region, days in days_asked_for(context).items():
            for day in told(days):
                # Before the values are read: what is retracted after it makes the forecast stale.
                made_at = clock.now()
                history = published_values.read(region, until=day)
                still_open = day not in set(history["day"])
                made = not still_open and vintages.make(history, region, day, made_at, withheld)
                stored += int(made)
                if made:
                    # A value may have been taken back meanwhile, whose publisher has been here.
                    vintages.withdraw(published_values.retractions())
                found[region, day] = {
                    "stored": int(not still_open),
                    "already_settled": int(not (still_open or made)),
                    "still_open": int(still_open),
                }
        yield from materialized(
            context,
            found,
            run={
                "stored": stored,
                "already_settled": sum(one["already_settled"] for one in found.values()),
                "still_open": sum(one["still_open"] for one in found.values()),
            },
        )

    return forecast
