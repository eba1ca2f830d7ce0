"""The asset `construct_relations`: from published values only, at no budget."""

import dagster as dg

from assets.core.coded_failures import coded
from assets.core.names import CONSTRUCT_RELATIONS, REGIONAL_AGGREGATES
from assets.core.public_files import NEXT_RELATIONS
from assets.core.study_entries import Action
from assets.public.relations.associations import relate
from assets.public.relations.written import relations_json
from resources.base.clock import Clock
from resources.base.files import PUBLIC_FILE, write_once
from resources.base.home import Home
from resources.stores.published.published_values import PublishedValues
from resources.stores.published.publishing import only_publisher
from resources.stores.study import gate


def write_relations(home: Home, published_values: PublishedValues) -> dict[str, int]:
    """Write the associations of all regions anew.

    Returns:
        How many rows have a value, and how many each reason leaves without.

    Raises:
        StorageError: `PUBLISHED_VALUES_NOT_READABLE`, `DISK_FULL`, `DISK_NOT_WRITABLE`; see
            `only_publisher`.
        PublicationError: `PUBLISHED_TABLE_INVALID`.
        ReleaseError: `BUDGET_NOT_DIVISIBLE`.
    """
    # Read by who writes, or an older state could be written over a newer one.
    with only_publisher(home.public):
        published = published_values.read()
        found = [relate(published, region) for region in home.config.regions]
        written = relations_json(found, home.config.mode)
        write_once(home.public / NEXT_RELATIONS, written, mode=PUBLIC_FILE)
    counts = {"related": 0, "too_few_weeks": 0, "noise_dominates": 0}
    for row in (row for one in found for row in one.rows):
        counts[row.reason or "related"] += 1
    return counts


@dg.asset(
    name=CONSTRUCT_RELATIONS,
    deps=[REGIONAL_AGGREGATES],
    group_name="public",
    kinds={"python", "pandas"},
    owners=["team:data-engineering"],
    description="How constructs go together, some weeks apart: among groups, not persons.",
)
@coded
def construct_relations(
    home: dg.ResourceParam[Home],
    published_values: dg.ResourceParam[PublishedValues],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """Write the associations for the next release."""
    gate.require(home, Action.PUBLISH, clock.today())
    return dg.MaterializeResult(metadata=dict(write_relations(home, published_values)))
