"""Writes facts into the schema `release`: each once, and again only when it is another."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from assets.core.london_time import LONDON
from assets.released.reviewed_facts import checked
from resources.base.database.connection import Database
from resources.base.database.tables import consent_events, incident_events, reviewed_facts

_LOCK = int.from_bytes(hashlib.sha256(b"reviewed facts").digest()[:8], "big", signed=True)


@dataclass(frozen=True)
class QuarterCounts:
    """What happened in a quarter; exact, so it never leaves the restricted side as it is.

    Attributes:
        withdrawals: groups that were withdrawn.
        incidents: incidents that were opened.
        regulator_told: incidents of which the regulator was told.
    """

    withdrawals: int
    incidents: int
    regulator_told: int


class FactBook:
    """The facts of a home.

    Args:
        database: the home's database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begun(self, now: datetime) -> date:
        """The day in London on which the first fact was recorded; today if there is none."""
        with self._database.transaction() as connection:
            first = connection.execute(sa.select(sa.func.min(reviewed_facts.c.at))).scalar()
        return (first or now).astimezone(LONDON).date()

    def record(
        self,
        kind: str,
        facts: Mapping[str, Any],
        now: datetime,
        register_digest: str | None = None,
    ) -> int:
        """Record those facts that are not so already. Returns how many.

        Args:
            kind: of `assets.released.reviewed_facts.Kind`.
            facts: by name.
            now: the moment.
            register_digest: of the register that the words were signed in.

        Raises:
            PublicationError: `FACT_NOT_ALLOWED`; nothing is recorded.
            StorageError: `DATABASE_REFUSED`, `POSTGRES_NOT_REACHABLE`.
        """
        allowed = {name: checked(kind, name, one) for name, one in facts.items()}
        with self._database.transaction() as connection:
            _take(connection)
            known = _newest(connection, kind)
            new = [name for name, one in allowed.items() if known.get(name, _Unknown) != one]
            for name in new:
                row = {"at": now, "kind": kind, "name": name, "value": allowed[name]}
                connection.execute(
                    reviewed_facts.insert().values(**row, register_digest=register_digest)
                )
        return len(new)

    def record_quarter(
        self, name: str, begin: datetime, end: datetime, now: datetime, told: Callable
    ) -> bool:
        """Record a quarter once and for ever. Returns whether it was.

        Args:
            name: such as `2026-Q3`.
            begin: its first moment (aware).
            end: the first moment after it (aware).
            now: the moment.
            told: makes of its `QuarterCounts` what may be told; asked only where nothing is
                recorded yet, for it draws noise.

        Raises:
            PublicationError: `FACT_NOT_ALLOWED`.
            StorageError: as `record`.
        """
        with self._database.transaction() as connection:
            _take(connection)
            if name in _newest(connection, "quarter"):
                return False
            value = checked("quarter", name, told(_counts(connection, begin, end)))
            row = {"at": now, "kind": "quarter", "name": name, "value": value}
            connection.execute(reviewed_facts.insert().values(row))
        return True


class _Unknown:
    """Equal to no fact."""


def _take(connection: sa.Connection) -> None:
    """Let nobody else record until the transaction ends."""
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _newest(connection: sa.Connection, kind: str) -> dict[str, Any]:
    facts = reviewed_facts.c
    query = sa.select(facts.name, facts.value).where(facts.kind == kind).order_by(facts.seq)
    return {name: value for name, value in connection.execute(query)}  # noqa: C416


def _counts(connection: sa.Connection, begin: datetime, end: datetime) -> QuarterCounts:
    def count(table: sa.Table, column: sa.Column, kind: str) -> int:
        query = sa.select(sa.func.count(column.distinct())).where(
            table.c.kind == kind, table.c.at >= begin, table.c.at < end
        )
        return int(connection.execute(query).scalar_one())

    incidents = incident_events.c.incident_ref
    return QuarterCounts(
        withdrawals=count(consent_events, consent_events.c.group_ref, "withdrawn"),
        incidents=count(incident_events, incidents, "opened"),
        regulator_told=count(incident_events, incidents, "regulator_told"),
    )
