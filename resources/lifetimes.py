"""What may only be kept for a time is deleted when that time is over, and counted."""

from datetime import datetime, timedelta

from assets.governance.errors import StorageError
from resources import ledger
from resources.consent_register import GROUP_REF
from resources.database import Database
from resources.inbox import Deletions, Inbox
from resources.score_store import ScoreStore
from resources.scrub_records import ScrubRecords


class Lifetimes:
    """Deletes exports, scores and counts of scrubbing that are past their lifetime."""

    def __init__(
        self,
        database: Database,
        inbox: Inbox,
        scores: ScoreStore,
        scrub_records: ScrubRecords,
        score_lifetime: timedelta,
    ) -> None:
        self._database = database
        self._inbox = inbox
        self._scores = scores
        self._scrub_records = scrub_records
        self._score_lifetime = score_lifetime

    def enforce(self, now: datetime) -> dict[ledger.Kind, int]:
        """Delete what is due and record it in the ledger. Returns counts by kind.

        Raises:
            StorageError: `LIFETIME_NOT_ENFORCED` if a file that is due could not be deleted; all
                that could be is deleted and recorded. `INBOX_NOT_REACHABLE`; the rest is deleted
                all the same.
        """
        unreachable = None
        try:
            deleted = self._inbox.delete_expired(now)
        except StorageError as error:
            deleted, unreachable = Deletions({}), error.code
        scores = self._scores.delete_expired(now, self._score_lifetime)
        records = self._scrub_records.delete_expired(now, self._score_lifetime)
        if unreachable:
            raise StorageError(unreachable)
        self._record(deleted, ledger.Kind.EXPORT_DELETED, now)
        return {
            ledger.Kind.EXPORT_DELETED: sum(deleted.by_folder.values()),
            ledger.Kind.SCORES_DELETED: scores,
            ledger.Kind.SCRUB_RECORDS_DELETED: records,
        }

    def purge(self, group_ref: str, now: datetime) -> int:
        """Delete all files of one group before their time; returns how many.

        Raises:
            StorageError: as `enforce` does.
        """
        deleted = self._inbox.purge(group_ref)
        self._record(deleted, ledger.Kind.EXPORT_PURGED, now)
        return sum(deleted.by_folder.values())

    def _record(self, deleted: Deletions, kind: ledger.Kind, now: datetime) -> None:
        with self._database.transaction() as connection:
            for folder, count in deleted.by_folder.items():
                # A folder made by hand may be called after the group.
                group_ref = folder if GROUP_REF.match(folder) else None
                ledger.record(connection, kind, count, now, group_ref=group_ref)
        if deleted.failed:
            raise StorageError("LIFETIME_NOT_ENFORCED")
