"""A structured export, read twice: once to count over it whole, then for its messages."""

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from operator import gt
from typing import Any, cast, get_args

from assets.core.errors import ExportError, refuse_as
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
from assets.restricted.collection.languages import is_english
from assets.restricted.collection.structured.entries import Entries, Entry, Findings
from assets.restricted.collection.structured.mentions import names_in
from assets.restricted.collection.structured.moments import EARLIEST, LATEST, Clock

TOLERATED_FUTURE = timedelta(days=1)
GIVEN = frozenset(get_args(Kind))
# As for a text's refused headers: one is ordinary, several of so few entries are not.
FEWEST_TELLING, ENTRIES_PER_LEFT_OUT, HALF = 3, 20, 2
JUDGED_WHOLE, JUDGED_IN = 1_000, 150
_SUPERSEDING = frozenset({"deleted", "edited"})


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


class _Counts:
    """What one pass counts."""

    def __init__(self) -> None:
        self.kinds: Counter[CountedKind] = Counter()
        self.details: Counter[Detail] = Counter()
        self.people: set[str] = set()
        self.with_sender = 0
        self.steps_back = 0
        self.span: tuple[int, int] | None = None
        self.span_given: tuple[int, int] | None = None
        self.keys = array("q")
        self.greatest: int | None = None
        self.taken_up = False
        self.seen_given = 0
        self.superseded: set[int] = set()
        self.judged = self.not_english = 0
        self._last: int | None = None

    def add(self, batch: list[Entry], findings: Findings, *, by_parts: bool) -> None:
        """Count the next entries."""
        if not batch:
            return
        kinds: list[CountedKind] = [one.kind for one in batch]
        self.kinds.update(kinds)
        seconds = [one.second for one in batch]
        self.steps_back += sum(map(gt, seconds, seconds[1:]))
        self.steps_back += self._last is not None and self._last > seconds[0]
        self._last = seconds[-1]
        self.span = _wider(self.span, min(seconds), max(seconds))
        given = [one for one in batch if one.kind in GIVEN and (one.author or one.person)]
        self.with_sender += len(given)
        if given:
            sent = [one.second for one in given]
            self.span_given = _wider(self.span_given, min(sent), max(sent))
            self.people.update([one.person or one.author for one in given])
        self.details.update([one.detail for one in batch if one.detail])
        with refuse_as(ExportError("EXPORT_STRUCTURE_UNKNOWN"), OverflowError):
            keys = [one.key for one in batch if one.key is not None]
            self.keys.extend(keys)
        if keys:
            new = max(keys)
            self.greatest = new if self.greatest is None else max(self.greatest, new)
        if by_parts:
            self.superseded.update(
                one.key for one in batch if one.kind in _SUPERSEDING and one.key is not None
            )
        self._look_at_texts(given, findings)

    def _look_at_texts(self, given: list[Entry], findings: Findings) -> None:
        findings.name({one.author for one in given})
        joined = "\n".join([one.text for one in given if "@" in one.text])
        if joined:
            findings.name(names_in(joined))
        place = 0
        while place < len(given):
            if self.judged >= JUDGED_WHOLE:
                # By the place in the chat, however it is cut into batches.
                place += -(self.seen_given + place) % JUDGED_IN
                if place >= len(given):
                    break
            one = given[place]
            if one.kind == "speech" and (english := is_english(one.text)) is not None:
                self.judged += 1
                self.not_english += not english
            place += 1
        self.seen_given += len(given)

    def state(self) -> tuple[Any, ...]:
        """All that it holds; of keys the greatest."""
        return (
            dict(self.kinds),
            dict(self.details),
            set(self.people),
            self.with_sender,
            self.steps_back,
            self.span,
            self.span_given,
            self.greatest,
            (self.judged, self.not_english, self.seen_given),
            self._last,
        )

    def restore(self, state: tuple[Any, ...]) -> None:
        """Hold what another held."""
        kinds, details, people, self.with_sender, self.steps_back = state[:5]
        self.span, self.span_given, self.greatest, judged, self._last = state[5:]
        self.kinds, self.details, self.people = Counter(kinds), Counter(details), set(people)
        self.keys = array("q", [] if self.greatest is None else [self.greatest])
        self.taken_up = bool(self.keys)
        self.judged, self.not_english, self.seen_given = judged


@dataclass(frozen=True)
class Noted:
    """Where a pass stands at one place of the file.

    Attributes:
        first_at: where the first element of the array may stand.
        given: messages given up to there.
        latest: second of the latest entry up to there.
        keys: how many keys were met up to there.
        greatest: of them.
        state: of the pass.
    """

    first_at: int
    given: int
    latest: int
    keys: int
    greatest: int | None
    state: tuple[Any, Any] = field(repr=False)


