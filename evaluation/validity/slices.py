"""Parts of a corpus that a scorer could treat unlike the rest: by length, by way of speaking."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import yaml

FIFTHS = 5
PLAIN = "unmarked"


def words_in(texts: Sequence[str]) -> np.ndarray:
    """Words of each text as written, parted by blanks."""
    return np.array([len(text.split()) for text in texts], dtype=int)


def length_fifths(texts: Sequence[str]) -> list[tuple[str, np.ndarray]]:
    """Five parts of equal size, from the shortest texts to the longest.

    Returns:
        For each part its name, such as `1 to 4 words`, and the row numbers in it; texts of as
        many words are ordered by characters, so that parts can share a number of words.
    """
    words = words_in(texts)
    order = np.lexsort((np.array([len(text) for text in texts], dtype=int), words))
    parts = [part for part in np.array_split(order, FIFTHS) if len(part)]
    return [(f"{words[part].min()} to {words[part].max()} words", part) for part in parts]


def ways_of_speaking(texts: Sequence[str]) -> dict[str, np.ndarray]:
    """A coarse guess at dialect and second-language English, from listed words and phrases.

    Only texts that hold a listed word are found (`ways_of_speaking.yaml`), so `unmarked` still
    holds others, and a listed word can be a passing one.

    Returns:
        For each way, and `unmarked`, a bool array of shape (texts,); a text can be of two ways.
    """
    found = {
        way: np.array([bool(pattern.search(text)) for text in texts], dtype=bool)
        for way, pattern in _patterns().items()
    }
    marked = np.any(list(found.values()), axis=0) if texts else np.zeros(0, dtype=bool)
    return {**found, PLAIN: ~marked}


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    listed = yaml.safe_load(
        (files("evaluation.validity") / "ways_of_speaking.yaml").read_text("utf-8")
    )
    return {
        way: re.compile(rf"(?<![\w'])(?:{'|'.join(phrases)})(?![\w])", re.IGNORECASE)
        for way, phrases in listed.items()
    }
