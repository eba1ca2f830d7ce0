"""The closed vocabulary: the only words that survive."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from assets.core.errors import ScrubError
from assets.restricted.scrubbing.words import TokenizedMessage

VOCABULARY_FILE = Path(__file__).parent / "vocabulary.txt"
FEWEST_WORDS = 1000
"""A shorter list is a truncated file: it would silence everyone and be reported by nothing."""


WORD_NAME = "name"
"""Stands in the file behind a word that is a name as well."""

NAME_CUT = 0.001
"""Probability of a name from which such a word goes. Chosen on development data
(docs/scrubbing.md)."""


def read_words(path: Path) -> set[str]:
    """Words of a list: lines that start with `#` are comments, others hold words."""
    return {
        word
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
        for word in line.split()
    }


@cache
def _load(path: Path) -> tuple[frozenset[str], frozenset[str], str]:
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines = [
            line.split()
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.strip() and not line.startswith("#")
        ]
    except (OSError, UnicodeDecodeError):
        lines, digest = [], ""
    words = frozenset(line[0] for line in lines)
    if (
        len(words) < FEWEST_WORDS
        or not all(_is_word(word) for word in words)
        or not all(line[1:] in ([], [WORD_NAME]) for line in lines)
    ):
        raise ScrubError("VOCABULARY_UNREADABLE")
    return words, frozenset(line[0] for line in lines if len(line) > 1), digest


def load_vocabulary(path: Path = VOCABULARY_FILE) -> tuple[frozenset[str], str]:
    """Reads the vocabulary, once per process.

    Returns:
        The words, lower case, and the SHA-256 of the file in hexadecimal.

    Raises:
        ScrubError: VOCABULARY_UNREADABLE where the file is missing, too short, or holds
            anything but lower-case words and the mark `name` behind some.
    """
    words, _, digest = _load(path)
    return words, digest


def load_word_names(path: Path = VOCABULARY_FILE) -> frozenset[str]:
    """The words of the vocabulary that are names as well.

    Raises:
        ScrubError: as `load_vocabulary`.
    """
    return _load(path)[1]


def _is_word(word: str) -> bool:
    return word.isascii() and word.islower() and word.replace("'", "").isalpha()


class ClosedVocabulary:
    """Removes every word that is not in the list.

    Args:
        words: lower-case words.
        word_names: those of them that are names as well, and go unless the tagger is sure that
            they are none; they go too where it was not asked.
        name_cut: probability of a name from which such a word goes.
    """

    name = "vocabulary"

    def __init__(
        self,
        words: frozenset[str],
        word_names: frozenset[str] = frozenset(),
        name_cut: float = NAME_CUT,
    ) -> None:
        self._words = words
        self._word_names = word_names
        self._name_cut = name_cut

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of the words of `message` that are not in the list, or are likely names."""
        removed: dict[int, str] = {}
        for i, token in enumerate(message.tokens):
            if not token.is_word:
                continue
            if token.lower not in self._words:
                removed[i] = "not_listed"
            elif token.lower in self._word_names and self._may_be_name(message, i):
                removed[i] = "word_name"
        return removed

    def _may_be_name(self, message: TokenizedMessage, i: int) -> bool:
        return message.odds is None or float(message.odds[i].sum()) >= self._name_cut
