"""Blocks of lines cut into entries at the headers of one learned shape."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import add
from typing import cast

from assets.core.errors import ExportError
from assets.restricted.collection.whatsapp.clock import Days, Fold, Times
from assets.restricted.collection.whatsapp.header_candidates import MARKS, SPACE, candidates
from assets.restricted.collection.whatsapp.header_format import Learned, Shape, shape_of

# WhatsApp stops a message at 65,536 characters; what goes on longer is no chat.
LONGEST_ENTRY = 4 << 20


@dataclass
class Batch:
    """Some whole entries in file order.

    Attributes:
        stamps: when each was sent.
        bodies: what follows each header, line ends as LF.
        first_line: line number of the first entry, from 1.
    """

    stamps: list[datetime]
    bodies: list[str] = field(repr=False)
    first_line: int


@dataclass(frozen=True)
class CutPoint:
    """Where a cutter stands after a block whose last entry may go on.

    Attributes:
        lines_done: lines up to there.
        line: of that entry's header.
        stamp: that entry's.
        fold_previous: as `Fold` keeps it.
        fold_day: as `Fold` keeps it.
        lines_before: as `Cutter` counts them.
        refused_before: as `Cutter` lists them.
    """

    lines_done: int
    line: int
    stamp: datetime
    fold_previous: datetime | None
    fold_day: date | None
    lines_before: int
    refused_before: Sequence[int]


@dataclass
class _Pending:
    """An entry whose body may go on in the next block."""

    stamp: datetime
    pieces: list[str] = field(repr=False)
    size: int
    line: int

    def add(self, piece: str) -> None:
        self.pieces.append(piece)
        self.size += len(piece)
        if self.size > LONGEST_ENTRY:
            raise ExportError("EXPORT_ENTRY_TOO_LONG")


class Cutter:
    """Cuts one file's blocks into batches of entries; used once per pass.

    Attributes:
        lines_before: lines before the first entry.
        refused_before: those of them that look like a header.
        lines_done: lines of the blocks cut so far.
    """

    def __init__(
        self, learned: Learned, days: Days, times: Times, quoted: frozenset[int] = frozenset()
    ) -> None:
        """Cut at the headers of `learned`, but for those on the `quoted` lines."""
        self.lines_before = 0
        self.refused_before: list[int] = []
        self.lines_done = 0
        self._quoted = sorted(quoted)
        self._learned = learned
        self._pattern = learned.pattern
        self._days = days
        self._times = times
        self._fold = Fold()
        self._pending: _Pending | None = None

    def batches(self, blocks: Iterable[str]) -> Iterator[Batch]:
        """Cut blocks as `lines.line_blocks` gives them.

        Raises:
            ExportError: `EXPORT_ENTRY_TOO_LONG`.
        """
        first_line = 1
        for block in blocks:
            lines, lines_done = _lines(block), self.lines_done
            self.lines_done += lines
            head, stamps, bodies = self._cut(block, self._quoted_within(lines_done, lines))
            held = self._pending
            if held is None:
                self.lines_before += _lines(head)
                self.refused_before += [
                    lines_done + _lines(head[: found.start() + 1]) for found in _header_like(head)
                ]
                first_line = lines_done + _lines(head) + 1
            elif head:
                held.add(head)
            if stamps:
                if held is not None:
                    stamps.insert(0, held.stamp)
                    bodies.insert(0, "".join(held.pieces))
                    first_line = held.line
                last = bodies.pop()
                line = lines_done + lines - _lines(last)
                self._pending = _Pending(stamps.pop(), [last], len(last), line)
                if stamps:
                    yield Batch(stamps, bodies, first_line)
        held = self._pending
        if held is not None:
            yield Batch([held.stamp], ["".join(held.pieces).rstrip("\n")], held.line)

    def point(self) -> "CutPoint | None":
        """Where it stands after a block; None where that can't be told by the block alone."""
        held = self._pending
        if held is None or len(held.pieces) > 1 or self._fold.mended:
            return None
        fold = self._fold.previous, self._fold.second_day
        return CutPoint(
            self.lines_done, held.line, held.stamp, *fold, self.lines_before, self.refused_before
        )

    def go_on(self, point: "CutPoint", block: str) -> Batch:
        """Stand where another cutter stood after a block.

        Returns:
            The entries that the block holds whole.
        """
        lines = _lines(block)
        done = point.lines_done - lines
        head, stamps, bodies = self._cut(block, self._quoted_within(done, lines))
        last = bodies.pop()
        stamps.pop()
        self._pending = _Pending(point.stamp, [last], len(last), point.line)
        self._fold.previous, self._fold.second_day = point.fold_previous, point.fold_day
        self.lines_done, self.lines_before = point.lines_done, point.lines_before
        self.refused_before = list(point.refused_before)
        return Batch(stamps, bodies, done + _lines(head) + 1)

    def _quoted_within(self, lines_done: int, lines: int) -> frozenset[int]:
        """Places of quoted headers in a block, as counts of line ends before them."""
        if not self._quoted:
            return frozenset()
        start, end = (bisect_left(self._quoted, lines_done + more) for more in (1, lines + 1))
        return frozenset(line - lines_done - 1 for line in self._quoted[start:end])

    def _cut(self, block: str, quoted: frozenset[int]) -> tuple[str, list[datetime], list[str]]:
        # Where CRLF leads entries, the pattern does too, and a bare LF stays inside one.
        text = block if self._learned.crlf_leads else _lf(block)
        if quoted:
            return self._cut_around(text, quoted)
        parts = self._pattern.split(text)
        dates, times = parts[1::3], parts[2::3]
        if self._learned.shape.time_first:
            dates, times = times, dates
        # In file order, which is evidence for the order of dates.
        days = list(map(self._days.__getitem__, dates))
        clock = self._times.all_of(times)
        bad_days, bad_times = self._days.bad, self._times.bad
        if (bad_days and not bad_days.isdisjoint(dates)) or (
            bad_times and not bad_times.isdisjoint(times)
        ):
            return self._cut_around(text)
        stamps = self._stamps(dates, days, clock)
        bodies = parts[3::3]
        if self._learned.crlf_leads:
            bodies = [_lf(body) if "\n" in body else body for body in bodies]
        return _lf(parts[0]), stamps, bodies

    def _stamps(
        self,
        dates: list[str],
        days: list[datetime | None],
        clock: list[timedelta | None],
    ) -> list[datetime]:
        self._fold.mended = False
        possible = cast("list[datetime]", days), cast("list[timedelta]", clock)
        stamps: list[datetime] = list(map(add, *possible))
        if self._days.doubled and not self._days.doubled.isdisjoint(dates):
            return self._fold.mend(stamps)
        return stamps

    def _cut_around(
        self, text: str, quoted: frozenset[int] = frozenset()
    ) -> tuple[str, list[datetime], list[str]]:
        """Cut, leaving quoted headers and those that show no date or time of this world as text."""
        first, second = (2, 1) if self._learned.shape.time_first else (1, 2)
        own = [
            header
            for header in self._pattern.finditer(text)
            if not (quoted and text.count("\n", 0, header.start()) in quoted)
            and self._days[header[first]] is not None
            and self._times[header[second]] is not None
        ]
        if not own:
            return _lf(text), [], []
        dates = [header[first] for header in own]
        days = [self._days[date] for date in dates]
        clock = [self._times[header[second]] for header in own]
        ends = [header.start() for header in own[1:]] + [len(text)]
        bodies = [_lf(text[header.end() : end]) for header, end in zip(own, ends, strict=True)]
        return _lf(text[: own[0].start()]), self._stamps(dates, days, clock), bodies


