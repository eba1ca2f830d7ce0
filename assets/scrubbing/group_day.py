"""From a group's messages to vectors of its days, with nothing readable on the way out."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np
import pandas as pd

from assets.collection.export import Message
from assets.scoring.words import words_to_embed
from assets.scrubbing.gate import check_group_days
from assets.scrubbing.scrubber import Scrubber


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
        days: vectors of the days that passed the gate.
        refused: codes of the days that did not.
        dropped: messages on which a layer failed.
        without_words: messages of which too little was left to embed.
    """

    days: Mapping[date, DayVectors]
    refused: Mapping[date, str]
    dropped: int
    without_words: int


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
    failed = set(result.failed)
    frame = pd.DataFrame(
        {
            "group_day": [one.sent_at.date() for one in messages],
            "text": result.texts,
            "dropped": [index in failed for index in range(len(messages))],
        }
    )
    by_day = sorted({one.sent_at.date() for one in messages})
    verdicts = check_group_days(frame, vocabulary, dict.fromkeys(by_day, roster))
    kept = [
        (one, words_to_embed(text))
        for one, text in zip(messages, result.texts, strict=True)
        if text and verdicts[one.sent_at.date()] is None
    ]
    embeddings = encoder.encode([words for _, words in kept])
    places: dict[date, list[int]] = {}
    for place, (one, _) in enumerate(kept):
        places.setdefault(one.sent_at.date(), []).append(place)
    days = {}
    for day, own in places.items():
        order = _shuffled(own)
        people = _numbered_afresh([kept[place][0].author for place in order])
        days[day] = DayVectors(embeddings[order], people)
    return GroupVectors(
        days=days,
        refused={day: code for day in by_day if (code := verdicts[day]) is not None},
        dropped=len(failed),
        without_words=result.texts.count("") - len(failed),
    )


def _shuffled(places: Sequence[int]) -> list[int]:
    return secrets.SystemRandom().sample(places, len(places))


def _numbered_afresh(authors: Sequence[str]) -> np.ndarray:
    names = list(dict.fromkeys(authors))
    number = dict(
        zip(secrets.SystemRandom().sample(names, len(names)), range(len(names)), strict=True)
    )
    return np.array([number[name] for name in authors], dtype=np.int32)
