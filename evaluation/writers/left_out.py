"""Leaving writers out: each writer's messages scored by models that learnt from the others alone.

The second reader of the same messages is the ceiling: how well a reader who knows the guide, and
sees the text unscrubbed, tells what another reader saw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.lessons import WRITERS, Lessons
from assets.restricted.scoring.construct_model.model import mixed
from assets.restricted.scoring.construct_model.training import (
    comment_lines,
    fit_lines,
    left_out,
    levels_and_curves,
)
from assets.restricted.scoring.construct_model.writers import Written
from assets.restricted.scoring.person_days import DayCurve
from evaluation.roc_auc import DRAWS, Estimate, area, area_estimate, enough
from resources.models.embedded import Embedded

MEAN_BAR, MOST_BELOW_READER = 0.88, 0.06


@dataclass(frozen=True)
class WriterRow:
    """One writer and construct.

    Attributes:
        writer: whose messages.
        construct: burnout, resilience or resistance.
        area: of scores against the mean of the readings at `SHOWN` or more.
        second_reader: area of the second reader's levels against the first's at 1 or more, the mean
            of that and the reverse where both read everything; None with too few messages.
        below: by how much the scores are under the second reader; below 0 they are above.
        messages: of the writer.
        positive: of them, showing the construct.
    """

    writer: str
    construct: str
    area: Estimate
    second_reader: float | None
    below: float | None
    messages: int
    positive: int


@dataclass(frozen=True)
class LeftOut:
    """What models that had not learnt from a message's writer make of it.

    Attributes:
        written: the messages.
        scores: float array of shape (messages, constructs), in [0, 1].
        controls: by control, its messages' scores by the models of each set of writers left out,
            shape (sets * messages, constructs).
        curves: by writer, each construct's curve of person-days, found on the other writers.
    """

    written: Written
    scores: np.ndarray = field(repr=False)
    controls: Mapping[str, np.ndarray] = field(repr=False)
    curves: Mapping[str, Mapping[str, DayCurve]] = field(repr=False)


def leave_out(lessons: Lessons, controls: Mapping[str, Embedded]) -> LeftOut:
    """Trains models without each set of writers, and scores what they left out.

    Also the level at which a score is a half and the curve of a person-day are found on the other
    writers alone.

    Args:
        lessons: what production learns from.
        controls: by control, its messages as they are read, which nothing learns from.
    """
    written, wide = lessons.written, lessons.sources[WRITERS]
    sets = left_out(list(written.writer))
    values = np.empty((len(written.texts), len(CONSTRUCTS)))
    found: dict[frozenset[str], dict[str, np.ndarray]] = {}
    of_comments = comment_lines(lessons)
    for names in sets:
        own = np.isin(written.writer, list(names))
        lines = fit_lines(lessons.without(own), of_comments)
        values[own] = mixed(lines.of(wide.embedded.of(own)))
        found[names] = {name: mixed(lines.of(read)) for name, read in controls.items()}
    scores = np.empty_like(values)
    told: dict[str, list[np.ndarray]] = {name: [] for name in controls}
    curves: dict[str, dict[str, DayCurve]] = {}
    for names in sets:
        own = np.isin(written.writer, list(names))
        levels, of_days = levels_and_curves(values[~own], written.of(~own), wide.empty[~own])
        curves |= dict.fromkeys(map(str, names), of_days)
        for place, level in enumerate(levels.values()):
            scores[own, place] = level.scores(values[own, place], wide.empty[own])
        for name in controls:
            read = found[names][name]
            told[name].append(
                np.stack([one.score(read[:, i]) for i, one in enumerate(levels.values())], axis=1)
            )
    return LeftOut(
        written, scores, {name: np.concatenate(own) for name, own in told.items()}, curves
    )


def writer_rows(found: LeftOut, *, draws: int = DRAWS) -> list[WriterRow]:
    """Every writer's areas beside the second reader's."""
    written, rows = found.written, []
    for name in sorted(set(written.writer)):
        own = written.writer == name
        messages = written.of(own)
        for place, construct in enumerate(CONSTRUCTS):
            shows = messages.shows(construct)
            told = area_estimate(found.scores[own, place], shows, draws=draws)
            ceiling = second_reader_area(messages, construct)
            below = None if ceiling is None or told.value is None else ceiling - told.value
            rows.append(
                WriterRow(
                    str(name), construct, told, ceiling, below, int(own.sum()), int(shows.sum())
                )
            )
    return rows


def second_reader_area(messages: Written, construct: str) -> float | None:
    """How well one reader's levels tell what the other saw, or None with too few messages."""
    first, second = messages.both_readers(construct)
    ways = [(first >= 1, second)]
    if len(first) == len(messages.texts):
        ways.append((second >= 1, first))
    found = [area(levels, saw) for saw, levels in ways if enough(saw)]
    return float(np.mean(found)) if found else None


def mean_areas(rows: Sequence[WriterRow], writers: Sequence[str]) -> dict[str, float]:
    """Mean over some writers of each construct's area."""
    found: dict[str, list[float]] = {construct: [] for construct in CONSTRUCTS}
    for one in rows:
        if one.area.value is not None and one.writer in writers:
            found[one.construct].append(one.area.value)
    return {construct: float(np.mean(areas)) for construct, areas in found.items()}
