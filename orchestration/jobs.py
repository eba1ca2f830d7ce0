"""The jobs (design: 'The way of the data')."""

import dagster as dg

from orchestration.names import PUBLIC_ASSETS

collect = dg.define_asset_job(
    "collect",
    selection=[
        "name_tagger",
        "platform_export",
        "scrubbed_vectors",
        "construct_model",
        "group_scores",
    ],
    description="Read, scrub and score what is new of consented groups. Publishes nothing.",
)
release = dg.define_asset_job(
    "release",
    selection=["regional_aggregates"],
    description="Close the region-days that are due, in day order.",
)
lifetimes = dg.define_asset_job(
    "lifetimes",
    selection=["lifetimes_enforced"],
    description="Delete exports and scores that are past their lifetime, and record it.",
)
validity = dg.define_asset_job(
    "validity",
    selection=["validity_report"],
    description="Write the validity report of the models in use.",
)
publish = dg.define_asset_job(
    "publish",
    selection=list(PUBLIC_ASSETS),
    description="Forecast from published values and write the public page and data files.",
)
