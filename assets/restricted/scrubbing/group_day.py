"""From a group's messages to vectors of its days, with nothing readable on the way out."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np
import pandas as pd

from assets.restricted.collection.export import Message
from assets.restricted.scrubbing.coarse_language import coarse_language
from assets.restricted.scrubbing.gate import GroupDayVerdict, Outcome, check_group_days
from assets.restricted.scrubbing.scrubber import Scrubber, ScrubResult
from assets.restricted.scrubbing.words_to_embed import words_to_embed
from resources.stores.vectors.scrub_records import RegionDayCounts


class Encoder(Protocol):
    """Whatever turns texts into unit vectors of shape (n, width)."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embed the texts."""
        ...


@dataclass(frozen=True)
class DayVectors:
    """One group-day that passed the gate.

    Attributes:
        embeddings: float32, shape (messages, width), unit rows, shuffled.
        people: int32, shape (messages,), people numbered afresh and at random.
    """

    embeddings: np.ndarray = field(repr=False)
    people: np.ndarray = field(repr=False)


NOTHING_WRITTEN = DayVectors(np.empty((0, 1), dtype=np.float32), np.empty(0, dtype=np.int32))
"""A day without a message that could be embedded."""


@dataclass(frozen=True)
class GroupVectors:
    """What scrubbing made of one group's messages.

    Attributes:
        days: vectors of the days that passed the gate, but for those of which no words are left.
        verdicts: what the gate found of each day on which somebody wrote.
        causes: what layers raised, by classes and places in our files, on how many messages.
        removed: words removed on each of these days, by (layer, kind).
        languages: messages of each of these days by (coarse language, outcome); only of those
            that passed.
    """

    days: Mapping[date, DayVectors]
    verdicts: Mapping[date, GroupDayVerdict]
    causes: Mapping[str, int]
    removed: Mapping[date, Counter[tuple[str, str]]]
    languages: Mapping[date, Counter[tuple[str, str]]]

    @property
    def refused(self) -> dict[date, str]:
        """Codes of the days that did not pass."""
        return {day: one.code for day, one in self.verdicts.items() if one.code is not None}

    def counts(self, day: date) -> RegionDayCounts:
        """What one day adds to the counts of its region-day."""
        return RegionDayCounts(self.removed.get(day, {}), self.languages.get(day, {}))


def vectors_of_group(
    messages: Sequence[Message],
    roster: Iterable[str],
    *,
    scrubber: Scrubber,
    vocabulary: frozenset[str],
    encoder: Encoder,
) -> GroupVectors:
    """Scrub, check and embed one group's messages, all its days in one batch.

    Args:
        messages: speech of one group; the day of each is its `sent_at` in its own zone.
        roster: names that the export shows.
        scrubber: the layers.
        vocabulary: the words that may survive.
        encoder: embeds what is left.

    Raises:
        ScrubError: what `check_group_days` raises.
    """
    roster = frozenset(roster)
    result = scrubber.scrub_counted([one.text for one in messages], roster)
    outcomes = _outcomes(result)
    day_of = [one.sent_at.date() for one in messages]
    by_day = sorted(set(day_of))
    frame = pd.DataFrame(
        {
            "group_day": day_of,
            "text": result.texts,
            "outcome": outcomes,
        },
        # As they are: what pandas makes of texts is a copy of them.
        dtype=object,
    )
    verdicts = check_group_days(frame, vocabulary, dict.fromkeys(by_day, roster))
    kept = [
        (one, day, words_to_embed(text))
        for one, day, text in zip(messages, day_of, result.texts, strict=True)
        if text and verdicts[day].code is None
    ]
    embeddings = encoder.encode([words for _, _, words in kept])
    places: dict[date, list[int]] = {}
    for place, (_, day, _) in enumerate(kept):
        places.setdefault(day, []).append(place)
    days = {}
    for day, own in places.items():
        order = _shuffled(own)
        people = _numbered_afresh([kept[place][0].author for place in order])
        days[day] = DayVectors(embeddings[order], people)
    removed: dict[date, Counter[tuple[str, str]]] = {day: Counter() for day in by_day}
    languages: dict[date, Counter[tuple[str, str]]] = {}
    for one, day, outcome, words in zip(
        messages, day_of, outcomes, result.removed_by_message, strict=True
    ):
        removed[day].update(words)
        if verdicts[day].code is None:
            language = coarse_language(one.text)
            languages.setdefault(day, Counter())[language, outcome.value] += 1
    return GroupVectors(
        days=days,
        verdicts={day: verdicts[day] for day in by_day},
        causes=result.failures,
        removed=removed,
        languages=languages,
    )


def _outcomes(result: ScrubResult) -> list[Outcome]:
    outcomes = [Outcome.KEPT] * len(result.texts)
    for outcome, places in (
        (Outcome.FAILED, result.failed),
        (Outcome.FIRED, result.fired),
        (Outcome.TOO_LITTLE, result.too_little),
    ):
        for place in places:
            outcomes[place] = outcome
    return outcomes


def _shuffled(places: Sequence[int]) -> list[int]:
    return secrets.SystemRandom().sample(places, len(places))


def _numbered_afresh(authors: Sequence[str]) -> np.ndarray:
    names = list(dict.fromkeys(authors))
    number = dict(
        zip(secrets.SystemRandom().sample(names, len(names)), range(len(names)), strict=True)
    )
    return np.array([number[name] for name in authors], dtype=np.int32)
