"""Builds the closed vocabulary from counted public text, a dictionary and hand-written lists.

Needs two packages that the program itself never does: `spylls` (Hunspell in pure Python) and
`Faker` (lists of names in many languages). Neither's data is copied into the result: the first
only accepts words, the second only takes them away.
"""

import csv
import importlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assets.restricted.scrubbing.name_tagger.corpora import read_public
from assets.restricted.scrubbing.normalise import normalise, without_marks
from assets.restricted.scrubbing.roster import NAMES_FILE
from assets.restricted.scrubbing.tagged_text import TaggedText
from assets.restricted.scrubbing.vocabulary_file import FREQUENT_NAME, WORD_NAME, read_words

LEAST_USES = 3
"""A word seen less often in lower case is as likely a slip or somebody's name as a word."""

LEAST_OWN_USES = 1
"""In the project's own messages, where every name is marked."""

FREQUENT = 100
"""The most frequent words are marked so and not as names, although names hold them ("so", "do")."""

LETTERS_MEANT_AS_WORDS = frozenset({"a", "i", "n", "u", "x"})
"""In text speak; other single letters are initials, and parts of postcodes and plates."""

MOST_USES_AS_NAME = 0.02
"""Share of a word's uses tagged as person, place or organisation above which it is a name too."""

MOSTLY_NAME = 0.5
"""Share above which it is left out altogether."""

HEADER = """\
# The closed vocabulary: the only words that survive scrubbing. A word with `name` behind it is a
# name as well and survives only where the name tagger is sure that it is none; one with `frequent`
# is seldom a name, and survives where it is fairly sure. Written by vocabulary_build.py; change the
# hand-written lists beside it and rebuild.
# Licence: Apache-2.0; sources and their attribution are in NOTICE.
# Built from: words used at least {uses} times in lower case in GoEmotions, Collective Action,
# Broad Twitter, WNUT-17 and Tweebank (training parts but for the unseen tenth), or once in the
# project's own messages (care_chat/, construct_chat/learnt_*.csv and by_writer/), accepted in lower
# case by Hunspell en-GB; minus words that are mostly names and vocabulary_removed.txt; plus
# vocabulary_added.txt.
"""

_WORD = re.compile(r"(?<![^\W_])[a-z]+(?:'[a-z]+)*(?![^\W_])")
_LETTERS = re.compile(r"[a-z]+(?:'[a-z]+)*")
_TABLES = ("constructs/goemotions/train.csv", "constructs/collective_action/train.csv")
_TAGGED = ("broad_twitter", "wnut17", "tweebank")
_CLITICS = frozenset(
    {
        "he's", "here's", "how's", "it's", "let's", "one's", "she's", "that's", "there's",
        "what's", "when's", "where's", "who's",
    }
)  # fmt: skip


@dataclass(frozen=True)
class HandWritten:
    """The lists that people keep, each beside `vocabulary.txt`.

    Attributes:
        added: words that go in whatever the counts say.
        removed: words that stay out whatever the counts say; these win.
        names: words that are names as well, whatever the counts say.
        frequent: words that are seldom names, whatever the lists of names say.
    """

    added: frozenset[str]
    removed: frozenset[str]
    names: frozenset[str]
    frequent: frozenset[str] = frozenset()

    @classmethod
    def read(cls, folder: Path) -> "HandWritten":
        """Reads `vocabulary_added.txt`, `_removed.txt`, `_names.txt` and `_frequent.txt`."""
        return cls(
            *(
                frozenset(read_words(folder / f"vocabulary_{name}.txt"))
                for name in ("added", "removed", "names", "frequent")
            )
        )


