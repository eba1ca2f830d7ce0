"""Whether a region-day may close while the study register stops collection."""

from datetime import date

from resources.wiring.context import RestrictedContext


def waits_for_collection(restricted: RestrictedContext, region: str, day: date) -> bool:
    """Whether closing a day now would lose for ever what a stopped collection has not read.

    A day of which every group that may be read has been read closes as it would.
    """
    if restricted.before_reading.may_collect():
        return False
    today, mode = restricted.clock.today(), restricted.settings.mode
    settled = restricted.score_store.settled(region, [day])
    permits = restricted.register.rules.permits
    return any(
        (day, ref) not in settled
        for ref, consent in restricted.register.consents(region).items()
        if consent.refusal(day, today, mode) is None and permits(consent.platform_read)
    )
