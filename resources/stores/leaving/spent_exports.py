"""Exports are destroyed as soon as every day that they can supply has settled."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from assets.core.errors import StorageError
from assets.core.london_time import LONDON
from resources.base.database import tables
from resources.base.database.connection import Database
from resources.stores import ledger
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.consent.consent_state import Consent
from resources.stores.inbox.collection_records import CollectionRecords
from resources.stores.inbox.coverage import is_spent
from resources.stores.inbox.inbox import Inbox, SealedExport
from resources.stores.leaving.export_deletions import ExportDeletions
from resources.stores.region_days import RegionDays
from resources.stores.scores.score_store import ScoreStore


@dataclass(frozen=True)
class SpentExports:
    """Finds and deletes them.

    Attributes:
        database: the home's.
        inbox: where exports are.
        register: of consents.
        records: which exports could be read, and what they hold.
        scores: which group-days have settled.
        region_days: which region-days are closed.
        first_day: the home's first day.
    """

    database: Database
    inbox: Inbox
    register: ConsentRegister
    records: CollectionRecords
    scores: ScoreStore
    region_days: RegionDays
    first_day: date

    def delete(self, now: datetime, group_refs: Collection[str] | None = None) -> int:
        """Delete them and record it in the ledger. Returns how many went.

        An export that was not read, or not readable, stays for its lifetime, and so does one with a
        day that was refused.

        Args:
            now: the moment.
            group_refs: look at these groups only; None for all.

        Raises:
            StorageError: `LIFETIME_NOT_ENFORCED` if one could not be deleted,
                `INBOX_NOT_REACHABLE`.
            SetupError: what the inbox's location raises.
        """
        deleted = failed = 0
        for group_ref, consent in self.register.consents().items():
            if not consent.active or (group_refs is not None and group_ref not in group_refs):
                continue
            spent = self._spent(consent, now)
            if not spent:
                continue
            gone = ExportDeletions(self.database, self.inbox).count(
                ledger.Kind.EXPORT_SPENT,
                now,
                lambda going, spent=spent: self.inbox.delete(spent, going),
            )
            deleted += sum(gone.by_folder.values())
            failed += gone.failed
        if failed:
            raise StorageError("LIFETIME_NOT_ENFORCED")
        return deleted

    def deleted(self, group_ref: str) -> int:
        """How many of a group's exports went this way, by the ledger."""
        entries = sa.select(sa.func.sum(tables.ledger.c.count)).where(
            tables.ledger.c.kind == ledger.Kind.EXPORT_SPENT.value,
            tables.ledger.c.group_ref == group_ref,
        )
        with self.database.transaction() as connection:
            return connection.execute(entries).scalar() or 0

    def _spent(self, consent: Consent, now: datetime) -> list[SealedExport]:
        files = self.inbox.living(consent.group_ref, now)
        known = self.records.readable(consent.group_ref) if files else {}
        first = max(consent.valid_from, self.first_day)
        # Nothing that lies in the future can have settled.
        last = min(consent.valid_until, now.astimezone(LONDON).date())
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        if not known or not days:
            return []
        region = consent.region
        done = {day for day, _ in self.scores.settled(region, days, consent.group_ref)}
        done |= self.region_days.closed(region, days)
        return [
            one
            for one in files
            if one.digest in known
            and is_spent(
                known[one.digest].candidate(one),
                first,
                consent.valid_until,
                done,
            )
        ]
