"""The asset `regional_pulse`: what members answered, by region, once a fortnight is over."""

import dagster as dg

from assets.core.modes import refuse_mode_that_never_publishes
from assets.core.names import CONSENT_REGISTER, REGIONAL_PULSE, STUDY_REGISTER
from assets.restricted.pulse.combining import SETTLED, TOO_MANY, Combining
from assets.restricted.pulse.sorting import DROPPED
from assets.restricted.release.verified import verify_before_release
from resources.containment.guard import guarded, require_sealed_log
from resources.wiring.context import RestrictedContext


@dg.asset(
    name=REGIONAL_PULSE,
    deps=[CONSENT_REGISTER, STUDY_REGISTER],
    group_name="restricted",
    kinds={"python", "postgres"},
    owners=["team:data-engineering"],
    description=(
        "Noisy regional means of the pulse, of fortnights that are over. Sealed answers are opened"
        " in the step's memory alone and deleted once they are combined. For the validity report;"
        " nothing of it is published."
    ),
)
@guarded
def regional_pulse(
    context: dg.AssetExecutionContext,
    restricted: dg.ResourceParam[RestrictedContext],
) -> dg.MaterializeResult:
    """Settle what is due.

    Raises:
        StudyError: what `BeforeReading.require_to_ask` raises, as the other errors there.
        ReleaseError: `MODE_NEVER_PUBLISHES`, what `Combining.run` raises.
        AuditError: what `verify_before_release` raises.
    """
    require_sealed_log(context.instance)
    refuse_mode_that_never_publishes(restricted.settings.mode)
    asked = restricted.before_reading.require_to_ask()
    verify_before_release(restricted)
    counts = Combining(restricted, asked).run()
    # How many answers counted, or lie there, is told nowhere.
    return dg.MaterializeResult(
        metadata={label: counts[label] for label in (SETTLED, *DROPPED, TOO_MANY)}
    )
