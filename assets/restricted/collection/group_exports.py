"""What exports a group has in the inbox, and what reading each one gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from assets.core.errors import ExportError
from assets.restricted.collection.export import Export, UnsureReason
from assets.restricted.collection.read import read_export
from resources.stores.inbox.collection_records import CollectionRecords, ExportCounts
from resources.stores.inbox.coverage import Candidate
from resources.stores.inbox.inbox import Inbox, SealedExport

UNSURE_CODES: Mapping[UnsureReason, str] = {
    "date_order": "EXPORT_DATE_ORDER_UNSURE",
    "refused_headers": "EXPORT_HEADERS_UNSURE",
    "out_of_order": "EXPORT_ORDER_UNSURE",
    "unknown_notices": "EXPORT_NOTICES_UNSURE",
    "exporter": "EXPORT_EXPORTER_UNSURE",
}
"""Why a readable export is set aside: it may be misread."""


@dataclass(frozen=True)
class GroupExports:
    """A group's exports.

    Attributes:
        files: every file in the group's folder that is within its lifetime, by digest.
        candidates: those that can be read.
        refused: codes of those that can't, by digest.
        newly_read: how many were opened for this.
        last_read: when the newest file came that was ever read (aware); None if there was none.
        privacy_turned_on: times at which advanced chat privacy was turned on, by any export of the
            group that was ever read.
    """

    files: Mapping[str, SealedExport]
    candidates: tuple[Candidate, ...]
    refused: Mapping[str, str]
    newly_read: int
    privacy_turned_on: tuple[datetime, ...] = ()
    last_read: datetime | None = None

    @property
    def outstanding(self) -> str | None:
        """The code that stands in the group's way: that of its newest file, if it was refused."""
        newest = max(
            self.files.values(), key=lambda one: (one.arrived_at, one.digest), default=None
        )
        if newest is None or (self.last_read is not None and newest.arrived_at < self.last_read):
            # What was read after it may be gone, for its days have settled.
            return None
        return self.refused.get(newest.digest)


def read_group_exports(
    inbox: Inbox,
    records: CollectionRecords,
    group_ref: str,
    region: str,
    now: datetime,
    *,
    on_reading: Callable[[Export], object] | None = None,
) -> GroupExports:
    """Read each of the group's files that has not been read before, and count what it holds.

    The caller has checked the group's consent. A file that can't be read is recorded with its
    code and tried again the next time.

    Args:
        inbox: where the files are.
        records: where their counts go.
        group_ref: the group.
        region: its region.
        now: what counts as the future.
        on_reading: called with each file's export before its counts are recorded.

    Raises:
        StorageError: the database does not answer.
        SetupError: `INBOX_IDENTITY_MISSING`.
    """
    files = {one.digest: one for one in inbox.living(group_ref, now)}
    known = dict(records.readable(group_ref))
    refused: dict[str, str] = {}
    newly_read = 0
    for digest, sealed in list(files.items()):
        if digest in known:
            continue
        outcome = _counts(inbox, sealed, region, now, on_reading)
        if outcome == "EXPORT_GONE" and not inbox.may_read(sealed, now):
            # Its group has left, or had it deleted, since the files were looked for.
            del files[digest]
            continue
        newly_read += 1
        records.record(sealed, outcome, now)
        if isinstance(outcome, str):
            refused[digest] = outcome
        else:
            known[digest] = outcome
    candidates = tuple(
        Candidate(digest, sealed.arrived_at, known[digest].last_entry, known[digest].first_entry)
        for digest, sealed in files.items()
        if digest in known
    )
    # Of exports that are gone too: a later one may be cut off after the notice.
    turned_on = sorted({at for one in known.values() for at in one.privacy_on_times or ()})
    return GroupExports(
        files,
        candidates,
        refused,
        newly_read,
        tuple(turned_on),
        records.last_readable(group_ref),
    )


def open_export(inbox: Inbox, sealed: SealedExport, region: str, now: datetime) -> Export:
    """Unseal and read one export in memory; `now` says what counts as the future.

    Raises:
        ExportError: what `read_export` or the inbox raises, or one of `UNSURE_CODES`.
    """
    return usable_export(inbox.open_export(sealed), region, now)


def usable_export(source: BinaryIO, region: str, now: datetime) -> Export:
    """Read one export that is not unsure, in memory.

    Raises:
        ExportError: what `read_export` raises, or one of `UNSURE_CODES`.
    """
    export = read_export(source, region, now=now)
    for reason in export.report.unsure_reasons:
        raise ExportError(UNSURE_CODES[reason])
    return export


def _counts(
    inbox: Inbox,
    sealed: SealedExport,
    region: str,
    now: datetime,
    on_reading: Callable[[Export], object] | None,
) -> ExportCounts | str:
    try:
        export = open_export(inbox, sealed, region, now)
        if on_reading is not None:
            on_reading(export)
    except ExportError as error:
        return error.code
    report = export.report
    kinds = report.counts
    return ExportCounts(
        first_entry=report.earliest,
        last_entry=report.latest,
        entries=report.entries,
        speech=kinds.get("speech", 0),
        system=kinds.get("system", 0),
        other=report.entries - kinds.get("speech", 0) - kinds.get("system", 0),
        date_order=report.date_order,
        privacy_on_times=report.privacy_on_times,
    )
