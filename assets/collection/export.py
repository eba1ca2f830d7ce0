"""What reading an export gives: messages one at a time, and a report of numbers only."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["speech", "media", "deleted", "edited"]
CountedKind = Literal["speech", "media", "deleted", "edited", "system", "expired"]
DateOrder = Literal["dmy", "mdy", "ymd", "unsure"]
DecidedBy = Literal["year_first", "named_month", "over_12", "monotone", "region", "none"]


@dataclass(slots=True)
class Message:
    """One entry with a human sender.

    Attributes:
        sent_at: aware, on the region's local clock.
        author: the sender as the export writes it, without invisible marks at either end.
        kind: only `speech` is scored.
        text: the body, line ends as LF; an edited message comes without its marker.
    """

    sent_at: datetime
    author: str = field(repr=False)
    kind: Kind
    text: str = field(repr=False)


@dataclass(frozen=True)
class Report:
    """What one export holds, in numbers and closed words; never text.

    Attributes:
        platform: the reader's name.
        shape: the header's shape, each digit as 9.
        date_order: how dates were read; `unsure` means read day-first without evidence.
        decided_by: the evidence for `date_order`.
        year_inferred: headers without a year took the latest year that is not in the future.
        counts: entries by kind; `expired` are entries that name a sender and hold nothing.
        entries: all entries.
        with_sender: entries that `Export.messages` gives.
        authors: distinct senders of those.
        earliest: of all entries, system entries included.
        latest: of all entries, system entries included.
        earliest_with_sender: of the entries that `Export.messages` gives.
        latest_with_sender: of the entries that `Export.messages` gives.
        first: time of the first entry in file order.
        last: time of the last entry in file order.
        first_with_sender: time of the first entry with a sender in file order.
        last_with_sender: time of the last entry with a sender in file order.
        out_of_order: entries earlier than the one before.
        lines_before_first_entry: lines that belong to no entry.
        refused: lines that look like a header and were read as text.
        refused_lines: their line numbers from 1, at most `LISTED_LINES` of them.
    """

    platform: str
    shape: str
    date_order: DateOrder
    decided_by: DecidedBy
    year_inferred: bool
    counts: Mapping[CountedKind, int]
    entries: int
    with_sender: int
    authors: int
    earliest: datetime
    latest: datetime
    earliest_with_sender: datetime | None
    latest_with_sender: datetime | None
    first: datetime
    last: datetime
    first_with_sender: datetime | None
    last_with_sender: datetime | None
    out_of_order: int
    lines_before_first_entry: int
    refused: int
    refused_lines: tuple[int, ...]


@dataclass(frozen=True)
class Messages(Iterable[Message]):
    """The messages of an export, read again from its start at every iteration."""

    _start: Callable[[], Iterator[Message]] = field(repr=False)

    def __iter__(self) -> Iterator[Message]:
        return self._start()


@dataclass(frozen=True)
class Export:
    """One export, surveyed whole.

    Attributes:
        messages: every entry with a human sender, in file order, streamed.
        report: complete before `messages` is touched.
        roster: names that the export shows: senders, people mentioned, contact cards, people in
            system entries, group titles.
    """

    messages: Messages
    report: Report
    roster: frozenset[str] = field(repr=False)
