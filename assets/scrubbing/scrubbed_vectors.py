"""The asset `scrubbed_vectors`: the only step that reads text, and it keeps none."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dagster as dg

from assets.collection.admission import SetApart
from assets.collection.group_reading import GroupMessages, GroupReading
from assets.collection.refusals import HOW_TO_FOLLOW_UP, fail_if_last, refusals
from assets.governance.errors import ConsentError, ExportError, ScrubError
from assets.governance.region_day import days_by_region
from assets.scrubbing.collection_plan import days_by_export
from assets.scrubbing.group_day import NOTHING_WRITTEN, GroupVectors, vectors_of_group
from assets.scrubbing.roster import FUNCTION_WORDS
from assets.scrubbing.scrubber import Scrubber
from assets.scrubbing.vocabulary import load_vocabulary
from resources.clock import Clock
from resources.collection_records import CollectionRecords, Fault
from resources.consent_register import ConsentRegister
from resources.guard import guarded, require_sealed_log
from resources.home import HomeConfig
from resources.inbox import Inbox
from resources.members import MemberRegister
from resources.notices import Notice, Notices
from resources.region_days import RegionDays
from resources.score_store import ScoreStore
from resources.sentence_encoder import load_encoder
from resources.vector_store import GroupDayVectors, VectorStore

ONLY_REVIEWED_WORDS = "only_reviewed_words"


@dataclass
class _Tally:
    """What the step tells about itself."""

    run_id: str
    read: int = 0
    stored: int = 0
    dropped: int = 0
    without_words: int = 0
    gate_refused: int = 0
    set_apart: Counter[SetApart] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def refuse(self, region: str, group_ref: str, code: str, day: date | None = None) -> None:
        self.faults.append(Fault(region, group_ref, "scrubbed_vectors", code, self.run_id, day))


def define_scrubbed_vectors(region_days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset over these partitions."""

    @dg.asset(
        partitions_def=region_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=["platform_export"],
        group_name="restricted",
        kinds={"python", "presidio"},
        owners=["team:data-engineering"],
        output_required=False,
        check_specs=[
            dg.AssetCheckSpec(
                ONLY_REVIEWED_WORDS,
                asset="scrubbed_vectors",
                description=f"Every group-day passed the gate after scrubbing. {HOW_TO_FOLLOW_UP}",
            )
        ],
        description="Messages scrubbed and embedded in memory; encrypted vectors by group-day.",
    )
    @guarded
    def scrubbed_vectors(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[HomeConfig],
        register: dg.ResourceParam[ConsentRegister],
        members: dg.ResourceParam[MemberRegister],
        inbox: dg.ResourceParam[Inbox],
        records: dg.ResourceParam[CollectionRecords],
        notices: dg.ResourceParam[Notices],
        region_day_locks: dg.ResourceParam[RegionDays],
        vector_store: dg.ResourceParam[VectorStore],
        score_store: dg.ResourceParam[ScoreStore],
        clock: dg.ResourceParam[Clock],
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        vocabulary, vocabulary_digest = load_vocabulary()
        tally = _Tally(context.run_id)
        step = _Step(
            settings, register, members, inbox, records, vector_store, clock, vocabulary_digest
        )
        already = 0
        for region, days in days_by_region(context.partition_keys).items():
            with region_day_locks.writing([(region, day) for day in days]):
                closed = region_day_locks.closed(region, days)
                open_days = [day for day in days if day not in closed]
                settled = score_store.settled(region, open_days)
                already += len(closed) + len(settled)
                for group_ref in register.consents(region):
                    done = [day for day, ref in settled if ref == group_ref]
                    step.collect_group(region, group_ref, open_days, done, vocabulary, tally)
        records.add_faults(tally.faults, clock.now())
        notices.add(tally.notices, clock.now())
        yield dg.AssetCheckResult(
            check_name=ONLY_REVIEWED_WORDS,
            passed=not tally.gate_refused,
            metadata={"checked": tally.stored + tally.gate_refused, **refusals(tally.faults)},
        )
        yield dg.MaterializeResult(
            metadata={
                "messages_read": tally.read,
                **{why.value: tally.set_apart[why] for why in SetApart},
                "messages_dropped": tally.dropped,
                "messages_without_words": tally.without_words,
                "group_days": tally.stored,
                "group_days_refused": tally.gate_refused,
                **refusals(tally.faults),
                "already_settled": already,
                "vocabulary_sha256": vocabulary_digest,
            }
        )
        fail_if_last(context, records, "scrubbed_vectors")

    return scrubbed_vectors


@dataclass(frozen=True)
class _Step:
    settings: HomeConfig
    register: ConsentRegister
    members: MemberRegister
    inbox: Inbox
    records: CollectionRecords
    vector_store: VectorStore
    clock: Clock
    vocabulary_digest: str

    def collect_group(
        self,
        region: str,
        group_ref: str,
        open_days: list[date],
        settled: list[date],
        vocabulary: frozenset[str],
        tally: _Tally,
    ) -> None:
        """Read, scrub and store what is new of one group, if its consent stands at this moment."""
        consent = self.register.consent(group_ref)
        today = self.clock.today()
        days = [day for day in open_days if consent.refusal(day, today, self.settings.mode) is None]
        if not days:
            return
        reading = GroupReading(
            self.inbox,
            self.records,
            self.members,
            consent,
            cooling_off=self.settings.cooling_off,
            now=self.clock.now(),
        )
        survey = reading.survey()
        stop = reading.stopped_from(survey)
        if stop is not None and days[-1] >= stop:
            tally.refuse(region, group_ref, "CHAT_PRIVACY_ON")
            days = [day for day in days if day < stop]
        heeded = self.members.sequence(group_ref)
        stored = {
            one.day: one.export_digest
            for one in self.vector_store.find(region, days)
            if one.group_ref == group_ref and not one.destroyed and one.members_seq == heeded
        }
        plan = days_by_export(survey.candidates, days, settled=settled, stored=stored)
        for digest, wanted in plan.items():
            try:
                own = reading.messages(survey, digest, frozenset(wanted), spared=FUNCTION_WORDS)
                made = self._vectors(own, vocabulary, tally)
            except (ConsentError, ExportError, ScrubError) as error:
                tally.refuse(region, group_ref, error.code)
                continue
            tally.notices += [
                Notice(region, group_ref, day, code, tally.run_id)
                for day, codes in own.drift.items()
                for code in codes
            ]
            self._store(region, group_ref, digest, wanted, made, own.members_seq, tally)

    def _vectors(
        self, own: GroupMessages, vocabulary: frozenset[str], tally: _Tally
    ) -> GroupVectors:
        self.records.count_messages(len(own.messages))
        tally.read += len(own.messages)
        tally.set_apart += own.set_apart
        return vectors_of_group(
            own.messages,
            own.roster,
            scrubber=Scrubber.load(),
            vocabulary=vocabulary,
            encoder=load_encoder(),
        )

    def _store(
        self,
        region: str,
        group_ref: str,
        digest: str,
        wanted: list[date],
        made: GroupVectors,
        members_seq: int,
        tally: _Tally,
    ) -> None:
        tally.dropped += made.dropped
        tally.without_words += made.without_words
        for day, code in made.refused.items():
            tally.gate_refused += 1
            tally.refuse(region, group_ref, code, day)
        for day in wanted:
            if day in made.refused:
                continue
            # A day on which nobody wrote is stored too, so that it settles and is not read again.
            vectors = made.days.get(day, NOTHING_WRITTEN)
            self.vector_store.put(
                region,
                day,
                group_ref,
                GroupDayVectors(vectors.embeddings, vectors.people),
                export_digest=digest,
                vocabulary_digest=self.vocabulary_digest,
                members_seq=members_seq,
                now=self.clock.now(),
            )
            tally.stored += 1
