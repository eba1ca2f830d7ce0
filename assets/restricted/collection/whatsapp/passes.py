"""Passes over one export: from its beginning, or from where an earlier reading of it stood.

Both go over the same blocks, and an earlier reading's passes are each taken up where it stood. What
a pass then finds is what one from the beginning finds; where any of them comes to decide otherwise
than it did then, what was found before is void, and the file is read whole.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any, BinaryIO, Protocol

from assets.restricted.collection.bookmarks.bookmark import Standing
from assets.restricted.collection.contract import Circumstances
from assets.restricted.collection.lines import (
    READ_BYTES,
    Whereabouts,
    line_blocks,
    line_blocks_after,
)
from assets.restricted.collection.whatsapp.clock import Days, Times
from assets.restricted.collection.whatsapp.counts import Counts
from assets.restricted.collection.whatsapp.entries import Batch, CutPoint, Cutter
from assets.restricted.collection.whatsapp.plan import CLASSES, Plan, first_plan
from assets.restricted.collection.whatsapp.quotes import LONGEST_COPY, EntryKey, Originals
from assets.restricted.collection.whatsapp.senders import Attribution, Split, State

LONGEST_KEPT = 1 << 18
"""Bytes of a block that is cut again when a reading goes on after it."""
MOST_HELD = 6 << 20
"""Characters of an export up to which its entries stay in memory from counting to the messages."""
NEAREST = 1
"""Blocks from a file's end at which a later reading may go on, at least."""


class ReadsOtherwise(Exception):  # noqa: N818  (no fault: the file is then read whole)
    """What was found before does not hold for the whole file."""


@dataclass
class Pass:
    """One pass by one plan, done."""

    plan: Plan
    days: Days
    times: Times
    cutter: Cutter
    tally: Counts = field(repr=False)
    held: list[tuple[Batch, Split]] | None = field(default_factory=list, repr=False)
    """Its entries, so that they need not be cut again; None where they are too many."""


@dataclass(frozen=True)
class Point:
    """Where a pass stood after one block."""

    where: tuple[int, int, int]
    plan: Plan
    cut: CutPoint
    dates: Sequence[str]
    bad: frozenset[str] = field(repr=False)
    counts: State = field(repr=False)


class Passes(Protocol):
    """Goes over one export."""

    def first_plan(self) -> Plan:
        """What the file's beginning shows."""
        ...

    def count(self, plan: Plan) -> Pass:
        """Count over the file."""
        ...

    def originals(self, last: Pass) -> Originals:
        """What the last pass's excursions share with the rest of the file."""
        ...

    def split(self, last: Pass) -> Iterator[tuple[Batch, Split]]:
        """The entries again, by the plan of the last pass."""
        ...

    def settle(self, plan: Plan) -> None:
        """Take it that no more passes are needed.

        Args:
            plan: that all is read by.

        Raises:
            ReadsOtherwise: if there were others before.
        """
        ...


class _Marking:
    """Notes where passes stand, at the same places in each of them."""

    def __init__(self, circumstances: Circumstances, size: int | None, after: int) -> None:
        self._circumstances = circumstances
        self._wanted = frozenset[int]() if size is None else _marks(size)
        self._after = after
        self._points: list[dict[int, Point]] = []
        self._met: dict[int, list[int]] = {}
        self._keys: list[EntryKey] = []
        self._doubtful: Sequence[int] = ()

    def _count(self, own: Pass, blocks: Iterator[str], at: Whereabouts) -> Pass:
        tally, attribution = own.tally, own.tally.attribution
        points: dict[int, Point] = {}
        before = attribution.learned
        for batch in own.cutter.batches(_held_by(own, blocks)):
            split = tally.add(batch)
            if own.held is not None:
                own.held.append((batch, split))
            if at.read in self._wanted:
                point = self._point(own, batch, at) if attribution.learned == before else None
                if point is not None:
                    points[at.read] = point
            before = attribution.learned
        tally.close()
        tally.refused[:0] = own.cutter.refused_before
        self._points.append(points)
        return own

    def _point(self, own: Pass, batch: Batch, at: Whereabouts) -> Point | None:
        cut = own.cutter.point()
        alone = len(batch.bodies) > LONGEST_COPY and at.read - at.start <= LONGEST_KEPT
        if (
            cut is None
            or not (alone and at.told and own.tally.excursions.settled)
            or at.read <= self._after
            # Without a year a date is read by when it is read.
            or own.plan.learned.shape.date == "named"
            or own.days.year_inferred
        ):
            return None
        dates = tuple(own.days.written())
        bad = own.days.bad | own.days.bad_before
        where = at.start, at.end, at.read
        return Point(where, own.plan, cut, dates, frozenset(bad), own.tally.state())

    def _note_met(self, originals: Originals, at: Whereabouts) -> None:
        if at.read in self._wanted:
            self._met[at.read] = originals.counted()

    def standings(self) -> list[Standing]:
        """Where a later reading may go on, in the order of the file; asked once all is settled."""
        found = []
        every = self._points
        for read in sorted(set(every[-1]).intersection(*every)):
            points = [one[read] for one in every]
            latest = points[-1].counts[9][4]
            if latest is None or (self._keys and read not in self._met):
                continue
            line = points[-1].cut.line
            state = (
                [
                    (one.where, one.plan, one.cut, *_dates_written(one), one.counts)
                    for one in points
                ],
                dict(zip(self._keys, self._met.get(read, ()), strict=True)),
                [one for one in self._doubtful if one < line],
                line,
            )
            given = _given(points[-1].counts)
            found.append(Standing(read, points[-1].where[0], given, latest.date(), state, CLASSES))
        return found


