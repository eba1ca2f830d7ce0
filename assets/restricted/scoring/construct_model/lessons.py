"""What the construct models learn from, and how much each source weighs.

Every weight was chosen by leaving writers out (docs/decisions/0023).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.corpora import LEARNT, read_own, read_public
from assets.restricted.scoring.construct_model.writers import (
    SHOWN,
    Written,
    read_care_messages,
    read_guided,
    read_writers,
)
from assets.restricted.scoring.seed_model import read_seeds
from resources.models.embedded import PLACES, Embedded

SEED = 5

WRITERS, OWN, GUIDED, SEEDS = "writers", "own, learnt", "public, by the guide", "seeds"
ANGER = "goemotions anger"

CHAT, APART, COMMENTS = KINDS = ("chat", "messages written apart", "public comments")
"""Kinds of talk that each construct has a line for. They say a construct in ways so unlike that one
line for all of them tells each worse (docs/decisions/0023)."""

TAUGHT_BY = {
    "burnout": {"goemotions": 1.0},
    "resilience": {"goemotions": 0.75, "hopeedi": 0.25},
    "resistance": {"collective action": 1.0},
}
"""The public corpora from whose own labels a construct's line for comments is learnt, weighted."""

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    CHAT: {WRITERS: 1.0},
    APART: {OWN: 1.0, WRITERS: 0.25, GUIDED: 0.1, SEEDS: 0.05},
}
"""Of a source's messages together, half of it those that show the construct."""

ANGER_WEIGHT = 0.2
"""Of anger as what resistance is not."""

MILD, PLAIN = 0.8, 1.1
"""Weight of a message of mean level at most 1, and of a higher level."""

MOST = {"goemotions": 12000, ANGER: 2000, "hopeedi": 5000}
"""Messages drawn of a public corpus; more change nothing and take longer."""

UNIT = 5000
"""What a source of weight 1 weighs, in messages."""

MOST_OF_A_KIND = 6000
"""Messages of a source that tell kinds of talk apart."""

Embed = Callable[[Sequence[str]], Embedded]
"""Texts as they were written, in; what is read of what scrubbing leaves of them, out."""


@dataclass(frozen=True)
class Source:
    """Messages of one source.

    Attributes:
        embedded: the messages, scrubbed and read.
        levels: for each construct that the source speaks of, shape (messages,), 0 to 3.
        empty: bool of shape (messages,), of which scrubbing left nothing; never learnt.
    """

    embedded: Embedded = field(repr=False)
    levels: Mapping[str, np.ndarray] = field(repr=False)
    empty: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Taught:
    """What one construct's model learns.

    Attributes:
        embedded: the messages, scrubbed and read.
        shows: shape (messages,), whether a message shows the construct.
        weight: shape (messages,).
    """

    embedded: Embedded = field(repr=False)
    shows: np.ndarray = field(repr=False)
    weight: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Lessons:
    """Everything that may be learnt.

    Attributes:
        written: the messages of all writers, of which some may be left out.
        sources: by name; that of `WRITERS` holds the messages of `written`, in order.
    """

    written: Written
    sources: Mapping[str, Source] = field(repr=False)

    @cached_property
    def rarity(self) -> np.ndarray:
        """Of each word and pair how seldom messages hold it, shape (PLACES,).

        Counted on all that writers did not write, so that it is the same whoever is left out.
        """
        others = [one for name, one in self.sources.items() if name != WRITERS]
        places = np.concatenate([own for one in others for own in one.embedded.places])
        many = sum(len(one.embedded) for one in others)
        return np.log((many + 1) / (np.bincount(places, minlength=PLACES) + 1))

    def without(self, left_out: np.ndarray) -> "Lessons":
        """The same without some of the writers' messages.

        Args:
            left_out: bool array of shape (messages of writers,).
        """
        own = self.sources[WRITERS]
        kept = ~left_out
        fewer = Source(
            own.embedded.of(kept), {c: own.levels[c][kept] for c in CONSTRUCTS}, own.empty[kept]
        )
        return replace(
            self, written=self.written.of(kept), sources={**self.sources, WRITERS: fewer}
        )

    def of(self, construct: str, kind: str) -> Taught:
        """What a construct's line for one kind of talk learns, each source with its own weight.

        Within a source those that show the construct weigh as much as those that don't, so that
        prevalence, which differs between sources by design, teaches nothing.
        """
        weights = TAUGHT_BY[construct] if kind == COMMENTS else WEIGHTS[kind]
        parts = [self._part(name, construct, weight) for name, weight in weights.items()]
        if (kind, construct) == (COMMENTS, "resistance"):
            angry = self.sources[ANGER]
            kept = (angry.levels[construct] > 0) & ~angry.empty
            many = int(kept.sum())
            parts.append(
                Taught(
                    angry.embedded.of(kept),
                    np.zeros(many, dtype=bool),
                    np.full(many, ANGER_WEIGHT / max(many, 1)),
                )
            )
        return Taught(
            _together([one.embedded for one in parts]),
            np.concatenate([one.shows for one in parts]),
            np.concatenate([one.weight for one in parts]) * UNIT,
        )

    def kinds(self) -> Taught:
        """Which kind of talk a message is: `shows` holds places in `KINDS`; kinds weigh alike."""
        names = {
            CHAT: (WRITERS,),
            APART: (OWN,),
            COMMENTS: tuple(dict.fromkeys(name for one in TAUGHT_BY.values() for name in one)),
        }
        read, places, weights = [], [], []
        for place, kind in enumerate(KINDS):
            for name in names[kind]:
                source = self.sources[name]
                own = source.embedded.of(np.flatnonzero(~source.empty)[:MOST_OF_A_KIND])
                read.append(own)
                places.append(np.full(len(own), place))
                weights.append(np.full(len(own), UNIT / len(own) / len(names[kind])))
        return Taught(_together(read), np.concatenate(places), np.concatenate(weights))

    def _part(self, name: str, construct: str, total: float) -> Taught:
        source = self.sources[name]
        kept = ~source.empty
        level = source.levels[construct][kept]
        shows = level >= SHOWN
        share = shows.mean()
        even = np.where(shows, 0.5 / share, 0.5 / (1 - share)) * total / len(shows)
        strength = 1.0
        if name in {WRITERS, OWN}:
            strength = np.where(shows & (level <= 1), MILD, PLAIN)
        return Taught(source.embedded.of(kept), shows, even * strength)


