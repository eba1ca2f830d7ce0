"""Power, reliability and the leak audit as parts of the report."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scrubbing.group_day import Encoder
from assets.restricted.scrubbing.words_to_embed import words_to_embed
from evaluation.leaks.attacks import Candidates, word_presence
from evaluation.leaks.stored_leaks import AuditStores, LeakAudit, audit_stores
from evaluation.validity.examples import Score
from evaluation.validity.power import PowerTable
from evaluation.validity.reliability import ENOUGH, ReliabilityTable
from evaluation.validity.report import Measured, Part, flat_table

MOST_TOP_1 = 0.01
"""Aim: top-1 retrieval after the release."""

POOL = 4000
FEWEST_WORDS = 3


def power_part(table: PowerTable, measured: Measured) -> Part:
    """The smallest weekly change that is found."""
    worst = max(table.cells, key=lambda one: one.false_alarm)
    best = [
        f"{construct.capitalize()} shown in 5 % of messages, in {groups} groups: "
        + (
            f"a weekly change of {points:.1f} percentage points is found."
            if points is not None
            else "no change that was tried is found."
        )
        for construct in CONSTRUCTS
        for groups, points in _points(table, construct)
    ]
    return Part(
        "power",
        "Which weekly change can be told from chance",
        (
            "Regional weeks are made up from scored messages of known label, with groups and people"
            " who differ. A change counts as found if it is flagged in 80 % of series; flat series"
            f" are flagged in at most {worst.false_alarm:.1%} (aim 5 %). No release noise is in"
            " these figures, so a release can at best reach them.",
            *best,
        ),
        (flat_table(f"Power, {table.series} series, seed {table.seed}", table.cells),),
        measured,
    )


def _points(table: PowerTable, construct: str) -> list[tuple[int, float | None]]:
    return [
        (one.groups, one.points)
        for one in table.cells
        if (one.construct, one.prevalence, one.test) == (construct, 0.05, "groups")
    ]


def reliability_part(table: ReliabilityTable, measured: Measured) -> Part:
    """How many messages and people a reliable mean takes."""
    return Part(
        "reliability",
        "How many messages and people a mean takes",
        (
            "Reliability is the share of the differences between cells' means that is real. Cells"
            f" under {ENOUGH:.1f} should not be compared. Cells are simulated with"
            f" {table.prevalence:.0%} of messages showing the construct.",
        ),
        (
            flat_table(f"What a reliability of {ENOUGH:.1f} takes", table.needed),
            flat_table("Reliability by size of the cell", table.rows),
        ),
        measured,
    )


def leaks_part(audit: LeakAudit, measured: Measured) -> Part:
    """What stored data gives away, before and after the release."""
    live, after = audit.top_1("keys live"), audit.top_1("released")
    outcome = "reached" if after <= MOST_TOP_1 else "missed"
    return Part(
        "leaks",
        "What stored data gives away",
        (
            f"With the live keys, before the release, {live:.1%} of stored messages are found among"
            " the candidates: vectors under a live key are as good as the text. After the release"
            f" it is {after:.1%} with everything that is left (aim at most {MOST_TOP_1:.0%},"
            f" {outcome}). No line stands for what did not open.",
        ),
        (
            flat_table("What opened, in group-days", audit.opened),
            flat_table("What the attacks found", audit.results),
        ),
        measured,
    )


def candidates_of(scrubbed: Sequence[str], score: Score, encoder: Encoder) -> Candidates:
    """What an attacker with these messages holds: at most `POOL` distinct ones of 3 words or more.

    Args:
        scrubbed: texts as `Scrubber.scrub` returns them.
        score: as `score_texts`.
        encoder: as the models use.
    """
    embedded = [words_to_embed(text) for text in scrubbed]
    distinct = [text for text in dict.fromkeys(embedded) if len(text.split()) >= FEWEST_WORDS]
    order = np.random.default_rng(5).permutation(len(distinct))[:POOL]
    texts = [distinct[i] for i in order]
    return Candidates(
        encoder.encode(texts), score(texts)[list(CONSTRUCTS)].to_numpy(), word_presence(texts)
    )


def leaks_of(
    scrubbed: Sequence[str],
    score: Score,
    encoder: Encoder,
    stores: AuditStores,
    now: datetime,
    measured: Measured,
) -> Part:
    """Run the audit on the stores of a home made for it.

    Raises:
        ValueError: too few distinct messages.
        StorageError: what the stores raise.
    """
    return leaks_part(audit_stores(stores, candidates_of(scrubbed, score, encoder), now), measured)
