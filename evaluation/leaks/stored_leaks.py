"""The leak audit: the attacks of `leak_audit` on what a home's real stores give to whom.

A made-up home's stores are filled, opened as an attacker would, released, and opened again with
everything that is left. Messages stored are some of the candidates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import StorageError
from assets.released.method import GAUSSIAN_1, SUM_SENSITIVITY_MILLI
from assets.restricted.release.regional_value import mean_score
from evaluation.leaks.attacks import (
    Candidates,
    Retrieval,
    inversion,
    membership,
    retrieval,
    retrieval_from_means,
)
from evaluation.leaks.simulated_home import (
    REGION,
    AuditStores,
    SimulatedGroupDay,
    plan_group_days,
    release_day,
    store_group_day,
)
from resources.base.keys.key_store import KeyStore
from resources.stores.release.release_store import ReleaseStore
from resources.stores.scores.score_store import ScoreStore
from resources.stores.vectors.group_day_vectors import GroupDayVectors, vectors_in
from resources.stores.vectors.vector_store import StoredVectors, VectorStore

SCORE_LIFETIME = timedelta(days=35)


@dataclass(frozen=True)
class Opened:
    """How much opened in one state.

    Attributes:
        state: of `STATES`.
        vectors: group-days whose vectors opened.
        sums: group-days whose scores opened.
        published: region-days with a published value.
        group_days: that were stored.
    """

    state: str
    vectors: int
    sums: int
    published: int
    group_days: int


@dataclass(frozen=True)
class AttackResult:
    """One figure of the audit.

    Attributes:
        state: of `STATES`.
        stored: `vectors`, `group sums` or `published values`.
        attack: `retrieval`, `inversion` or `membership`.
        measure: `top-1`, `top-10`, `word` or `AUC`.
        value: share of targets, or AUC.
        chance: what a blind guess reaches.
        targets: messages, or means, that were attacked.
        pool: candidates to choose among; 0 where there is nothing to choose.
    """

    state: str
    stored: str
    attack: str
    measure: str
    value: float
    chance: float
    targets: int
    pool: int


@dataclass(frozen=True)
class LeakAudit:
    """What opened and what the attacks found. No line for what did not open."""

    seed: int
    opened: tuple[Opened, ...]
    results: tuple[AttackResult, ...]

    def top_1(self, state: str) -> float:
        """The best top-1 retrieval in a state; 0 where nothing opens."""
        return max(
            (one.value for one in self.results if (one.state, one.measure) == (state, "top-1")),
            default=0.0,
        )


def audit_stores(
    stores: AuditStores,
    candidates: Candidates,
    now: datetime,
    *,
    days: int = 6,
    groups: int = 6,
    seed: int = 20261122,
) -> LeakAudit:
    """Store, attack, release, attack again.

    Args:
        stores: of an empty home.
        candidates: at least twice as many as are stored on average (33 a group-day).
        now: moment of storing and of the release (aware).
        days: region-days.
        groups: groups, each with 5 to 60 messages a day.
        seed: of the draws.

    Raises:
        ValueError: too few candidates.
        StorageError: what the stores raise but for what does not open.
    """
    rng = np.random.default_rng(seed)
    plan = plan_group_days(rng, len(candidates.vectors), days, groups)
    keys = KeyStore(stores.keys, lambda: stores.master_key)
    vector_store = VectorStore(stores.database, stores.vectors, keys)
    score_store = ScoreStore(stores.database, keys)
    release_store = ReleaseStore(stores.database)
    # A thief without the keys may well have a key of her own to try.
    no_keys = KeyStore(stores.keys.with_name(f"{stores.keys.name}-elsewhere"), lambda: bytes(32))
    thief = (
        VectorStore(stores.database, stores.vectors, no_keys),
        ScoreStore(stores.database, no_keys),
    )
    for one in plan:
        store_group_day(one, candidates, vector_store, score_store, now)
    attack = _Attack(plan, candidates, rng)
    attack.state("without keys", *thief, release_store)
    attack.state("keys live", vector_store, score_store, release_store)
    for day in sorted({one.day for one in plan}):
        release_day(day, score_store, release_store, now)
        vector_store.destroy(REGION, day, now)
    attack.state("released", vector_store, score_store, release_store)
    score_store.delete_expired(now + SCORE_LIFETIME + timedelta(seconds=1), SCORE_LIFETIME)
    attack.state("scores expired", vector_store, score_store, release_store)
    return LeakAudit(seed, tuple(attack.opened), tuple(attack.results))


class _Attack:
    """Opens what opens in each state, and attacks it."""

    def __init__(
        self, plan: Sequence[SimulatedGroupDay], candidates: Candidates, rng: np.random.Generator
    ) -> None:
        self._plan = plan
        self._candidates = candidates
        self._draw = rng
        self.opened: list[Opened] = []
        self.results: list[AttackResult] = []

    def state(
        self,
        state: str,
        vector_store: VectorStore,
        score_store: ScoreStore,
        release_store: ReleaseStore,
    ) -> None:
        days = sorted({one.day for one in self._plan})
        vectors = self._vectors(vector_store, days)
        sums = self._sums(score_store, days)
        published = self._published(release_store, days)
        self.opened.append(Opened(state, len(vectors), len(sums), len(published), len(self._plan)))
        if vectors:
            self._attack_vectors(state, vectors)
        for stored, means in (("group sums", sums), ("published values", published)):
            if means:
                self._attack_means(state, stored, means)

    def _vectors(
        self, store: VectorStore, days: Sequence[date]
    ) -> list[tuple[SimulatedGroupDay, np.ndarray]]:
        at = {(one.day, one.group_ref): one for one in self._plan}
        found = []
        for stored in store.find(REGION, days):
            content = _open(store, stored)
            if content is not None:
                found.append((at[stored.day, stored.group_ref], content.embeddings))
        return found

    def _sums(self, store: ScoreStore, days: Sequence[date]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Mean scores of each group-day that opens, and which candidates went into it."""
        at = {(one.day, one.group_ref): one for one in self._plan}
        found = []
        for day in days:
            try:
                opened = store.of_region_day(REGION, day)
            except StorageError:
                continue
            for ref, scores in opened.items():
                means = {
                    one.construct: one.sum_milli / one.person_days + SUM_SENSITIVITY_MILLI
                    for one in scores
                }
                found.append(
                    (np.array([means[one] / 1000 for one in CONSTRUCTS]), at[day, ref].rows)
                )
        return found

    def _published(
        self, store: ReleaseStore, days: Sequence[date]
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Published values of each region-day, and which candidates went into them."""
        found = []
        for one in store.draws(REGION, GAUSSIAN_1.version, min(days), max(days)):
            rows = np.concatenate([own.rows for own in self._plan if own.day == one.key.day])
            found.append((np.array([mean_score([one.drawn], name) for name in CONSTRUCTS]), rows))
        return found

    def _attack_vectors(
        self, state: str, opened: list[tuple[SimulatedGroupDay, np.ndarray]]
    ) -> None:
        pool = self._candidates
        stored = np.concatenate([content for _, content in opened])
        truth = np.concatenate([one.rows for one, _ in opened])
        found = retrieval(stored, pool.vectors, truth)
        self._tell(state, "vectors", "retrieval", "top-1", found.top_1, found.chance, found)
        self._tell(state, "vectors", "retrieval", "top-10", found.top_10, found.chance * 10, found)
        own = np.setdiff1d(
            np.arange(len(pool.vectors)), np.concatenate([one.rows for one in self._plan])
        )
        word = inversion(pool.vectors[own], pool.words[own], stored, pool.words[truth])
        self.results.append(
            AttackResult(
                state, "vectors", "inversion", "word", word.word, word.commonest, word.targets, 0
            )
        )
        means = np.stack([content.mean(axis=0) for _, content in opened])
        self._members(
            state, "means of vectors", means, [one.rows for one, _ in opened], pool.vectors
        )

    def _attack_means(
        self, state: str, stored: str, told: list[tuple[np.ndarray, np.ndarray]]
    ) -> None:
        means, members = np.stack([mean for mean, _ in told]), [rows for _, rows in told]
        scores = self._candidates.scores
        found = retrieval_from_means(means, members, scores)
        self._tell(state, stored, "retrieval", "top-1", found.top_1, found.chance, found)
        self._tell(state, stored, "retrieval", "top-10", found.top_10, found.chance * 10, found)
        self._members(state, stored, means, members, scores)

    def _members(
        self,
        state: str,
        stored: str,
        means: np.ndarray,
        members: list[np.ndarray],
        candidates: np.ndarray,
    ) -> None:
        found = membership(means, members, candidates, self._draw)
        self.results.append(
            AttackResult(state, stored, "membership", "AUC", found.auc, 0.5, found.means, 0)
        )

    def _tell(
        self,
        state: str,
        stored: str,
        attack: str,
        measure: str,
        value: float,
        chance: float,
        found: Retrieval,
    ) -> None:
        self.results.append(
            AttackResult(state, stored, attack, measure, value, chance, found.targets, found.pool)
        )


def _open(store: VectorStore, stored: StoredVectors) -> GroupDayVectors | None:
    try:
        return vectors_in(store.content(stored))
    except StorageError:
        return None
