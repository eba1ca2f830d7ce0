"""One WhatsApp export: counted over whole, then gone over for its messages.

What is short stays in memory from one to the other; the rest is read twice.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import BinaryIO, cast

from assets.core.errors import ExportError
from assets.restricted.collection.bookmarks.bookmark import Stands
from assets.restricted.collection.bookmarks.plain_values import read
from assets.restricted.collection.contract import Circumstances
from assets.restricted.collection.export import Export, Kind, Message, Messages
from assets.restricted.collection.whatsapp.counts import NOT_GIVEN
from assets.restricted.collection.whatsapp.entries import Batch
from assets.restricted.collection.whatsapp.forms import labels_instead_of_names
from assets.restricted.collection.whatsapp.passes import (
    Pass,
    Passes,
    ReadsOtherwise,
    TakenUp,
    WholePasses,
)
from assets.restricted.collection.whatsapp.plan import CLASSES, Plan, better_plan, closed_words
from assets.restricted.collection.whatsapp.quotes import told_apart
from assets.restricted.collection.whatsapp.report import Findings, report_of

# What a pass may still teach: order of dates, another shape, names, titles, quoted headers.
MOST_PASSES = 6
# A few quoted headers are ordinary; this many, for so few entries, are another export's.
MANY_REFUSED, ENTRIES_PER_REFUSED = 10, 3
TOLERATED_FUTURE = timedelta(days=1)


def parse(
    opened: Callable[[], BinaryIO],
    circumstances: Circumstances,
    *,
    markdown_twin: bool = False,
    size: Callable[[], int | None] = lambda: None,
) -> Export:
    """Learn a file's shape, count it whole, and offer its messages.

    Args:
        opened: opens the export at its first byte.
        circumstances: zone, region and time, and bookmarks of earlier readings.
        markdown_twin: whether a Markdown copy lies beside it, as WhatsApp Web writes one.
        size: gives the bytes of the export; asked only where bookmarks are to be kept.

    Raises:
        ExportError: `EXPORT_NO_HEADERS`, `EXPORT_FORMS_MIXED`, `EXPORT_DATED_IN_FUTURE`, or one of
            reading its text.
    """
    bookmarks = circumstances.bookmarks
    if bookmarks is None:
        return _parsed(WholePasses(opened, circumstances, markdown_twin, None), circumstances)
    terms = "whatsapp", str(circumstances.zone), str(circumstances.day_first), str(markdown_twin)
    stands = partial(Stands, opened=opened, terms=terms, closed=closed_words)
    found = bookmarks.found(opened, *terms)
    if found is not None:
        state = read(found.state, found.strings, circumstances.zone, CLASSES)
        taken_up = TakenUp(circumstances, state, found.start, found.held)
        try:
            export = _parsed(taken_up, circumstances)
        except ReadsOtherwise:
            pass
        else:
            return replace(export, before=found.before, stands=stands(taken_up.standings()))
    whole = WholePasses(opened, circumstances, markdown_twin, size())
    export = _parsed(whole, circumstances)
    return replace(export, stands=stands(whole.standings()))


def _parsed(passes: Passes, circumstances: Circumstances) -> Export:
    plan = passes.first_plan()
    done, told = 1, False
    while True:
        last = passes.count(plan)
        tally = last.tally
        better = better_plan(plan, tally, last.days, circumstances)
        if better == plan and not told:
            told = True
            better = _with_quotes_told(passes, last, circumstances)
            if better.quoted == plan.quoted:
                plan = better
        if better == plan or done == MOST_PASSES:
            break
        plan = better
        done += 1
    passes.settle(plan)
    unnamed = labels_instead_of_names(plan.form) & tally.authors
    findings = Findings(
        plan.learned.shape,
        plan.order,
        plan.decided_by,
        year_inferred=last.days.year_inferred,
        lines_before=last.cutter.lines_before,
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
    messages = Messages(partial(_messages, passes, last, plan.doubtful, unnamed))
    return Export(messages, report, tally.roster.names())


def _with_quotes_told(passes: Passes, last: Pass, circumstances: Circumstances) -> Plan:
    tally, plan = last.tally, last.plan
    if not tally.excursions:
        return plan
    quoted, doubtful = told_apart(
        tally.excursions,
        passes.originals(last),
        entries=tally.counts.total(),
        now=circumstances.now,
        others=frozenset(tally.known_from_notices),
    )
    return replace(plan, quoted=quoted, doubtful=doubtful)


def _messages(
    passes: Passes, last: Pass, doubtful_lines: frozenset[int], unnamed: frozenset[str]
) -> Iterator[Message]:
    doubtful = sorted(doubtful_lines)
    for batch, (senders, kinds, texts) in passes.split(last):
        found = [
            Message(stamp, sender, cast("Kind", kind), text)
            for stamp, sender, kind, text in zip(batch.stamps, senders, kinds, texts, strict=True)
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
