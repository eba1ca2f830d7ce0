"""What one pass over a file counts."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import compress
from operator import gt

from assets.restricted.collection.export import LISTED_LINES, CountedKind
from assets.restricted.collection.languages import is_english
from assets.restricted.collection.whatsapp.alphabets import in_no_listed_alphabet
from assets.restricted.collection.whatsapp.entries import Batch, refused_headers
from assets.restricted.collection.whatsapp.header_format import Shape
from assets.restricted.collection.whatsapp.quotes import Excursions
from assets.restricted.collection.whatsapp.roster import NamesShown
from assets.restricted.collection.whatsapp.senders import Attribution, Split, State, colon_names

NOT_GIVEN = frozenset({"system", "expired"})
# All of a day's export is judged, and some of every stretch of a longer one.
JUDGED_WHOLE, JUDGED_IN = 1_000, 150


class TimeSpan:
    """First, last, earliest and latest of a run of times, and how often it steps back."""

    def __init__(self) -> None:
        self.steps_back = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.earliest: datetime | None = None
        self.latest: datetime | None = None

    def extend(self, stamps: Sequence[datetime]) -> None:
        """Take the next times in file order."""
        if not stamps:
            return
        self.steps_back += sum(map(gt, stamps, stamps[1:]))
        self.steps_back += self.last is not None and self.last > stamps[0]
        low, high = min(stamps), max(stamps)
        self.first = self.first or stamps[0]
        self.last = stamps[-1]
        self.earliest = low if self.earliest is None else min(self.earliest, low)
        self.latest = high if self.latest is None else max(self.latest, high)

    def state(self) -> State:
        """All that it holds."""
        return self.steps_back, self.first, self.last, self.earliest, self.latest

    def restore(self, state: State) -> None:
        """Hold what another held."""
        self.steps_back, self.first, self.last, self.earliest, self.latest = state


class Counts:
    """What one pass over a file has counted.

    Attributes:
        attribution: of this pass.
        spoke: senders of anything but unexplained lines.
        first_sender: of the file's first entry, empty for a notice.
        known_from_notices: names that notices hold.
        in_no_listed_alphabet: of the messages judged by their language, those in letters that no
            listed phone language has.
        senders: entries of each sender, counted where `count_senders` asks for it.
    """

    def __init__(self, attribution: Attribution, *, count_senders: bool = False) -> None:
        self.attribution = attribution
        self.senders: Counter[str] = Counter()
        self._count_senders = count_senders
        self.counts: Counter[CountedKind] = Counter()
        self.authors: set[str] = set()
        self.spoke: set[str] = set()
        self.first_sender: str | None = None
        self.known_from_notices: set[str] = set()
        self.roster = NamesShown()
        self.refused: list[int] = []
        self.refused_shapes: Counter[Shape | None] = Counter()
        self.colon_names: frozenset[str] | None = None
        self.all = TimeSpan()
        self.with_sender = TimeSpan()
        self.excursions = Excursions()
        self.notices: Counter[str] = Counter()
        self.privacy_on_times: list[datetime] = []
        self.number_changes: list[datetime] = []
        self.language_judged = 0
        self.not_english = 0
        self.in_no_listed_alphabet = 0

    def add(self, batch: Batch) -> Split:
        """Split the next batch and count it; gives it split."""
        attribution = self.attribution
        senders, kinds, texts = split = attribution.split(batch.bodies)
        self.counts.update(kinds)
        if self._count_senders:
            self.senders.update(senders)
        if self.first_sender is None:
            self.first_sender = senders[0]
        steps_before = self.all.steps_back
        self.all.extend(batch.stamps)
        if self.colon_names is None:
            self.colon_names = colon_names(senders, texts)
        if NOT_GIVEN.isdisjoint(kinds):
            self.with_sender.extend(batch.stamps)
            self.authors.update(senders)
        else:
            given = [kind not in NOT_GIVEN for kind in kinds]
            self.with_sender.extend(list(compress(batch.stamps, given)))
            self.authors.update(compress(senders, given))
            self._add_notices(batch, kinds, texts)
        self._add_those_who_spoke(senders, kinds)
        self.excursions.add(
            batch, senders, kinds, texts, in_order=self.all.steps_back == steps_before
        )
        self.roster.add_from_bodies("\n".join(texts))
        self._judge_language(kinds, texts)
        for line, shape in refused_headers(batch):
            self.refused.append(line)
            self.refused_shapes[shape] += 1
        return split

    @property
    def given(self) -> int:
        """Entries so far that have a sender and hold something."""
        return sum(many for kind, many in self.counts.items() if kind not in NOT_GIVEN)

    def state(self) -> State:
        """All that it holds, of itself and of its attribution."""
        return (
            dict(self.counts),
            set(self.authors),
            set(self.spoke),
            self.first_sender,
            set(self.known_from_notices),
            self.roster.state(),
            list(self.refused),
            list(self.refused_shapes.items()),
            self.colon_names,
            self.all.state(),
            self.with_sender.state(),
            self.excursions.state(),
            dict(self.notices),
            list(self.privacy_on_times),
            list(self.number_changes),
            self.language_judged,
            self.not_english,
            self.in_no_listed_alphabet,
            dict(self.senders),
            self.attribution.state(),
        )

    def restore(self, state: State, tail: Batch, split: Split) -> None:
        """Hold what another held; a count of senders goes on.

        Args:
            state: of the other.
            tail: the last entries that it took.
            split: those, split.
        """
        counts, authors, spoke, self.first_sender, known, roster, refused, shapes = state[:8]
        self.colon_names, every, given, excursions, notices, private, numbers = state[8:15]
        self.language_judged, self.not_english, self.in_no_listed_alphabet = state[15:18]
        senders, attribution = state[18:]
        self.counts, self.authors, self.spoke = Counter(counts), set(authors), set(spoke)
        self.known_from_notices = set(known)
        self.roster.add(roster)
        self.refused, self.refused_shapes = list(refused), Counter(dict(shapes))
        self.all.restore(every)
        self.with_sender.restore(given)
        self.excursions.restore(excursions, tail, split)
        self.notices = Counter(notices)
        self.privacy_on_times, self.number_changes = list(private), list(numbers)
        self._count_senders, self.senders = True, Counter(senders)
        self.attribution.restore(attribution)

    def close(self) -> None:
        """Settle what waited for more."""
        self.excursions.close()
        names = self.authors | self.attribution.titles | self.known_from_notices
        self.roster.add(names - self.attribution.labels)

    def _add_those_who_spoke(self, senders: Sequence[str], kinds: Sequence[CountedKind]) -> None:
        if not self.attribution.unexplained:
            self.spoke.update(senders)
            return
        self.spoke.update(
            sender
            for sender, kind in zip(senders, kinds, strict=True)
            if kind not in ("media", "system")
        )

    def _add_notices(
        self, batch: Batch, kinds: Sequence[CountedKind], texts: Sequence[str]
    ) -> None:
        for place in [at for at, kind in enumerate(kinds) if kind == "system"]:
            stamp, text = batch.stamps[place], texts[place]
            notice = self.attribution.notices.recognise(text)
            if notice is None:
                self.notices["unknown"] += 1
                continue
            self.notices[notice.kind] += 1
            self.known_from_notices.update(notice.names)
            if notice.kind == "privacy_on" and len(self.privacy_on_times) < LISTED_LINES:
                self.privacy_on_times.append(stamp)
            elif notice.kind == "number" and len(self.number_changes) < LISTED_LINES:
                self.number_changes.append(stamp)

    def _judge_language(self, kinds: Sequence[CountedKind], texts: Sequence[str]) -> None:
        step = 1 if self.language_judged < JUDGED_WHOLE else JUDGED_IN
        for kind, text in zip(kinds[::step], texts[::step], strict=True):
            if kind == "speech" and (english := is_english(text)) is not None:
                self.language_judged += 1
                self.not_english += not english
                self.in_no_listed_alphabet += not english and in_no_listed_alphabet(text)
