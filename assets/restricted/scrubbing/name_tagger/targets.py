"""What the tagger learns, in which order, and what it never sees."""

import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from assets.restricted.scrubbing.name_tagger.corpora import (
    TaggedWords,
    from_tagged,
    read_care_chat,
    read_public,
)
from assets.restricted.scrubbing.name_tagger.distilling import (
    Distillation,
    distil,
    shown_by_teacher,
)
from assets.restricted.scrubbing.name_tagger.serving import WORDS_AT_ONCE
from assets.restricted.scrubbing.name_tagger.substitution import NamesByOrigin
from assets.restricted.scrubbing.name_tagger.training import SEED, Plan, train_tagger
from assets.restricted.scrubbing.name_tagger.unlabelled import with_names
from assets.restricted.scrubbing.name_tagger.weights import write_weights
from assets.restricted.scrubbing.tagged_text import TaggedText

COPIES = 3
"""Times that each own message is learnt with other names, beside once as written."""

PUBLIC_SHARE = 0.5
"""Of the public messages, the share that is learnt again with the project's own."""

LONGEST = 150
"""Words; the few longer messages would set the size of their whole batch."""

MORE_COPIES = 7
"""Times that the small tagger learns each own message with other names, beside as written."""

PARTICLE_COPIES = 2
"""Times that it learns each with names such as "ada do obi"."""

LONGEST_DISTILLED = 80
"""Words of the longest message that the small tagger learns from."""

PUBLIC_DISTILLED, DRAWN = 9000, 6000
"""Public messages and untagged texts that it learns from, at most."""

DEVELOPMENT = 400
"""Public development messages on which each epoch is reported."""

FIRST, SECOND = Plan(epochs=2), Plan(epochs=2, learning_rate=2e-4, head_learning_rate=1e-3)

DISTILLATION = Distillation()

WordsAndLabels = tuple[tuple[str, ...], tuple[str, ...] | None]


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


@dataclass(frozen=True)
class Untagged:
    """Texts that nobody tagged, as written.

    Attributes:
        all_of: learnt from, every one.
        drawn_from: of which `DRAWN` are drawn.
    """

    all_of: Sequence[str] = field(repr=False)
    drawn_from: Sequence[str] = field(repr=False)


@dataclass(frozen=True)
class ThirdLesson:
    """What the small tagger learns to say as the large one does: words, and labels where tagged.

    Attributes:
        learnt: the public messages, the project's own with many names, and untagged texts.
        development: the project's own messages kept apart, as written and with other names.
    """

    learnt: list[WordsAndLabels] = field(repr=False)
    development: list[WordsAndLabels] = field(repr=False)


def read_third_lesson(corpora: Path, untagged: Untagged) -> ThirdLesson:
    """Reads what the small tagger learns from.

    Args:
        corpora: folder with `ner/`.
        untagged: texts that nobody tagged and that may be learnt from.

    Raises:
        FileNotFoundError: where a corpus is missing.
    """
    chance = random.Random(SEED)  # noqa: S311  -- to be repeated, not to be secret
    public = [
        one
        for messages in read_public(corpora, "train").values()
        for one in messages
        if not one.is_unseen_tenth and 0 < len(one.words) <= LONGEST_DISTILLED
    ]
    chance.shuffle(public)
    messages = read_care_chat()
    learnt = [one for one in messages if not is_development(one)]
    kept = [one for one in messages if is_development(one)]
    names = NamesByOrigin(learnt)
    own = [from_tagged(one) for one in learnt]
    own += [from_tagged(names.put_into(one, chance)) for one in learnt * MORE_COPIES if one.spans]
    grown = NamesByOrigin(learnt, with_particles=True)
    own += [
        from_tagged(grown.put_into(one, chance)) for one in learnt * PARTICLE_COPIES if one.spans
    ]
    drawn = chance.sample(untagged.drawn_from, min(DRAWN, len(untagged.drawn_from)))
    texts = with_names([*untagged.all_of, *drawn], names, chance)
    development = [from_tagged(one) for one in kept]
    development += [from_tagged(names.put_into(one, chance)) for one in kept if one.spans]
    return ThirdLesson(
        [
            *_tagged(_up_to(LONGEST_DISTILLED, own)),
            *((words, None) for words in texts if 0 < len(words) <= LONGEST_DISTILLED),
            *_tagged(public[:PUBLIC_DISTILLED]),
        ],
        _tagged(_up_to(WORDS_AT_ONCE, development)),
    )


def train_from(
    corpora: Path,
    encoder_folder: Path,
    weights: Path,
    *,
    untagged: Untagged,
    tell: Callable[[str], None],
) -> str:
    """Trains the tagger: a large one in two lessons, and from it the small one that is written.

    Args:
        corpora: folder with `ner/`.
        encoder_folder: MiniLM's files.
        weights: the file to write.
        untagged: texts that the small one learns from too.
        tell: is told of each step.

    Returns:
        SHA-256 of the written file.

    Raises:
        FileNotFoundError: where a corpus is missing.
        ModuleNotFoundError: where Flair is not installed.
    """
    lessons = read_lessons(corpora)
    third = read_third_lesson(corpora, untagged)
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder, "large.safetensors")
        tell(f"first lesson: {len(lessons.public)} public messages")
        trained = train_tagger(lessons.public, lessons.development, encoder_folder, FIRST)
        write_weights(trained, large)
        tell(f"second lesson: {len(lessons.own)} messages, the project's own among them")
        trained = train_tagger(
            lessons.own, lessons.development, encoder_folder, SECOND, start_from=large
        )
        write_weights(trained, large)
        return distil_from(third, encoder_folder, large, weights, tell=tell)


def distil_from(
    third: ThirdLesson,
    encoder_folder: Path,
    large: Path,
    weights: Path,
    *,
    tell: Callable[[str], None],
) -> str:
    """Trains the small tagger from the large one's weights and writes it; returns its SHA-256."""
    tell(f"third lesson: {len(third.learnt)} messages, as the large tagger reads them")
    shown = shown_by_teacher(third.learnt, encoder_folder, large)
    development = shown_by_teacher(third.development, encoder_folder, large)
    return write_weights(
        distil(shown, development, encoder_folder, large, DISTILLATION, tell=tell), weights
    )


def _of_length(messages: Iterable[TaggedWords]) -> list[TaggedWords]:
    return _up_to(LONGEST, messages)


def _up_to(longest: int, messages: Iterable[TaggedWords]) -> list[TaggedWords]:
    return [one for one in messages if 0 < len(one.words) <= longest]


def _tagged(messages: Iterable[TaggedWords]) -> list[WordsAndLabels]:
    return [(one.words, one.labels) for one in messages]