def refused_headers(batch: Batch) -> list[tuple[int, Shape | None]]:
    """Find lines inside a batch's bodies that look like headers of any shape.

    Returns:
        Line number and shape of each.
    """
    suspects = [
        (index, found)
        for index, body in enumerate(batch.bodies)
        if "\n" in body and _DIGIT_NEAR_START.search(body)
        for found in _header_like(body)
    ]
    refused: list[tuple[int, Shape | None]] = []
    line, counted = batch.first_line, 0
    for index, found in suspects:
        line += sum(1 + _lines(body) for body in batch.bodies[counted:index])
        counted = index
        shape = None if found.re is _DATED else shape_of(found)
        refused.append((line + _lines(found.string[: found.start() + 1]), shape))
    return refused


# A line that opens with a date and a time in a form that the grammar does not know.
_DATED = re.compile(
    rf"\n{MARKS}[\[(]?\d{{1,4}}{SPACE}?[/.\-]{SPACE}?\d{{1,2}}{SPACE}?[/.\-]{SPACE}?\d{{1,4}}"
    r"[^\w\n][^\n]{0,20}?\d{1,2}[:.h]\d\d[^\n]{0,20}?(?:\]| [-–—~|] |: )"
)


def _header_like(body: str) -> list[re.Match[str]]:
    known = candidates(body)
    starts = {found.start() for found in known}
    others = [found for found in _DATED.finditer(body) if found.start() not in starts]
    return sorted([*known, *others], key=re.Match.start)


# Spares most lines the search for a header of any form.
_DIGIT_NEAR_START = re.compile(r"\n[^\n]{0,16}?\d")


def _lines(text: str) -> int:
    return text.count("\n")


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n")
