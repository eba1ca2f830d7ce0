"""What exports a group has in the inbox, and what reading each one gives."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import BinaryIO

from assets.core.errors import ExportError, StepFailed
from assets.restricted.collection.bookmarks.bookmark import FindsBookmarks
from assets.restricted.collection.bookmarks.kept import Bookmarks
from assets.restricted.collection.export import (
    Export,
    Message,
    StructuredReport,
    UnsureReason,
)
from assets.restricted.collection.exporter import exporter_told
from assets.restricted.collection.one_group import READER_BROKEN, of_one_group
from assets.restricted.collection.read import read_export
from assets.restricted.collection.structured.joined_canonical import joined_canonical
from resources.stores.inbox.collection_records import CollectionRecords, ExportCounts
from resources.stores.inbox.coverage import Candidate, joined
from resources.stores.inbox.inbox import Inbox, SealedExport
from resources.stores.members.exporter import exporter_in
from resources.stores.members.marks import Marker

UNSURE_CODES: Mapping[UnsureReason, str] = {
    "date_order": "EXPORT_DATE_ORDER_UNSURE",
    "refused_headers": "EXPORT_HEADERS_UNSURE",
    "out_of_order": "EXPORT_ORDER_UNSURE",
    "unknown_notices": "EXPORT_NOTICES_UNSURE",
    "exporter": "EXPORT_EXPORTER_UNSURE",
    "unknown_types": "EXPORT_TYPES_UNSURE",
}
"""Why a readable export is set aside: it may be misread."""


@dataclass(frozen=True)
class GroupExports:
    """A group's exports.

    Attributes:
        files: every file in the group's folder that is within its lifetime, by digest.
        candidates: those that can be read, and days that several of them hold only together.
        refused: codes of those that can't, by digest.
        newly_read: how many were opened for this.
        last_read: when the newest file came that was ever read (aware); None if there was none.
        origins: classes and places of what nobody foresaw, of the refused ones that raised it.
        may_hide: whether a reader broke on one whose objections, members and notices no file
            that came after it repeats: nothing of the group may be read by the others.
        privacy_turned_on: times at which advanced chat privacy was turned on, by any export of the
            group that was ever read.
    """

    files: Mapping[str, SealedExport]
    candidates: tuple[Candidate, ...]
    refused: Mapping[str, str]
    newly_read: int
    privacy_turned_on: tuple[datetime, ...] = ()
    last_read: datetime | None = None
    origins: tuple[str, ...] = ()
    may_hide: bool = False

    def parts_of(self, digest: str) -> tuple[SealedExport, ...]:
        """The files of a candidate: itself, or those that are joined in it."""
        parts = next((one.parts for one in self.candidates if one.digest == digest), ())
        return tuple(self.files[one] for one in parts or (digest,))

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
    platform: str | None = None,
    is_the_chat: Callable[[str], bool] | None = None,
    marker: Marker | None = None,
    bookmarks: Bookmarks | None = None,
) -> GroupExports:
    """Read each of the group's files that has not been read before, and count what it holds.

    The caller has checked the group's consent. A file that can't be read is recorded with its
    code and tried again the next time; so is one on which a reader breaks.

    Args:
        inbox: where the files are.
        records: where their counts go.
        group_ref: the group.
        region: its region.
        now: what counts as the future.
        on_reading: called with each file's export before its counts are recorded.
        platform: as in `read_export`.
        is_the_chat: as in `read_export`.
        marker: of the group, as `open_export`.
        bookmarks: of the group, as `open_export`.

    Raises:
        StorageError: the database does not answer.
        SetupError: `INBOX_IDENTITY_MISSING`.
    """
    files = {one.digest: one for one in inbox.living(group_ref, now)}
    known = dict(records.readable(group_ref))
    refused: dict[str, str] = {}
    origins: list[str] = []
    newly_read = 0
    for digest, sealed in list(files.items()):
        if digest in known:
            continue
        try:
            records.require_counted(sealed)
        except ExportError as error:
            refused[digest] = error.code
            continue
        opening = partial(
            open_export,
            inbox,
            (sealed,),
            region,
            now,
            platform=platform,
            is_the_chat=is_the_chat,
            marker=marker,
            bookmarks=bookmarks,
        )
        try:
            with of_one_group(READER_BROKEN):
                outcome = _counts(opening, on_reading)
        except ExportError as error:
            outcome = error.code
        except StepFailed as error:
            outcome = error.code
            origins.append(error.origin)
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
        known[digest].candidate(sealed) for digest, sealed in files.items() if digest in known
    )
    candidates += tuple(joined(candidates))
    last_read = records.last_readable(group_ref)
    # A file that says which span it holds repeats nothing of those before it.
    repeats_until = last_read if all(one.covered_from is None for one in known.values()) else None
    may_hide = any(
        repeats_until is None or files[digest].arrived_at >= repeats_until
        for digest, code in refused.items()
        if code == READER_BROKEN
    )
    # Of exports that are gone too: a later one may be cut off after the notice.
    turned_on = sorted({at for one in known.values() for at in one.privacy_on_times or ()})
    return GroupExports(
        files,
        candidates,
        refused,
        newly_read,
        tuple(turned_on),
        last_read,
        tuple(origins),
        may_hide,
    )


def open_export(
    inbox: Inbox,
    parts: Sequence[SealedExport],
    region: str,
    now: datetime,
    *,
    platform: str | None = None,
    is_the_chat: Callable[[str], bool] | None = None,
    superseded: frozenset[int] = frozenset(),
    marker: Marker | None = None,
    bookmarks: Bookmarks | None = None,
) -> Export:
    """Unseal and read one export in memory, or several that are joined.

    Args:
        inbox: where it is.
        parts: which file or files.
        region: of its group.
        now: what counts as the future.
        platform: as in `read_export`.
        is_the_chat: as in `read_export`.
        superseded: as in `read_export`.
        marker: of its group; recognises who exported, where that was told at delivery.
        bookmarks: of its group; None where it is to be read whole.

    Raises:
        ExportError: what `read_export` or the inbox raises, such as `EXPORT_TOO_LARGE` where
            parts are too large together, or one of `UNSURE_CODES`.
    """
    if len(parts) > 1:
        inbox.require_within_one(parts)
    unsealed = [inbox.open_export(one) for one in parts]
    opened = unsealed[0] if len(unsealed) == 1 else joined_canonical(unsealed)
    note = getattr(opened, "note", b"")
    exporter = exporter_in(note, marker) if note and marker is not None else None
    if bookmarks is not None:
        bookmarks = bookmarks.of_export_by(exporter)
    export = usable_export(
        opened,
        region,
        now,
        platform=platform,
        is_the_chat=is_the_chat,
        superseded=superseded,
        bookmarks=bookmarks,
    )
    return export if exporter is None else exporter_told(export, exporter)


def usable_export(
    source: BinaryIO,
    region: str,
    now: datetime,
    *,
    platform: str | None = None,
    is_the_chat: Callable[[str], bool] | None = None,
    superseded: frozenset[int] = frozenset(),
    bookmarks: FindsBookmarks | None = None,
) -> Export:
    """Read one export that is not unsure, in memory; the arguments are those of `read_export`.

    Raises:
        ExportError: what `read_export` raises, or one of `UNSURE_CODES`.
    """
    export = read_export(
        source,
        region,
        now=now,
        platform=platform,
        is_the_chat=is_the_chat,
        superseded=superseded,
        bookmarks=bookmarks,
    )
    for reason in export.report.unsure_reasons:
        raise ExportError(UNSURE_CODES[reason])
    return export


def by_person(messages: Iterable[Message]) -> Iterator[Message]:
    """The messages with each sender's whole identity as author, where the export shows an id.

    Two people may show the same name, and one person another name tomorrow.
    """
    for one in messages:
        if one.person is not None:
            one.author = one.person
        yield one


def _counts(
    opening: Callable[[], Export], on_reading: Callable[[Export], object] | None
) -> ExportCounts:
    export = opening()
    if on_reading is not None:
        on_reading(export)
    report = export.report
    kinds = report.counts
    covered_from = covered_until = deletions = None
    if isinstance(report, StructuredReport):
        covered_from, covered_until = report.covered_from, report.covered_until
        deletions = report.deletions
    return ExportCounts(
        first_entry=report.earliest,
        last_entry=report.latest,
        entries=report.entries,
        speech=kinds.get("speech", 0),
        system=kinds.get("system", 0),
        other=report.entries - kinds.get("speech", 0) - kinds.get("system", 0),
        date_order=report.date_order,
        privacy_on_times=report.privacy_on_times,
        covered_from=covered_from,
        covered_until=covered_until,
        deletions=deletions,
    )
