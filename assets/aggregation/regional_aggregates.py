"""The asset `regional_aggregates`: region-days close, in day order, once and for ever."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import dagster as dg

from assets.aggregation.regional_mean import (
    GroupSum,
    RegionSum,
    add_up,
    mean_score,
    suppression,
    value_7d,
)
from assets.aggregation.thresholds import METHOD_VERSION, STANDARD_ERROR
from assets.collection.refusals import fail_if_last
from assets.governance.constructs import CONSTRUCTS
from assets.governance.modes import refuse_release_without_noise
from assets.governance.region_day import days_by_region
from resources.clock import Clock
from resources.collection_records import CollectionRecords
from resources.consent_register import ConsentRegister
from resources.guard import guarded, require_sealed_log
from resources.home import HomeConfig
from resources.region_days import RegionDays
from resources.release_store import RegionalValue, ReleaseStore
from resources.score_store import ScoreStore
from resources.vector_store import VectorStore

DAYS_BEFORE = 6
"""Days before D that its seven-day value looks back over."""


def define_regional_aggregates(region_days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset over these partitions."""

    @dg.asset(
        partitions_def=region_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=["group_scores"],
        group_name="release",
        kinds={"python", "postgres"},
        owners=["team:data-engineering"],
        description="Regional means of closed region-days, by thresholds; the last restricted step",
    )
    @guarded
    def regional_aggregates(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[HomeConfig],
        register: dg.ResourceParam[ConsentRegister],
        records: dg.ResourceParam[CollectionRecords],
        region_day_locks: dg.ResourceParam[RegionDays],
        vector_store: dg.ResourceParam[VectorStore],
        score_store: dg.ResourceParam[ScoreStore],
        release_store: dg.ResourceParam[ReleaseStore],
        clock: dg.ResourceParam[Clock],
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        refuse_release_without_noise(settings.mode)
        close = _Close(settings, register, score_store, release_store, clock)
        counts = {
            "published": 0,
            "not_published": 0,
            "still_open": 0,
            "already_settled": 0,
            "keys_destroyed": 0,
        }
        for region, days in days_by_region(context.partition_keys).items():
            with region_day_locks.writing([(region, day) for day in days]):
                closed = region_day_locks.closed(region, days)
                for day in days:
                    if day in closed:
                        outcome = "already_settled"
                    elif not may_close(day, clock.today(), settings.close_after_days):
                        counts["still_open"] += 1
                        continue
                    else:
                        outcome = close.region_day(region, day)
                    counts[outcome] += 1
                    # Also for a day closed before: a crash may have come between the two.
                    counts["keys_destroyed"] += vector_store.destroy(region, day, clock.now())
        yield dg.MaterializeResult(metadata=dict(counts))
        # Where one run collects and releases: the refused group must not keep the others back.
        fail_if_last(context, records, "regional_aggregates")

    return regional_aggregates


def may_close(day: date, today: date, close_after_days: int) -> bool:
    """Whether a region-day may close: `close_after_days` after the day, or later."""
    return today >= day + timedelta(days=close_after_days)


@dataclass(frozen=True)
class _Close:
    settings: HomeConfig
    register: ConsentRegister
    score_store: ScoreStore
    release_store: ReleaseStore
    clock: Clock

    def region_day(self, region: str, day: date) -> str:
        """Close one region-day. Returns `published` or `not_published`."""
        groups = self._consented_sums(region, day)
        reason = suppression(groups[CONSTRUCTS[0]])
        sums = {} if reason else {name: add_up(groups[name]) for name in CONSTRUCTS}
        values = [self._value(region, day, name, sums.get(name)) for name in CONSTRUCTS]
        self.release_store.close(
            region,
            day,
            values,
            sums=sums,
            reason=reason,
            method_version=METHOD_VERSION,
            now=self.clock.now(),
        )
        return "not_published" if reason else "published"

    def _consented_sums(self, region: str, day: date) -> Mapping[str, dict[str, GroupSum]]:
        """Sums by construct and group, of the groups whose consent still stands."""
        by_construct: dict[str, dict[str, GroupSum]] = {name: {} for name in CONSTRUCTS}
        consents = self.register.consents(region)
        today = self.clock.today()
        for group_ref, scores in self.score_store.of_region_day(region, day).items():
            if consents[group_ref].refusal(day, today, self.settings.mode):
                continue
            for score in scores:
                by_construct[score.construct][group_ref] = GroupSum(
                    score.person_days, score.sum_milli
                )
        return by_construct

    def _value(
        self, region: str, day: date, construct: str, total: RegionSum | None
    ) -> RegionalValue:
        if total is None:
            return RegionalValue(construct, None, None, None, "not_published")
        before = self.release_store.published_sums(region, construct, day, DAYS_BEFORE)
        return RegionalValue(
            construct, mean_score([total]), STANDARD_ERROR, value_7d([*before, total]), "published"
        )
