"""Multiplies the project's own messages for training: the same sentence with other names.

A tagger that has seen each sentence with one name learns the name; seen with many, of many
origins and spellings, it learns the place where a name stands.
"""

import csv
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from assets.restricted.scrubbing.roster import NAMES_FILE
from assets.restricted.scrubbing.tagged_text import TaggedSpan, TaggedText

SHARE_OF_WORD_NAMES = 0.25
"""Of the names put in, those that are ordinary words: the hardest, and many in this workforce."""

SHARE_MISSPELT = 0.08
SHARE_KEPT = 0.3
"""Of places and organisations, those that stay as they were written."""

PARTICLES = (
    "de", "da", "do", "dos", "das", "del", "di", "la", "le", "el", "al", "van", "von", "der",
    "bin", "ibn", "ni", "st", "mac", "ap", "san",
)  # fmt: skip
"""Words within names. `names.csv` has next to none of them, and "do" is an ordinary word too."""

SHARE_GROWN = 0.4
"""Where `with_particles`, of the single names, those that get a particle and a last name."""


class NamesByOrigin:
    """Names by origin and part, and the places and organisations of the messages themselves.

    Args:
        messages: where places and organisations are taken from.
        path: list of people's names.
        with_particles: whether full names get a particle before the last name.
    """

    def __init__(
        self,
        messages: Sequence[TaggedText],
        path: Path = NAMES_FILE,
        *,
        with_particles: bool = False,
    ) -> None:
        self._with_particles = with_particles
        self._people: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self._people[row["origin"]][row["part"]].append(row["name"])
        self._origins = sorted(origin for origin in self._people if origin != "word")
        self._others = {
            kind: sorted(
                {
                    one.text[span.start : span.end]
                    for one in messages
                    for span in one.spans
                    if span.kind == kind
                }
            )
            for kind in ("LOC", "ORG")
        }

    def put_into(self, tagged: TaggedText, chance: random.Random) -> TaggedText:
        """The message with other names in the same places and, roughly, the same writing."""
        text = ""
        spans: list[TaggedSpan] = []
        at = 0
        for span in tagged.spans:
            text += tagged.text[at : span.start]
            written = self._instead(tagged.text[span.start : span.end], span.kind, chance)
            spans.append(TaggedSpan(len(text), len(text) + len(written), span.kind, span.origin))
            text += written
            at = span.end
        return TaggedText(text + tagged.text[at:], tuple(spans))

    def _instead(self, written: str, kind: str, chance: random.Random) -> str:
        if kind == "PER":
            ending = "'s" if written.lower().endswith("'s") else ""
            return _as_written(written, self.person(len(written.split()), chance), chance) + ending
        if self._others.get(kind) and chance.random() > SHARE_KEPT:
            return _as_written(written, chance.choice(self._others[kind]), chance)
        return written

    def person(self, words: int, chance: random.Random) -> str:
        """A name of one word, or a first and a last name, of an origin drawn by chance."""
        name = self._plain_person(words, chance)
        if not self._with_particles:
            return name
        first, *last = name.split(" ")
        if not last and chance.random() < SHARE_GROWN:
            last = self._plain_person(2, chance).split(" ")[1:]
        return " ".join([first, chance.choice(PARTICLES), *last]) if last else name

    def _plain_person(self, words: int, chance: random.Random) -> str:
        is_word = chance.random() < SHARE_OF_WORD_NAMES
        parts = self._people["word" if is_word else chance.choice(self._origins)]
        first = chance.choice(parts["first"] + parts["nick"])
        if words == 1:
            return chance.choice(parts["last"]) if chance.random() < 0.2 else first  # noqa: PLR2004
        return f"{first} {chance.choice(parts['last'])}"


def _as_written(before: str, name: str, chance: random.Random) -> str:
    if chance.random() < SHARE_MISSPELT:
        name = _misspelt(name, chance)
    if before.islower():
        return name.lower()
    return name.upper() if before.isupper() and len(before) > 1 else name


def _misspelt(name: str, chance: random.Random) -> str:
    i = chance.randrange(len(name))
    way = chance.randrange(4)
    if way == 0:
        return name[:i] + name[i + 1 :] if len(name) > 3 else name  # noqa: PLR2004
    if way == 1:
        return name[:i] + name[i] + name[i:]
    if way == 2 and i + 1 < len(name):  # noqa: PLR2004
        return name[:i] + name[i + 1] + name[i] + name[i + 2 :]
    return name[: i + 1] + name[i] * 3 + name[i + 1 :]
