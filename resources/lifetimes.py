"""What may only be kept for a time is deleted when that time is over, and counted."""

from datetime import datetime, timedelta

from resources import ledger
from resources.consent_register import GROUP_REF
from resources.database import Database
from resources.inbox import Inbox
from resources.score_store import ScoreStore


class Lifetimes:
    """Deletes exports and scores that are past their lifetime."""

    def __init__(
        self, database: Database, inbox: Inbox, scores: ScoreStore, score_lifetime: timedelta
    ) -> None:
        self._database = database
        self._inbox = inbox
        self._scores = scores
        self._score_lifetime = score_lifetime

    def enforce(self, now: datetime) -> dict[ledger.Kind, int]:
        """Delete what is due and record it in the ledger. Returns counts by kind."""
        by_group = self._inbox.delete_expired(now)
        with self._database.transaction() as connection:
            for folder, count in by_group.items():
                # A folder made by hand may be called after the group.
                group_ref = folder if GROUP_REF.match(folder) else None
                ledger.record(
                    connection, ledger.Kind.EXPORT_DELETED, count, now, group_ref=group_ref
                )
        return {
            ledger.Kind.EXPORT_DELETED: sum(by_group.values()),
            ledger.Kind.SCORES_DELETED: self._scores.delete_expired(now, self._score_lifetime),
        }