@dataclass
class Marking:
    """Notes where a pass stands, and takes up one that stood there.

    Attributes:
        wanted: places in the file after which to note it, in order.
        taken_up: what another noted.
        noted: by place of the file.
    """

    wanted: Sequence[int] = ()
    taken_up: tuple[Any, Any] | None = None
    noted: dict[int, Noted] = field(default_factory=dict)
    _next: int = 0

    @property
    def chats(self) -> Collection[int]:
        """`Findings.chats` of what was taken up."""
        return () if self.taken_up is None else self.taken_up[1][-1]

    def begin(self, counts: _Counts, findings: Findings) -> None:
        """Take up what was noted."""
        self.noted, self._next = {}, 0
        if self.taken_up is not None:
            counts.restore(self.taken_up[0])
            findings.restore(self.taken_up[1])

    def note(self, counts: _Counts, findings: Findings) -> None:
        """Note where the pass stands, if a place that is wanted has been passed."""
        if findings.places is None or counts.span is None:
            return
        first_at, place = findings.places
        passed = False
        while self._next < len(self.wanted) and self.wanted[self._next] <= place:
            passed, self._next = True, self._next + 1
        if passed:
            state = counts.state(), findings.state()
            met = len(counts.keys), counts.greatest
            self.noted[place] = Noted(first_at, counts.with_sender, counts.span[1], *met, state)


class ReadsOtherwise(Exception):  # noqa: N818  (no fault: the file is then read whole)
    """What was found before does not hold for the whole file."""


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
        _keep_what_stands(marking, counts)
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


def _count(
    read: Read,
    superseded: frozenset[int],
    winners: Mapping[int, int],
    marking: Marking | None = None,
) -> tuple[_Counts, Findings]:
    counts, findings = _Counts(), Findings()
    if marking is not None:
        marking.begin(counts, findings)
    for batch in _own(read, findings, superseded, winners):
        counts.add(batch, findings, by_parts=read.by_parts)
        if marking is not None:
            marking.note(counts, findings)
    return counts, findings


def _keep_what_stands(marking: Marking, counts: _Counts) -> None:
    """Drop places after which an entry may come that came before them.

    Raises:
        ReadsOtherwise: as `export_of`.
    """
    import numpy as np  # noqa: PLC0415  (as in `_winners`)

    keys = np.frombuffer(counts.keys, dtype=np.int64) if counts.keys else np.empty(0, np.int64)
    # The least of the keys from each one on; of none, one that is greater than all.
    least = np.append(np.minimum.accumulate(keys[::-1])[::-1], np.iinfo(np.int64).max)
    if counts.taken_up and least[1] <= keys[0]:
        raise ReadsOtherwise
    marking.noted = {
        place: one
        for place, one in marking.noted.items()
        if one.greatest is None or least[one.keys] > one.greatest
    }


def _own(
    read: Read, findings: Findings, superseded: frozenset[int], winners: Mapping[int, int]
) -> Iterator[list[Entry]]:
    """Entries as they stand: each once, and those that another export takes back as deleted."""
    place = 0
    for batch in read.entries(findings):
        if superseded:
            for one in batch:
                if one.key in superseded and one.kind not in _SUPERSEDING:
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


def _winners(read: Read, counts: _Counts) -> dict[int, int]:
    """For each key that comes again, the place of the entry that counts.

    A deletion stands, before an edited form; of others the last one.
    """
    # Here, for a look at a text, which comes by the same door, needs none of it.
    import numpy as np  # noqa: PLC0415

    keys = np.frombuffer(counts.keys, dtype=np.int64) if counts.keys else np.empty(0, np.int64)
    if len(keys) < HALF or bool((keys[1:] > keys[:-1]).all()):
        return {}
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
    at = Clock(circumstances.zone).at
    for batch in _own(read, Findings(), circumstances.superseded, winners):
        yield from [
            Message(
                at(one.second),
                one.author,
                cast("Kind", one.kind),
                one.text,
                False,
                one.unnamed,
                one.person,
            )
            for one in batch
            if one.kind in GIVEN and (one.author or one.person)
        ]


def _reasons(counts: _Counts, findings: Findings) -> list[UnsureReason]:
    entries, left_out = counts.kinds.total(), findings.left_out
    several = left_out >= FEWEST_TELLING and left_out * ENTRIES_PER_LEFT_OUT > entries
    return ["unknown_types"] if several or left_out * HALF > entries else []


def _wider(span: tuple[int, int] | None, low: int, high: int) -> tuple[int, int]:
    return (low, high) if span is None else (min(span[0], low), max(span[1], high))
