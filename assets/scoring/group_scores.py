"""The asset `group_scores`: integer sums by group-day, encrypted; storing them settles it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg

from assets.collection.refusals import fail_if_last, refusals
from assets.governance.errors import ScrubError, StorageError
from assets.governance.region_day import days_by_region
from assets.scoring.construct_model.model import ConstructModel, load_construct_model
from assets.scoring.person_days import too_small
from assets.scoring.score_vectors import OF_ONE_GROUP_DAY, scores_of
from assets.scrubbing.stored_vectors import refuse_unless_only_vectors
from resources.clock import Clock
from resources.collection_records import CollectionRecords, Fault
from resources.consent_register import ConsentRegister
from resources.guard import guarded, require_sealed_log
from resources.home import HomeConfig
from resources.members import MemberRegister
from resources.region_days import RegionDays
from resources.score_store import ScoreStore
from resources.vector_store import StoredVectors, VectorStore, vectors_in


def define_group_scores(region_days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset over these partitions."""

    @dg.asset(
        partitions_def=region_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=["scrubbed_vectors", "construct_model"],
        group_name="restricted",
        kinds={"python"},
        owners=["team:data-engineering"],
        output_required=False,
        description="Sums of person-day scores by group-day, encrypted. Nobody sees them.",
    )
    @guarded
    def group_scores(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[HomeConfig],
        register: dg.ResourceParam[ConsentRegister],
        members: dg.ResourceParam[MemberRegister],
        records: dg.ResourceParam[CollectionRecords],
        region_day_locks: dg.ResourceParam[RegionDays],
        vector_store: dg.ResourceParam[VectorStore],
        score_store: dg.ResourceParam[ScoreStore],
        clock: dg.ResourceParam[Clock],
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        model = load_construct_model()
        settle = _Settle(settings, vector_store, score_store, model, clock)
        scored = small = already = 0
        faults: list[Fault] = []
        for region, days in days_by_region(context.partition_keys).items():
            with region_day_locks.writing([(region, day) for day in days]):
                closed = region_day_locks.closed(region, days)
                settled = score_store.settled(region, days)
                already += len(settled)
                for stored in vector_store.find(region, [day for day in days if day not in closed]):
                    if (stored.day, stored.group_ref) in settled or stored.destroyed:
                        continue
                    consent = register.consent(stored.group_ref)
                    # Someone may have objected since; the next collect makes them anew.
                    stale = members.sequence(stored.group_ref) > stored.members_seq
                    if stale or consent.refusal(stored.day, clock.today(), settings.mode):
                        vector_store.destroy(region, stored.day, clock.now(), stored.group_ref)
                        continue
                    code = settle.group_day(stored)
                    if code is None:
                        scored += 1
                    elif code == "too_small":
                        small += 1
                    else:
                        faults.append(
                            Fault(
                                region,
                                stored.group_ref,
                                "group_scores",
                                code,
                                context.run_id,
                                stored.day,
                            )
                        )
        records.add_faults(faults, clock.now())
        yield dg.MaterializeResult(
            metadata={
                "group_days_scored": scored,
                "group_days_too_small": small,
                "already_settled": already,
                **refusals(records.faults_of_run(context.run_id)),
                "model_version": model.version,
            }
        )
        fail_if_last(context, records, "group_scores")

    return group_scores


@dataclass(frozen=True)
class _Settle:
    settings: HomeConfig
    vector_store: VectorStore
    score_store: ScoreStore
    model: ConstructModel
    clock: Clock

    def group_day(self, stored: StoredVectors) -> str | None:
        """Score and settle one group-day. Returns `too_small`, a code, or None for scored."""
        try:
            content = self.vector_store.content(stored)
            refuse_unless_only_vectors(content)
            vectors = vectors_in(content)
            scores = [] if too_small(vectors.people) else scores_of(self.model, vectors)
        except ScrubError as error:
            return error.code
        except StorageError as error:
            if error.code not in OF_ONE_GROUP_DAY:
                raise
            # What can't be opened, or holds anything else, is made anew by the next collect.
            self._destroy(stored)
            return error.code
        self.score_store.settle(
            stored.region,
            stored.day,
            stored.group_ref,
            scores,
            export_digest=stored.export_digest,
            model_version=self.model.version,
            now=self.clock.now(),
        )
        if not scores or self.settings.vector_keys_until == "scoring":
            self._destroy(stored)
        return None if scores else "too_small"

    def _destroy(self, stored: StoredVectors) -> None:
        day: date = stored.day
        self.vector_store.destroy(stored.region, day, self.clock.now(), stored.group_ref)
