"""Messages by many hands: who wrote each, and what two readers made of it.

A message's level is the mean of its readings, and nothing is dropped where they differ. What
identifies is marked in the files, and the marks are taken out here, so that a message is scrubbed
as if it had come from a chat.
"""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.corpora import CONSTRUCT_CHAT, Labelled
from assets.restricted.scrubbing.tagged_text import read_tagged

BY_WRITER = CONSTRUCT_CHAT / "by_writer"
PUBLIC_BY_GUIDE = CONSTRUCT_CHAT / "public_by_guide.csv"

CONTROLS = CONSTRUCT_CHAT / "controls.csv"

SHOWN = 0.5
"""Mean level from which a message counts as showing a construct."""

CARE_MESSAGES = ("care_a", "care_b")
"""Writers whose messages may be learnt from where they lie at hand, and are not committed."""


@dataclass(frozen=True)
class Written:
    """Messages of several writers.

    Attributes:
        texts: as written; never shown.
        writer: array of shape (messages,), whose each is.
        readings: int array of shape (messages, 2, constructs), 0 to 3; -1 where there is no second.
    """

    texts: list[str] = field(repr=False)
    writer: np.ndarray = field(repr=False)
    readings: np.ndarray = field(repr=False)

    @property
    def levels(self) -> np.ndarray:
        """Mean level of each message, shape (messages, constructs), 0 to 3."""
        first, second = self.readings[:, 0], self.readings[:, 1]
        return np.where(second < 0, first, (first + second) / 2)

    def shows(self, construct: str) -> np.ndarray:
        """Which messages show a construct, bool of shape (messages,)."""
        return self.levels[:, CONSTRUCTS.index(construct)] >= SHOWN

    def both_readers(self, construct: str) -> tuple[np.ndarray, np.ndarray]:
        """Levels of the first and of the second reader, int, where there are both."""
        place = CONSTRUCTS.index(construct)
        both = self.readings[:, 1, place] >= 0
        return self.readings[both, 0, place], self.readings[both, 1, place]

    def of(self, chosen: np.ndarray) -> "Written":
        """Some of the messages, by a bool array or by places."""
        places = np.arange(len(self.texts))[chosen]
        return Written([self.texts[i] for i in places], self.writer[places], self.readings[places])

    def with_more(self, more: "Written") -> "Written":
        """These messages and others."""
        return Written(
            [*self.texts, *more.texts],
            np.concatenate([self.writer, more.writer]),
            np.concatenate([self.readings, more.readings]),
        )


def read_writers(folder: Path = BY_WRITER) -> Written:
    """The committed messages of all writers, each named as its file.

    Raises:
        BrokenMarkError: a mark can't be read.
    """
    texts: list[str] = []
    writer: list[str] = []
    readings: list[list[list[int]]] = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                texts.append(read_tagged(row["text"]).text)
                writer.append(file.stem)
                readings.append([[int(row[f"{c}_{i}"]) for c in CONSTRUCTS] for i in (1, 2)])
    return Written(texts, np.array(writer), np.array(readings))


def read_care_messages(corpora: Path, names: Sequence[str] = CARE_MESSAGES) -> Written:
    """The sets that may be learnt from and are not committed; a second reader saw some of each.

    Args:
        corpora: folder with `care_messages/`.
        names: of the sets.

    Raises:
        FileNotFoundError: where one is missing.
    """
    folder = corpora / "care_messages"
    with (folder / "second_rater.csv").open(encoding="utf-8", newline="") as file:
        second = {row["id"]: [int(row[c]) for c in CONSTRUCTS] for row in csv.DictReader(file)}
    texts: list[str] = []
    writer: list[str] = []
    readings: list[list[list[int]]] = []
    for name in names:
        for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines():
            message = json.loads(line)
            texts.append(message["text"])
            writer.append(name)
            readings.append(
                [
                    [message[c] for c in CONSTRUCTS],
                    second.get(message["id"], [-1] * len(CONSTRUCTS)),
                ]
            )
    return Written(texts, np.array(writer), np.array(readings))


def read_guided(learnt: Sequence[Labelled]) -> Labelled:
    """Public comments with the levels that the guide gives them.

    Args:
        learnt: the learnt parts of the public corpora, as `read_public` gives them.
    """
    with PUBLIC_BY_GUIDE.open(encoding="utf-8", newline="") as file:
        levels = {row["digest"]: [int(row[c]) for c in CONSTRUCTS] for row in csv.DictReader(file)}
    found: dict[str, str] = {}
    for text in (text for one in learnt for text in one.texts):
        digest = _digest(text)
        if digest in levels:
            found.setdefault(digest, text)
    told = np.array([levels[digest] for digest in found]).reshape(-1, len(CONSTRUCTS))
    return Labelled(
        "public, by the guide",
        list(found.values()),
        {c: told[:, place] for place, c in enumerate(CONSTRUCTS)},
    )


def read_controls() -> dict[str, list[str]]:
    """By control, messages that show nothing whatever they speak of; nothing learns from them."""
    found: dict[str, list[str]] = {}
    with CONTROLS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["control"], []).append(row["text"])
    return found


def _digest(text: str) -> str:
    return sha256(" ".join(text.casefold().split()).encode()).hexdigest()[:24]