class WholePasses(_Marking):
    """From the beginning.

    Args:
        opened: opens the export at its first byte.
        circumstances: zone, region and time.
        markdown_twin: as in `parse`.
        size: bytes of the file, where places for a later reading are wanted.
    """

    def __init__(
        self,
        opened: Callable[[], BinaryIO],
        circumstances: Circumstances,
        markdown_twin: bool,
        size: int | None,
    ) -> None:
        super().__init__(circumstances, size, after=0)
        self._opened = opened
        self._markdown_twin = markdown_twin

    def first_plan(self) -> Plan:
        """As in `Passes`."""
        plan, self._after = first_plan(
            self._opened, self._circumstances, markdown_twin=self._markdown_twin
        )
        return plan

    def count(self, plan: Plan) -> Pass:
        """As in `Passes`."""
        days = Days(plan.order, self._circumstances.zone, self._circumstances.now)
        times, at = Times(), Whereabouts()
        cutter = Cutter(plan.learned, days, times, plan.quoted)
        tally = Counts(plan.attribution(), count_senders=bool(self._wanted))
        with self._opened() as stream:
            blocks = line_blocks(stream, at=at if self._wanted else None)
            return self._count(Pass(plan, days, times, cutter, tally), blocks, at)

    def originals(self, last: Pass) -> Originals:
        """As in `Passes`."""
        originals, at = Originals(last.tally.excursions), Whereabouts()
        self._keys = originals.keys if self._wanted else []
        cutter = Cutter(last.plan.learned, last.days, last.times)
        attribution = last.plan.attribution()
        with self._opened() as stream:
            for batch in cutter.batches(line_blocks(stream, at=at if self._wanted else None)):
                senders, _, texts = attribution.split(batch.bodies)
                originals.add(batch, senders, texts)
                self._note_met(originals, at)
        return originals

    def split(self, last: Pass) -> Iterator[tuple[Batch, Split]]:
        """As in `Passes`."""
        if last.held is not None:
            yield from last.held
            return
        cutter = Cutter(last.plan.learned, last.days, last.times, last.plan.quoted)
        attribution = last.plan.attribution()
        with self._opened() as stream:
            for batch in cutter.batches(line_blocks(stream)):
                yield batch, attribution.split(batch.bodies)

    def settle(self, plan: Plan) -> None:
        """As in `Passes`."""
        self._doubtful = sorted(plan.doubtful)


