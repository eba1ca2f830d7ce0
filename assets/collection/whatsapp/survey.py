"""One WhatsApp export, read twice: once to survey it whole, then for its messages."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import compress
from operator import gt
from typing import BinaryIO, cast, get_args

from assets.collection.contract import Circumstances
from assets.collection.export import (
    CountedKind,
    DateOrder,
    DecidedBy,
    Export,
    Kind,
    Message,
    Messages,
    Report,
)
from assets.collection.lines import line_blocks
from assets.collection.whatsapp.clock import Days, Times
from assets.collection.whatsapp.day_order import day_order
from assets.collection.whatsapp.entries import Cutter, refused_headers
from assets.collection.whatsapp.grammar import candidates
from assets.collection.whatsapp.roster import Roster
from assets.collection.whatsapp.senders import Attribution, colon_names
from assets.collection.whatsapp.shape import CRLF_PER_LF, Learned, Shape, learn, shape_of
from assets.governance.errors import ExportError

# The shape is learned from this much text at first, and again from more if that misled.
SAMPLE_CHARACTERS = 1 << 20
# What a first pass may still teach: the order of dates, another shape, names without spaces.
MOST_PASSES = 4
LISTED_LINES = 1_000
# A few quoted headers are ordinary; this many, for so few entries, are another export's.
MANY_REFUSED, ENTRIES_PER_REFUSED = 10, 3
TOLERATED_FUTURE = timedelta(days=1)

_NOT_GIVEN = frozenset({"system", "expired"})


@dataclass(frozen=True)
class _Plan:
    """All that a pass takes for granted about a file."""

    learned: Learned
    order: DateOrder
    decided_by: DecidedBy
    known: frozenset[str] = frozenset()
    colon_names: frozenset[str] = frozenset()

    def attribution(self) -> Attribution:
        return Attribution(
            marked=self.learned.shape.bracket, known=self.known, colon_names=self.colon_names
        )


class _Tally:
    """What one pass over a file has counted."""

    def __init__(self) -> None:
        self.counts: Counter[CountedKind] = Counter()
        self.authors: set[str] = set()
        self.roster = Roster()
        self.refused: list[int] = []
        self.refused_shapes: Counter[Shape | None] = Counter()
        self.colon_names: frozenset[str] | None = None
        self.all = _Span()
        self.with_sender = _Span()


class _Span:
    """First, last, earliest and latest of a run of times, and how often it steps back."""

    def __init__(self) -> None:
        self.steps_back = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.earliest: datetime | None = None
        self.latest: datetime | None = None

    def extend(self, stamps: list[datetime]) -> None:
        if not stamps:
            return
        self.steps_back += sum(map(gt, stamps, stamps[1:]))
        self.steps_back += self.last is not None and self.last > stamps[0]
        low, high = min(stamps), max(stamps)
        self.first = self.first or stamps[0]
        self.last = stamps[-1]
        self.earliest = low if self.earliest is None else min(self.earliest, low)
        self.latest = high if self.latest is None else max(self.latest, high)


def survey(opened: Callable[[], BinaryIO], circumstances: Circumstances) -> Export:
    """Learn a file's shape, count it whole, and offer its messages.

    Args:
        opened: opens the export at its first byte.
        circumstances: zone, region and time.

    Raises:
        ExportError: `EXPORT_NO_HEADERS`, `EXPORT_FORMS_MIXED`, `EXPORT_DATED_IN_FUTURE`, or one of
            reading its text.
    """
    plan = _first_plan(opened, circumstances)
    passes = 1
    while True:
        days = Days(plan.order, circumstances.zone, circumstances.now)
        times = Times()
        cutter, attribution = Cutter(plan.learned, days, times), plan.attribution()
        tally = _count(opened, cutter, attribution)
        better = _better_plan(plan, tally, days, attribution, circumstances)
        if better == plan or passes == MOST_PASSES:
            break
        plan = better
        passes += 1
    report = _report(plan, tally, cutter.lines_before, year_inferred=days.year_inferred)
    if report.refused >= MANY_REFUSED and report.entries < ENTRIES_PER_REFUSED * report.refused:
        raise ExportError("EXPORT_FORMS_MIXED")
    latest = report.latest
    if report.date_order != "unsure" and latest > circumstances.now + TOLERATED_FUTURE:
        raise ExportError("EXPORT_DATED_IN_FUTURE")
    messages = Messages(partial(_messages, opened, plan, days, times))
    return Export(messages, report, tally.roster.names())


def _first_plan(opened: Callable[[], BinaryIO], circumstances: Circumstances) -> _Plan:
    pieces: list[str] = []
    size = 0
    with opened() as stream:
        for block in line_blocks(stream):
            pieces.append(block)
            size += len(block)
            if size >= SAMPLE_CHARACTERS:
                break
    sample = "".join(pieces)
    found = candidates(sample)
    learned = learn(found, sample)
    if learned is None:
        raise ExportError("EXPORT_NO_HEADERS")
    own = [candidate["date"] for candidate in found if shape_of(candidate) == learned.shape]
    order, decided_by = day_order(learned.shape, dict.fromkeys(own), circumstances.day_first)
    return _Plan(learned, order, decided_by)


def _count(opened: Callable[[], BinaryIO], cutter: Cutter, attribution: Attribution) -> _Tally:
    tally = _Tally()
    with opened() as stream:
        for batch in cutter.batches(line_blocks(stream)):
            senders, kinds, texts = attribution.split(batch.bodies)
            tally.counts.update(kinds)
            tally.all.extend(batch.stamps)
            if tally.colon_names is None:
                tally.colon_names = colon_names(senders, texts)
            if _NOT_GIVEN.isdisjoint(kinds):
                tally.with_sender.extend(batch.stamps)
                tally.authors.update(senders)
            else:
                given = [kind not in _NOT_GIVEN for kind in kinds]
                tally.with_sender.extend(list(compress(batch.stamps, given)))
                tally.authors.update(compress(senders, given))
                for text in compress(texts, (kind == "system" for kind in kinds)):
                    tally.roster.add_from_notice(text)
            tally.roster.add_from_bodies("\n".join(texts))
            for line, shape in refused_headers(batch):
                tally.refused.append(line)
                tally.refused_shapes[shape] += 1
    tally.roster.add(tally.authors | attribution.titles)
    return tally


def _better_plan(
    plan: _Plan,
    tally: _Tally,
    days: Days,
    attribution: Attribution,
    circumstances: Circumstances,
) -> _Plan:
    """Correct a plan by what a whole pass has shown; the same plan if it stands."""
    learned = plan.learned
    entries = tally.counts.total()
    for shape, refused in tally.refused_shapes.most_common(1):
        if shape == learned.shape and learned.crlf_leads and refused * CRLF_PER_LF > entries:
            return replace(plan, learned=replace(learned, crlf_leads=False))
        if shape is not None and shape != learned.shape and refused > entries:
            fresh = Learned(shape, local_digits=True, inner_marks=True, crlf_leads=False)
            return replace(plan, learned=fresh)
    order, decided_by = day_order(learned.shape, days, circumstances.day_first)
    known = attribution.loose & tally.authors if tally.authors else attribution.spaceless
    return replace(
        plan,
        order=order,
        decided_by=decided_by,
        known=plan.known | known,
        colon_names=plan.colon_names | (tally.colon_names or frozenset()),
    )


def _report(plan: _Plan, tally: _Tally, lines_before: int, *, year_inferred: bool) -> Report:
    whole, given = tally.all, tally.with_sender
    if not (whole.first and whole.last and whole.earliest and whole.latest):
        raise ExportError("EXPORT_NO_HEADERS")
    return Report(
        platform="whatsapp",
        shape=plan.learned.shape.label,
        date_order=plan.order,
        decided_by=plan.decided_by,
        year_inferred=year_inferred,
        counts={kind: tally.counts[kind] for kind in get_args(CountedKind)},
        entries=tally.counts.total(),
        with_sender=sum(tally.counts[kind] for kind in get_args(Kind)),
        authors=len(tally.authors),
        earliest=whole.earliest,
        latest=whole.latest,
        earliest_with_sender=given.earliest,
        latest_with_sender=given.latest,
        first=whole.first,
        last=whole.last,
        first_with_sender=given.first,
        last_with_sender=given.last,
        out_of_order=whole.steps_back,
        lines_before_first_entry=lines_before,
        refused=len(tally.refused),
        refused_lines=tuple(tally.refused[:LISTED_LINES]),
    )


def _messages(
    opened: Callable[[], BinaryIO], plan: _Plan, days: Days, times: Times
) -> Iterator[Message]:
    cutter, attribution = Cutter(plan.learned, days, times), plan.attribution()
    with opened() as stream:
        for batch in cutter.batches(line_blocks(stream)):
            senders, kinds, texts = attribution.split(batch.bodies)
            yield from [
                Message(stamp, sender, cast("Kind", kind), text)
                for stamp, sender, kind, text in zip(
                    batch.stamps, senders, kinds, texts, strict=True
                )
                if kind not in _NOT_GIVEN
            ]
