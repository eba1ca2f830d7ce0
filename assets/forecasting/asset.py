"""The asset `forecast`: from published values only."""

import dagster as dg

from assets.forecasting.vintages import Vintages
from assets.governance.run_partitions import days_asked_for
from resources.clock import Clock
from resources.published_values import PublishedValues


def define_forecast(region_days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset over these partitions."""

    @dg.asset(
        partitions_def=region_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=["regional_aggregates"],
        group_name="public",
        kinds={"python", "pandas"},
        owners=["team:data-engineering"],
        description="The headline 14 days and 4 weeks ahead, with bands, from each closed day.",
    )
    def forecast(
        context: dg.AssetExecutionContext,
        published_values: dg.ResourceParam[PublishedValues],
        vintages: dg.ResourceParam[Vintages],
        clock: dg.ResourceParam[Clock],
    ) -> dg.MaterializeResult:
        counts = {"stored": 0, "already_settled": 0, "still_open": 0}
        for region, days in days_asked_for(context).items():
            for day in days:
                # Before the values are read: what is retracted after it makes the forecast stale.
                made_at = clock.now()
                history = published_values.read(region, until=day)
                if day not in set(history["day"]):
                    counts["still_open"] += 1
                elif vintages.make(history, region, day, made_at):
                    counts["stored"] += 1
                else:
                    counts["already_settled"] += 1
        return dg.MaterializeResult(metadata=dict(counts))

    return forecast
