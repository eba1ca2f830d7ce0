"""The closed vocabulary: the only words that survive."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from assets.governance.errors import ScrubError
from assets.scrubbing.message import Message

VOCABULARY_FILE = Path(__file__).parent / "vocabulary.txt"
FEWEST_WORDS = 1000
"""A shorter list is a truncated file: it would silence everyone and be reported by nothing."""


def read_words(path: Path) -> set[str]:
    """Words of a list: lines that start with `#` are comments, others hold words."""
    return {
        word
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
        for word in line.split()
    }


@cache
def load_vocabulary(path: Path = VOCABULARY_FILE) -> tuple[frozenset[str], str]:
    """Reads the vocabulary, once per process.

    Returns:
        The words, lower case, and the SHA-256 of the file in hexadecimal.

    Raises:
        ScrubError: VOCABULARY_UNREADABLE where the file is missing, too short, or holds
            anything but lower-case words.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        words = frozenset(read_words(path))
    except (OSError, UnicodeDecodeError):
        words, digest = frozenset(), ""
    if len(words) < FEWEST_WORDS or not all(_is_word(word) for word in words):
        raise ScrubError("VOCABULARY_UNREADABLE")
    return words, digest


def _is_word(word: str) -> bool:
    return word.isascii() and word.islower() and word.replace("'", "").isalpha()


class ClosedVocabulary:
    """Removes every word that is not in the list.

    Args:
        words: lower-case words.
    """

    name = "vocabulary"

    def __init__(self, words: frozenset[str]) -> None:
        self._words = words

    def removes(self, message: Message) -> Iterable[int]:
        """Indices of the words of `message` that are not in the list."""
        return (
            i
            for i, token in enumerate(message.tokens)
            if token.is_word and token.lower not in self._words
        )