class TakenUp(_Marking):
    """From where an earlier reading stood.

    Args:
        circumstances: zone, region and time.
        state: of that reading, by `standings`.
        start: the first byte of `held` in the file.
        held: bytes of the file from the last block before that place on.
    """

    def __init__(self, circumstances: Circumstances, state: Any, start: int, held: bytes) -> None:
        passes, met, self._doubtful_before, self._line = state
        self._passes = [
            Point(where, plan, cut, _dates_read(dates, bad), frozenset(bad), counts)
            for where, plan, cut, dates, bad, counts in passes
        ]
        super().__init__(circumstances, start + len(held), after=self._passes[0].where[2])
        self._held, self._start = held, start
        self._met_before: Mapping[EntryKey, int] = met
        self._done = 0

    @cached_property
    def _block(self) -> str:
        start, end, _ = self._passes[0].where
        return self._held[start - self._start : end - self._start].decode()

    def _after_block(self, at: Whereabouts) -> Iterator[str]:
        return line_blocks_after(BytesIO(self._held[at.end - self._start :]), at, READ_BYTES)

    def _taken_up(self, point: Point, cutter: Cutter) -> tuple[Whereabouts, Batch]:
        return Whereabouts(*point.where), cutter.go_on(point.cut, self._block)

    def first_plan(self) -> Plan:
        """As in `Passes`."""
        return self._passes[0].plan

    def count(self, plan: Plan) -> Pass:
        """As in `Passes`."""
        if self._done == len(self._passes) or not plan.passes_as(self._passes[self._done].plan):
            raise ReadsOtherwise
        point = self._passes[self._done]
        self._done += 1
        days = Days(
            plan.order,
            self._circumstances.zone,
            self._circumstances.now,
            before=point.dates,
            bad_before=point.bad,
        )
        times = Times()
        cutter = Cutter(plan.learned, days, times, plan.quoted)
        at, tail = self._taken_up(point, cutter)
        tally = Counts(plan.attribution())
        tally.restore(point.counts, tail, self._attribution(point).split(tail.bodies))
        return self._count(Pass(plan, days, times, cutter, tally), self._after_block(at), at)

    def _attribution(self, point: Point) -> Attribution:
        attribution = point.plan.attribution()
        attribution.restore(point.counts[-1])
        return attribution

    def originals(self, last: Pass) -> Originals:
        """As in `Passes`."""
        # No header is quoted in the plan of that pass, so that its own counts stand for a pass that
        # takes none for quoted.
        point = self._passes[self._done - 1]
        originals = Originals(last.tally.excursions)
        latest = point.counts[9][4].replace(tzinfo=None)
        if last.plan.quoted or any(
            key not in self._met_before and key[0] <= latest for key in originals.keys
        ):
            raise ReadsOtherwise
        originals.restore(self._met_before, point.counts[-2])
        cutter = Cutter(last.plan.learned, last.days, last.times)
        at, _ = self._taken_up(point, cutter)
        attribution = self._attribution(point)
        self._keys = originals.keys if self._wanted else []
        for batch in cutter.batches(self._after_block(at)):
            senders, _, texts = attribution.split(batch.bodies)
            originals.add(batch, senders, texts)
            self._note_met(originals, at)
        return originals

    def split(self, last: Pass) -> Iterator[tuple[Batch, Split]]:
        """As in `Passes`."""
        if last.held is not None:
            yield from last.held
            return
        point = self._passes[-1]
        cutter = Cutter(last.plan.learned, last.days, last.times, last.plan.quoted)
        at, _ = self._taken_up(point, cutter)
        attribution = self._attribution(point)
        for batch in cutter.batches(self._after_block(at)):
            yield batch, attribution.split(batch.bodies)

    def settle(self, plan: Plan) -> None:
        """As in `Passes`."""
        self._doubtful = sorted(plan.doubtful)
        before = [one for one in self._doubtful if one < self._line]
        if self._done < len(self._passes) or before != list(self._doubtful_before):
            raise ReadsOtherwise


def _held_by(own: Pass, blocks: Iterator[str]) -> Iterator[str]:
    """The blocks; once they are too many, the pass holds no entries."""
    characters = 0
    for block in blocks:
        characters += len(block)
        if characters > MOST_HELD:
            own.held = None
        yield block


def _dates_written(point: Point) -> tuple[bytes, list[str]]:
    """A point's dates, and apart those that are none, as they may be anything.

    Those leave an empty line where they stood.
    """
    good = ("" if one in point.bad else one for one in point.dates)
    return "\n".join(good).encode(), [one for one in point.dates if one in point.bad]


def _dates_read(good: bytes, bad: Sequence[str]) -> list[str]:
    apart = iter(bad)
    return [one or next(apart) for one in good.decode().split("\n")]


def _given(counts: State) -> int:
    return sum(many for kind, many in counts[0].items() if kind not in ("system", "expired"))


def _marks(size: int) -> frozenset[int]:
    """Places at which blocks end, close to each other near a file's end."""
    blocks, marks = size // READ_BYTES, set()
    distance = NEAREST
    while distance < blocks:
        marks.update((blocks - one) * READ_BYTES for one in (distance, distance * 3 // 2))
        distance *= 2
    return frozenset(one for one in marks if one > 0)
