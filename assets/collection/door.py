"""What the door sees of an export before it is sealed: counts and days, never text."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import BinaryIO

from assets.collection.copied_posts import is_bot
from assets.collection.notices_to_members import readable_from
from assets.collection.roll_call import roll_call
from assets.collection.survey import usable_export
from assets.governance.errors import ExportError
from resources.consent_register import Consent, MemberBasis
from resources.member_events import Saying


@dataclass(frozen=True)
class Look:
    """What one export holds, by itself: earlier exports and objections are not asked.

    Attributes:
        platform: the reader's name.
        entries: all entries.
        first_entry: time of the earliest (aware).
        last_entry: time of the latest (aware).
        privacy_on_times: when members turned on advanced chat privacy (aware).
        senders: people who write in it.
        informed: how many of them were there on the day of a notice, or have opted in since.
        cooling_off: how many of those are not read before a day that is still to come.
        read_from: the last of those days; None if there is none.
        messages: spoken messages by day, of those who are informed, from the day on which each may
            be read.
    """

    platform: str
    entries: int
    first_entry: datetime
    last_entry: datetime
    privacy_on_times: tuple[datetime, ...]
    senders: int
    informed: int
    cooling_off: int
    read_from: date | None
    messages: Mapping[date, int]


def look_at(
    source: BinaryIO, consent: Consent, *, cooling_off: timedelta, now: datetime, today: date
) -> Look:
    """Read an export as the collect step will, in memory, and keep nothing of it.

    The caller has checked the group's consent, and runs this as a reading step (`guarded`).

    Args:
        source: the file, seekable.
        consent: the group's.
        cooling_off: whole days between a further notice and the first reading.
        now: the moment (aware).
        today: the day of that moment in London.

    Raises:
        ExportError: what `usable_export` raises, or `EXPORT_OF_ANOTHER_PLATFORM`.
    """
    export = usable_export(source, consent.region, now)
    report = export.report
    if report.platform != consent.platform and "platform" not in consent.lacks:
        raise ExportError("EXPORT_OF_ANOTHER_PLATFORM")
    opt_in = consent.member_basis is MemberBasis.OPT_IN
    called = roll_call(
        export.messages,
        told_on=min(one.informed_on for one in consent.notices),
        opt_in_group=opt_in,
    )
    opted_in = {who for who, saying, _ in called.sayings if saying is Saying.OPTED_IN}
    people = {who: day for who, day in called.first_day.items() if not is_bot(who)}
    starts: dict[str, date] = {}
    for who, day in people.items():
        start = readable_from(day, consent.notices, cooling_off)
        if who in opted_in:
            # Whoever opts in has been told.
            starts[who] = date.min
        elif start is not None and not opt_in:
            starts[who] = start
    later = [start for start in starts.values() if start > today]
    messages: Counter[date] = Counter()
    for one in export.messages:
        start = starts.get(one.author)
        day = one.sent_at.date()
        unclear = one.doubtful or one.unnamed
        if one.kind == "speech" and not unclear and start is not None and day >= start:
            messages[day] += 1
    return Look(
        platform=report.platform,
        entries=report.entries,
        first_entry=report.earliest,
        last_entry=report.latest,
        privacy_on_times=report.privacy_on_times,
        senders=len(people),
        informed=len(starts),
        cooling_off=len(later),
        read_from=max(later, default=None),
        messages=dict(messages),
    )
