"""One WhatsApp export, read twice: once to survey it whole, then for its messages."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import BinaryIO, cast

from assets.core.errors import ExportError
from assets.restricted.collection.contract import Circumstances
from assets.restricted.collection.export import (
    DateOrder,
    DecidedBy,
    Export,
    Kind,
    Message,
    Messages,
)
from assets.restricted.collection.lines import line_blocks
from assets.restricted.collection.whatsapp.clock import Days, Times
from assets.restricted.collection.whatsapp.counts import NOT_GIVEN, Counts
from assets.restricted.collection.whatsapp.day_order import day_order
from assets.restricted.collection.whatsapp.entries import Batch, Cutter
from assets.restricted.collection.whatsapp.forms import (
    Form,
    form_by_shape,
    form_of,
    hides_exporter,
    labels_instead_of_names,
)
from assets.restricted.collection.whatsapp.header_candidates import candidates
from assets.restricted.collection.whatsapp.header_format import (
    CRLF_PER_LF,
    Learned,
    learn,
    shape_of,
)
from assets.restricted.collection.whatsapp.quotes import Originals, told_apart
from assets.restricted.collection.whatsapp.report import Findings, report_of
from assets.restricted.collection.whatsapp.senders import Attribution

# The shape is learned from this much text at first, and again from more if that misled.
SAMPLE_CHARACTERS = 1 << 18
# What a pass may still teach: order of dates, another shape, names, titles, quoted headers.
MOST_PASSES = 6
# A few quoted headers are ordinary; this many, for so few entries, are another export's.
MANY_REFUSED, ENTRIES_PER_REFUSED = 10, 3
TOLERATED_FUTURE = timedelta(days=1)


@dataclass(frozen=True)
class _Plan:
    """All that a pass takes for granted about a file."""

    learned: Learned
    order: DateOrder
    decided_by: DecidedBy
    form: Form
    hides_exporter: bool
    known: frozenset[str] = frozenset()
    colon_names: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    quoted: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()

    def attribution(self) -> Attribution:
        return Attribution(
            form=self.form,
            marked=self.learned.shape.bracket and self.form != "web",
            known=self.known,
            colon_names=self.colon_names,
            titles=self.titles,
        )


def parse(
    opened: Callable[[], BinaryIO], circumstances: Circumstances, *, markdown_twin: bool = False
) -> Export:
    """Learn a file's shape, count it whole, and offer its messages.

    Args:
        opened: opens the export at its first byte.
        circumstances: zone, region and time.
        markdown_twin: whether a Markdown copy lies beside it, as WhatsApp Web writes one.

    Raises:
        ExportError: `EXPORT_NO_HEADERS`, `EXPORT_FORMS_MIXED`, `EXPORT_DATED_IN_FUTURE`, or one of
            reading its text.
    """
    plan = _first_plan(opened, circumstances, markdown_twin)
    passes, told = 1, False
    while True:
        days = Days(plan.order, circumstances.zone, circumstances.now)
        times = Times()
        cutter = Cutter(plan.learned, days, times, plan.quoted)
        tally = _count(opened, cutter, plan.attribution())
        better = _better_plan(plan, tally, days, circumstances)
        if better == plan and not told:
            told = True
            better = _with_quotes_told(opened, plan, tally, days, times, circumstances)
            if better.quoted == plan.quoted:
                plan = better
        if better == plan or passes == MOST_PASSES:
            break
        plan = better
        passes += 1
    unnamed = labels_instead_of_names(plan.form) & tally.authors
    findings = Findings(
        plan.learned.shape,
        plan.order,
        plan.decided_by,
        year_inferred=days.year_inferred,
        lines_before=cutter.lines_before,
        quoted=len(plan.quoted),
        doubtful=plan.doubtful,
        exporter_unsure=plan.hides_exporter and not unnamed,
    )
    report = report_of(findings, tally)
    if report.refused >= MANY_REFUSED and report.entries < ENTRIES_PER_REFUSED * report.refused:
        raise ExportError("EXPORT_FORMS_MIXED")
    latest = report.latest
    if report.date_order != "unsure" and latest > circumstances.now + TOLERATED_FUTURE:
        raise ExportError("EXPORT_DATED_IN_FUTURE")
    messages = Messages(partial(_messages, opened, plan, days, times, unnamed))
    return Export(messages, report, tally.roster.names())


def _first_plan(
    opened: Callable[[], BinaryIO], circumstances: Circumstances, markdown_twin: bool
) -> _Plan:
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
    own = [candidate for candidate in found if shape_of(candidate) == learned.shape]
    opening = sample[: own[0].start()]
    form = form_of(own, opening, markdown_twin=markdown_twin)
    dates = dict.fromkeys(candidate["date"] for candidate in own)
    order, decided_by = day_order(learned.shape, dates, circumstances.day_first, form)
    return _Plan(learned, order, decided_by, form, hides_exporter(form, opening))


def _count(opened: Callable[[], BinaryIO], cutter: Cutter, attribution: Attribution) -> Counts:
    tally = Counts(attribution)
    with opened() as stream:
        for batch in cutter.batches(line_blocks(stream)):
            tally.add(batch)
    tally.close()
    tally.refused[:0] = cutter.refused_before
    return tally


def _better_plan(plan: _Plan, tally: Counts, days: Days, circumstances: Circumstances) -> _Plan:
    """Correct a plan by what a whole pass has shown; the same plan if it stands."""
    learned, attribution = plan.learned, tally.attribution
    entries = tally.counts.total()
    for shape, refused in tally.refused_shapes.most_common(1):
        if shape == learned.shape and learned.crlf_leads and refused * CRLF_PER_LF > entries:
            return replace(plan, learned=replace(learned, crlf_leads=False))
        strict = not (learned.local_digits and learned.inner_marks)
        if shape == learned.shape and strict and tally.refused_shapes[shape] > len(plan.quoted):
            # Marks or local digits may come only after the sample.
            return replace(plan, learned=replace(learned, local_digits=True, inner_marks=True))
        if shape is not None and shape != learned.shape and refused > entries:
            fresh = Learned(shape, local_digits=True, inner_marks=True, crlf_leads=False)
            return replace(plan, learned=fresh, form=form_by_shape(shape))
    order, decided_by = day_order(learned.shape, days, circumstances.day_first, plan.form)
    known = attribution.loose & tally.authors if tally.authors else attribution.spaceless
    return replace(
        plan,
        order=order,
        decided_by=decided_by,
        known=plan.known | known,
        colon_names=plan.colon_names | (tally.colon_names or frozenset()),
        titles=plan.titles | _titles(tally),
    )


def _titles(tally: Counts) -> frozenset[str]:
    """Senders of nothing but lines that no person types, which speak for a whole group.

    Such a sender opens the file, as the encryption notice does, or names someone who wrote.
    Anyone else may only ever have sent pictures, in a language whose words are not known.
    """
    unexplained = tally.attribution.unexplained
    return frozenset(
        name
        for name, lines in unexplained.items()
        if name not in tally.spoke
        and (
            name == tally.first_sender
            or any(author in line for line in lines for author in tally.spoke - {""})
        )
    ) | (tally.attribution.titles & unexplained.keys())


def _with_quotes_told(
    opened: Callable[[], BinaryIO],
    plan: _Plan,
    tally: Counts,
    days: Days,
    times: Times,
    circumstances: Circumstances,
) -> _Plan:
    if not tally.excursions:
        return plan
    originals = Originals(tally.excursions)
    cutter, attribution = Cutter(plan.learned, days, times), plan.attribution()
    with opened() as stream:
        for batch in cutter.batches(line_blocks(stream)):
            senders, _, texts = attribution.split(batch.bodies)
            originals.add(batch, senders, texts)
    quoted, doubtful = told_apart(
        tally.excursions,
        originals,
        entries=tally.counts.total(),
        now=circumstances.now,
        others=frozenset(tally.known_from_notices),
    )
    return replace(plan, quoted=quoted, doubtful=doubtful)


def _messages(
    opened: Callable[[], BinaryIO],
    plan: _Plan,
    days: Days,
    times: Times,
    unnamed: frozenset[str],
) -> Iterator[Message]:
    cutter = Cutter(plan.learned, days, times, plan.quoted)
    attribution, doubtful = plan.attribution(), sorted(plan.doubtful)
    with opened() as stream:
        for batch in cutter.batches(line_blocks(stream)):
            senders, kinds, texts = attribution.split(batch.bodies)
            found = [
                Message(stamp, sender, cast("Kind", kind), text)
                for stamp, sender, kind, text in zip(
                    batch.stamps, senders, kinds, texts, strict=True
                )
                if kind not in NOT_GIVEN
            ]
            if doubtful:
                given = [kind not in NOT_GIVEN for kind in kinds]
                _mark(found, _lines_of(batch, given), doubtful)
            if unnamed and not unnamed.isdisjoint(senders):
                for message in found:
                    message.unnamed = message.author in unnamed
            yield from found


def _lines_of(batch: Batch, given: list[bool]) -> Iterator[int]:
    line = batch.first_line
    for body, wanted in zip(batch.bodies, given, strict=True):
        if wanted:
            yield line
        line += 1 + body.count("\n")


def _mark(messages: list[Message], lines: Iterator[int], doubtful: list[int]) -> None:
    for message, line in zip(messages, lines, strict=True):
        place = bisect_left(doubtful, line)
        message.doubtful = place < len(doubtful) and doubtful[place] == line
