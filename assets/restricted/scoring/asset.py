"""The asset `group_scores`: integer sums by group-day, encrypted; storing them settles it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg

from assets.core.errors import ScrubError, SetupError, StepFailed, StorageError
from assets.core.names import CONSTRUCT_MODEL, GROUP_SCORES, SCRUBBED_VECTORS
from assets.core.partition_events import RegionDay, each_region_day, materialized
from assets.core.run_partitions import days_asked_for
from assets.restricted.collection.checks import fail_where_unchecked, refusals
from assets.restricted.collection.one_group import GROUP_BROKEN, of_one_group
from assets.restricted.collection.run_shard import shard_asked_for
from assets.restricted.collection.standing_faults import StandingFaults
from assets.restricted.scoring.checks import refuse_unless_in_range
from assets.restricted.scoring.construct_model.model import ConstructModel, load_construct_model
from assets.restricted.scoring.score_vectors import (
    OF_ONE_GROUP_DAY,
    refuse_of_other_encoder,
    scores_of,
)
from assets.restricted.scrubbing.group_day_size import too_small
from assets.restricted.scrubbing.stored_vectors import refuse_unless_only_vectors
from resources.containment.guard import guarded, require_sealed_log
from resources.stores.inbox.collection_records import Fault
from resources.stores.scores.score_store import GroupScore, ScoreStore
from resources.stores.vectors.group_day_vectors import vectors_in
from resources.stores.vectors.vector_store import StoredVectors
from resources.wiring.context import RestrictedContext

SCORED, TOO_SMALL, LEFT, STALE = "scored", "too_small", "left", "stale"
"""What becomes of a group-day that is not refused; `stale` where someone has spoken since, which no
run tells."""


def define_group_scores(region_days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset over these partitions."""

    @dg.asset(
        name=GROUP_SCORES,
        partitions_def=region_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=[SCRUBBED_VECTORS, CONSTRUCT_MODEL],
        group_name="restricted",
        kinds={"python"},
        owners=["team:data-engineering"],
        output_required=False,
        description="Sums of person-day scores by group-day, encrypted. Nobody sees them.",
    )
    @guarded
    def group_scores(
        context: dg.AssetExecutionContext,
        restricted: dg.ResourceParam[RestrictedContext],
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        restricted.before_reading.require_to_score()
        shard = shard_asked_for(context, restricted)
        model = load_construct_model()
        settle = _Settle(restricted, model, context.run_id)
        outcomes: Counter[str] = Counter()
        left: Counter[RegionDay] = Counter()
        already: Counter[RegionDay] = Counter()
        exports_spent = 0
        faults: list[Fault] = []
        groups: set[str] = set()
        asked = days_asked_for(context)
        for region, days in asked.items():
            wanted = [(region, day) for day in days]
            with restricted.region_day_locks.writing(wanted, shard):
                closed = restricted.region_day_locks.closed(region, days)
                settled = restricted.score_store.settled(region, days)
                already.update((region, day) for day, ref in settled if shard.holds(ref))
                for stored in restricted.vector_store.find(
                    region, [day for day in days if day not in closed]
                ):
                    if (stored.day, stored.group_ref) in settled or stored.destroyed:
                        continue
                    if not shard.holds(stored.group_ref):
                        continue
                    outcome = settle.group_day(stored)
                    outcomes[outcome] += 1
                    if outcome in {SCORED, TOO_SMALL}:
                        groups.add(stored.group_ref)
                    elif outcome == LEFT:
                        left[region, stored.day] += 1
                    elif outcome != STALE:
                        faults.append(
                            Fault(
                                region,
                                stored.group_ref,
                                GROUP_SCORES,
                                outcome,
                                context.run_id,
                                stored.day,
                            )
                        )
        restricted.records.add_faults(faults, restricted.clock.now())
        # An inbox that does not answer is no failure of scoring; `lifetimes` tries again.
        with suppress(SetupError, StorageError):
            exports_spent = restricted.spent_exports.delete(restricted.clock.now(), groups)
        held = _held(restricted.score_store, asked)
        # Also what the steps before refused: it is why a group has no scores.
        of_run = restricted.records.faults_of_run(context.run_id)
        standing = StandingFaults(context.instance, restricted.records)
        yield from materialized(
            context,
            {
                at: {
                    "group_days_settled": held[at],
                    "group_days_left": left[at],
                    "already_settled": already[at],
                    **refusals(standing.at(at, context.run, of_run)),
                    **standing.outstanding(at, context.run),
                    **_model_of(restricted.score_store, at),
                }
                for at in each_region_day(asked)
            },
            run={
                "group_days_settled": outcomes[SCORED] + outcomes[TOO_SMALL],
                "group_days_left": outcomes[LEFT],
                "exports_spent": exports_spent,
                "already_settled": already.total(),
                **refusals(of_run),
                "model_version": model.version,
            },
        )
        fail_where_unchecked(context, restricted.records, GROUP_SCORES)

    return group_scores


def _model_of(store: ScoreStore, at: RegionDay) -> dict[str, str]:
    """The model that made a region-day's scores; nothing if there are none, or of several."""
    models = frozenset[str]().union(*store.model_versions(*at).values())
    return {"model_version": next(iter(models))} if len(models) == 1 else {}


def _held(store: ScoreStore, asked: Mapping[str, Sequence[date]]) -> Counter[RegionDay]:
    """Settled group-days of each region-day, of this run and of earlier ones.

    Not how many of them were too small, for an objection may make one so.
    """
    return Counter(
        (region, day) for region, days in asked.items() for day, _ in store.settled(region, days)
    )


@dataclass(frozen=True)
class _Settle:
    restricted: RestrictedContext
    model: ConstructModel
    run_id: str

    def group_day(self, stored: StoredVectors) -> str:
        """Score and settle one group-day. Returns one of the outcomes, or a code."""
        gone = self._gone(stored)
        if gone is not None:
            self._destroy(stored)
            return gone
        try:
            with of_one_group(GROUP_BROKEN):
                scores = self._scores(stored)
        except (ScrubError, StepFailed) as error:
            if isinstance(error, StepFailed):
                self.restricted.scrub_records.add_unforeseen(
                    stored.group_ref, self.run_id, [error.origin], self.restricted.clock.now()
                )
            return error.code
        except StorageError as error:
            if error.code not in OF_ONE_GROUP_DAY:
                raise
            gone = self._gone(stored)
            if gone is not None:
                self._destroy(stored)
                return gone
            # What can't be opened, or holds anything else, is made anew by the next collect.
            self._destroy(stored)
            return error.code
        settled = self.restricted.score_store.settle(
            stored.region,
            stored.day,
            stored.group_ref,
            scores,
            export_digest=stored.export_digest,
            model_version=self.model.version,
            now=self.restricted.clock.now(),
            members_seq=stored.members_seq,
            run_id=self.run_id,
        )
        if not settled:
            gone = self._gone(stored)
            self._destroy(stored)
            return gone or LEFT
        if not scores or self.restricted.settings.vector_keys_until == "scoring":
            self._destroy(stored)
        return SCORED if scores else TOO_SMALL

    def _scores(self, stored: StoredVectors) -> list[GroupScore]:
        """Of all constructs; none where too few wrote."""
        content = self.restricted.vector_store.content(stored)
        refuse_of_other_encoder(stored)
        refuse_unless_only_vectors(content)
        vectors = vectors_in(content)
        if too_small(vectors.people):
            return []
        scores = scores_of(self.model, vectors)
        refuse_unless_in_range(scores, self.model.version)
        return scores

    def _gone(self, stored: StoredVectors) -> str | None:
        """`LEFT` where consent stands no longer, `STALE` where someone has spoken since."""
        consent = self.restricted.register.consent(stored.group_ref)
        if consent.refusal(
            stored.day, self.restricted.clock.today(), self.restricted.settings.mode
        ):
            return LEFT
        stale = self.restricted.members.sequence(stored.group_ref) > stored.members_seq
        return STALE if stale else None

    def _destroy(self, stored: StoredVectors) -> None:
        day: date = stored.day
        self.restricted.vector_store.destroy(
            stored.region, day, self.restricted.clock.now(), stored.group_ref
        )
