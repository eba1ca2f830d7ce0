"""What a pass over the entries of an export counts, and where in the file it stands."""

from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from operator import gt, lt
from typing import Any, get_args

from assets.core.errors import ExportError, refuse_as
from assets.restricted.collection.export import CountedKind, Detail, Kind
from assets.restricted.collection.languages import is_english
from assets.restricted.collection.structured.entries import Entry, Findings
from assets.restricted.collection.structured.mentions import names_in

GIVEN = frozenset(get_args(Kind))
SUPERSEDING = frozenset({"deleted", "edited"})
JUDGED_WHOLE, JUDGED_IN = 1_000, 150


class Counts:
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
        self._last_key: int | None = None
        self._rises = self._falls = True

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
            self._look_at_keys(keys)
        if by_parts:
            self.superseded.update(
                one.key for one in batch if one.kind in SUPERSEDING and one.key is not None
            )
        self._look_at_texts(given, findings)

    @property
    def is_each_key_once(self) -> bool:
        """Whether keys are in an order that shows so; else they may be or not."""
        return self._rises or self._falls

    def _look_at_keys(self, keys: list[int]) -> None:
        new, last = max(keys), self._last_key
        self.greatest = new if self.greatest is None else max(self.greatest, new)
        after = keys[1:]
        self._rises = self._rises and (last is None or last < keys[0]) and all(map(lt, keys, after))
        self._falls = self._falls and (last is None or last > keys[0]) and all(map(gt, keys, after))
        self._last_key = keys[-1]

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
            set(self.superseded),
        )

    def restore(self, state: tuple[Any, ...]) -> None:
        """Hold what another held."""
        kinds, details, people, self.with_sender, self.steps_back = state[:5]
        self.span, self.span_given, self.greatest, judged, self._last, superseded = state[5:]
        self.superseded = set(superseded)
        self.kinds, self.details, self.people = Counter(kinds), Counter(details), set(people)
        self.keys = array("q", [] if self.greatest is None else [self.greatest])
        self.taken_up = bool(self.keys)
        self._last_key, self._rises, self._falls = self.greatest, True, True
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

    def begin(self, counts: Counts, findings: Findings) -> None:
        """Take up what was noted."""
        self.noted, self._next = {}, 0
        if self.taken_up is not None:
            counts.restore(self.taken_up[0])
            findings.restore(self.taken_up[1])

    def note(self, counts: Counts, findings: Findings) -> None:
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


def keep_what_stands(marking: Marking, counts: Counts) -> None:
    """Drop places after which an entry may come that came before them.

    Raises:
        ReadsOtherwise: as `export_of`.
    """
    import numpy as np  # noqa: PLC0415  (a look at a text comes by the same door, and needs none of it)

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


def _wider(span: tuple[int, int] | None, low: int, high: int) -> tuple[int, int]:
    return (low, high) if span is None else (min(span[0], low), max(span[1], high))
