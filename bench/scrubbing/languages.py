"""What scrubbing leaves of whom: by writer, first language and origin, with what it does to scores.

The messages are the ten writers' (`construct_chat/by_writer/`). Who their group is stands in the
data card, and here in `writers.csv`; a message does not say who of the group wrote it.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.corpora import CONSTRUCT_CHAT
from assets.restricted.scoring.construct_model.model import load_construct_model
from assets.restricted.scrubbing.scrubber import Scrubber
from assets.restricted.scrubbing.tagged_text import NAME_KINDS, read_tagged
from assets.restricted.scrubbing.words_to_embed import words_to_embed
from bench.scrubbing.counts import Survival, count_survival, interval
from bench.scrubbing.survivors import places_of_words
from resources.models.narrow_encoder import load_narrow_encoder

WRITERS = Path(__file__).with_name("writers.csv")
LEAST_SHARE_OF_BEST = 0.9
"""Of the words kept of the group of whom most is kept: no first language may have less."""


@dataclass(frozen=True)
class Measured:
    """One writer's messages, scrubbed and scored.

    Attributes:
        survival: counts of words.
        messages: how many there are.
        dropped: of these, dropped whole.
        dropped_longer: of these, of two words and more as written.
        bias: for each construct, scores less labels, shape (kept messages,).
    """

    survival: Survival
    messages: int
    dropped: int
    dropped_longer: int
    bias: Mapping[str, np.ndarray]


def measure(path: Path, scrubber: Scrubber) -> Measured:
    """Scrub and score a writer's messages, each alone.

    Args:
        path: a table of `by_writer/`.
        scrubber: the layers.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    messages = [read_tagged(row["text"]) for row in rows]
    texts = scrubber.scrub([one.text for one in messages])
    kept = np.array([bool(text) for text in texts])
    scores = load_construct_model().score(
        load_narrow_encoder().encode([words_to_embed(text) for text in texts if text])
    )
    # The label of a message is the mean of two readings; half and more stands for the construct.
    shows = {
        c: np.array([float(row[f"{c}_1"]) + float(row[f"{c}_2"]) >= 1 for row in rows], float)
        for c in CONSTRUCTS
    }
    return Measured(
        count_survival(messages, texts),
        len(rows),
        int((~kept).sum()),
        sum(
            not text and len(places_of_words(one.text)) > 1
            for one, text in zip(messages, texts, strict=True)
        ),
        {c: scores[c] - shows[c][kept] for c in CONSTRUCTS},
    )


def report() -> Iterator[str]:
    """The table as lines: every writer, then every first language beside the best."""
    scrubber = Scrubber.load()
    with WRITERS.open(encoding="utf-8", newline="") as file:
        writers = list(csv.DictReader(file))
    yield (
        f"{'':18} {'words kept, %':22} {'names left, %':22} {'dropped, %':18} {'longer':>7}   "
        "score less label: burnout, resilience, resistance"
    )
    by_language: dict[str, list[Measured]] = {}
    for one in writers:
        measured = measure(CONSTRUCT_CHAT / "by_writer" / f"writer_{one['writer']}.csv", scrubber)
        by_language.setdefault(one["first_language"], []).append(measured)
        yield f"{_line(one['writer'], [measured])}   {one['origin']}"
    kept = {language: _share_kept(own) for language, own in by_language.items()}
    best = max(kept.values())
    for language, own in by_language.items():
        share = kept[language] / best
        verdict = "holds" if share >= LEAST_SHARE_OF_BEST else "FALLS SHORT"
        yield f"{_line(language, own)}   {share:.3f} of the best: {verdict}"


def _share_kept(own: Iterable[Measured]) -> float:
    own = list(own)
    return sum(one.survival.ordinary_kept for one in own) / sum(
        one.survival.ordinary for one in own
    )


def _line(label: str, own: list[Measured]) -> str:
    counts = [one.survival for one in own]
    kept = interval(sum(c.ordinary_kept for c in counts), sum(c.ordinary for c in counts))
    names = interval(
        sum(c.tokens_left[kind] for c in counts for kind in NAME_KINDS),
        sum(c.tokens[kind] for c in counts for kind in NAME_KINDS),
    )
    messages = sum(one.messages for one in own)
    dropped = interval(sum(one.dropped for one in own), messages)
    longer = 100 * sum(one.dropped_longer for one in own) / messages
    bias = " ".join(
        f"{np.concatenate([one.bias[c] for one in own]).mean():+.3f}" for c in CONSTRUCTS
    )
    return f"{label:18} {kept:22} {names:22} {dropped:18} {longer:7.2f}   {bias}"