def build_vocabulary(
    corpora: Path,
    lists: HandWritten,
    own: Iterable[TaggedText] = (),
    *,
    least_uses: int = LEAST_USES,
) -> dict[str, str]:
    """Builds the word list.

    Args:
        corpora: folder with `constructs/` and `ner/` as the training corpora lie there.
        lists: what people decided.
        own: the project's own messages, every name in them marked.
        least_uses: fewest uses in lower case of a word that is counted in.

    Returns:
        Sorted lower-case words of a to z and inner apostrophes, each with its mark or "".

    Raises:
        FileNotFoundError: where a corpus is missing.
        ModuleNotFoundError: where `spylls` or `Faker` is not installed.
    """
    tagged = list(_tagged_words(corpora))
    uses = Counter(_lower_case_words(corpora))
    uses.update(word for word, _ in tagged if _LETTERS.fullmatch(word))
    frequent = {word for word, _ in uses.most_common(FREQUENT)}
    as_name, mostly_name = _words_used_as_names(tagged)
    called = _names() | _own_names() | as_name
    seldom = (called & frequent) | lists.frequent
    names = (called - seldom) | lists.names
    own_uses = Counter(_unmarked_words(own))
    known = _dictionary(corpora / "ner" / "wordlist_en_gb" / "index")
    counted = {
        word
        for word in uses.keys() | own_uses.keys()
        if (uses[word] >= least_uses or own_uses[word] >= LEAST_OWN_USES)
        and word not in mostly_name - frequent
        and _is_plain(word)
        and known(word)
    }
    words = (counted | lists.added) - lists.removed
    return {
        word: WORD_NAME if word in names else FREQUENT_NAME if word in seldom else ""
        for word in sorted(words)
        if word in LETTERS_MEANT_AS_WORDS or len(word) > 1
    }


def write_vocabulary(words: Mapping[str, str], path: Path, *, least_uses: int = LEAST_USES) -> None:
    """Writes the committed word list: its header, then one word a line."""
    lines = (f"{word} {mark}".rstrip() + "\n" for word, mark in words.items())
    path.write_text(HEADER.format(uses=least_uses) + "".join(lines), encoding="utf-8")


def _is_plain(word: str) -> bool:
    """False for possessives ("sister's"), which are looked up without their ending."""
    return not word.endswith("'s") or word in _CLITICS


def _lower_case_words(corpora: Path) -> Iterator[str]:
    for name in _TABLES:
        with (corpora / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield from _WORD.findall(normalise(row["text"]))


def _unmarked_words(messages: Iterable[TaggedText]) -> Iterator[str]:
    for message in messages:
        text, at = "", 0
        for span in message.spans:
            text += f"{message.text[at : span.start]} \0 "
            at = span.end
        yield from _WORD.findall(normalise(text + message.text[at:]))


def _tagged_words(corpora: Path) -> Iterator[tuple[str, bool]]:
    """Words of the tagged corpora as written, each with whether it is part of a name."""
    for name, messages in read_public(corpora, "train").items():
        for message in messages if name in _TAGGED else ():
            if not message.is_unseen_tenth:
                yield from (
                    (word, label != "O")
                    for word, label in zip(message.words, message.labels, strict=True)
                )


def _words_used_as_names(tagged: Iterable[tuple[str, bool]]) -> tuple[set[str], set[str]]:
    """Words that are names now and then, and those of them that are so more often than not."""
    uses: Counter[str] = Counter()
    as_name: Counter[str] = Counter()
    for word, is_name in tagged:
        uses[word.casefold()] += 1
        as_name[word.casefold()] += is_name
    # A single tag is as likely a slip of the annotator.
    share = {word: count / uses[word] for word, count in as_name.items() if count > 1}
    return (
        {word for word, of_uses in share.items() if of_uses > MOST_USES_AS_NAME},
        {word for word, of_uses in share.items() if of_uses > MOSTLY_NAME},
    )


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


def _own_names() -> set[str]:
    with NAMES_FILE.open(encoding="utf-8", newline="") as file:
        return {
            part
            for row in csv.DictReader(file)
            for part in _LETTERS.findall(without_marks(row["name"]).casefold())
        }


def _dictionary(path: Path) -> Callable[[str], bool]:
    return importlib.import_module("spylls.hunspell").Dictionary.from_files(str(path)).lookup
