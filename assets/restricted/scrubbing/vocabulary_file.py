"""The closed vocabulary as a file: read once, and refused if it is not whole."""

import hashlib
from functools import cache
from pathlib import Path

from assets.core.errors import ScrubError

VOCABULARY_FILE = Path(__file__).parent / "vocabulary.txt"
FEWEST_WORDS = 1000
"""A shorter list is a truncated file: it would silence everyone and be reported by nothing."""


WORD_NAME = "name"
"""Stands in the file behind a word that is a name as well."""

FREQUENT_NAME = "frequent"
"""Stands behind a word that somebody somewhere is called and nearly everyone means as a word."""


def read_words(path: Path) -> set[str]:
    """Words of a list: lines that start with `#` are comments, others hold words."""
    return {
        word
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
        for word in line.split()
    }


@cache
def _load(path: Path) -> tuple[dict[str, str], frozenset[str], str]:
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
        or not all(line[1:] in ([], [WORD_NAME], [FREQUENT_NAME]) for line in lines)
    ):
        raise ScrubError("VOCABULARY_UNREADABLE")
    return {line[0]: "".join(line[1:]) for line in lines}, words, digest


def load_vocabulary(path: Path = VOCABULARY_FILE) -> tuple[frozenset[str], str]:
    """Reads the vocabulary, once per process.

    Returns:
        The words, lower case, and the SHA-256 of the file in hexadecimal.

    Raises:
        ScrubError: VOCABULARY_UNREADABLE where the file is missing, too short, or holds
            anything but lower-case words and the marks `name` and `frequent` behind some.
    """
    _, words, digest = _load(path)
    return words, digest


def load_word_names(path: Path = VOCABULARY_FILE) -> frozenset[str]:
    """The words of the vocabulary that are names as well.

    Raises:
        ScrubError: as `load_vocabulary`.
    """
    return _marked(path, WORD_NAME)


def load_frequent_names(path: Path = VOCABULARY_FILE) -> frozenset[str]:
    """The words that are mostly meant as words, though lists of names hold them.

    Raises:
        ScrubError: as `load_vocabulary`.
    """
    return _marked(path, FREQUENT_NAME)


@cache
def _marked(path: Path, mark: str) -> frozenset[str]:
    return frozenset(word for word, own in _load(path)[0].items() if own == mark)


def _is_word(word: str) -> bool:
    return word.isascii() and word.islower() and word.replace("'", "").isalpha()
