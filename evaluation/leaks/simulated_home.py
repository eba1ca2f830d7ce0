"""A made-up home's stores, filled with group-days of candidate messages, and released."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.released.method import GAUSSIAN_1
from assets.restricted.release.noise import draw
from assets.restricted.release.region_totals import GroupSums, region_totals
from assets.restricted.release.regional_value import mean_score
from assets.restricted.scoring.construct_model.model import load_construct_model
from assets.restricted.scoring.person_days import person_day_sums
from assets.restricted.scrubbing.group_day_size import MIN_MESSAGES, MIN_PEOPLE
from evaluation.leaks.attacks import Candidates
from resources.base.database.connection import Database
from resources.stores.release.evidence import InForce, Releasing
from resources.stores.release.release_ledger import DrawKey
from resources.stores.release.release_store import RegionalValue, ReleaseStore
from resources.stores.scores.score_store import GroupScore, ScoreStore
from resources.stores.vectors.group_day_vectors import GroupDayVectors
from resources.stores.vectors.vector_store import VectorStore

REGION, FIRST_DAY = "made_up", date(2000, 1, 3)
MESSAGES_EACH = 3
LARGEST_GROUP_DAY = 60

_NONE = "0" * 64
_RELEASING = Releasing(InForce("audit", _NONE, None, _NONE, _NONE, _NONE, _NONE, None), None)
"""It hangs on nothing that is in force; what is looked at are stores, not evidence."""


@dataclass(frozen=True)
class AuditStores:
    """Real stores of a home that is made for the audit, and thrown away.

    Attributes:
        database: prepared, of mode synthetic.
        vectors: folder of vector files.
        keys: folder of key files.
        master_key: 32 bytes.
    """

    database: Database
    vectors: Path
    keys: Path
    master_key: bytes = field(repr=False)


@dataclass(frozen=True)
class SimulatedGroupDay:
    """What one group-day holds.

    Attributes:
        day: its day.
        group_ref: its group.
        rows: which candidates were stored, in the order of the file.
        people: whose message each is, as `GroupDayVectors.people`.
    """

    day: date
    group_ref: str
    rows: np.ndarray = field(repr=False)
    people: np.ndarray = field(repr=False)


def plan_group_days(
    draw: np.random.Generator, pool: int, days: int, groups: int
) -> list[SimulatedGroupDay]:
    """Draw which candidates are stored where; none twice.

    Raises:
        ValueError: they would be more than half of the pool.
    """
    sizes = draw.integers(MIN_MESSAGES, LARGEST_GROUP_DAY + 1, days * groups)
    if sizes.sum() * 2 > pool:
        # The attacker trains on what is not stored.
        raise ValueError
    ends = np.cumsum(sizes)
    order = draw.permutation(pool)
    plan = []
    for place, (size, end) in enumerate(zip(sizes, ends, strict=True)):
        people = np.arange(size) % max(MIN_PEOPLE, size // MESSAGES_EACH)
        plan.append(
            SimulatedGroupDay(
                FIRST_DAY + timedelta(days=place // groups),
                f"g-{place:08x}",
                order[end - size : end],
                draw.permutation(people).astype(np.int32),
            )
        )
    return plan


def store_group_day(
    one: SimulatedGroupDay,
    candidates: Candidates,
    vector_store: VectorStore,
    score_store: ScoreStore,
    now: datetime,
) -> None:
    """Store one group-day's vectors and settle its scores."""
    place = (REGION, one.day, one.group_ref)
    content = GroupDayVectors(candidates.vectors[one.rows].astype(np.float32), one.people)
    vector_store.put(
        *place, content, export_digest="0", vocabulary_digest="0", encoder_digest="e", now=now
    )
    scores: Mapping[str, np.ndarray] = {
        construct: candidates.scores[one.rows, column]
        for column, construct in enumerate(CONSTRUCTS)
    }
    sums = person_day_sums(scores, one.people, load_construct_model().curves)
    score_store.settle(
        *place,
        [
            GroupScore(construct, person_days, sum_milli, len(one.rows))
            for construct, (person_days, sum_milli) in sums.items()
        ],
        export_digest="0",
        model_version="audit",
        now=now,
    )


def release_day(
    day: date, score_store: ScoreStore, release_store: ReleaseStore, now: datetime
) -> None:
    """Publish a region-day's noisy means, whatever the thresholds say."""
    groups = [
        GroupSums(ref, ref, scores[0].person_days, {one.construct: one.sum_milli for one in scores})
        for ref, scores in score_store.of_region_day(REGION, day).items()
    ]
    drawn = draw(region_totals(groups), GAUSSIAN_1.micro_rho)
    values = [
        RegionalValue(construct=name, status="published", estimate=mean_score([drawn], name))
        for name in CONSTRUCTS
    ]
    key = DrawKey(REGION, day, GAUSSIAN_1.version)
    release_store.close(key, values, drawn=drawn, reason=None, now=now, releasing=_RELEASING)
