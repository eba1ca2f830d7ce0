"""Headers of a file's own form that stand inside a message, told by where time goes back.

An export is in order but for late messages, so a few entries that leave the order and come back
to it may be a quotation. A copy of an entry that stands elsewhere is one; so is a date that is
still to come, or a sender found nowhere else a month out of place. Anything less is in doubt.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from assets.restricted.collection.whatsapp.entries import Batch

# Late messages: swapped within minutes every day, by hours seldom.
LATE = timedelta(minutes=10)
FAR = timedelta(hours=6)
# WhatsApp's servers hold a message for 30 days.
NEVER_LATE = timedelta(days=31)
FEW = 5
LONGEST_COPY = 50
# Below this, one person may well have typed the same within the same minute.
TELLING_LENGTH = 12
# Order says who is out of place only in a file that keeps it.
ENTRIES_IN_ORDER, ENTRIES_PER_STEP, STEPS_IN_ANY = 30, 20, 3
MOST_EXCURSIONS = 5_000

EntryKey = tuple[datetime, str, str]


@dataclass(frozen=True)
class PlacedEntry:
    """One entry, as far as its place in the order matters."""

    line: int
    stamp: datetime
    sender: str = field(repr=False)
    head: str = field(repr=False)
    speech: bool = False

    @property
    def key(self) -> EntryKey:
        """What a copy of it shares."""
        return self.stamp.replace(tzinfo=None), self.sender, self.head


@dataclass(frozen=True)
class Excursion:
    """A few entries out of order.

    Attributes:
        entries: in file order.
        host: the key of the entry before.
        apart: how far they are from the entries on either side.
        early: whether they are too early for their place, not too late.
        returns: whether the file goes on in order after them.
    """

    entries: tuple[PlacedEntry, ...]
    host: EntryKey = field(repr=False)
    apart: timedelta
    early: bool
    returns: bool


class Excursions(list[Excursion]):
    """Collects excursions from batches in file order; `close` after the last.

    Attributes:
        steps: how often time goes back by `LATE` or more, in an excursion or not.
        far_steps: how often by `FAR` or more.
    """

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0
        self.far_steps = 0
        self._held: list[PlacedEntry] = []
        self._checked = 0
        self._last: datetime | None = None
        self._tail: tuple[Batch, Sequence[str], Sequence[str], Sequence[str]] | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing waits for more entries."""
        return not self._held

    def state(self) -> "tuple[tuple[Excursion, ...], int, int]":
        """All that it holds where it is settled, but for the last batch."""
        return tuple(self), self.steps, self.far_steps

    def restore(
        self,
        state: "tuple[Sequence[Excursion], int, int]",
        tail: Batch,
        split: tuple[Sequence[str], Sequence[str], Sequence[str]],
    ) -> None:
        """Hold what another held after a batch.

        Args:
            state: of the other.
            tail: the last entries of the batch, `LONGEST_COPY` of them or more.
            split: those, split.
        """
        excursions, self.steps, self.far_steps = state
        self.extend(excursions)
        self._last = tail.stamps[-1]
        self._tail = (tail, *split)

    def add(
        self,
        batch: Batch,
        senders: Sequence[str],
        kinds: Sequence[str],
        texts: Sequence[str],
        *,
        in_order: bool,
    ) -> None:
        """Take the next batch, split; `in_order` where it does not step back at all."""
        stamps = batch.stamps
        steps = 0 if in_order else self._count_steps(stamps)
        self._last = stamps[-1]
        whole = (batch, senders, kinds, texts)
        if not steps and not self._held:
            self._tail = whole
            return
        if not self._held and self._tail is not None:
            self._hold(self._tail, only_last=True)
        self._tail = whole
        self._hold(whole)
        self._check(len(self._held) - 1 - LONGEST_COPY)
        open_from = self._checked
        if open_from >= len(self._held) - 1 or not _steps_back(
            [entry.stamp for entry in self._held[open_from:]]
        ):
            self._held, self._checked = [], 0
        else:
            keep = max(open_from - FEW - 1, 0)
            self._held, self._checked = self._held[keep:], open_from - keep

    def _count_steps(self, stamps: Sequence[datetime]) -> int:
        before = stamps if self._last is None else [self._last, *stamps]
        back = [one - other for one, other in pairwise(before) if one > other]
        late = sum(step >= LATE for step in back)
        self.steps += late
        self.far_steps += sum(step >= FAR for step in back)
        return late

    def close(self) -> None:
        """Settle what waited for more entries."""
        self._check(len(self._held) - 1)
        self._held, self._tail = [], None

    def _hold(
        self,
        whole: tuple[Batch, Sequence[str], Sequence[str], Sequence[str]],
        *,
        only_last: bool = False,
    ) -> None:
        batch, senders, kinds, texts = whole
        line = batch.first_line
        start = max(len(senders) - LONGEST_COPY, 0) if only_last else 0
        for index, body in enumerate(batch.bodies):
            if index >= start:
                head = texts[index].partition("\n")[0]
                sender = "" if kinds[index] in ("system", "expired") else senders[index]
                speech = kinds[index] == "speech"
                self._held.append(PlacedEntry(line, batch.stamps[index], sender, head, speech))
            line += 1 + body.count("\n")
        if only_last:
            self._checked = len(self._held) - 1

    def _check(self, before: int) -> None:
        held = self._held
        index = self._checked
        while index < before:
            if held[index].stamp - held[index + 1].stamp >= LATE:
                found, index = self._excursion(index)
                if (
                    found is not None
                    and len(self) < MOST_EXCURSIONS
                    and all(entry.sender for entry in found.entries)
                ):
                    self.append(found)
            else:
                index += 1
        self._checked = max(index, self._checked)

    def _excursion(self, index: int) -> tuple[Excursion | None, int]:
        """What the step back after `index` belongs to, and where to go on."""
        held, high = self._held, self._held[index].stamp
        low = held[index + 1].stamp
        end = index + 1
        while end < len(held) and high - held[end].stamp >= LATE:
            end += 1
        early = held[index + 1 : end]
        if len(early) <= LONGEST_COPY:
            after = [entry.key for entry in held[end : end + LONGEST_COPY] if entry.stamp <= high]
            host = held[index].key
            # A second export that overlaps holds its own copy of the entry before.
            if host not in after:
                apart = high - max(entry.stamp for entry in early)
                found = Excursion(tuple(early), host, apart, True, end < len(held))
                late = self._late(index, low)
                if late is None or (found.returns and len(early) <= len(late.entries)):
                    return found, end
            elif end < len(held):
                return None, end
        return self._late(index, low), index + 1

    def _late(self, index: int, low: datetime) -> Excursion | None:
        held = self._held
        start = index
        while start >= 0 and index - start <= FEW and held[start].stamp - low >= FAR:
            start -= 1
        if start in (-1, index) or index - start > FEW or held[start].stamp > low + LATE:
            return None
        run = held[start + 1 : index + 1]
        apart = min(entry.stamp for entry in run) - low
        return Excursion(tuple(run), held[start].key, apart, False, True)