def read_lessons(corpora: Path, embed: Embed, *, tell: Callable[[str], None]) -> Lessons:
    """Reads, scrubs and embeds everything.

    Args:
        corpora: folder with `constructs/`; writers of `care_messages/` are learnt from where it is
            there.
        embed: scrubs and embeds; a text of which nothing is left becomes the vector of no words.
        tell: is told of each step.

    Raises:
        FileNotFoundError: where a public corpus is missing.
    """
    public, _ = read_public(corpora)
    written = read_writers()
    if (corpora / "care_messages").is_dir():
        written = written.with_more(read_care_messages(corpora))
    own, guided = read_own(LEARNT), read_guided(public)
    rng = np.random.default_rng(SEED)
    texts = {WRITERS: written.texts, OWN: own.texts, GUIDED: guided.texts}
    levels: dict[str, Mapping[str, np.ndarray]] = {
        WRITERS: {c: written.levels[:, place] for place, c in enumerate(CONSTRUCTS)},
        OWN: own.levels,
        GUIDED: guided.levels,
    }
    for one in public:
        if one.name in {ANGER, *(name for own in TAUGHT_BY.values() for name in own)}:
            most = min(MOST.get(one.name, len(one.texts)), len(one.texts))
            drawn = one.part(
                one.name, np.isin(np.arange(len(one.texts)), rng.permutation(len(one.texts))[:most])
            )
            texts[one.name], levels[one.name] = drawn.texts, drawn.levels
    seeds = read_seeds()
    texts[SEEDS] = [text for _, text in seeds]
    levels[SEEDS] = {c: np.array([label == c for label, _ in seeds], dtype=int) for c in CONSTRUCTS}
    nothing = embed([""])
    sources = {}
    for name, own_texts in texts.items():
        tell(f"scrubbing and embedding {len(own_texts)} messages: {name}")
        embedded = embed(own_texts)
        empty = (embedded.vectors == nothing.vectors).all(axis=1)
        sources[name] = Source(embedded, levels[name], empty)
    return Lessons(written, sources)


def _together(read: Sequence[Embedded]) -> Embedded:
    return Embedded(
        np.vstack([one.vectors for one in read]), [own for one in read for own in one.places]
    )
