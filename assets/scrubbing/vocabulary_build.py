"""Builds the closed vocabulary from counted public text, a dictionary and two hand-written lists.

Needs two packages that the program itself never does: `spylls` (Hunspell in pure Python) and
`Faker` (lists of names in many languages). Neither's data is copied into the result: the first
only accepts words, the second only takes them away.
"""

import csv
import importlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from assets.scrubbing.normalise import normalise, without_marks
from assets.scrubbing.vocabulary import read_words

LEAST_USES = 3
"""A word seen less often in lower case is as likely a slip or somebody's name as a word."""

FREQUENT = 300
"""The most frequent words stay although names hold them ("will", "so", "the", "of")."""

MOST_USES_AS_NAME = 0.02
"""Share of a word's uses tagged as person, place or organisation above which it is dropped."""

HEADER = """\
# The closed vocabulary: the only words that survive scrubbing. Written by
# assets/scrubbing/vocabulary_build.py; change the two hand-written lists beside it and rebuild.
# Licence: Apache-2.0; sources and their attribution are in NOTICE.
# Built from: words used at least {uses} times in lower case in GoEmotions, Collective Action,
# Broad Twitter, WNUT-17 and Tweebank (training parts), accepted in lower case by Hunspell en-GB;
# minus first and last names, words that are often tagged as names, and vocabulary_removed.txt;
# plus vocabulary_added.txt.
"""

_WORD = re.compile(r"(?<![^\W_])[a-z]+(?:'[a-z]+)*(?![^\W_])")
_LETTERS = re.compile(r"[a-z]+(?:'[a-z]+)*")
_TABLES = ("constructs/goemotions/train.csv", "constructs/collective_action/train.csv")
_TAGGED = (
    "ner/broad_twitter_corpus/train.conll",
    "ner/wnut17/train.conll",
    "ner/tweebank_ner/train.bio",
)
_CLITICS = frozenset(
    {
        "he's", "here's", "how's", "it's", "let's", "one's", "she's", "that's", "there's",
        "what's", "when's", "where's", "who's",
    }
)  # fmt: skip


def build_vocabulary(
    corpora: Path, added: Path, removed: Path, *, least_uses: int = LEAST_USES
) -> list[str]:
    """Builds the word list.

    Args:
        corpora: folder with `constructs/` and `ner/` as the training corpora lie there.
        added: hand-written words that go in whatever the counts say.
        removed: hand-written words that stay out whatever the counts say; these win.
        least_uses: fewest uses in lower case of a word that is counted in.

    Returns:
        Sorted lower-case words of a to z and inner apostrophes.

    Raises:
        FileNotFoundError: where a corpus is missing.
        ModuleNotFoundError: where `spylls` or `Faker` is not installed.
    """
    tagged = [pair for name in _TAGGED for pair in _tagged_words(corpora / name)]
    uses = Counter(_lower_case_words(corpora))
    uses.update(word for word, _ in tagged if _LETTERS.fullmatch(word))
    frequent = {word for word, _ in uses.most_common(FREQUENT)}
    names = (_names() | _words_used_as_names(tagged)) - frequent
    known = _dictionary(corpora / "ner" / "wordlist_en_gb" / "index")
    counted = {
        word
        for word, count in uses.items()
        if count >= least_uses and word not in names and _is_plain(word) and known(word)
    }
    words = (counted | read_words(added)) - read_words(removed)
    return sorted(word for word in words if word in {"a", "i"} or len(word) > 1)


def write_vocabulary(words: Iterable[str], path: Path, *, least_uses: int = LEAST_USES) -> None:
    """Writes the committed word list: its header, then one word a line."""
    path.write_text(
        HEADER.format(uses=least_uses) + "".join(f"{word}\n" for word in words), encoding="utf-8"
    )


def _is_plain(word: str) -> bool:
    """False for possessives ("sister's"), which are looked up without their ending."""
    return not word.endswith("'s") or word in _CLITICS


def _lower_case_words(corpora: Path) -> Iterator[str]:
    for name in _TABLES:
        with (corpora / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield from _WORD.findall(normalise(row["text"]))


def _tagged_words(path: Path) -> Iterator[tuple[str, bool]]:
    """Words of a CoNLL file as written, each with whether it is part of a name."""
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if len(fields) > 1 and fields[0] != "-DOCSTART-":
            yield normalise(fields[0]), fields[-1] != "O"


def _words_used_as_names(tagged: Iterable[tuple[str, bool]]) -> set[str]:
    uses: Counter[str] = Counter()
    as_name: Counter[str] = Counter()
    for word, is_name in tagged:
        uses[word.casefold()] += 1
        as_name[word.casefold()] += is_name
    # A single tag is as likely a slip of the annotator.
    return {
        word
        for word, count in as_name.items()
        if count > 1 and count > MOST_USES_AS_NAME * uses[word]
    }


def _names() -> set[str]:
    """First and last names in lower-case a to z, over all locales that Faker has."""
    config = importlib.import_module("faker.config")
    names: set[str] = set()
    for locale in config.AVAILABLE_LOCALES:
        try:
            provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        except ModuleNotFoundError:
            continue
        for attribute in dir(provider):
            if "first_names" in attribute or "last_names" in attribute:
                listed = getattr(provider, attribute)
                for name in listed if isinstance(listed, Iterable) else ():
                    names.update(_LETTERS.findall(without_marks(str(name)).casefold()))
    return names


def _dictionary(path: Path) -> Callable[[str], bool]:
    return importlib.import_module("spylls.hunspell").Dictionary.from_files(str(path)).lookup
