"""The asset `reviewed_facts`: what public records may say, put into the schema `release`."""

import dagster as dg

from assets.core.modes import refuse_mode_that_never_publishes
from assets.core.names import REGIONAL_AGGREGATES, REVIEWED_FACTS, STUDY_REGISTER
from assets.restricted.reviewed_facts.facts import record_facts
from resources.containment.guard import guarded, require_sealed_log
from resources.wiring.context import RestrictedContext


@dg.asset(
    name=REVIEWED_FACTS,
    deps=[REGIONAL_AGGREGATES, STUDY_REGISTER],
    group_name="release",
    kinds={"python", "postgres"},
    owners=["team:data-engineering"],
    description=(
        "The one door across the wall for what is no value: how long things are kept, which models"
        " serve, what two people signed for everybody to read, and what may be told of a quarter."
    ),
)
@guarded
def reviewed_facts(
    context: dg.AssetExecutionContext,
    restricted: dg.ResourceParam[RestrictedContext],
) -> dg.MaterializeResult:
    """Record what is new."""
    require_sealed_log(context.instance)
    restricted.before_reading.require_to_release()
    refuse_mode_that_never_publishes(restricted.settings.mode)
    home = restricted.before_reading.home
    count = record_facts(home, restricted.fact_book, restricted.clock)
    return dg.MaterializeResult(metadata={"facts_recorded": count})