class Originals:
    """Counts, in one more pass, what an excursion's entries share with entries elsewhere."""

    def __init__(self, excursions: Iterable[Excursion]) -> None:
        entries = [entry for excursion in excursions for entry in excursion.entries]
        self._own_keys = Counter(entry.key for entry in entries)
        self._own_names = Counter(entry.sender for entry in entries)
        self._keys: Counter[EntryKey] = Counter()
        self._names: Counter[str] = Counter()

    def add(self, batch: Batch, senders: Sequence[str], texts: Sequence[str]) -> None:
        """Take the next batch, split."""
        names = self._own_names
        if names.keys().isdisjoint(senders):
            return
        for stamp, sender, text in zip(batch.stamps, senders, texts, strict=True):
            if sender in names:
                self._names[sender] += 1
                key = stamp.replace(tzinfo=None), sender, text.partition("\n")[0]
                if key in self._own_keys:
                    self._keys[key] += 1

    def counted(self) -> list[int]:
        """How often what each excursion's entry shares was met, in the order of keys."""
        return [self._keys[key] for key in self._own_keys]

    def restore(self, keys: Mapping[EntryKey, int], names: Mapping[str, int]) -> None:
        """Have counted what another counted in the part of a file before.

        Args:
            keys: how often each key was met.
            names: how many entries each sender has.
        """
        self._keys.update({key: met for key, met in keys.items() if key in self._own_keys})
        self._names.update({name: names.get(name, 0) for name in self._own_names})

    @property
    def keys(self) -> list[EntryKey]:
        """What the excursions' entries share with copies of them, each once."""
        return list(self._own_keys)

    def holds(self, entry: PlacedEntry) -> bool:
        """Whether the same stands elsewhere."""
        return self._keys[entry.key] > self._own_keys[entry.key]

    def knows(self, sender: str) -> bool:
        """Whether the sender wrote anything elsewhere."""
        return self._names[sender] > self._own_names[sender]


def told_apart(
    excursions: Excursions,
    originals: Originals,
    *,
    entries: int,
    now: datetime,
    others: frozenset[str],
) -> tuple[frozenset[int], frozenset[int]]:
    """Decide each excursion.

    Args:
        excursions: of a whole file, closed.
        originals: counted over it.
        entries: how many it has.
        now: aware.
        others: names in its notices.

    Returns:
        Lines of headers that are quotations, and of those in doubt.
    """
    in_order = excursions.steps <= max(STEPS_IN_ANY, entries // ENTRIES_PER_STEP)
    quoted: set[int] = set()
    doubtful: set[int] = set()
    for excursion in excursions:
        lines = {entry.line for entry in excursion.entries}
        if in_order and _is_quoted(
            excursion, originals, long=entries >= ENTRIES_IN_ORDER, now=now, others=others
        ):
            quoted |= lines
        elif excursion.apart >= FAR and len(lines) <= FEW:
            doubtful |= lines
    return frozenset(quoted), frozenset(doubtful - quoted)


def _is_quoted(
    excursion: Excursion,
    originals: Originals,
    *,
    long: bool,
    now: datetime,
    others: frozenset[str],
) -> bool:
    run = excursion.entries
    if excursion.early and all(originals.holds(entry) for entry in run):
        telling = any(entry.speech and len(entry.head) >= TELLING_LENGTH for entry in run)
        return excursion.apart >= FAR or telling
    if len(run) > FEW or not excursion.returns:
        return False
    if not excursion.early and all(entry.stamp > now + timedelta(days=1) for entry in run):
        return True
    strangers = not any(originals.knows(entry.sender) or entry.sender in others for entry in run)
    return strangers and long and excursion.apart >= NEVER_LATE


def _steps_back(stamps: Sequence[datetime]) -> bool:
    return any(earlier > later and earlier - later >= LATE for earlier, later in pairwise(stamps))
