"""What the scores of a group-day may be: judged before they are stored, and read again after.

The check reads what was stored, and asserts with Great Expectations over counts of each group-day.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import ScrubError
from assets.core.expectations import judge, out_of_range, times_failed
from assets.core.names import GROUP_SCORES, SCORES_IN_RANGE
from assets.core.partition_events import Verdict, each_region_day, evaluations
from assets.core.run_partitions import days_asked_for
from assets.core.shards import shard_of
from assets.released.method import SUM_SENSITIVITY_MILLI
from assets.restricted.collection.checks import HOW_TO_FOLLOW_UP, refusals
from assets.restricted.collection.standing_faults import faults_at
from assets.restricted.scrubbing.group_day_size import MIN_MESSAGES, MIN_PEOPLE
from resources.containment.guard import guarded, require_sealed_log
from resources.stores.inbox.collection_records import Fault
from resources.stores.scores.score_store import GroupScore
from resources.wiring.context import RestrictedContext

_CODE = "SCORES_NOT_AS_AGREED"
_MANY = 10**6
_LIMITS = {
    "rows_missing": (0, 0),
    "rows_too_many": (0, 0),
    "not_integers": (0, 0),
    "person_days": (MIN_PEOPLE, _MANY),
    "messages": (MIN_MESSAGES, _MANY),
    "people_without_message": (0, 0),
    "sums_off_scale": (0, 0),
    "figures_that_differ": (0, 0),
    "model_versions": (1, 1),
}


@dataclass(frozen=True)
class ScoreFacts:
    """Counts of one group-day's stored scores.

    Attributes:
        rows_missing: constructs without a row.
        rows_too_many: rows of another construct, or a second one of the same.
        not_integers: numbers that are none.
        person_days: the fewest of any row.
        messages: the fewest of any row.
        people_without_message: rows with more people than messages.
        sums_off_scale: rows whose sum can't come from that many people.
        figures_that_differ: 1 where people or messages differ between constructs.
        model_versions: models that scored it.
    """

    rows_missing: int
    rows_too_many: int
    not_integers: int
    person_days: int
    messages: int
    people_without_message: int
    sums_off_scale: int
    figures_that_differ: int
    model_versions: int


def facts_of(scores: Sequence[GroupScore], model_versions: Collection[str]) -> ScoreFacts:
    """Count what can be wrong with the rows of one group-day, at least one."""
    constructs = [one.construct for one in scores]
    numbers = [
        number for one in scores for number in (one.person_days, one.sum_milli, one.messages)
    ]
    if not_integers := sum(type(number) is not int for number in numbers):
        return ScoreFacts(0, 0, not_integers, MIN_PEOPLE, MIN_MESSAGES, 0, 0, 0, 1)
    return ScoreFacts(
        rows_missing=len(set(CONSTRUCTS) - set(constructs)),
        rows_too_many=len(constructs) - len(set(CONSTRUCTS) & set(constructs)),
        not_integers=0,
        person_days=min(one.person_days for one in scores),
        messages=min(one.messages for one in scores),
        people_without_message=sum(one.person_days > one.messages for one in scores),
        sums_off_scale=sum(
            abs(one.sum_milli) > SUM_SENSITIVITY_MILLI * one.person_days for one in scores
        ),
        figures_that_differ=int(len({(one.person_days, one.messages) for one in scores}) > 1),
        model_versions=len(model_versions),
    )


def refuse_unless_in_range(scores: Sequence[GroupScore], model_version: str) -> None:
    """Let only what is as agreed be stored.

    Raises:
        ScrubError: `SCORES_NOT_AS_AGREED`.
    """
    if any(out_of_range([facts_of(scores, {model_version})], _LIMITS)):
        raise ScrubError("SCORES_NOT_AS_AGREED")


def score_suite() -> Callable[[Sequence[object]], list[frozenset[str]]]:
    """From the `ScoreFacts` of some group-days to the names of those out of range."""
    return judge(_LIMITS)


def define_scores_in_range(region_days: dg.PartitionsDefinition) -> dg.AssetChecksDefinition:
    """The check over these partitions; where it fails, nothing further of the run is done."""

    @dg.asset_check(  # pyright: ignore[reportArgumentType]  (it takes generators)
        asset=GROUP_SCORES,
        name=SCORES_IN_RANGE,
        partitions_def=region_days,
        blocking=True,
        description=(
            "The stored scores are one row for each construct, by one model, of enough people, and"
            f" on the scale. {HOW_TO_FOLLOW_UP}"
        ),
    )
    @guarded
    def scores_in_range(
        context: dg.AssetCheckExecutionContext,
        restricted: dg.ResourceParam[RestrictedContext],
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        shard = shard_of(context.run.tags)
        rows: list[ScoreFacts] = []
        at: list[tuple[str, str, date]] = []
        # Those too small are among them: how many are would tell of an objection.
        settled: dict[tuple[str, date], int] = {}
        asked = days_asked_for(context)
        for region, days in asked.items():
            wanted = [(region, day) for day in days]
            # Of all shards, for scores are never changed and soon read.
            with restricted.region_day_locks.writing(wanted, shard):
                for day in days:
                    settled[region, day] = len(restricted.score_store.settled(region, [day]))
                    versions = restricted.score_store.model_versions(region, day)
                    for group_ref, scores in restricted.score_store.of_region_day(
                        region, day
                    ).items():
                        rows.append(facts_of(scores, versions[group_ref]))
                        at.append((region, group_ref, day))
        failed = score_suite()(rows)
        faults = [
            Fault(region, group_ref, GROUP_SCORES, _CODE, context.run.run_id, day)
            for (region, group_ref, day), names in zip(at, failed, strict=True)
            if names
        ]
        restricted.records.add_faults(faults, restricted.clock.now())
        verdicts = {}
        for each in each_region_day(asked):
            own = [
                names
                for (region, _, day), names in zip(at, failed, strict=True)
                if (region, day) == each
            ]
            verdicts[each] = Verdict(
                not any(own),
                {
                    "checked": settled[each],
                    **refusals(faults_at(faults, each)),
                    **times_failed(own),
                },
            )
        yield from evaluations(
            context, dg.AssetCheckKey(dg.AssetKey(GROUP_SCORES), SCORES_IN_RANGE), verdicts
        )

    return scores_in_range
