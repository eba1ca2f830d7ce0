"""What the next run will do with a file that has just come, by the rules of the run itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from assets.core.london_time import LONDON
from assets.restricted.consent.chat_privacy import stopped_from
from assets.restricted.scrubbing.collection_plan import days_by_export
from orchestration.cli.delivering import Delivered
from orchestration.cli.session import Session
from orchestration.open_days import open_days
from orchestration.partitions import days_between
from resources.stores.consent.consent_state import Consent
from resources.stores.inbox.collection_records import CollectionRecords
from resources.stores.inbox.coverage import Candidate
from resources.stores.region_days import RegionDays

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class NextReading:
    """Days of one delivered file, by what becomes of them if nothing else changes before the run.

    Attributes:
        days: that the routine's next run takes from it, days on which nobody wrote included.
        closed: days of the file whose region-day is closed.
        settled: days of the file that were read and scored before.
        elsewhere: days of the file that another export supplies, or has supplied.
        older: days of the file that are open, and that only `tideline run --from` reaches.
        privacy_from: first day not to be read, for members turned on advanced chat privacy.
        waiting: other files of the group that no run has read yet.
    """

    days: Sequence[date]
    closed: Sequence[date]
    settled: Sequence[date]
    elsewhere: Sequence[date]
    older: Sequence[date]
    privacy_from: date | None
    waiting: int


def next_reading(session: Session, consent: Consent, delivered: Delivered) -> NextReading:
    """Which days the next run will take from a file.

    Opens no file and needs no secret; what members said, and files that no run has read yet, are
    heeded only when it is read.

    Args:
        session: the home.
        consent: the group's.
        delivered: the file.

    Raises:
        StorageError: `INBOX_NOT_REACHABLE`.
    """
    config, region, today = session.home.config, consent.region, session.clock.today()
    sealed, look = delivered.sealed, delivered.look
    records = CollectionRecords(session.database, config.mode)
    locks = RegionDays(session.database)
    living = session.ways_out.inbox.living(consent.group_ref, session.clock.now())
    known = records.readable(consent.group_ref)
    candidates = [
        Candidate(
            sealed.digest, sealed.arrived_at, look.last_entry, look.first_entry, look.covered
        ),
        *(known[one.digest].candidate(one) for one in living if one.digest in known),
    ]
    turned_on = {at for one in known.values() for at in one.privacy_on_times or ()}
    stop = stopped_from(turned_on | {*look.privacy_on_times}, consent.privacy_from)

    def allowed(day: date) -> bool:
        stands = consent.refusal(day, today, config.mode) is None
        return stands and (stop is None or day < stop)

    of_file = _days_of(delivered, consent, max(config.first_day, consent.valid_from), today)
    closed = locks.closed(region, of_file)
    routine = [day for day in open_days(region, today, config, locks) if allowed(day)]
    settled = {
        day
        for day, ref in session.ways_out.scores.settled(region, [*{*of_file, *routine}])
        if ref == consent.group_ref
    }
    heeded = session.members.sequence(consent.group_ref)
    stored = {
        one.day: one.export_digest
        for one in session.ways_out.vectors.find(region, routine)
        if one.group_ref == consent.group_ref and not one.destroyed and one.members_seq == heeded
    }
    plan = days_by_export(candidates, routine, settled=settled, stored=stored)
    days = plan.get(sealed.digest, [])
    still_open = [day for day in of_file if allowed(day) and day not in closed | settled]
    return NextReading(
        days=days,
        closed=[day for day in of_file if day in closed],
        settled=[day for day in of_file if day in settled and day not in closed],
        elsewhere=[day for day in still_open if day in routine and day not in days],
        older=[day for day in still_open if day not in routine],
        privacy_from=stop,
        waiting=sum(one.digest not in known and one.digest != sealed.digest for one in living),
    )


def _days_of(delivered: Delivered, consent: Consent, first: date, today: date) -> list[date]:
    """Days from the file's first entry to its last that are over, inside the consent."""
    look = delivered.look
    begin = max(first, look.first_entry.astimezone(LONDON).date())
    end = min(consent.valid_until, today - _DAY, look.last_entry.astimezone(LONDON).date())
    return days_between(begin, end)
