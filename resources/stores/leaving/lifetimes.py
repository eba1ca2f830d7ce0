"""What may only be kept for a time is deleted when that time is over, and counted."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from assets.core.errors import StorageError
from assets.core.london_time import LONDON
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import member_events, when_due
from resources.base.keys.key_store import KeyStore
from resources.maintenance.database_backup import delete_backups
from resources.stores import ledger
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.consent.leaving_journal import JournalLine, LeavingJournal
from resources.stores.consent.sealed_lines import SealedLine
from resources.stores.inbox.inbox import Deletions, Going, Inbox
from resources.stores.incidents.incidents import Incidents
from resources.stores.leaving.export_deletions import ExportDeletions
from resources.stores.leaving.leaving import Gone, Leaving, counted, each_by_itself
from resources.stores.leaving.reconciliation import Reconciliation
from resources.stores.leaving.spent_exports import SpentExports
from resources.stores.pulse.answer_book import delete_due as delete_pulse_due
from resources.stores.requests.request_book import delete_due
from resources.stores.scores.score_store import ScoreStore
from resources.stores.surveys.survey_store import SurveyStore
from resources.stores.vectors.scrub_records import ScrubRecords
from resources.stores.vectors.vector_store import VectorStore

Counts = Mapping[ledger.Kind, int]

TIME_TO_STORE = timedelta(hours=1)
"""A key or file without a row that is older than this was left by a crash."""


@dataclass(frozen=True)
class Periods:
    """How long things are kept (home.yaml).

    Attributes:
        scores: from when they were stored; vectors, counts of scrubbing, and backups that a
            migration made, as well.
        member_records: digests of senders and of what members said, from the end of the consent.
        surveys: from the end of the week that was asked about.
    """

    scores: timedelta
    member_records: timedelta
    surveys: timedelta


@dataclass(frozen=True)
class Lifetimes:
    """Deletes what is past its lifetime, and what groups that left have left behind.

    Each part is done by itself, so that one that fails keeps none of the others back.
    """

    database: Database
    inbox: Inbox
    register: ConsentRegister
    vectors: VectorStore
    scores: ScoreStore
    surveys: SurveyStore
    scrub_records: ScrubRecords
    keys: KeyStore
    journal: LeavingJournal
    reconciliation: Reconciliation
    leaving: Leaving
    incidents: Incidents
    spent_exports: SpentExports
    refresh_connectors: Callable[[datetime], None]
    backups: Path
    periods: Periods

    def enforce(self, now: datetime) -> Counter[ledger.Kind]:
        """Delete what is due, as `sweep` does. Returns counts by kind.

        Raises:
            StorageError: the code of the first part that failed, such as `LIFETIME_NOT_ENFORCED`
                if something that is due could not be deleted, or `INBOX_NOT_REACHABLE`; all that
                could be deleted is, and recorded.
        """
        done = self.sweep(now)
        _raise_first(done)
        return done.counts

    def sweep(self, now: datetime) -> Gone:
        """Delete what is due and record it in the ledger. Returns what went and what did not."""
        kind = ledger.Kind
        return each_by_itself(
            # First, for it says who has left.
            lambda: self._put_back(now),
            lambda: self._lists_of_rooms(now),
            # Of whoever was killed while exports went.
            lambda: ExportDeletions(self.database, self.inbox).settle_left(now),
            lambda: self._left(now),
            lambda: {kind.SCORES_DELETED: self.scores.delete_expired(now, self.periods.scores)},
            lambda: {kind.KEYS_DESTROYED: self.vectors.destroy_expired(now, self.periods.scores)},
            lambda: {kind.KEYS_DESTROYED: self.vectors.destroy_closed(now)},
            lambda: self._scrub_records(now),
            lambda: self._surveys(now),
            lambda: self._members(now),
            lambda: self._orphans(now),
            lambda: self._backups(now),
            lambda: self._requests(now),
            lambda: self._pulse(now),
            lambda: self._exports(now),
            lambda: {kind.EXPORT_SPENT: self.spent_exports.delete(now)},
        )

    def _scrub_records(self, now: datetime) -> Counts:
        """Counts and codes, which an incident is looked into by; nothing personal waits for it."""
        kind = ledger.Kind.SCRUB_RECORDS_DELETED
        if self.incidents.standing() is not None:
            return {}
        return {kind: self.scrub_records.delete_expired(now, self.periods.scores)}

    def _put_back(self, now: datetime) -> Counts:
        # It takes no key: what members said is put back by whoever reads.
        self.reconciliation.put_back(now, members=False)
        return {}

    def _lists_of_rooms(self, now: datetime) -> Counts:
        self.refresh_connectors(now)
        return {}

    def _left(self, now: datetime) -> Counts:
        gone = self.leaving.delete_left(now)
        _raise_first(gone)
        return gone.counts

    def _exports(self, now: datetime) -> Counts:
        kind = ledger.Kind.EXPORT_DELETED

        def delete(going: Going) -> Deletions:
            return self.inbox.delete_expired(now, going)

        return {kind: counted(self.database, self.inbox, kind, now, delete)}

    def _surveys(self, now: datetime) -> Counts:
        kind = ledger.Kind.SURVEYS_DELETED
        today = now.astimezone(LONDON).date()
        return {
            kind: self._record(kind, self.surveys.delete_expired(today, self.periods.surveys), now)
        }

    def _members(self, now: datetime) -> Counts:
        """Digests of senders and of what they said, of groups whose consent ended long ago."""
        over = {
            ref
            for ref, consent in self.register.consents().items()
            if now - consent.ended_at > self.periods.member_records
        }
        counts: Counter[ledger.Kind] = Counter()
        known = self._known_as(over)
        self.leaving.addresses.forget(over)
        for group_ref in sorted(over):
            counts[ledger.Kind.SENDERS_DELETED] += self.leaving.forget_senders(group_ref, now)
            counts[ledger.Kind.MEMBER_EVENTS_DELETED] += self._forget_events(group_ref, now)

        def due(line: JournalLine | SealedLine) -> bool:
            if line.what != "member":
                return False
            if line.known_as in known:
                return True
            # Whose row a crash, or a backup, has taken away before.
            with suppress(StorageError):
                return self.journal.opened(line).group_ref in over
            return False

        # After the database's, for what the journal lacks the database must not have.
        if over:
            self.journal.drop(due)
        return counts

    def _known_as(self, over: Collection[str]) -> frozenset[str]:
        """By which the journal knows what members of these groups said."""
        with self.database.transaction() as connection:
            rows = connection.execute(
                sa.select(member_events).where(member_events.c.group_ref.in_(over))
            ).all()
        return frozenset(JournalLine.of("member", dict(row._mapping)).known_as for row in rows)

    def _forget_events(self, group_ref: str, now: datetime) -> int:
        def delete(connection: sa.Connection) -> int:
            when_due(connection)
            where = member_events.c.group_ref == group_ref
            count = connection.execute(member_events.delete().where(where)).rowcount
            if count:
                kind = ledger.Kind.MEMBER_EVENTS_DELETED
                ledger.record(connection, kind, count, now, group_ref=group_ref)
            return count

        return at_once(self.database, delete)

    def _orphans(self, now: datetime) -> Counts:
        """Keys and files that a crash left, which nothing names."""
        before = now - TIME_TO_STORE
        count = self.vectors.delete_strays(before) + self.surveys.delete_partials(before)
        living = self.vectors.living_keys() | self.scores.living_keys() | self.surveys.living_keys()
        count += self.keys.destroy_all_but(living, before)
        kind = ledger.Kind.ORPHANS_DELETED
        return {kind: self._record(kind, count, now)}

    def _backups(self, now: datetime) -> Counts:
        """Backups of the database hold what is deleted from it."""
        kind = ledger.Kind.BACKUPS_DELETED
        before = now - self.periods.scores
        return {kind: self._record(kind, delete_backups(self.backups, before, now), now)}

    def _requests(self, now: datetime) -> Counts:
        """Of members, by the portal; uncounted, see `delete_due`."""
        delete_due(self.database, now.astimezone(LONDON).date())
        return {}

    def _pulse(self, now: datetime) -> Counts:
        """Answers that nobody combined in time; uncounted, see `delete_pulse_due`."""
        close_after_days = self.register.rules.close_after_days
        delete_pulse_due(self.database, now.astimezone(LONDON).date(), close_after_days)
        return {}

    def _record(self, kind: ledger.Kind, count: int, now: datetime) -> int:
        if count:
            with self.database.transaction() as connection:
                ledger.record(connection, kind, count, now)
        return count


def _raise_first(done: Gone) -> None:
    if done.failures:
        raise StorageError(done.failures[0])
