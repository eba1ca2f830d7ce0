"""Each export that goes is counted once in the ledger, whoever is killed while it goes.

A file and a row of the database can't go and come at once. So which exports are to go is noted
first, and the note goes with the entry that counts them: of one whose file is gone and whose note
stands, somebody was killed in between, and whoever looks next counts it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from assets.core.errors import StorageError
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import exports_going
from resources.stores import ledger
from resources.stores.consent.consent_terms import GROUP_REF
from resources.stores.inbox.inbox import Deletions, Going, Inbox, SealedExport

_OF_ROW = (exports_going.c.group_ref, exports_going.c.arrived_at, exports_going.c.digest)
_Key = tuple[str, datetime, str]


@dataclass(frozen=True)
class ExportDeletions:
    """Counts what goes of an inbox.

    Attributes:
        database: the home's.
        inbox: where exports are.
    """

    database: Database
    inbox: Inbox

    def count(
        self, kind: ledger.Kind, now: datetime, delete: Callable[[Going], Deletions]
    ) -> Deletions:
        """Have files deleted, and record in the ledger which were.

        Args:
            kind: what the entries say.
            now: their moment.
            delete: does it, and tells before which exports are to go.

        Returns:
            What `delete` does.

        Raises:
            StorageError: what `delete` and the database's transactions raise.
        """
        noted: set[_Key] = set()

        def going(exports: Sequence[SealedExport]) -> None:
            keys = [_key(one) for one in exports]
            # What can't be noted goes all the same.
            with suppress(StorageError):
                at_once(self.database, lambda connection: _note(connection, kind, keys))
                noted.update(keys)

        done = delete(going)
        gone = noted.intersection(_key(one) for one in done.exports)
        others = Counter(done.by_folder)
        others.subtract(Counter(group_ref for group_ref, *_ in gone))
        with self.database.transaction() as connection:
            _settle(connection, gone, now)
            for folder, count in others.items():
                if count:
                    # A folder made by hand may be called after the group.
                    group_ref = folder if GROUP_REF.match(folder) else None
                    ledger.record(connection, kind, count, now, group_ref=group_ref)
        return done

    def settle_left(self, now: datetime) -> Counter[ledger.Kind]:
        """Count those that went while somebody was killed. Returns how many of each kind.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE`, what the database's transactions raise.
        """
        with self.database.transaction() as connection:
            left = {tuple(row) for row in connection.execute(sa.select(*_OF_ROW))}
        if not left:
            return Counter()
        there = {_key(one) for ref in {ref for ref, *_ in left} for one in self.inbox.list(ref)}
        with self.database.transaction() as connection:
            return _settle(connection, left - there, now)


def _key(export: SealedExport) -> _Key:
    return export.group_ref, export.arrived_at, export.digest


def _note(connection: sa.Connection, kind: ledger.Kind, keys: Sequence[_Key]) -> None:
    names = [one.name for one in _OF_ROW]
    rows = [{**dict(zip(names, key, strict=True)), "kind": kind.value} for key in keys]
    made = insert(exports_going).values(rows)
    # Of one that could not be deleted for another reason before.
    again = made.on_conflict_do_update(index_elements=names, set_={"kind": made.excluded.kind})
    connection.execute(again)


def _settle(
    connection: sa.Connection, gone: Collection[_Key], now: datetime
) -> Counter[ledger.Kind]:
    """Count those of these exports whose note stands: nobody else has counted them."""
    counts: Counter[ledger.Kind] = Counter()
    if not gone:
        return counts
    where = sa.tuple_(*_OF_ROW).in_(sorted(gone))
    taken = exports_going.delete().where(where)
    rows = connection.execute(taken.returning(exports_going.c.kind, exports_going.c.group_ref))
    for (kind, group_ref), count in sorted(Counter(map(tuple, rows)).items()):
        ledger.record(connection, ledger.Kind(kind), count, now, group_ref=group_ref)
        counts[ledger.Kind(kind)] += count
    return counts
