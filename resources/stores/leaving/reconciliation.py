"""The database and the journals beside it say the same, before anything is read or released."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as insert_or

from assets.core.errors import StorageError
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import (
    consent_events,
    leaving_requests,
    member_events,
    portal_consents,
    portal_taken,
)
from resources.stores.consent.consent_register import consent_in
from resources.stores.consent.leaving_journal import TABLES, JournalLine, LeavingJournal
from resources.stores.group_locks import take_group, take_register
from resources.stores.portal.revocations import Revocations
from resources.stores.release.release_journal import ReleaseJournal
from resources.stores.release.release_ledger import ReleaseLedger

_BEGINNING = ("granted", "renewed")
_FIXED = {"withdrawal": {"kind": "withdrawn"}, "request": {}, "member": {}}


@dataclass(frozen=True)
class Rebuilt:
    """How many lines the journals lacked."""

    leaving: int
    draws: int


@dataclass(frozen=True)
class Reconciliation:
    """Compares a home's database with its journals.

    Attributes:
        database: the home's.
        leaving: who left and objected.
        draws: which draws were made.
        revocations: which keys of the portal's invitations were revoked.
        member_lifetime: how long what members said is kept after their group's consent has ended.
    """

    database: Database
    leaving: LeavingJournal
    draws: ReleaseJournal
    revocations: Revocations
    member_lifetime: timedelta

    def require(self, now: datetime) -> int:
        """Put back what a database from a backup has forgotten. Returns how many entries.

        Raises:
            StorageError: `JOURNAL_INCOMPLETE` if the journals lack something that the database
                has, or there is no journal: then nobody knows what else is missing.
        """
        with suppress(StorageError):
            # Of an earlier version; who has no key can't, and compares all the same.
            self.leaving.seal_members()
        put_back = self.put_back(now)
        if not self.is_complete(now):
            raise StorageError("JOURNAL_INCOMPLETE")
        return put_back

    def put_back(self, now: datetime, *, members: bool = True) -> int:
        """Enter what the journal has and the database lacks; it acts at once.

        Withdrawals by the portal, which can't reach the journal, are noted there first. Keys that
        were revoked are refused again, which is not counted.

        Args:
            now: the moment.
            members: False where the member key may be missing: what members said is left to whoever
                reads next, who has it.

        Raises:
            StorageError: `MEMBER_KEY_MISSING` or `MEMBER_KEY_INVALID`, where it is needed; what
                `Revocations.put_back` raises, after everything else was put back.
        """
        try:
            self.note_withdrawals_of_portal(now)
            return sum(self._put_back(line) for line in self.forgotten(now, members=members))
        finally:
            # Last, for who left must not wait for a folder of the portal's that can't be written.
            self.revocations.put_back()

    def note_withdrawals_of_portal(self, now: datetime) -> int:
        """Note in the journal what the portal recorded since the last time. Returns how many.

        That it was noted is recorded afterwards: cut off in between, it is noted again. From then
        on a journal without it is incomplete, as without any other line.

        Raises:
            StorageError: `DISK_NOT_WRITABLE`, what the database's transactions raise.
        """
        with self.database.transaction() as connection:
            rows = connection.execute(_unnoted()).all()
        if not rows:
            return 0
        self.leaving.note([JournalLine.of("withdrawal", dict(row._mapping)) for row in rows])
        noted = [
            {
                "what": "withdrawal",
                "key": str(row.seq),
                "at": now,
                "group_ref": row.group_ref,
                "outcome": "NOTED",
            }
            for row in rows
        ]
        with self.database.transaction() as connection:
            # Another command may have noted it at this moment.
            connection.execute(insert_or(portal_taken).values(noted).on_conflict_do_nothing())
        return len(rows)

    def is_complete(self, now: datetime) -> bool:
        """Whether the journals know all that the database does."""
        return self.leaving.begun() and not any(self._lacking(now)) and not self._lacking_draws()

    def forgotten(self, now: datetime, *, members: bool = True) -> list[JournalLine]:
        """What the leaving journal has and the database lacks; arguments as those of `put_back`."""
        over = self.is_over(now)
        with self.database.transaction() as connection:
            there = {line.known_as for line in _lines_of(connection)}
            return [
                line
                for line in (
                    self.leaving.opened(one)
                    for one in self.leaving.lines()
                    if one.known_as not in there and (members or isinstance(one, JournalLine))
                )
                if _is_missing(connection, line)
                and not (line.what == "member" and over(connection, line.group_ref))
            ]

    def rebuild(self, now: datetime) -> Rebuilt:
        """Write into the journals what the database has; what they have already stays.

        Raises:
            StorageError: `DISK_NOT_WRITABLE`; what `Revocations.put_back` raises, after everything
                else was written.
        """
        self.note_withdrawals_of_portal(now)
        lines = self._lacking(now)
        if lines:
            self.leaving.note(lines)
        self.leaving.begin()
        draws = self._lacking_draws()
        for key in draws:
            self.draws.note(key)
        self.revocations.put_back()
        return Rebuilt(len(lines), len(draws))

    def is_over(self, now: datetime) -> Callable[[sa.Connection, str], bool]:
        """Whether what members of a group said is past its lifetime."""

        def over(connection: sa.Connection, group_ref: str) -> bool:
            consent = consent_in(connection, group_ref)
            return consent is not None and now - consent.ended_at > self.member_lifetime

        return over

    def _put_back(self, line: JournalLine) -> bool:
        def insert(connection: sa.Connection) -> bool:
            # Whoever is recording it now has noted it and not yet committed.
            take_group(connection, line.group_ref)
            take_register(connection)
            if not _is_missing(connection, line):
                return False
            connection.execute(TABLES[line.what].insert().values(**line.row, **_FIXED[line.what]))
            return True

        return at_once(self.database, insert)

    def _lacking(self, now: datetime) -> list[JournalLine]:
        """Rows of the database that the leaving journal lacks.

        The database is read first, for a line is noted before its row is committed.
        """
        over = self.is_over(now)
        with self.database.transaction() as connection:
            found = _lines_of(connection)
            # The portal's are noted by whoever looks next; the journal is whole without them.
            to_note = {
                JournalLine.of("withdrawal", dict(row._mapping)).known_as
                for row in connection.execute(_unnoted())
            }
            ended = {
                ref
                for ref in {line.group_ref for line in found if line.what == "member"}
                if over(connection, ref)
            }
        known = {line.known_as for line in self.leaving.lines()} | to_note
        return [
            line
            for line in found
            if line.known_as not in known
            # Taken out of the journal, and of the database before a backup brought it back.
            and not (line.what == "member" and line.group_ref in ended)
        ]

    def _lacking_draws(self) -> list[Any]:
        return self.draws.lacking(ReleaseLedger(self.database).stored())


def _lines_of(connection: sa.Connection) -> list[JournalLine]:
    """What the database has of all that the leaving journal tells of."""
    queries: Mapping[str, sa.Select[Any]] = {
        "withdrawal": sa.select(consent_events).where(consent_events.c.kind == "withdrawn"),
        "request": sa.select(leaving_requests),
        "member": sa.select(member_events),
    }
    return [
        JournalLine.of(what, dict(row._mapping))
        for what, query in queries.items()
        for row in connection.execute(query.order_by("seq")).all()
    ]


def _unnoted() -> sa.Select[Any]:
    """Withdrawals that the portal recorded and nobody has noted in the journal."""
    noted = sa.exists().where(
        portal_taken.c.what == "withdrawal",
        portal_taken.c.key == sa.cast(consent_events.c.seq, sa.String),
    )
    return (
        sa.select(consent_events)
        .where(consent_events.c.kind == "withdrawn", consent_events.c.via == "portal", ~noted)
        .order_by(consent_events.c.seq)
    )


def _is_missing(connection: sa.Connection, line: JournalLine) -> bool:
    """Whether the database lacks it, also as something recorded later.

    Who tried again after a failure is in the journal twice. A consent that was renewed since, or
    that the database never knew, has nothing to be withdrawn; an answer that waits to be taken over
    has.
    """
    table, row = TABLES[line.what], line.row
    own = sa.and_(table.c.group_ref == line.group_ref, table.c.at >= line.at)
    if line.what == "withdrawal":
        answered = sa.exists().where(portal_consents.c.group_ref == line.group_ref)
        known = consent_in(connection, line.group_ref) is not None
        if not known and not connection.execute(sa.select(answered)).scalar_one():
            return False
        overtaken = sa.and_(table.c.kind.in_(_BEGINNING), table.c.at > line.at)
        same = sa.or_(table.c.kind == "withdrawn", overtaken)
    else:
        same = sa.and_(
            *(
                table.c[name].is_not_distinct_from(value)
                for name, value in row.items()
                if name not in {"at", "group_ref"}
            )
        )
    return not connection.execute(sa.select(sa.exists().where(own, same))).scalar_one()
