"""Scrubbing: layers that each only remove, in one order, over every message."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol, TypeVar

from assets.restricted.scrubbing.capitals import Capitals
from assets.restricted.scrubbing.letters import Letters
from assets.restricted.scrubbing.name_tagger.layer import NameLayer
from assets.restricted.scrubbing.name_tagger.serving import load_name_tagger
from assets.restricted.scrubbing.patterns import Patterns
from assets.restricted.scrubbing.remains import is_enough, written
from assets.restricted.scrubbing.roster import Roster, roster_words
from assets.restricted.scrubbing.titles import Titles
from assets.restricted.scrubbing.vocabulary import ClosedVocabulary
from assets.restricted.scrubbing.vocabulary_file import (
    load_frequent_names,
    load_vocabulary,
    load_word_names,
)
from assets.restricted.scrubbing.words import TokenizedMessage
from resources.containment.sealed_errors import chain

AT_ONCE = 512
"""Messages held in memory as tokens and odds at one time."""

R = TypeVar("R")
Removals = Counter[tuple[str, str]]
"""Words removed by (layer, kind)."""


class Layer(Protocol):
    """One way of finding words to remove.

    Attributes:
        name: under which its removals are counted.
        judges_alone: whether what the reader finds out is nothing to it. A layer to which it is
            something removes no less for it.
    """

    name: str
    judges_alone: bool

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of the tokens of `message` that go, each with its kind. None is put back."""
        ...


class BatchReader(Protocol):
    """Whatever must see many messages at once before the layers judge each."""

    def read(self, messages: Sequence[TokenizedMessage]) -> list[TokenizedMessage]:
        """The same messages with what it found out about them."""
        ...

    def found_nothing(self, message: TokenizedMessage) -> TokenizedMessage:
        """The message as if it were read and nothing found out."""
        ...


@dataclass(frozen=True, slots=True)
class ScrubResult:
    """What scrubbing made of a list of messages.

    Attributes:
        texts: as long as the list; `""` for a message dropped whole. Never shown.
        removed_by_message: as long as the list; words removed by (layer, kind). One that several
            layers would remove counts for the first; the reader is not asked about a message of
            which too little is left without it.
        failed: places of the messages on which a layer failed.
        fired: places of the messages in whose remains a pattern still matched.
        too_little: places of the messages of which too little was left.
        failures: for each error, by classes and places in our files, how many messages it failed.
    """

    texts: list[str] = field(repr=False)
    removed_by_message: list[Removals]
    failed: tuple[int, ...]
    fired: tuple[int, ...]
    too_little: tuple[int, ...]
    failures: Mapping[str, int]

    @property
    def removed(self) -> Removals:
        """Words removed by (layer, kind), over all messages."""
        return sum(self.removed_by_message, Counter())

    @property
    def dropped(self) -> int:
        """Messages on which a layer failed or the second detector fired."""
        return len(self.failed) + len(self.fired)


