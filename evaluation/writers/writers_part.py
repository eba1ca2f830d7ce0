"""Writers left out, and how far the line moves, as parts of the validity report."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assets.core.constructs import CONSTRUCTS
from evaluation.validity.report import Measured, Part, flat_table
from evaluation.validity.tables import number
from evaluation.writers.left_out import (
    MEAN_BAR,
    MOST_BELOW_READER,
    LeftOut,
    WriterRow,
    mean_areas,
    writer_rows,
)
from evaluation.writers.level import BEFORE, CONTROL_BAR, PLANTED_BAR, Pool, ends, moves

ANCHORS_TITLE = "Mean score by share of people, writers left out"
ANCHORED_AT = (0.0, 0.02, 0.05, 0.10, 0.30, 0.50)


@dataclass(frozen=True)
class AnchorRow:
    """What a mean score is beside a share of people, on writers who were not learnt from.

    Attributes:
        construct: burnout, resilience or resistance.
        prevalence: share of people who show it in all their messages of a day.
        mean_score: of person-days, by models that had not learnt from the writer.
        share_off: how far the share that the mean score stands for, read off a straight line
            through all writers' means, is from the true one: mean over the writers.
        messages: that people were made up from.
        writers: of them.
    """

    construct: str
    prevalence: float
    mean_score: float
    share_off: float
    messages: int
    writers: int


@dataclass(frozen=True)
class MoveRow:
    """How far the line of one construct moved with one change; see `Move`."""

    construct: str
    change: str
    move: float
    bar: float
    reached: bool


def writers_parts(
    found: LeftOut, committed: Sequence[str], measured: Measured, *, draws: int = 200
) -> list[Part]:
    """Two parts: by writer, and the level.

    Args:
        found: from `leave_out`.
        committed: writers over whom means are taken.
        measured: what models they are the recipe of; each figure is of models trained anew.
        draws: bootstrap draws.
    """
    return [
        by_writer_part(writer_rows(found, draws=draws), committed, measured),
        level_part(
            anchor_rows(found, committed),
            [
                MoveRow(construct, one.change, one.move, one.bar, one.reached)
                for construct in CONSTRUCTS
                for one in moves(pool_of(found, construct))
            ],
            measured,
        ),
    ]


def by_writer_part(rows: Sequence[WriterRow], committed: Sequence[str], measured: Measured) -> Part:
    """Each writer's areas, of models that had not learnt from that writer, beside the ceiling."""
    means = mean_areas(rows, committed)
    far = [one for one in rows if one.below is not None and one.below > MOST_BELOW_READER]
    return Part(
        "writers",
        "On writers who were not learnt from",
        (
            "Each writer's messages are scored by models of the same recipe that learnt from all"
            " other writers. Beside each figure stands the ceiling: how well a second reader, who"
            " saw the text unscrubbed and the guide, tells what the first saw. This is agreement"
            " with readers, not with how workers are: readers and writers are language-model"
            " sessions.",
            "Mean over the committed writers: "
            + ", ".join(
                f"{construct} {number(mean)} ({'reached' if mean >= MEAN_BAR else 'missed'})"
                for construct, mean in means.items()
            )
            + f"; the aim is {MEAN_BAR:.2f} each.",
            f"{len(far)} of {len(rows)} figures are more than {MOST_BELOW_READER:.2f} under the"
            " second reader (aim: none).",
        ),
        (flat_table("Area under the curve by writer, each left out", rows),),
        measured,
    )


def anchor_rows(found: LeftOut, committed: Sequence[str]) -> list[AnchorRow]:
    """Mean scores of people who write like the committed writers, at some shares."""
    told = []
    for construct in CONSTRUCTS:
        pool = pool_of(found, construct).of(committed)
        without, with_it = ends(pool)
        own = [ends(pool.of([name])) for name in committed]
        for share in ANCHORED_AT:
            mean = without + share * (with_it - without)
            read = [
                (low + share * (high - low) - without) / (with_it - without) for low, high in own
            ]
            off = float(np.mean([abs(one - share) for one in read]))
            told.append(AnchorRow(construct, share, mean, off, len(pool.scores), len(committed)))
    return told


def level_part(anchors: Sequence[AnchorRow], rows: Sequence[MoveRow], measured: Measured) -> Part:
    """What a mean score means, and how far the line moves with what was planted and controls."""
    missed = [f"{one.construct}: {one.change} ({one.move:+.3f})" for one in rows if not one.reached]
    return Part(
        "level",
        "How far the line moves",
        (
            "Many people's days are made up from messages of writers who were not learnt from,"
            f" {BEFORE:.0%} of people showing the construct before. A planted 0.10 in the share of"
            f" people should move the line by at least {PLANTED_BAR:.2f}; other things people write"
            f" about, and how much, by at most {CONTROL_BAR:.2f}. No release noise is in it.",
            "Several messages tell more surely than one who shows it, so a person's day rises"
            " steeply with the mean of her messages. Who shows it in one of several moves the line"
            " less; and a line moves at most by how much oftener days of people who show it are"
            " above the cut.",
            f"Missed: {'; '.join(missed)}." if missed else "All reached.",
        ),
        (flat_table(ANCHORS_TITLE, anchors), flat_table("Moves of the line", rows)),
        measured,
    )


def pool_of(found: LeftOut, construct: str) -> Pool:
    """One construct's scores of left-out writers, to make people up from."""
    place = CONSTRUCTS.index(construct)
    return Pool(
        found.scores[:, place],
        found.written.shows(construct),
        found.written.writer,
        {name: own[:, place] for name, own in found.controls.items()},
        {name: own[construct] for name, own in found.curves.items()},
    )
