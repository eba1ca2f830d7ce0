"""One group of the step `scrubbed_vectors`: read, scrubbed, embedded, encrypted and stored.

What a group tells of itself is stored with its vectors or before them, so that whoever is killed in
between, and whoever does the group again, leaves nothing out and nothing double.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

from assets.core.errors import ConsentError, ExportError, ScrubError, StepFailed
from assets.core.shards import WHOLE, Shard
from assets.restricted.collection.group_reading import GroupMessages, GroupReading
from assets.restricted.collection.one_group import GROUP_BROKEN, READER_BROKEN, of_one_group
from assets.restricted.scrubbing.collection_plan import days_by_export
from assets.restricted.scrubbing.gate import broken_promises
from assets.restricted.scrubbing.group_day import NOTHING_WRITTEN, GroupVectors, vectors_of_group
from assets.restricted.scrubbing.group_day_size import too_small
from assets.restricted.scrubbing.name_tagger.serving import tagger_digest
from assets.restricted.scrubbing.roster import FUNCTION_WORDS
from assets.restricted.scrubbing.scrubber import Scrubber
from assets.restricted.scrubbing.step_counts import StepCounts
from resources.models.narrow_encoder import encoder_digest, load_narrow_encoder
from resources.stores.inbox.day_notices import DayNotice
from resources.stores.inbox.inbox import SealedExport
from resources.stores.vectors.group_day_vectors import GroupDayVectors
from resources.stores.vectors.scrub_records import GateVerdict
from resources.wiring.context import RestrictedContext


@dataclass(frozen=True)
class GroupStep:
    """Collects groups of a home; made once for a run.

    Attributes:
        restricted: the home's stores.
        vocabulary_digest: of the words that may survive.
        tagger_digest: of the model that finds names.
        encoder_digest: of the model that makes vectors.
    """

    restricted: RestrictedContext
    vocabulary_digest: str
    tagger_digest: str
    encoder_digest: str

    def collect_group(
        self,
        region: str,
        group_ref: str,
        open_days: list[date],
        settled: list[date],
        vocabulary: frozenset[str],
        tally: StepCounts,
    ) -> None:
        """Read, scrub and store what is new of one group, if its consent stands at this moment."""
        consent = self.restricted.register.consent(group_ref)
        today = self.restricted.clock.today()
        days = [
            day
            for day in open_days
            if consent.refusal(day, today, self.restricted.settings.mode) is None
        ]
        if not days:
            return
        if not self.restricted.register.rules.permits(consent.platform_read):
            tally.refuse(region, group_ref, "PLATFORM_NOT_PERMITTED")
            return
        reading = GroupReading(
            self.restricted.inbox,
            self.restricted.records,
            self.restricted.members,
            consent,
            cooling_off=self.restricted.settings.cooling_off,
            now=self.restricted.clock.now(),
        )
        try:
            with of_one_group(GROUP_BROKEN):
                group_exports = reading.group_exports()
        except ConsentError:
            # It has left while it was read.
            return
        except StepFailed as error:
            self._refuse_unforeseen(region, group_ref, error, tally)
            return
        if group_exports.may_hide:
            # An older file would serve without what the broken one says: who objects, and when
            # members turned on chat privacy.
            self.restricted.scrub_records.add_unforeseen(
                group_ref, tally.run_id, group_exports.origins, self.restricted.clock.now()
            )
            tally.refuse(region, group_ref, READER_BROKEN)
            return
        stop = reading.stopped_from(group_exports)
        if stop is not None and days[-1] >= stop:
            tally.refuse(region, group_ref, "CHAT_PRIVACY_ON")
            days = [day for day in days if day < stop]
        heeded = self.restricted.members.sequence(group_ref)
        found = [
            one
            for one in self.restricted.vector_store.find(region, days)
            if one.group_ref == group_ref
        ]
        stored = {
            one.day: one.export_digest
            for one in found
            if not one.destroyed
            and one.members_seq == heeded
            and one.encoder_digest == self.encoder_digest
        }
        plan = days_by_export(group_exports.candidates, days, settled=settled, stored=stored)
        for digest, wanted in plan.items():
            try:
                with of_one_group(READER_BROKEN):
                    own = reading.messages(
                        group_exports, digest, frozenset(wanted), spared=FUNCTION_WORDS
                    )
                with of_one_group(GROUP_BROKEN):
                    made = self._vectors(own, vocabulary)
            except StepFailed as error:
                self._refuse_unforeseen(region, group_ref, error, tally, wanted)
                continue
            except (ConsentError, ExportError, ScrubError) as error:
                if not self._has_left(group_ref, group_exports.parts_of(digest), error.code):
                    tally.refuse(region, group_ref, error.code)
                continue
            if not self.restricted.register.consent(group_ref).active:
                return
            # Before anything is stored: what is stored is not read again.
            self.restricted.notices.add(
                [
                    DayNotice(region, group_ref, day, code, tally.run_id)
                    for day, codes in own.drift.items()
                    for code in codes
                ],
                self.restricted.clock.now(),
            )
            self._record(region, group_ref, made, tally)
            # Of a day that is read anew, since somebody objected, nothing is counted twice.
            counted = {one.day for one in found}
            self._store(region, group_ref, digest, wanted, made, own.members_seq, counted, tally)

    def assert_counts(
        self,
        region: str,
        open_days: list[date],
        settled: Collection[tuple[date, str]],
        tally: StepCounts,
        shard: Shard = WHOLE,
    ) -> None:
        """Let the suite assert over all that may yet be scored, also of a run that was killed.

        It comes before the step is materialised and while no other may read what it stored. A
        group-day that it finds fault with is refused as if the gate had, and its vectors go. Of
        the groups of a run's shard alone, for others may be writing the rest.
        """
        passed = [
            one
            for one in self.restricted.scrub_records.newest_verdicts(region, open_days)
            if one.passed and shard.holds(one.group_ref) and (one.day, one.group_ref) not in settled
        ]
        now = self.restricted.clock.now()
        for one, code in zip(passed, broken_promises(passed), strict=True):
            if code is None:
                continue
            self.restricted.vector_store.destroy(region, one.day, now, one.group_ref)
            self.restricted.scrub_records.overturn(one, code)
            tally.gate_refused[region, one.day] += 1
            tally.refuse(region, one.group_ref, code, one.day)

    def _refuse_unforeseen(
        self,
        region: str,
        group_ref: str,
        error: StepFailed,
        tally: StepCounts,
        days: Iterable[date | None] = (None,),
    ) -> None:
        self.restricted.scrub_records.add_unforeseen(
            group_ref, tally.run_id, [error.origin], self.restricted.clock.now()
        )
        for day in days:
            tally.refuse(region, group_ref, error.code, day)

    def _has_left(self, group_ref: str, parts: Iterable[SealedExport], code: str) -> bool:
        """Whether files can't be read because their group left, or had them deleted, meanwhile."""
        if code == "EXPORT_GONE":
            now = self.restricted.clock.now()
            return not all(self.restricted.inbox.may_read(one, now) for one in parts)
        return not self.restricted.register.consent(group_ref).active

    def _vectors(self, own: GroupMessages, vocabulary: frozenset[str]) -> GroupVectors:
        self.restricted.records.count_messages(len(own.messages))
        return vectors_of_group(
            own.messages,
            own.roster,
            scrubber=Scrubber.load(),
            vocabulary=vocabulary,
            encoder=load_narrow_encoder(),
        )

    def _record(self, region: str, group_ref: str, made: GroupVectors, tally: StepCounts) -> None:
        """Record the verdicts before anything is stored, so that nothing is without one."""
        by_layer = {day: Counter[str]() for day in made.refused}
        for day, own in by_layer.items():
            for (layer, _), words in made.removed[day].items():
                own[layer] += words
        self.restricted.scrub_records.add_verdicts(
            [
                GateVerdict(
                    region=region,
                    day=day,
                    group_ref=group_ref,
                    run_id=tally.run_id,
                    **vars(verdict),
                    vocabulary_digest=self.vocabulary_digest,
                    tagger_digest=self.tagger_digest,
                )
                for day, verdict in made.verdicts.items()
            ],
            removed=by_layer,
            causes=made.causes,
            now=self.restricted.clock.now(),
        )

    def _store(
        self,
        region: str,
        group_ref: str,
        digest: str,
        wanted: list[date],
        made: GroupVectors,
        members_seq: int,
        counted: Collection[date],
        tally: StepCounts,
    ) -> None:
        for day, code in made.refused.items():
            tally.gate_refused[region, day] += 1
            tally.refuse(region, group_ref, code, day)
        for day in wanted:
            if day in made.refused:
                continue
            # A day on which nobody wrote is stored too, so that it settles and is not read again.
            vectors = made.days.get(day, NOTHING_WRITTEN)
            if too_small(vectors.people):
                # Nothing will be scored, so nothing need be kept.
                vectors = NOTHING_WRITTEN
            now = self.restricted.clock.now()
            counts = {} if day in counted else {(region, day): made.counts(day)}
            # Not where the group has left, or someone objected, while it was read.
            self.restricted.vector_store.put(
                region,
                day,
                group_ref,
                GroupDayVectors(vectors.embeddings, vectors.people),
                export_digest=digest,
                vocabulary_digest=self.vocabulary_digest,
                encoder_digest=self.encoder_digest,
                members_seq=members_seq,
                now=now,
                run_id=tally.run_id,
                with_it=partial(
                    self.restricted.scrub_records.add_counts_on, counts=counts, now=now
                ),
            )


def step_of(restricted: RestrictedContext, vocabulary_digest: str) -> GroupStep:
    """The step of a home with the models that serve.

    Args:
        restricted: the home's stores.
        vocabulary_digest: of the words that may survive.
    """
    return GroupStep(restricted, vocabulary_digest, tagger_digest(), encoder_digest())