class Scrubber:
    """The layers, loaded once per process.

    Args:
        layers: in the order in which removals are counted; the result does not depend on it.
        reader: sees the messages in batches before the layers do.
        detector: looks at what is left of each message; one in which it finds anything is dropped.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        reader: BatchReader | None = None,
        detector: Layer | None = None,
    ) -> None:
        self._layers = tuple(layers)
        self._reader = reader
        self._detector = detector

    @staticmethod
    @cache
    def load() -> "Scrubber":
        """The scrubber with all its layers; the first call takes some seconds.

        Raises:
            ScrubError: VOCABULARY_UNREADABLE, TAGGER_UNREADABLE.
        """
        words, _ = load_vocabulary()
        patterns, names = Patterns(), NameLayer(load_name_tagger())
        word_names = load_word_names()
        vocabulary = ClosedVocabulary(words, word_names, frequent_names=load_frequent_names())
        titles = Titles(words, word_names)
        return Scrubber(
            (patterns, Letters(), Roster(), names, Capitals(), vocabulary, titles),
            reader=names,
            detector=patterns,
        )

    def scrub(self, texts: Sequence[str], roster: Iterable[str] = ()) -> list[str]:
        """Removes from each message all that could identify.

        Args:
            texts: messages as they were sent.
            roster: authors and other names that the export knows.

        Returns:
            As many texts, in order: lower-case words of the vocabulary, the marks `. , ? !` and
            the placeholder for each run of removed words, parted by single spaces. `""` stands
            for a message of which too little was left, on which a layer failed, or in whose
            remains the second detector found something.
        """
        return self.scrub_counted(texts, roster).texts

    def scrub_counted(self, texts: Sequence[str], roster: Iterable[str] = ()) -> ScrubResult:
        """Like `scrub`, with counts of what went. Never raises for what a message holds."""
        names = roster_words(roster)
        scrubbed: list[str] = []
        removed: list[Removals] = []
        places: dict[str, list[int]] = {"failed": [], "fired": [], "too_little": []}
        failures: Counter[str] = Counter()
        for start in range(0, len(texts), AT_ONCE):
            for outcome in self._scrub_some(texts[start : start + AT_ONCE], names):
                if outcome.lost:
                    places[outcome.lost].append(len(scrubbed))
                failures.update([outcome.failure] if outcome.failure else [])
                scrubbed.append(outcome.text)
                removed.append(outcome.removed)
        return ScrubResult(
            scrubbed,
            removed,
            **{name: tuple(own) for name, own in places.items()},
            failures=dict(failures),
        )

    def _scrub_some(self, texts: Sequence[str], roster: frozenset[str]) -> "Iterator[_Outcome]":
        begun = [_attempt(self._begun, text, roster) for text in texts]
        for one in self._read_ahead(begun):
            outcome = _attempt(self._outcome, one) if isinstance(one, _Begun) else one
            yield _Outcome("", "failed", outcome) if isinstance(outcome, str) else outcome

    def _begun(self, text: str, roster: frozenset[str]) -> "_Begun | _Outcome":
        """What the layers find without the reader; an outcome where too little is left already.

        No layer removes less for what the reader finds out, so that it need not see these.
        """
        message = TokenizedMessage.read(text, roster)
        unread = message if self._reader is None else self._reader.found_nothing(message)
        removes = tuple(layer.removes(unread) for layer in self._layers)
        found = self._found(removes)
        if not is_enough(message, found):
            return _Outcome("", "too_little", removed=_counted(message, found))
        return _Begun(message, removes)

    def _read_ahead(
        self, begun: "list[_Begun | _Outcome | str]"
    ) -> "list[_Begun | _Outcome | str]":
        """The messages read by the reader; where it fails on all, it is asked one by one."""
        if self._reader is None:
            return begun
        open_ones = [(i, one) for i, one in enumerate(begun) if isinstance(one, _Begun)]
        together = _attempt(self._reader.read, [one.message for _, one in open_ones])
        if isinstance(together, str):
            alone = [_attempt(self._reader.read, [one.message]) for _, one in open_ones]
            together = [one if isinstance(one, str) else one[0] for one in alone]
        read = list(begun)
        for (i, one), message in zip(open_ones, together, strict=True):
            read[i] = message if isinstance(message, str) else _Begun(message, one.removes)
        return read

    def _outcome(self, begun: "_Begun") -> "_Outcome":
        message = begun.message
        found = self._found(
            known if self._reader is None or layer.judges_alone else layer.removes(message)
            for layer, known in zip(self._layers, begun.removes, strict=True)
        )
        removed = _counted(message, found)
        if not is_enough(message, found):
            return _Outcome("", "too_little", removed=removed)
        text = written(message, found)
        if self._detector is not None and self._detector.removes(TokenizedMessage.read(text)):
            return _Outcome("", "fired", removed=removed)
        return _Outcome(text, removed=removed)

    def _found(self, removes: Iterable[Mapping[int, str]]) -> dict[int, tuple[str, str]]:
        """For each token that goes the first layer that removes it, and the kind."""
        found: dict[int, tuple[str, str]] = {}
        for layer, own in zip(self._layers, removes, strict=True):
            for i, kind in own.items():
                if i not in found:
                    found[i] = layer.name, kind
        return found


@dataclass(frozen=True, slots=True)
class _Begun:
    message: TokenizedMessage
    removes: tuple[Mapping[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    text: str = field(repr=False)
    lost: str = ""
    failure: str = ""
    removed: Removals = field(default_factory=Counter)


def _counted(message: TokenizedMessage, found: Mapping[int, tuple[str, str]]) -> Removals:
    removed: Removals = Counter()
    for i, key in found.items():
        if message.tokens[i].is_word:
            removed[key] += 1
    return removed


def _attempt(step: Callable[..., R], *given: object) -> R | str:
    """What the step returns, or where it failed: classes and places, never a message."""
    try:
        return step(*given)
    except Exception as error:  # noqa: BLE001  -- its message may quote the text; the place is told
        return chain(error)
