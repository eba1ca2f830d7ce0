"""Leaving: recorded first and effective at once, then keys destroyed, then bytes deleted.

None of it asks for a study record, a model, the master key, Dagster or an idle database. Each part
can be done again; what fails after the record is made is told, and done by `lifetimes`.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from assets.core.errors import StorageError, TidelineError
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import leaving_requests, seen_senders
from resources.stores import ledger
from resources.stores.connect.of_home import ConnectorsOfHome
from resources.stores.consent.admin_addresses import AdminAddresses
from resources.stores.consent.consent_register import ConsentRegister, require_known
from resources.stores.consent.departures import Departures
from resources.stores.consent.leaving_journal import JournalLine, LeavingJournal
from resources.stores.group_locks import take_group
from resources.stores.inbox.inbox import Deletions, Going, Inbox
from resources.stores.leaving.export_deletions import ExportDeletions
from resources.stores.members.told_names import delete_names
from resources.stores.scores.score_store import ScoreStore
from resources.stores.surveys.survey_store import SurveyStore
from resources.stores.vectors.vector_store import VectorStore

Part = Callable[[], Mapping[ledger.Kind, int]]


@dataclass(frozen=True)
class Gone:
    """What was deleted, and what was not.

    Attributes:
        counts: by kind, as in the ledger.
        failures: codes of the parts that failed, in order; `lifetimes` tries them again.
    """

    counts: Counter[ledger.Kind] = field(default_factory=Counter)
    failures: tuple[str, ...] = ()


def each_by_itself(*parts: Part) -> Gone:
    """Do every part, whatever becomes of the others.

    What is no error of ours is told as `LIFETIME_PART_BROKEN`; nothing of its words is kept.
    """
    counts: Counter[ledger.Kind] = Counter()
    failures: list[str] = []
    for part in parts:
        try:
            counts.update(part())
        except TidelineError as error:
            failures.append(error.code)
        except OSError:
            failures.append("LIFETIME_NOT_ENFORCED")
        except Exception:  # noqa: BLE001  (whatever it is, the other parts are to be done)
            failures.append("LIFETIME_PART_BROKEN")
    return Gone(counts, tuple(failures))


@dataclass(frozen=True)
class Leaving:
    """What groups may do at any time.

    Attributes:
        database: the home's.
        journal: what is recorded is noted there too.
        register: of consents.
        vectors: whose keys are destroyed.
        scores: likewise.
        surveys: likewise.
        inbox: whose files are deleted; it need not answer.
        addresses: of admins, which are deleted.
        connectors: which stop pulling its chat.
    """

    database: Database
    journal: LeavingJournal
    register: ConsentRegister
    vectors: VectorStore
    scores: ScoreStore
    surveys: SurveyStore
    inbox: Inbox
    addresses: AdminAddresses
    connectors: ConnectorsOfHome

    def withdraw(self, group_ref: str, now: datetime) -> Gone:
        """Withdraw a group's consent and delete what is the group's.

        That group-days had settled stays, and what members said, for the group may renew.

        Raises:
            ConsentError, StorageError: what `ConsentRegister.withdraw` raises: nothing was done.
        """
        self.register.withdraw(group_ref, now)
        return self.delete_all_of(group_ref, now)

    def purge(self, group_ref: str, now: datetime) -> Gone:
        """Delete a group's exports; none of them is read from now on.

        Raises:
            ConsentError: `GROUP_UNKNOWN`.
            StorageError: what `at_once` and `LeavingJournal.note` raise: nothing was done.
        """
        self._ask("exports", group_ref, now)
        return each_by_itself(
            lambda: self._deleted(lambda going: self.inbox.purge(group_ref, going), now)
        )

    def forget_surveys(self, group_ref: str, now: datetime) -> Gone:
        """Destroy what was imported of a group's surveys; raises as `purge` does."""
        self._ask("surveys", group_ref, now)
        return each_by_itself(lambda: self._forget_surveys(group_ref, now))

    def delete_all_of(self, group_ref: str, now: datetime) -> Gone:
        """Delete what there is of a group that has withdrawn, and count it in the ledger."""
        kind = ledger.Kind
        return each_by_itself(
            # First, so that no more comes.
            lambda: self._stop_connectors(group_ref),
            lambda: {kind.KEYS_DESTROYED: self.vectors.destroy_group(group_ref, now)},
            lambda: {kind.SCORES_DELETED: self.scores.forget(group_ref, now)},
            lambda: self._forget_surveys(group_ref, now),
            lambda: {kind.SENDERS_DELETED: self.forget_senders(group_ref, now)},
            lambda: self._forget_address(group_ref),
            lambda: self._deleted(lambda going: self.inbox.delete_left(now, group_ref, going), now),
        )

    def delete_left(self, now: datetime) -> Gone:
        """Delete again what groups left behind, wherever an earlier deletion was cut off."""
        departures = Departures(self.database)

        def files() -> Mapping[ledger.Kind, int]:
            return self._deleted(lambda going: self.inbox.delete_left(now, going=going), now)

        def surveys() -> Mapping[ledger.Kind, int]:
            counts: Counter[ledger.Kind] = Counter()
            for group_ref, until in departures.of_surveys().items():
                counts.update(self._forget_surveys(group_ref, now, until))
            return counts

        def stored() -> Mapping[ledger.Kind, int]:
            kind = ledger.Kind
            failure = None
            counts: Counter[ledger.Kind] = Counter()
            for group_ref in sorted(departures.withdrawn()):
                gone = each_by_itself(
                    lambda ref=group_ref: {
                        kind.KEYS_DESTROYED: self.vectors.destroy_group(ref, now)
                    },
                    lambda ref=group_ref: {kind.SCORES_DELETED: self.scores.forget(ref, now)},
                    lambda ref=group_ref: {kind.SENDERS_DELETED: self.forget_senders(ref, now)},
                    lambda ref=group_ref: self._forget_address(ref),
                )
                counts.update(gone.counts)
                failure = failure or next(iter(gone.failures), None)
            if failure:
                raise StorageError(failure)
            return counts

        return each_by_itself(stored, surveys, files)

    def forget_senders(self, group_ref: str, now: datetime) -> int:
        """Delete the digests of a group's senders, and of their names. Returns how many senders."""

        def delete(connection: sa.Connection) -> int:
            where = seen_senders.c.group_ref == group_ref
            count = connection.execute(seen_senders.delete().where(where)).rowcount
            delete_names(connection, group_ref)
            if count:
                kind = ledger.Kind.SENDERS_DELETED
                ledger.record(connection, kind, count, now, group_ref=group_ref)
            return count

        return at_once(self.database, delete)

    def _stop_connectors(self, group_ref: str) -> Mapping[ledger.Kind, int]:
        self.connectors.remove(group_ref)
        return {}

    def _forget_address(self, group_ref: str) -> Mapping[ledger.Kind, int]:
        self.addresses.forget([group_ref])
        return {}

    def _ask(self, kind: str, group_ref: str, now: datetime) -> None:
        row = {"at": now, "kind": kind, "group_ref": group_ref}

        def record(connection: sa.Connection) -> None:
            take_group(connection, group_ref)
            require_known(connection, group_ref)
            connection.execute(leaving_requests.insert().values(row))
            self.journal.note([JournalLine.of("request", row)])

        at_once(self.database, record)

    def _forget_surveys(
        self, group_ref: str, now: datetime, until: datetime | None = None
    ) -> Mapping[ledger.Kind, int]:
        count = self.surveys.forget(group_ref, until)
        if count:
            with self.database.transaction() as connection:
                kind = ledger.Kind.SURVEYS_DELETED
                ledger.record(connection, kind, count, now, group_ref=group_ref)
        return {ledger.Kind.SURVEYS_DELETED: count}

    def _deleted(
        self, delete: Callable[[Going], Deletions], now: datetime
    ) -> Mapping[ledger.Kind, int]:
        kind = ledger.Kind.EXPORT_PURGED
        return {kind: counted(self.database, self.inbox, kind, now, delete)}


def counted(
    database: Database,
    inbox: Inbox,
    kind: ledger.Kind,
    now: datetime,
    delete: Callable[[Going], Deletions],
) -> int:
    """Have files deleted and counted, see `ExportDeletions.count`. Returns how many went.

    Raises:
        StorageError: `LIFETIME_NOT_ENFORCED` if some were due and could not be.
    """
    done = ExportDeletions(database, inbox).count(kind, now, delete)
    if done.failed:
        raise StorageError("LIFETIME_NOT_ENFORCED")
    return sum(done.by_folder.values())
