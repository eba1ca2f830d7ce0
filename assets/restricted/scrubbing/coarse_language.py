"""The coarse language of a message: enough to see whom a closed English vocabulary silences.

By script first; then, for Latin letters and enough words, by the vocabulary itself, for whoever
writes mostly words of its own is not silenced by it; and by `langdetect` for the rest, a message in
four, over the languages that UK care workers write most and their nearest neighbours.
Good for shares of many messages, not for one. Kept and lost ones are judged alike.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache
from operator import add
from pathlib import Path

import numpy as np

from assets.restricted.scrubbing.vocabulary_file import load_vocabulary

LANGUAGES = (
    "english",
    "polish",
    "romanian",
    "portuguese",
    "other_latin",
    "arabic",
    "bengali",
    "other_indic",
    "cyrillic",
    "other_script",
    "undetermined",
)

FEWEST_WORDS = 4
"""Words below which a message in Latin letters is not judged."""

READ = 300
"""Characters that are looked at."""

SURE = 0.8
"""Probability from which a language is told."""

MOSTLY_LISTED = 0.7
"""Share of a message's letters in words of the English vocabulary from which it is English. By
letters, for the words that another language shares with English are short ("on ma to do mnie")."""

_TOLD = {"en": "english", "pl": "polish", "ro": "romanian", "pt": "portuguese"}
_PROFILES = (
    *_TOLD, "af", "cy", "de", "es", "fr", "hu", "it", "lt", "nl", "sk", "so", "sq", "sw", "tl",
    "tr",
)  # fmt: skip
DRAWN = 25
"""Groups of letters that count, by their average. The library draws some by chance until it is
sure, several times over; without chance a message has one answer, in a fifth of the time."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SCRIPTS = {
    "LATIN": "latin",
    "ARABIC": "arabic",
    "BENGALI": "bengali",
    "CYRILLIC": "cyrillic",
    **dict.fromkeys(
        (
            "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "MALAYALAM", "ORIYA", "SINHALA",
            "TAMIL", "TELUGU",
        ),
        "other_indic",
    ),
}  # fmt: skip


def coarse_language(text: str) -> str:
    """One of `LANGUAGES`; the same text always gives the same.

    Args:
        text: a message as it was sent; it is kept nowhere.
    """
    words = _WORD.findall(text[:READ])
    script = _script("".join(words))
    if script != "latin":
        return script
    if len(words) < FEWEST_WORDS:
        return "undetermined"
    text = " ".join(words).lower()
    vocabulary = load_vocabulary()[0]
    own = text.replace("’", "'").split(" ")
    listed = sum(len(word) for word in own if word in vocabulary)
    return "english" if listed >= MOSTLY_LISTED * sum(map(len, own)) else _by_letters(text)


def _script(letters: str) -> str:
    """The script of most letters: `latin`, one of `LANGUAGES`, or `undetermined` for none."""
    if not letters or letters.isascii():
        return "latin" if letters else "undetermined"
    scripts = Counter(
        _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], "other_script")
        for letter in letters
    )
    return scripts.most_common(1)[0][0]


def groups_of_letters(text: str) -> list[str]:
    """One to three letters that stand together, as `langdetect` cuts them.

    Args:
        text: lower-case words; a group has a space at its ends at most.
    """
    padded = f" {' '.join(text.translate(_normalised()).split())} "
    pairs = list(map(add, padded, padded[1:]))
    triples = [
        before + letter + after
        for before, letter, after in zip(padded, padded[1:], padded[2:], strict=False)
        if letter != " "
    ]
    return [*padded, *pairs, *triples]


class _Normalised(dict[int, str]):
    """Each letter as `langdetect` reads it; filled as letters come up."""

    def __init__(self, read: Callable[[str], str]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, key: int) -> str:
        self[key] = self._read(chr(key))
        return self[key]


@cache
def _normalised() -> _Normalised:
    from langdetect.utils.ngram import NGram  # noqa: PLC0415

    return _Normalised(NGram.normalize)


def _by_letters(text: str) -> str:
    rows, logarithms, languages = _letters()
    found = [row for group in groups_of_letters(text) if (row := rows.get(group)) is not None]
    if not found:
        return "undetermined"
    likely = logarithms[found].sum(axis=0) * min(1, DRAWN / len(found))
    shares = np.exp(likely - likely.max())
    told = dict.fromkeys((*_TOLD.values(), "other_latin"), 0.0)
    for language, share in zip(languages, (shares / shares.sum()).tolist(), strict=True):
        told[_TOLD.get(language, "other_latin")] += share
    best = max(told, key=lambda language: told[language])
    return best if told[best] >= SURE else "undetermined"


@cache
def _letters() -> tuple[dict[str, int], np.ndarray, list[str]]:
    """Places of groups of letters, log chances of shape (groups, languages), and the languages."""
    import langdetect  # noqa: PLC0415
    from langdetect import DetectorFactory  # noqa: PLC0415
    from langdetect.detector import Detector  # noqa: PLC0415

    folder = Path(langdetect.__file__).parent / "profiles"
    factory = DetectorFactory()
    factory.load_json_profile([(folder / name).read_text("utf-8") for name in _PROFILES])
    # Not a group, though profiles count it.
    chances = {group: own for group, own in factory.word_lang_prob_map.items() if group != " "}
    smoothed = np.array(list(chances.values())) + Detector.ALPHA_DEFAULT / Detector.BASE_FREQ
    return {group: row for row, group in enumerate(chances)}, np.log(smoothed), factory.langlist
