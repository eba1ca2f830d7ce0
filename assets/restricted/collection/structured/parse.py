"""A structured export, read twice: once to count over it whole, then for its messages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import cast, get_args

from assets.core.errors import ExportError
from assets.restricted.collection.contract import Circumstances
from assets.restricted.collection.export import (
    CountedKind,
    Detail,
    Export,
    Kind,
    Message,
    Messages,
    StructuredReport,
    UnsureReason,
)
from assets.restricted.collection.structured.counting import (
    GIVEN,
    SUPERSEDING,
    Counts,
    Marking,
    ReadsOtherwise,
    keep_what_stands,
)
from assets.restricted.collection.structured.entries import Entries, Entry, Findings
from assets.restricted.collection.structured.moments import EARLIEST, LATEST, Clock

TOLERATED_FUTURE = timedelta(days=1)
# As for a text's refused headers: one is ordinary, several of so few entries are not.
FEWEST_TELLING, ENTRIES_PER_LEFT_OUT, HALF = 3, 20, 2


@dataclass(frozen=True)
class Read:
    """How one export is read.

    Attributes:
        platform: one of `PLATFORMS`.
        form: which of the platform's forms.
        entries: a pass over it.
        other_chats: chats in the file that are not read.
        covered: where the export says so, the stretch of which it holds everything (aware).
        by_parts: whether other exports hold what was before and after, so that what this one says
            of earlier messages acts on theirs.
    """

    platform: str
    form: str
    entries: Entries = field(repr=False)
    other_chats: int = 0
    covered: tuple[datetime, datetime] | None = None
    by_parts: bool = False


def export_of(read: Read, circumstances: Circumstances, marking: Marking | None = None) -> Export:
    """Count over an export and offer its messages.

    Args:
        read: how.
        circumstances: of the export.
        marking: where places for a later reading are wanted, or an earlier one is taken up. A place
            stays noted where no entry after it has a key as small as one before.

    Raises:
        ReadsOtherwise: where an earlier reading is taken up, and an entry may be one that came
            before it.
        ExportError: `EXPORT_EMPTY` where it holds no entry and does not say of which time,
            `EXPORT_DATED_IN_FUTURE`, `EXPORT_STRUCTURE_UNKNOWN` for times of no chat, or what
            reading it raises.
    """
    counts, findings = _count(read, circumstances.superseded, {}, marking)
    if marking is not None:
        keep_what_stands(marking, counts)
        if marking.taken_up is not None and _is_outside(read, counts):
            raise ReadsOtherwise
    winners = _winners(read, counts)
    if winners and marking is not None:
        if marking.taken_up is not None:
            raise ReadsOtherwise
        marking.noted = {}
    repeated = 0
    if winners:
        whole = counts.kinds.total()
        counts, findings = _count(read, circumstances.superseded, winners)
        repeated = whole - counts.kinds.total()
    if counts.span is None:
        if read.covered is None:
            raise ExportError("EXPORT_EMPTY")
        # That nothing was written is what it says.
        first, until = (int(one.timestamp()) for one in read.covered)
        counts.span = first, max(first, until - 1)
    if counts.span[0] < EARLIEST or counts.span[1] > LATEST:
        raise ExportError("EXPORT_STRUCTURE_UNKNOWN")
    clock = Clock(circumstances.zone)
    earliest, latest = (clock.at(one) for one in counts.span)
    if latest > circumstances.now + TOLERATED_FUTURE:
        raise ExportError("EXPORT_DATED_IN_FUTURE")
    given = counts.span_given
    first_given, last_given = (None, None) if given is None else (clock.at(one) for one in given)
    counts.kinds["system"] += findings.undated
    report = StructuredReport(
        platform=read.platform,
        form=read.form,
        date_order="ymd",
        unsure_reasons=tuple(_reasons(counts, findings)),
        counts={kind: counts.kinds[kind] for kind in get_args(CountedKind)},
        details={detail: counts.details[detail] for detail in get_args(Detail)},
        entries=counts.kinds.total(),
        with_sender=counts.with_sender,
        authors=len(counts.people),
        earliest=earliest,
        latest=latest,
        earliest_with_sender=first_given,
        latest_with_sender=last_given,
        first=earliest,
        last=latest,
        first_with_sender=first_given,
        last_with_sender=last_given,
        out_of_order=counts.steps_back,
        notices=dict(findings.notices),
        privacy_turned_on=None,
        privacy_on_times=(),
        language_judged=counts.judged,
        not_english=counts.not_english,
        left_out=findings.left_out,
        not_people=findings.not_people,
        repeated=repeated,
        other_chats=read.other_chats,
        covered_from=read.covered[0] if read.covered else None,
        covered_until=read.covered[1] if read.covered else None,
        deletions=len(counts.superseded),
    )
    messages = Messages(partial(_messages, read, circumstances, winners))
    return Export(messages, report, frozenset(findings.names), frozenset(counts.superseded))


def _is_outside(read: Read, counts: Counts) -> bool:
    """Whether an entry is later than what the export says that it holds, as its reader refuses."""
    if read.covered is None or counts.span is None:
        return False
    return counts.span[1] >= int(read.covered[1].timestamp())


def _count(
    read: Read,
    superseded: frozenset[int],
    winners: Mapping[int, int],
    marking: Marking | None = None,
) -> tuple[Counts, Findings]:
    counts, findings = Counts(), Findings()
    if marking is not None:
        marking.begin(counts, findings)
    for batch in _own(read, findings, superseded, winners):
        counts.add(batch, findings, by_parts=read.by_parts)
        if marking is not None:
            marking.note(counts, findings)
    return counts, findings


def _own(
    read: Read, findings: Findings, superseded: frozenset[int], winners: Mapping[int, int]
) -> Iterator[list[Entry]]:
    """Entries as they stand: each once, and those that another export takes back as deleted."""
    place = 0
    for batch in read.entries(findings):
        if superseded:
            for one in batch:
                if one.key in superseded and one.kind not in SUPERSEDING:
                    one.kind, one.text, one.detail = "deleted", "", None
        if winners:
            yield [
                one
                for at, one in enumerate(batch, place)
                if one.key is None or winners.get(one.key, at) == at
            ]
            place += len(batch)
        else:
            yield batch


def _winners(read: Read, counts: Counts) -> dict[int, int]:
    """For each key that comes again, the place of the entry that counts.

    A deletion stands, before an edited form; of others the last one.
    """
    if counts.is_each_key_once:
        return {}
    # Here, for most exports need none of it.
    import numpy as np  # noqa: PLC0415

    keys = np.frombuffer(counts.keys, dtype=np.int64)
    # In place, for a copy would double what is held; their order is of no use any more.
    keys.sort()
    again = set(keys[1:][keys[1:] == keys[:-1]].tolist())
    if not again:
        return {}
    best: dict[int, tuple[int, int]] = {}
    place = 0
    for batch in read.entries(Findings()):
        for at, one in enumerate(batch, place):
            if one.key in again and one.key is not None:
                rank = {"deleted": 2, "edited": 1}.get(one.kind, 0), at
                best[one.key] = max(rank, best.get(one.key, rank))
        place += len(batch)
    return {key: at for key, (_, at) in best.items()}


def _messages(
    read: Read, circumstances: Circumstances, winners: Mapping[int, int]
) -> Iterator[Message]:
    clock = Clock(circumstances.zone)
    for batch in _own(read, Findings(), circumstances.superseded, winners):
        given = [one for one in batch if one.kind in GIVEN and (one.author or one.person)]
        times = clock.all_at([one.second for one in given])
        yield from [
            Message(
                when,
                one.author,
                cast("Kind", one.kind),
                one.text,
                False,
                one.unnamed,
                one.person,
            )
            for one, when in zip(given, times, strict=True)
        ]


def _reasons(counts: Counts, findings: Findings) -> list[UnsureReason]:
    entries, left_out = counts.kinds.total(), findings.left_out
    several = left_out >= FEWEST_TELLING and left_out * ENTRIES_PER_LEFT_OUT > entries
    return ["unknown_types"] if several or left_out * HALF > entries else []
