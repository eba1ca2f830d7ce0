"""Groups of which a fault of ours keeps unread what they sent for a day.

A fault of the program may stop many groups alike, and hardly by chance: those that it spares need
not be like the others, so what they add up to is no value of the region.
"""

from collections.abc import Collection
from datetime import date, timedelta

from assets.restricted.collection.one_group import READER_BROKEN, UNFORESEEN
from assets.restricted.release.membership import membership
from resources.wiring.context import RestrictedContext

_OF_FILES = frozenset({READER_BROKEN, "WORKER_LOST"})
FAULTS = UNFORESEEN | _OF_FILES
"""Codes of what keeps a group unread through no doing of its own."""

LONGEST_WAIT_TO_MEND = timedelta(days=7)
"""So long after it is due a region-day stays open; by then scores are still far from their end."""

MOST_UNREAD_PERCENT = 10
"""Most of the groups that count that may be missing so from a day that is drawn."""

TOO_MANY_UNREAD = "GROUPS_UNREAD"


def unread_groups(restricted: RestrictedContext, region: str, day: date) -> frozenset[str]:
    """References of the groups that may be read for a day, and are kept unread by a fault.

    Args:
        restricted: the home's stores.
        region: a configured region.
        day: a day that has not closed.

    Raises:
        StorageError: the database does not answer.
    """
    kept = restricted.records.kept_unread(region, day, FAULTS, _OF_FILES)
    if not kept:
        return kept
    today, mode = restricted.clock.today(), restricted.settings.mode
    permits = restricted.register.rules.permits
    return frozenset(
        ref
        for ref, consent in restricted.register.consents(region).items()
        if ref in kept
        and consent.refusal(day, today, mode) is None
        and permits(consent.platform_read)
    )


def waits_for_mending(
    restricted: RestrictedContext, region: str, day: date, unread: Collection[str]
) -> bool:
    """Whether a region-day that is due stays open, since a group that counts may yet be read.

    Args:
        restricted: the home's stores.
        region: a configured region.
        day: a day that is due and not closed.
        unread: as `unread_groups` gives them.
    """
    if not unread or waited_long_enough(restricted, day):
        return False
    counted = membership(
        restricted.register.spans(region),
        restricted.release_store.closings(region),
        day,
        restricted.clock.now(),
        first_scored=restricted.score_store.first_scored(region),
    )
    return not counted.groups.isdisjoint(unread)


def waited_long_enough(restricted: RestrictedContext, day: date) -> bool:
    """Whether a region-day closes whatever it still waits for."""
    last = day + timedelta(days=restricted.settings.close_after_days) + LONGEST_WAIT_TO_MEND
    return restricted.clock.today() >= last


def too_many_unread(counted: Collection[str], unread: Collection[str]) -> bool:
    """Whether more than `MOST_UNREAD_PERCENT` of the groups that count are unread.

    Args:
        counted: references of those that count.
        unread: as `unread_groups` gives them.
    """
    return 100 * len(set(counted) & set(unread)) > MOST_UNREAD_PERCENT * len(counted)
