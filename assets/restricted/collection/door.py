"""What the door sees of an export before it is sealed: counts and days, never text."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import BinaryIO

from assets.restricted.collection.copied_posts import is_bot
from assets.restricted.collection.export import Messages, StructuredReport
from assets.restricted.collection.exporter import as_a_member_s
from assets.restricted.collection.group_exports import by_person, usable_export
from assets.restricted.collection.roll_call import roll_call
from assets.restricted.consent.notices_to_members import readable_from
from resources.stores.consent.consent_state import Consent
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.members.member_events import Saying


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
        nameless: spoken messages under a label in place of a name, which are not read.
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
    nameless: int = 0
    covered: tuple[datetime, datetime] | None = None


def look_at(
    source: BinaryIO,
    consent: Consent,
    *,
    cooling_off: timedelta,
    now: datetime,
    today: date,
    exporter_told: bool = False,
    is_the_chat: Callable[[str], bool] | None = None,
) -> Look:
    """Read an export as the collect step will, in memory, and keep nothing of it.

    The caller has checked the group's consent, and runs this as a reading step (`guarded`).

    Args:
        source: the file, seekable.
        consent: the group's.
        cooling_off: whole days between a further notice and the first reading.
        now: the moment (aware).
        today: the day of that moment in London.
        exporter_told: whether it is told with the file who made it.
        is_the_chat: as in `read_export`.

    Raises:
        ExportError: what `usable_export` raises.
    """
    export = usable_export(
        source,
        consent.region,
        now,
        platform=consent.platform_read,
        is_the_chat=is_the_chat,
    )
    report = export.report
    given = Messages(
        lambda: by_person(as_a_member_s(export.messages) if exporter_told else export.messages)
    )
    opt_in = consent.member_basis is MemberBasis.OPT_IN
    called = roll_call(
        given,
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
    nameless = 0
    for one in given:
        start = starts.get(one.author)
        day = one.sent_at.date()
        unclear = one.doubtful or one.unnamed
        nameless += one.unnamed and one.kind == "speech"
        if one.kind == "speech" and not unclear and start is not None and day >= start:
            messages[day] += 1
    covered = None
    if isinstance(report, StructuredReport) and report.covered_from and report.covered_until:
        covered = report.covered_from, report.covered_until
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
        nameless=nameless,
        covered=covered,
    )
