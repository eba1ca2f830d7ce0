"""What a pass over the entries of an export counts, and where in the file it stands."""

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import gt, lt
from typing import TYPE_CHECKING, Any, get_args

from assets.core.errors import ExportError, refuse_as
from assets.restricted.collection.export import CountedKind, Detail, Kind
from assets.restricted.collection.languages import is_english
from assets.restricted.collection.structured.entries import Entry, Findings
from assets.restricted.collection.structured.mentions import names_in

if TYPE_CHECKING:
    import numpy as np

GIVEN = frozenset(get_args(Kind))
SUPERSEDING = frozenset({"deleted", "edited"})
JUDGED_WHOLE, JUDGED_IN = 1_000, 150
_AT_ONCE = 1 << 16
_ALL_KEYS = -(1 << 63), (1 << 63) - 1


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
        self.bounds: tuple[int, int] | None = None
        self.before: KeysBefore | None = None
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
        self.bounds, last = _wider(self.bounds, min(keys), max(keys)), self._last_key
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
        """All that it holds but keys, which `keep_what_stands` puts in the last place."""
        return (
            dict(self.kinds),
            dict(self.details),
            set(self.people),
            self.with_sender,
            self.steps_back,
            self.span,
            self.span_given,
            (self.judged, self.not_english, self.seen_given),
            self._last,
            set(self.superseded),
            None,
        )

    def restore(self, state: tuple[Any, ...]) -> None:
        """Hold what another held."""
        kinds, details, people, self.with_sender, self.steps_back = state[:5]
        self.span, self.span_given, judged, self._last, superseded, keys = state[5:]
        self.superseded = set(superseded)
        self.kinds, self.details, self.people = Counter(kinds), Counter(details), set(people)
        self.before = None if keys is None else KeysBefore(tuple(keys[0]), keys[1])
        self.bounds = None if self.before is None else self.before.bounds
        self.judged, self.not_english, self.seen_given = judged


@dataclass(frozen=True)
class KeysBefore:
    """Keys of entries before a bookmark.

    Attributes:
        bounds: the least and the greatest; of all there are, where digests tell more.
        digests: of each, 64 bits, in ascending order; empty where the bounds tell enough.
    """

    bounds: tuple[int, int]
    digests: bytes = field(repr=False)


@dataclass(frozen=True)
class Noted:
    """Where a pass stands at one place of the file.

    Attributes:
        first_at: where the first element of the array may stand.
        given: messages given up to there.
        latest: second of the latest entry up to there.
        keys: how many keys the pass met up to there.
        bounds: the least and the greatest of all up to there.
        counted: of the pass, `Counts.state`.
        found: of the pass, `Findings.state`.
        keys_told: gives what is kept of all keys up to there.
    """

    first_at: int
    given: int
    latest: int
    keys: int
    bounds: tuple[int, int] | None
    counted: tuple[Any, ...] = field(repr=False)
    found: tuple[Any, ...] = field(repr=False)
    keys_told: Callable[[], Any] = field(default=lambda: None, repr=False)

    def state(self) -> tuple[Any, Any]:
        """What `Marking.taken_up` is to be; made when asked for, as there may be many keys."""
        return (*self.counted[:-1], self.keys_told()), self.found


@dataclass
class Marking:
    """Notes where a pass stands, and takes up one that stood there.

    Attributes:
        digests_of: gives a keyed digest of each key, 64 bits.
        wanted: places in the file after which to note it, in order.
        taken_up: what another noted.
        noted: by place of the file.
    """

    digests_of: Callable[[Sequence[int]], "array[int]"]
    wanted: Sequence[int] = ()
    taken_up: tuple[Any, Any] | None = None
    noted: dict[int, Noted] = field(default_factory=dict)
    _next: int = 0

    @property
    def before(self) -> Findings:
        """What was found before what was taken up."""
        findings = Findings()
        if self.taken_up is not None:
            findings.restore(self.taken_up[1])
        return findings

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
            met = len(counts.keys), counts.bounds
            self.noted[place] = Noted(first_at, counts.with_sender, counts.span[1], *met, *state)


class ReadsOtherwise(Exception):  # noqa: N818  (no fault: the file is then read whole)
    """What was found before does not hold for the whole file."""


def keep_what_stands(marking: Marking, counts: Counts) -> None:
    """Drop places after which an entry may come that came before them.

    Of the keys before a place their bounds are kept, where all after it are greater, or all are
    less. Else each is, as a keyed digest, so that it can be known again.

    Raises:
        ReadsOtherwise: as `export_of`.
    """
    import numpy as np  # noqa: PLC0415  (a look at a text comes by the same door, and needs none of it)

    # A copy, for they are sorted later.
    keys, before = np.array(counts.keys, dtype=np.int64), counts.before
    digests: np.ndarray | None = None

    def digested() -> "np.ndarray":
        nonlocal digests
        if digests is None:
            some = (keys[at : at + _AT_ONCE].tolist() for at in range(0, len(keys), _AT_ONCE))
            digested_some = [np.array(marking.digests_of(one), dtype=np.uint64) for one in some]
            digests = np.concatenate([np.empty(0, dtype=np.uint64), *digested_some])
        return digests

    if before is not None and not _is_beyond(keys, before.bounds):
        held = np.frombuffer(before.digests, dtype=np.uint64)
        places = np.searchsorted(held, digested())
        if not len(held) or (held[np.minimum(places, len(held) - 1)] == digested()).any():
            raise ReadsOtherwise
    of_before = b"" if before is None else before.digests

    def each_up_to(count: int) -> tuple[tuple[int, int], bytes]:
        both = (np.frombuffer(of_before, dtype=np.uint64), digested()[:count])
        return _ALL_KEYS, np.sort(np.concatenate(both)).tobytes()

    kept: dict[int, Noted] = {}
    for place, one in marking.noted.items():
        if one.bounds is None:
            kept[place] = one
        elif of_before or not _is_beyond(keys[one.keys :], one.bounds):
            # Where of those before it nothing but the bounds is known, it is dropped.
            if before is None or of_before:
                kept[place] = replace(one, keys_told=partial(each_up_to, one.keys))
        else:
            kept[place] = replace(one, keys_told=partial(tuple, (one.bounds, b"")))
    marking.noted = kept


def _is_beyond(keys: "np.ndarray", bounds: tuple[int, int]) -> bool:
    """Whether all keys are greater than those within the bounds, or all are less."""
    return not len(keys) or bool(keys.min() > bounds[1] or keys.max() < bounds[0])


def _wider(span: tuple[int, int] | None, low: int, high: int) -> tuple[int, int]:
    return (low, high) if span is None else (min(span[0], low), max(span[1], high))
