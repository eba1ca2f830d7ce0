"""Groups of a region-day whose shard was to be read and has not been.

A shard is left out by a machine and not by chance: what its groups sent for a day would be missing
from what the others add up to.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from assets.core.london_time import LONDON
from assets.core.shards import SLOTS, slot_of
from assets.restricted.release.unread_groups import waited_long_enough
from resources.base.runs.collect_runs import CollectRuns
from resources.wiring.context import RestrictedContext


def groups_of_unread_shards(
    restricted: RestrictedContext, runs: CollectRuns, region: str, day: date
) -> frozenset[str]:
    """References of the groups that may be read for a day, have not settled, and wait for a run.

    A slot that was read since the day was due waits no more, whatever is asked for later: else
    every new file would make a day wait that a home without shards releases. Once nothing is waited
    for any longer, only what was never read is missing from the day.

    Args:
        restricted: the home's stores.
        runs: of the region.
        region: a configured region.
        day: a day that has not closed.

    Returns:
        Nothing where the day was never asked for in shards.

    Raises:
        StorageError: the database does not answer.
    """
    due = datetime.combine(
        day + timedelta(days=restricted.settings.close_after_days), time(), LONDON
    )
    at_its_end = waited_long_enough(restricted, day)
    waiting = frozenset(
        slot
        for slot in range(SLOTS)
        if (runs.never_read(slot, day) if at_its_end else runs.awaits(slot, day, due))
    )
    if not waiting:
        return frozenset()
    today, mode = restricted.clock.today(), restricted.settings.mode
    permits = restricted.register.rules.permits
    settled = restricted.score_store.settled(region, [day])
    return frozenset(
        ref
        for ref, consent in restricted.register.consents(region).items()
        if (day, ref) not in settled
        and slot_of(ref) in waiting
        and consent.refusal(day, today, mode) is None
        and permits(consent.platform_read)
    )


def waits_for_shards(restricted: RestrictedContext, day: date, unread: Collection[str]) -> bool:
    """Whether a region-day that is due stays open, since a shard of its groups was not read yet.

    Also for groups that do not count yet: what counts is settled by what all of them sent.

    Args:
        restricted: the home's stores.
        day: a day that is due and not closed.
        unread: as `groups_of_unread_shards` gives them.
    """
    return bool(unread) and not waited_long_enough(restricted, day)
