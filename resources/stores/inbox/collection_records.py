"""What collection found: a report for each export, and the faults by group reference and code."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from assets.core.errors import CATALOGUE, ExportError, SetupError
from assets.core.modes import Mode
from assets.core.platforms import EARLIEST_ENTRY
from resources.base.database.connection import Database
from resources.base.database.tables import (
    counted_exports,
    export_reports,
    faults,
    group_days,
    home,
)
from resources.stores.inbox.coverage import Candidate, end_of
from resources.stores.inbox.inbox import SealedExport


@dataclass(frozen=True)
class ExportCounts:
    """What one reading of an export counted; no text, no names.

    Attributes:
        first_entry: time of the earliest entry (aware), None if there is none.
        last_entry: time of the latest entry (aware), None if there is none.
        entries: all entries.
        speech: entries that a person wrote.
        system: entries of the platform.
        other: media, deleted and edited entries.
        date_order: `dmy`, `mdy`, `ymd` or `unsure`.
        privacy_on_times: each time that advanced chat privacy was turned on (aware).
        covered_from: first moment of what the export says that it holds (aware).
        covered_until: the moment up to which it does (aware).
        deletions: entries that say of a message that it was deleted or edited, where such an entry
            acts on other exports.
    """

    first_entry: datetime | None
    last_entry: datetime | None
    entries: int
    speech: int
    system: int
    other: int
    date_order: str
    privacy_on_times: Sequence[datetime] = ()
    covered_from: datetime | None = None
    covered_until: datetime | None = None
    deletions: int | None = None

    def candidate(self, sealed: SealedExport) -> Candidate:
        """The export as one that may supply days."""
        covered = None
        if self.covered_from is not None and self.covered_until is not None:
            covered = self.covered_from, self.covered_until
        return Candidate(
            sealed.digest,
            sealed.arrived_at,
            self.last_entry,
            self.first_entry,
            covered,
            bool(self.deletions),
        )


@dataclass(frozen=True)
class Fault:
    """Something that went wrong for one group, at one stage."""

    region: str
    group_ref: str
    stage: str
    code: str
    run_id: str
    day: date | None = None


class CollectionRecords:
    """Stores and finds export reports and faults."""

    def __init__(self, database: Database, mode: Mode) -> None:
        self._database = database
        self._mode = mode

    def readable(self, group_ref: str) -> Mapping[str, ExportCounts]:
        """Reports of the exports that could be read, by digest.

        Not of one that says that it holds what was before any chat: it is read again, and refused.
        """
        reports = export_reports.c
        begins = sa.or_(reports.covered_from.is_(None), reports.covered_from >= EARLIEST_ENTRY)
        fields = [reports[name] for name in ExportCounts.__dataclass_fields__]
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(reports.digest, *fields).where(
                    reports.group_ref == group_ref, reports.code.is_(None), begins
                )
            ).all()
        return {digest: ExportCounts(*counts) for digest, *counts in rows}

    def last_readable(self, group_ref: str) -> datetime | None:
        """When the group's newest export came that could be read; None if there was none."""
        arrived = sa.select(sa.func.max(export_reports.c.arrived_at)).where(
            export_reports.c.group_ref == group_ref, export_reports.c.code.is_(None)
        )
        with self._database.transaction() as connection:
            return connection.execute(arrived).scalar()

    def record(self, export: SealedExport, outcome: ExportCounts | str, now: datetime) -> None:
        """Record how reading an export went: its counts, or a code."""
        values = {
            "group_ref": export.group_ref,
            "digest": export.digest,
            "arrived_at": export.arrived_at,
            "at": now,
            **({"code": outcome} if isinstance(outcome, str) else {"code": None, **vars(outcome)}),
        }
        statement = insert(export_reports).values(values)
        with self._database.transaction() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["group_ref", "digest"],
                    set_={k: v for k, v in values.items() if k not in {"group_ref", "digest"}},
                )
            )

    def outcomes(self, group_ref: str) -> Mapping[str, str | None]:
        """For each export of a group that was tried, the code it was refused with, or None."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(export_reports.c.digest, export_reports.c.code).where(
                    export_reports.c.group_ref == group_ref
                )
            ).all()
        return {row.digest: row.code for row in rows}

    def last_reports(self) -> Mapping[str, tuple[datetime, str | None]]:
        """For each group, when its newest file came and the code it was refused with, if any."""
        newest = sa.select(
            export_reports.c.group_ref, export_reports.c.arrived_at, export_reports.c.code
        ).order_by(export_reports.c.arrived_at)
        with self._database.transaction() as connection:
            return {row[0]: (row[1], row[2]) for row in connection.execute(newest)}

    def add_faults(self, found: Iterable[Fault], now: datetime) -> None:
        """Append faults; the code must be in the catalogue."""
        rows = [{"at": now, **vars(fault)} for fault in found]
        if any(row["code"] not in CATALOGUE for row in rows):
            raise SetupError("CODE_UNKNOWN")
        if rows:
            with self._database.transaction() as connection:
                connection.execute(faults.insert(), rows)

    def faults_of_run(self, run_id: str) -> list[Fault]:
        """What one run found, in the order of finding."""
        columns = [faults.c[name] for name in Fault.__dataclass_fields__]
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(*columns).where(faults.c.run_id == run_id).order_by(faults.c.seq)
            ).all()
        return [Fault(*row) for row in rows]

    def faults_of_group(self, group_ref: str) -> list[tuple[datetime, Fault]]:
        """When each fault of a group was found, and what it is, oldest first."""
        columns = [faults.c[name] for name in Fault.__dataclass_fields__]
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(faults.c.at, *columns)
                .where(faults.c.group_ref == group_ref)
                .order_by(faults.c.seq)
            ).all()
        return [(at, Fault(*row)) for at, *row in rows]

    def kept_unread(
        self, region: str, day: date, codes: Collection[str], of_files: Collection[str] = ()
    ) -> frozenset[str]:
        """The groups of which one of these faults stands in the way of a day.

        A fault of the day itself stands until the day has settled. One of the group as such stands,
        for each day before it, until a later run settles any day of the group; where it is about
        reading an export, until an export is read, too.

        Args:
            region: the region.
            day: the day.
            codes: of the faults.
            of_files: those of them that, raised for the group as such, keep a day unread only if
                a file came after it that was read, or broke a reader: a silent group has none.
        """
        settled, since, report = group_days.alias(), group_days.alias(), export_reports.c
        settled_since = sa.exists().where(
            since.c.group_ref == faults.c.group_ref,
            since.c.at > faults.c.at,
            since.c.run_id.is_distinct_from(faults.c.run_id),
        )
        read_since = sa.exists().where(
            faults.c.code.startswith("EXPORT_"),
            report.group_ref == faults.c.group_ref,
            report.code.is_(None),
            report.at > faults.c.at,
        )
        had_a_file = sa.exists().where(
            report.group_ref == faults.c.group_ref,
            sa.or_(report.code.is_(None), report.code.in_(codes)),
            report.arrived_at.between(end_of(day), faults.c.at),
        )
        query = sa.select(faults.c.group_ref).where(
            faults.c.region == region,
            faults.c.code.in_(codes),
            sa.or_(
                faults.c.day == day,
                sa.and_(
                    faults.c.day.is_(None),
                    faults.c.at >= end_of(day),
                    sa.not_(settled_since),
                    sa.not_(read_since),
                    sa.or_(faults.c.code.not_in(of_files), had_a_file),
                ),
            ),
            ~sa.exists().where(
                settled.c.region == region,
                settled.c.day == day,
                settled.c.group_ref == faults.c.group_ref,
            ),
        )
        with self._database.transaction() as connection:
            return frozenset(connection.execute(query).scalars())

    def last_faults(self) -> Mapping[str, tuple[datetime, str]]:
        """For each group, when its last fault was and its code."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(faults.c.group_ref, faults.c.at, faults.c.code).order_by(faults.c.seq)
            )
            return {row[0]: (row[1], row[2]) for row in rows}

    def messages_read(self) -> int:
        """How many messages this home has read."""
        with self._database.transaction() as connection:
            return connection.execute(sa.select(home.c.messages_read)).scalar_one()

    def count_messages(self, messages: int) -> None:
        """Add to the messages read by this home; a discovery home counted them on arrival."""
        if self._mode is Mode.DISCOVERY:
            return
        with self._database.transaction() as connection:
            connection.execute(home.update().values(messages_read=home.c.messages_read + messages))

    def require_counted(self, export: SealedExport) -> None:
        """In a discovery home go on only with an export that was counted on arrival.

        Raises:
            ExportError: `EXPORT_NOT_COUNTED`.
        """
        if self._mode is not Mode.DISCOVERY:
            return
        with self._database.transaction() as connection:
            counted = sa.select(counted_exports.c.digest).where(
                counted_exports.c.digest == export.digest
            )
            if connection.execute(counted).scalar() is None:
                raise ExportError("EXPORT_NOT_COUNTED")
