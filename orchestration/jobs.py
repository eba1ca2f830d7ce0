"""The jobs (design: 'The way of the data')."""

import dagster as dg

from assets.core.names import (
    COLLECT,
    CONSTRUCT_MODEL,
    GROUP_SCORES,
    LIFETIMES,
    LIFETIMES_ENFORCED,
    NAME_TAGGER,
    PLATFORM_EXPORT,
    PUBLIC_ASSETS,
    PUBLISH,
    PULSE,
    REGIONAL_AGGREGATES,
    REGIONAL_PULSE,
    RELEASE,
    REVIEWED_FACTS,
    SCRUBBED_VECTORS,
    VALIDITY,
    VALIDITY_REPORT,
)

collect = dg.define_asset_job(
    COLLECT,
    selection=[
        NAME_TAGGER,
        PLATFORM_EXPORT,
        SCRUBBED_VECTORS,
        CONSTRUCT_MODEL,
        GROUP_SCORES,
    ],
    description="Read, scrub and score what is new of consented groups. Publishes nothing.",
)
release = dg.define_asset_job(
    RELEASE,
    selection=[REGIONAL_AGGREGATES, REVIEWED_FACTS],
    description="Close the region-days that are due, in day order, and say what was reviewed.",
)
lifetimes = dg.define_asset_job(
    LIFETIMES,
    selection=[LIFETIMES_ENFORCED],
    description="Delete exports and scores that are past their lifetime, and record it.",
)
validity = dg.define_asset_job(
    VALIDITY,
    selection=[VALIDITY_REPORT],
    description="Write the validity report of the models in use.",
)
pulse = dg.define_asset_job(
    PULSE,
    selection=[REGIONAL_PULSE],
    description="Combine what members answered in the pulse, once a fortnight is over.",
)
publish = dg.define_asset_job(
    PUBLISH,
    selection=list(PUBLIC_ASSETS),
    description="Forecast from published values and write the public page and data files.",
)
