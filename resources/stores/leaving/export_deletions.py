"""Each export that goes is counted once in the ledger, whoever is killed while it goes.

A file and a row of the database can't go and come at once. So which exports are to go is noted
first, and the note goes with the entry that counts them: of one whose file is gone and whose note
stands, somebody was killed in between, and whoever looks next counts it.

Several may delete the same file. A note made of what is gone already would be of what was counted
already, so a note counts only once the file was seen to be there after it stood: until then it is a
claim. As no note is settled while its file is there, each file has one note that counts, whoever
made it, and that is settled once. A claim of what is gone is dropped.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

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
            try:
                claims = at_once(self.database, lambda connection: _note(connection, kind, keys))
                there = _seen(self.inbox, exports)
                at_once(self.database, lambda connection: _confirm(connection, kind, claims, there))
            except StorageError:
                return
            noted.update(keys)

        done = delete(going)
        gone = {_key(one) for one in done.exports}
        others = Counter(done.by_folder)
        with self.database.transaction() as connection:
            # What this one could not note another may have.
            counted = noted & gone | _settle(connection, gone, now).keys()
            others.subtract(Counter(group_ref for group_ref, *_ in counted))
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
        if not self.inbox.location.is_there():
            return Counter()
        with self.database.transaction() as connection:
            left = {tuple(row) for row in connection.execute(sa.select(*_OF_ROW))}
        if not left:
            return Counter()
        refs = {ref for ref, *_ in left}
        there = {_key(one) for ref in refs for one in self.inbox.exports_under(ref)}
        # A place that is not mounted has no files either.
        if not self.inbox.location.is_there():
            return Counter()
        with self.database.transaction() as connection:
            return Counter(_settle(connection, left - there, now).values())


def _key(export: SealedExport) -> _Key:
    return export.group_ref, export.arrived_at, export.digest


def _note(
    connection: sa.Connection, kind: ledger.Kind, keys: Sequence[_Key]
) -> dict[_Key, str | None]:
    """Note them; gives the claim of each, None for one that was seen already."""
    names, claim = [one.name for one in _OF_ROW], uuid4().hex
    # In one order, so that two at once wait for each other and never in a ring.
    rows = [
        {**dict(zip(names, key, strict=True)), "kind": kind.value, "claim": claim}
        for key in sorted(set(keys))
    ]
    made = insert(exports_going).values(rows)
    # Whoever finds a note shares it.
    shared = made.on_conflict_do_update(
        index_elements=names, set_={"claim": exports_going.c.claim}
    ).returning(*_OF_ROW, exports_going.c.claim)
    return {(ref, at, digest): held for ref, at, digest, held in connection.execute(shared)}


def _seen(inbox: Inbox, exports: Sequence[SealedExport]) -> set[_Key]:
    """Those that are there now."""
    inbox.location.files.invalidate_cache()
    return {_key(one) for one in exports if inbox.size(one) is not None}


def _confirm(
    connection: sa.Connection,
    kind: ledger.Kind,
    claims: Mapping[_Key, str | None],
    there: Collection[_Key],
) -> None:
    """Let the notes of those that are there count, and drop the claims of the others.

    A note that has gone since was settled, and is not made again.
    """
    own = exports_going.c.claim.in_({one for one in claims.values() if one is not None})
    where = sa.tuple_(*_OF_ROW)
    if there:
        connection.execute(
            exports_going.update()
            .where(where.in_(sorted(there)), own | exports_going.c.claim.is_(None))
            .values(claim=None, kind=kind.value)
        )
    if gone := claims.keys() - there:
        connection.execute(exports_going.delete().where(where.in_(sorted(gone)), own))


def _settle(
    connection: sa.Connection, gone: Collection[_Key], now: datetime
) -> dict[_Key, ledger.Kind]:
    """Count those of these exports whose note stands: nobody else has counted them."""
    if not gone:
        return {}
    columns = (*_OF_ROW, exports_going.c.kind, exports_going.c.claim)
    taken = exports_going.delete().where(sa.tuple_(*_OF_ROW).in_(sorted(gone)))
    counted = {
        (ref, at, digest): ledger.Kind(kind)
        for ref, at, digest, kind, claim in connection.execute(taken.returning(*columns))
        if claim is None
    }
    counts = Counter((kind, ref) for (ref, *_), kind in counted.items())
    for (kind, group_ref), count in sorted(counts.items()):
        ledger.record(connection, kind, count, now, group_ref=group_ref)
    return counted
