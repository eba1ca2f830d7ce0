"""What reading an export gives: messages one at a time, and a report of numbers only."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

from assets.restricted.collection.bookmarks.bookmark import ReadBefore, Stands

Kind = Literal["speech", "media", "deleted", "edited"]
CountedKind = Literal["speech", "media", "deleted", "edited", "system", "expired"]
DateOrder = Literal["dmy", "mdy", "ymd", "unsure"]
DecidedBy = Literal["year_first", "named_month", "form", "over_12", "monotone", "region", "none"]
Detail = Literal[
    "captions",
    "polls",
    "calls",
    "locations",
    "contact_cards",
    "waiting",
    "view_once",
    "forwarded",
]
UnsureReason = Literal[
    "date_order", "refused_headers", "out_of_order", "unknown_notices", "exporter", "unknown_types"
]

LISTED_LINES = 1_000


class Message(msgspec.Struct, gc=False):
    """One entry with a human sender; as text it shows neither that nor the sender.

    Attributes:
        sent_at: aware, on the region's local clock.
        author: the sender as the export writes it, without invisible marks at either end.
        kind: only `speech` is scored.
        text: the body, line ends as LF; an edited message comes without its marker, a caption
            without the name of its file.
        doubtful: whether the header may be one quoted inside the message before, so that the
            author may be wrong; such messages are not for use.
        unnamed: whether the author is a label instead of a name, as "You" is for the exporting
            member; nobody can object by it, so such messages are not for use.
        person: the sender with the platform's id and further names, as `person_written` puts it;
            None where the export shows a name alone.
    """

    sent_at: datetime
    author: str
    kind: Kind
    text: str
    doubtful: bool = False
    unnamed: bool = False
    person: str | None = None

    def __repr__(self) -> str:
        """What of it may be shown."""
        return f"Message({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """What of it may be shown."""
        return [(one, getattr(self, one)) for one in ("sent_at", "kind", "doubtful", "unnamed")]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one export holds, in numbers and closed words; never text: what every reader tells.

    Attributes:
        platform: one of `PLATFORMS`.
        date_order: how dates were read; `unsure` means read day-first without evidence, `ymd` is
            also that of exports which give moments.
        unsure_reasons: why the export as a whole may be misread; such an export is not for use.
        counts: entries by kind; `expired` are entries that name a sender and hold nothing.
        details: entries among those counts: `captions` are speech (what was typed under a file),
            all others media.
        entries: all entries.
        with_sender: entries that `Export.messages` gives.
        authors: distinct senders of those.
        earliest: of all entries, system entries included.
        latest: of all entries, system entries included.
        earliest_with_sender: of the entries that `Export.messages` gives.
        latest_with_sender: of the entries that `Export.messages` gives.
        first: time of the first entry in file order, or the earliest where entries give moments.
        last: time of the last entry in file order, or the latest where entries give moments.
        first_with_sender: as `first`, of the entries that `Export.messages` gives.
        last_with_sender: as `last`, of the entries that `Export.messages` gives.
        out_of_order: entries earlier than the one before.
        notices: notices by kind, those of no known wording as `unknown`.
        privacy_turned_on: when members first turned on advanced chat privacy.
        privacy_on_times: each time that they did, at most `LISTED_LINES` times.
        language_judged: messages of speech looked at for their language.
        not_english: how many of those are not in English.
    """

    platform: str
    date_order: DateOrder
    unsure_reasons: tuple[UnsureReason, ...]
    counts: Mapping[CountedKind, int]
    details: Mapping[Detail, int]
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
    notices: Mapping[str, int]
    privacy_turned_on: datetime | None
    privacy_on_times: tuple[datetime, ...]
    language_judged: int
    not_english: int


@dataclass(frozen=True, kw_only=True)
class WhatsAppReport(Report):
    """What a WhatsApp text tells beside.

    Attributes:
        shape: the header's shape, each digit as 9.
        decided_by: the evidence for `date_order`.
        year_inferred: headers without a year took the latest year that is not in the future.
        lines_before_first_entry: lines that belong to no entry.
        refused: lines that look like a header and were read as text.
        refused_lines: their line numbers from 1, at most `LISTED_LINES` of them.
        doubtful: messages whose header may be quoted text (see `Message.doubtful`).
        doubtful_lines: their line numbers from 1, at most `LISTED_LINES` of them.
        number_changes: when members changed their number, at most `LISTED_LINES` times.
    """

    shape: str
    decided_by: DecidedBy
    year_inferred: bool
    lines_before_first_entry: int
    refused: int
    refused_lines: tuple[int, ...]
    doubtful: int
    doubtful_lines: tuple[int, ...]
    number_changes: tuple[datetime, ...]


@dataclass(frozen=True, kw_only=True)
class StructuredReport(Report):
    """What an export tells beside whose entries have fields (JSON, and what is like it).

    Attributes:
        form: which of the platform's forms, a closed word.
        left_out: entries of unknown type, which nobody is taken to have written.
        not_people: entries of bots, webhooks and channels, counted as system.
        repeated: entries that the export holds again; each is counted once.
        other_chats: chats in the file that were not read.
        covered_from: where the export says so, the first moment of which it holds everything.
        covered_until: the moment up to which it does.
        deletions: entries that say of an earlier one that it was deleted or edited.
    """

    form: str
    left_out: int = 0
    not_people: int = 0
    repeated: int = 0
    other_chats: int = 0
    covered_from: datetime | None = None
    covered_until: datetime | None = None
    deletions: int = 0


@dataclass(frozen=True)
class Messages(Iterable[Message]):
    """The messages of an export, from its start at every iteration."""

    _start: Callable[[], Iterator[Message]] = field(repr=False)

    def __iter__(self) -> Iterator[Message]:
        return self._start()


@dataclass(frozen=True)
class Export:
    """One export, read whole once.

    Attributes:
        messages: every entry with a human sender, in file order, streamed.
        report: complete before `messages` is touched.
        roster: names that the export shows: senders, people mentioned, contact cards, people in
            system entries, group titles.
        superseded: keys of messages, in whichever export, that this one says were deleted or
            edited. Never shown; they mean something in this process alone.
        before: what an earlier reading found of the part that `messages` leaves out; None where it
            leaves out nothing. Report and roster are of the whole export.
        stands: where a later reading may go on from; None where that was not asked for.
    """

    messages: Messages
    report: Report
    roster: frozenset[str] = field(repr=False)
    superseded: frozenset[int] = field(default=frozenset(), repr=False)
    before: ReadBefore | None = field(default=None, repr=False)
    stands: Stands | None = field(default=None, repr=False)
