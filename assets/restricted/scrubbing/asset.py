"""The asset `scrubbed_vectors`: the only step that reads text, and it keeps none."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.core.names import (
    CONSENT_REGISTER,
    INBOX,
    NAME_TAGGER,
    ONLY_REVIEWED_WORDS,
    PLATFORM_EXPORT,
    SCRUBBED_VECTORS,
    TEXT_POOL,
)
from assets.core.partition_events import RegionDay, Verdict, evaluations, materialized
from assets.core.run_partitions import days_asked_for
from assets.restricted.collection.checks import HOW_TO_FOLLOW_UP, fail_where_unchecked, refusals
from assets.restricted.collection.run_shard import shard_asked_for
from assets.restricted.collection.standing_faults import StandingFaults
from assets.restricted.consent.requests_of_members import act_on_requests
from assets.restricted.scrubbing.engine import open_engine
from assets.restricted.scrubbing.gate import GATE_CODES
from assets.restricted.scrubbing.group_order import GroupOrder
from assets.restricted.scrubbing.group_step import step_of
from assets.restricted.scrubbing.step_counts import StepCounts
from assets.restricted.scrubbing.stored_figures import stored_figures
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary
from resources.containment.guard import guarded, require_sealed_log
from resources.wiring.context import RestrictedContext

_OF_A_REGION_DAY = ("group_days", "group_days_refused")


def define_scrubbed_vectors(region_days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset over these partitions."""

    @dg.asset(
        name=SCRUBBED_VECTORS,
        partitions_def=region_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=[PLATFORM_EXPORT, NAME_TAGGER, INBOX, CONSENT_REGISTER],
        group_name="restricted",
        kinds={"python", "presidio"},
        owners=["team:data-engineering"],
        output_required=False,
        pool=TEXT_POOL,
        check_specs=[
            dg.AssetCheckSpec(
                ONLY_REVIEWED_WORDS,
                asset=SCRUBBED_VECTORS,
                partitions_def=region_days,
                description=f"Every group-day passed the gate after scrubbing. {HOW_TO_FOLLOW_UP}",
            )
        ],
        description="Messages scrubbed and embedded in memory; encrypted vectors by group-day.",
    )
    @guarded
    def scrubbed_vectors(
        context: dg.AssetExecutionContext,
        restricted: dg.ResourceParam[RestrictedContext],
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        restricted.before_reading.require_to_read()
        shard = shard_asked_for(context, restricted)
        # Where the step runs by itself, who objected since is not read either.
        act_on_requests(
            restricted.request_book,
            restricted.members,
            restricted.register.consents(),
            now=restricted.clock.now(),
            today=restricted.clock.today(),
        )
        vocabulary, vocabulary_digest = load_vocabulary()
        tally = StepCounts(context.run_id)
        step = step_of(restricted, vocabulary_digest)
        already: Counter[RegionDay] = Counter()
        asked = days_asked_for(context)
        with open_engine(step, vocabulary) as collect:
            for region, days in asked.items():
                wanted = [(region, day) for day in days]
                with restricted.region_day_locks.writing(wanted, shard) as turn:
                    closed = restricted.region_day_locks.closed(region, days)
                    open_days = [day for day in days if day not in closed]
                    settled = [
                        one
                        for one in restricted.score_store.settled(region, open_days)
                        if shard.holds(one[1])
                    ]
                    already.update((region, day) for day in closed)
                    already.update((region, day) for day, _ in settled)
                    orders = [
                        GroupOrder(
                            region,
                            group_ref,
                            open_days,
                            [day for day, ref in settled if ref == group_ref],
                            context.run_id,
                            turn.key,
                        )
                        for group_ref in restricted.register.consents(region)
                        if shard.holds(group_ref)
                    ]
                    collect(orders, tally)
                    step.assert_counts(region, open_days, frozenset(settled), tally, shard)
        restricted.records.add_faults(tally.faults, restricted.clock.now())
        figures = stored_figures(restricted.scrub_records, restricted.vector_store, asked)
        standing = StandingFaults(context.instance, restricted.records)
        refused = {
            at: standing.at(at, context.run, tally.faults, SCRUBBED_VECTORS) for at in figures
        }
        yield from materialized(
            context,
            {
                at: {
                    **{label: figures[at][label] for label in _OF_A_REGION_DAY},
                    **refusals(refused[at]),
                    "already_settled": already[at],
                }
                for at in figures
            },
            run={
                **{label: sum(figures[at][label] for at in figures) for label in _OF_A_REGION_DAY},
                **refusals(tally.faults),
                "already_settled": already.total(),
                "vocabulary_sha256": vocabulary_digest,
                "tagger_sha256": step.tagger_digest,
            },
        )
        yield from evaluations(
            context,
            dg.AssetCheckKey(context.asset_key, ONLY_REVIEWED_WORDS),
            {
                at: Verdict(
                    at not in tally.gate_refused
                    and GATE_CODES.isdisjoint(
                        one.code for one in standing.of_others(at, context.run, SCRUBBED_VECTORS)
                    ),
                    {
                        "checked": sum(figures[at][label] for label in _OF_A_REGION_DAY),
                        **refusals(refused[at]),
                    },
                )
                for at in figures
            },
        )
        fail_where_unchecked(context, restricted.records, SCRUBBED_VECTORS)

    return scrubbed_vectors
