"""Texts that nobody tagged, with names put in: on them a small tagger learns from a large one."""

import random
import re
from collections.abc import Sequence

from assets.restricted.scrubbing.name_tagger.substitution import NamesByOrigin
from assets.restricted.scrubbing.name_tagger.words import tagger_words
from assets.restricted.scrubbing.normalise import normalise

_MASK = re.compile(r"\[(NAME|RELIGION)\]")
_INSTEAD_OF_RELIGION = "christian"

SHARE_WITH_A_NAME = 0.5
"""Of the texts without a mask, those into which a name is put."""

SHARE_OF_FULL_NAMES = 0.3


def with_names(
    texts: Sequence[str], names: NamesByOrigin, chance: random.Random
) -> list[tuple[str, ...]]:
    """The words of each text, with a name at its start, at its end, or anywhere.

    A mask of a corpus (`[NAME]`) gives way to a name.

    Args:
        texts: as written.
        names: what is put in.
        chance: draws.
    """
    return [_with_a_name(text, names, chance) for text in texts]


def _with_a_name(text: str, names: NamesByOrigin, chance: random.Random) -> tuple[str, ...]:
    masked = _MASK.search(text) is not None
    text = _MASK.sub(
        lambda mask: names.person(1, chance) if mask[1] == "NAME" else _INSTEAD_OF_RELIGION, text
    )
    words = _words(text)
    if masked or chance.random() >= SHARE_WITH_A_NAME:
        return tuple(words)
    name = names.person(1 + (chance.random() < SHARE_OF_FULL_NAMES), chance)
    if words and words[0].islower():
        name = name.lower()
    at = chance.choice([0, len(words), chance.randint(0, len(words))])
    return (*words[:at], *_words(name), *words[at:])


def _words(text: str) -> list[str]:
    return [word.written for word in tagger_words(normalise(text))]
