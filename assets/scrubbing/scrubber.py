"""Scrubbing: layers that each only remove, in one order, over every message."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from assets.scrubbing.capitals import Capitals
from assets.scrubbing.letters import Letters
from assets.scrubbing.message import PLACEHOLDER, Message
from assets.scrubbing.patterns import Patterns
from assets.scrubbing.roster import Roster, roster_words
from assets.scrubbing.vocabulary import ClosedVocabulary, load_vocabulary

FEWEST_WORDS = 2
"""Words left below which a message is dropped: a lone word has no sentence to score it by."""

MOST_REMOVED = 0.6
"""Share of a message's words gone above which it is dropped: what is left is mostly the shape of
what was taken, too little to score and the likeliest place for a name's neighbour to tell it."""


class Layer(Protocol):
    """One way of finding words to remove.

    Attributes:
        name: under which its removals are counted.
    """

    name: str

    def removes(self, message: Message) -> Iterable[int]:
        """Indices of the tokens of `message` that go. A layer can't put one back."""
        ...


@dataclass(frozen=True, slots=True)
class ScrubResult:
    """What scrubbing made of a list of messages.

    Attributes:
        texts: as long as the list; `""` for a message dropped whole. Never shown.
        counts: words removed by each layer; one that several would remove counts for the first.
        failed: places of the messages on which a layer failed; their text is `""`.
        too_little: messages dropped because too little of them was left.
    """

    texts: list[str] = field(repr=False)
    counts: dict[str, int]
    failed: tuple[int, ...]
    too_little: int

    @property
    def dropped(self) -> int:
        """Messages on which a layer failed."""
        return len(self.failed)


class Scrubber:
    """The layers, loaded once per process.

    Args:
        layers: in the order in which removals are counted; the result does not depend on it.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = tuple(layers)

    @staticmethod
    @cache
    def load() -> "Scrubber":
        """The scrubber with all its layers; the first call takes some seconds.

        Raises:
            ScrubError: VOCABULARY_UNREADABLE.
        """
        words, _ = load_vocabulary()
        return Scrubber((Patterns(), Letters(), Roster(), Capitals(), ClosedVocabulary(words)))

    def scrub(self, texts: Sequence[str], roster: Iterable[str] = ()) -> list[str]:
        """Removes from each message all that could identify.

        Args:
            texts: messages as they were sent.
            roster: authors and other names that the export knows.

        Returns:
            As many texts, in order: lower-case words of the vocabulary, the marks `. , ? !` and
            the placeholder for each run of removed words, parted by single spaces. `""` stands
            for a message of which too little was left, or on which a layer failed.
        """
        return self.scrub_counted(texts, roster).texts

    def scrub_counted(self, texts: Sequence[str], roster: Iterable[str] = ()) -> ScrubResult:
        """Like `scrub`, with counts of what went. Never raises for what a message holds."""
        names = roster_words(roster)
        scrubbed: list[str] = []
        counts: Counter[str] = Counter({layer.name: 0 for layer in self._layers})
        failed: list[int] = []
        too_little = 0
        for i, text in enumerate(texts):
            try:
                written, removed, is_enough = self._scrub_one(text, names)
            except Exception:  # noqa: BLE001  -- its message may quote the text; the count is told
                failed.append(i)
                scrubbed.append("")
                continue
            counts.update(removed)
            too_little += not is_enough
            scrubbed.append(written)
        return ScrubResult(scrubbed, dict(counts), tuple(failed), too_little)

    def _scrub_one(self, text: str, roster: frozenset[str]) -> tuple[str, Counter[str], bool]:
        message = Message.read(text, roster)
        removed: dict[int, str] = {}
        for layer in self._layers:
            for i in layer.removes(message):
                removed.setdefault(i, layer.name)
        is_enough = _is_enough(message, removed)
        counts = Counter(name for i, name in removed.items() if message.tokens[i].is_word)
        return _written(message, removed) if is_enough else "", counts, is_enough


def _is_enough(message: Message, removed: Iterable[int]) -> bool:
    """Whether enough words are left; a placeholder of an earlier scrub counts as a word gone."""
    gone = set(removed)
    words = [i for i, token in enumerate(message.tokens) if not token.is_mark]
    left = sum(message.tokens[i].is_word and i not in gone for i in words)
    return left >= FEWEST_WORDS and left >= (1 - MOST_REMOVED) * len(words)


def _written(message: Message, removed: Iterable[int]) -> str:
    """The words left, with one placeholder for a run of removed words and one mark for a run."""
    gone = set(removed)
    written: list[str] = []
    for i, token in enumerate(message.tokens):
        if token.is_word and i not in gone:
            written.append(token.lower)
            continue
        piece = token.written[0] if token.is_mark and i not in gone else PLACEHOLDER
        if written[-1:] != [piece]:
            written.append(piece)
    return " ".join(written)
