"""Open region-days scored again from their stored vectors, while keys live."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from assets.core.errors import PartitionError, ScrubError, StorageError
from assets.restricted.scoring.score_vectors import (
    OF_ONE_GROUP_DAY,
    Model,
    refuse_of_other_encoder,
    scores_of,
)
from assets.restricted.scrubbing.stored_vectors import refuse_unless_only_vectors
from resources.base.clock import Clock
from resources.base.home import HomeConfig
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.inbox.collection_records import CollectionRecords, Fault
from resources.stores.members.member_register import MemberRegister
from resources.stores.region_days import RegionDays
from resources.stores.scores.score_revisions import ScoreRevisions
from resources.stores.scores.score_store import GroupScore
from resources.stores.vectors.group_day_vectors import vectors_in
from resources.stores.vectors.vector_store import StoredVectors, VectorStore

STAGE = "rescore"


@dataclass(frozen=True)
class Rescored:
    """What came of one region-day.

    Attributes:
        replaced: group-days that have new scores.
        by_this_model: group-days whose scores were by this model already.
        left_out: group-days whose consent does not stand, or in whose group someone has objected
            since; their vectors are destroyed, their scores stay.
        refused: codes by group reference; their scores stay.
    """

    replaced: int
    by_this_model: int
    left_out: int
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rescoring:
    """Scores region-days again by one model."""

    model: Model
    settings: HomeConfig
    register: ConsentRegister
    members: MemberRegister
    records: CollectionRecords
    region_day_locks: RegionDays
    vector_store: VectorStore
    score_revisions: ScoreRevisions
    clock: Clock

    def region_day(self, region: str, day: date) -> Rescored:
        """Replace the scores of one open region-day.

        Raises:
            PartitionError: `REGION_DAY_CLOSED`.
            StorageError: `VECTORS_DESTROYED` if it has scores, and vectors of none of its groups
                can be opened any more; what the stores raise. Nothing is replaced then.
        """
        with self.region_day_locks.writing([(region, day)]):
            if self.region_day_locks.closed(region, [day]):
                raise PartitionError("REGION_DAY_CLOSED")
            standing = self.score_revisions.models(region, day)
            vectors = {one.group_ref: one for one in self.vector_store.find(region, [day])}
            new: dict[str, list[GroupScore]] = {}
            refused: dict[str, str] = {}
            left_out = by_this_model = 0
            for group_ref, version in standing.items():
                stored = vectors.get(group_ref)
                if not self._may_read(group_ref, day, stored):
                    self.vector_store.destroy(region, day, self.clock.now(), group_ref)
                    left_out += 1
                elif version == self.model.version:
                    by_this_model += 1
                else:
                    scores = self._scores(stored)
                    if isinstance(scores, str) and not self._may_read(group_ref, day, stored):
                        left_out += 1
                    elif isinstance(scores, str):
                        refused[group_ref] = scores
                    else:
                        new[group_ref] = scores
            nothing_else = not new and not by_this_model
            if nothing_else and set(refused.values()) == {"VECTORS_DESTROYED"}:
                raise StorageError("VECTORS_DESTROYED")
            replaced = self.score_revisions.replace(
                region,
                day,
                new,
                model_version=self.model.version,
                now=self.clock.now(),
                heeded={ref: vectors[ref].members_seq for ref in new},
            )
            self._tell(region, day, refused)
        return Rescored(replaced, by_this_model, left_out, refused)

    def _may_read(self, group_ref: str, day: date, stored: StoredVectors | None) -> bool:
        """Whether consent stands at this moment, and nobody has objected since."""
        consent = self.register.consent(group_ref)
        if consent.refusal(day, self.clock.today(), self.settings.mode):
            return False
        return stored is None or self.members.sequence(group_ref) <= stored.members_seq

    def _scores(self, stored: StoredVectors | None) -> list[GroupScore] | str:
        """New scores of one group-day, or the code of why there are none."""
        if stored is None:
            return "VECTORS_DESTROYED"
        try:
            content = self.vector_store.content(stored)
            refuse_of_other_encoder(stored)
            refuse_unless_only_vectors(content)
            return scores_of(self.model, vectors_in(content))
        except ScrubError as error:
            return error.code
        except StorageError as error:
            if error.code not in OF_ONE_GROUP_DAY:
                raise
            return error.code

    def _tell(self, region: str, day: date, refused: Mapping[str, str]) -> None:
        faults: Sequence[Fault] = [
            Fault(region, group_ref, STAGE, code, STAGE, day) for group_ref, code in refused.items()
        ]
        self.records.add_faults(faults, self.clock.now())
