"""What exports a group has in the inbox, and what reading each one gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assets.collection.coverage import Candidate
from assets.collection.export import Export
from assets.collection.read import read_export
from assets.governance.errors import ExportError
from resources.collection_records import CollectionRecords, ExportCounts
from resources.inbox import Inbox, SealedExport


@dataclass(frozen=True)
class Survey:
    """A group's exports.

    Attributes:
        files: every file in the group's folder, by digest.
        candidates: those that can be read.
        refused: codes of those that can't, by digest.
        newly_read: how many were opened for this survey.
    """

    files: Mapping[str, SealedExport]
    candidates: tuple[Candidate, ...]
    refused: Mapping[str, str]
    newly_read: int

    @property
    def outstanding(self) -> str | None:
        """The code that stands in the group's way: that of its newest file, if it was refused."""
        newest = max(
            self.files.values(), key=lambda one: (one.arrived_at, one.digest), default=None
        )
        return self.refused.get(newest.digest) if newest else None


def survey_exports(
    inbox: Inbox, records: CollectionRecords, group_ref: str, region: str, now: datetime
) -> Survey:
    """Read each of the group's files that has not been read before, and count what it holds.

    The caller has checked the group's consent. A file that can't be read is recorded with its
    code and tried again at the next survey.

    Raises:
        StorageError: the database does not answer.
        SetupError: `INBOX_IDENTITY_MISSING`.
    """
    files = {one.digest: one for one in inbox.list(group_ref)}
    known = dict(records.readable(group_ref))
    refused: dict[str, str] = {}
    newly_read = 0
    for digest, sealed in files.items():
        if digest in known:
            continue
        newly_read += 1
        outcome = _counts(inbox, sealed, region, now)
        records.record(sealed, outcome, now)
        if isinstance(outcome, str):
            refused[digest] = outcome
        else:
            known[digest] = outcome
    candidates = tuple(
        Candidate(digest, sealed.arrived_at, known[digest].last_entry)
        for digest, sealed in files.items()
        if digest in known
    )
    return Survey(files, candidates, refused, newly_read)


def open_export(inbox: Inbox, sealed: SealedExport, region: str, now: datetime) -> Export:
    """Unseal and read one export in memory; `now` says what counts as the future.

    Raises:
        ExportError: what `read_export` or the inbox raises, or `EXPORT_DATE_ORDER_UNSURE`.
    """
    export = read_export(inbox.open_export(sealed), region, now=now)
    if export.report.date_order == "unsure":
        raise ExportError("EXPORT_DATE_ORDER_UNSURE")
    return export


def _counts(inbox: Inbox, sealed: SealedExport, region: str, now: datetime) -> ExportCounts | str:
    try:
        report = open_export(inbox, sealed, region, now).report
    except ExportError as error:
        return error.code
    kinds = report.counts
    return ExportCounts(
        first_entry=report.earliest,
        last_entry=report.latest,
        entries=report.entries,
        speech=kinds.get("speech", 0),
        system=kinds.get("system", 0),
        other=report.entries - kinds.get("speech", 0) - kinds.get("system", 0),
        date_order=report.date_order,
    )
