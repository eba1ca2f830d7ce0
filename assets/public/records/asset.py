"""The asset `public_records`: the reviewed facts, taken for the records of the next release."""

import dagster as dg

from assets.core.coded_failures import coded
from assets.core.names import PUBLIC_RECORDS, REVIEWED_FACTS
from assets.core.public_files import NEXT_FACTS
from assets.core.study_entries import Action
from assets.released.reviewed_facts import written
from resources.base.clock import Clock
from resources.base.files import PUBLIC_FILE, write_once
from resources.base.home import Home
from resources.stores.published.publishing import only_publisher
from resources.stores.published.reviewed_facts import ReviewedFacts
from resources.stores.study import gate


def write_facts(home: Home, reviewed_facts: ReviewedFacts) -> int:
    """Write the facts that stand, for the next release to take. Returns how many.

    Raises:
        StorageError: `PUBLISHED_VALUES_NOT_READABLE`, `DISK_FULL`, `DISK_NOT_WRITABLE`; see
            `only_publisher`.
        PublicationError: `FACT_NOT_ALLOWED`.
    """
    # Read by who writes, or an older state could be written over a newer one.
    with only_publisher(home.public):
        found = reviewed_facts.read()
        write_once(home.public / NEXT_FACTS, written(found), mode=PUBLIC_FILE)
    return sum(map(len, (found.words, found.settings, found.models, found.quarters)))


@dg.asset(
    name=PUBLIC_RECORDS,
    deps=[REVIEWED_FACTS],
    group_name="public",
    kinds={"json"},
    owners=["team:data-engineering"],
    description=(
        "What the records of the next release say: privacy notice, algorithmic transparency record"
        " and register, holdings, quality, transparency report and licence."
    ),
)
@coded
def public_records(
    home: dg.ResourceParam[Home],
    reviewed_facts: dg.ResourceParam[ReviewedFacts],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """Take the facts for the next release."""
    gate.require(home, Action.PUBLISH, clock.today())
    return dg.MaterializeResult(metadata={"facts": write_facts(home, reviewed_facts)})
