"""What the tagger learns, in which order, and what it never sees."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from assets.restricted.scrubbing.name_tagger.corpora import (
    TaggedWords,
    from_tagged,
    read_care_chat,
    read_public,
)
from assets.restricted.scrubbing.name_tagger.substitution import NamesByOrigin
from assets.restricted.scrubbing.name_tagger.training import SEED, Plan, train_tagger
from assets.restricted.scrubbing.name_tagger.weights import write_weights
from assets.restricted.scrubbing.tagged_text import TaggedText

COPIES = 3
"""Times that each own message is learnt with other names, beside once as written."""

PUBLIC_SHARE = 0.5
"""Of the public messages, the share that is learnt again with the project's own."""

LONGEST = 150
"""Words; the few longer messages would set the size of their whole batch."""

DEVELOPMENT = 400
"""Public development messages on which each epoch is reported."""

FIRST, SECOND = Plan(epochs=2), Plan(epochs=2, learning_rate=2e-4, head_learning_rate=1e-3)


@dataclass(frozen=True)
class Lessons:
    """Messages to learn from.

    Attributes:
        public: the public corpora's train parts without the unseen tenth.
        own: the project's messages and their copies, and some of the public ones again.
        development: messages on which cuts are chosen; never learnt.
    """

    public: list[TaggedWords] = field(repr=False)
    own: list[TaggedWords] = field(repr=False)
    development: list[TaggedWords] = field(repr=False)


def is_development(message: TaggedText) -> bool:
    """Whether an own message is kept for choosing cuts: about one in seven."""
    return sha256(message.text.casefold().encode()).digest()[0] < 256 // 7


def read_lessons(corpora: Path) -> Lessons:
    """Reads all that is learnt.

    Args:
        corpora: folder with `ner/`.

    Raises:
        FileNotFoundError: where a corpus is missing.
    """
    chance = random.Random(SEED)  # noqa: S311  -- to be repeated, not to be secret
    public = _of_length(
        one
        for messages in read_public(corpora, "train").values()
        for one in messages
        if not one.is_unseen_tenth
    )
    messages = read_care_chat()
    learnt = [one for one in messages if not is_development(one)]
    names = NamesByOrigin(learnt)
    own = [from_tagged(one) for one in learnt]
    own += [from_tagged(names.put_into(one, chance)) for one in learnt * COPIES if one.spans]
    development = _of_length(
        one for messages in read_public(corpora, "dev").values() for one in messages
    )
    return Lessons(
        public,
        _of_length([*own, *chance.sample(public, int(len(public) * PUBLIC_SHARE))]),
        chance.sample(development, DEVELOPMENT),
    )


def train_from(
    corpora: Path, encoder_folder: Path, weights: Path, *, tell: Callable[[str], None]
) -> str:
    """Trains the tagger: first on the public corpora, then with the project's own messages.

    Args:
        corpora: folder with `ner/`.
        encoder_folder: MiniLM's files.
        weights: the file to write.
        tell: is told of each step.

    Returns:
        SHA-256 of the written file.

    Raises:
        FileNotFoundError: where a corpus is missing.
        ModuleNotFoundError: where Flair is not installed.
    """
    lessons = read_lessons(corpora)
    tell(f"first lesson: {len(lessons.public)} public messages")
    write_weights(train_tagger(lessons.public, lessons.development, encoder_folder, FIRST), weights)
    tell(f"second lesson: {len(lessons.own)} messages, the project's own among them")
    trained = train_tagger(
        lessons.own, lessons.development, encoder_folder, SECOND, start_from=weights
    )
    return write_weights(trained, weights)


def _of_length(messages: Iterable[TaggedWords]) -> list[TaggedWords]:
    return [one for one in messages if 0 < len(one.words) <= LONGEST]
