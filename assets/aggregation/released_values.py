"""The check of the values that were released: Great Expectations over counts by region-day."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import dagster as dg

from assets.aggregation.thresholds import METHOD_VERSION, MIN_PERSON_DAYS, STANDARD_ERROR
from assets.collection.refusals import HOW_TO_FOLLOW_UP
from assets.governance.constructs import CONSTRUCTS
from assets.governance.expectations import rows_out_of_range, times_failed
from assets.governance.modes import may_publish
from assets.governance.region_day import days_by_region
from resources.guard import guarded, require_sealed_log
from resources.home import HomeConfig
from resources.region_days import RegionDays
from resources.release_store import ReleasedValue, ReleaseStore

VALUES_AS_AGREED = "values_as_agreed"
_STATUSES = frozenset({"published", "not_published", "retracted"})


@dataclass(frozen=True)
class ValueFacts:
    """How often a closed region-day's values are not as agreed; all 0 where they are.

    Attributes:
        rows_missing: constructs without a row.
        rows_too_many: rows of another construct, or a second one of the same method and revision.
        statuses_unknown: rows of another status.
        statuses_that_differ: revisions in which constructs differ: they close together.
        values_off_scale: estimates and seven-day values outside [0, 1] or not finite.
        errors_not_public: standard errors that are not the public constant of the method.
        values_missing: published rows without an estimate or a standard error.
        values_not_to_be_told: rows that are not published, and hold a value.
        published_wrongly: published rows of a mode that never publishes, or of too few people.
    """

    rows_missing: int
    rows_too_many: int
    statuses_unknown: int
    statuses_that_differ: int
    values_off_scale: int
    errors_not_public: int
    values_missing: int
    values_not_to_be_told: int
    published_wrongly: int


def facts_of(
    values: Sequence[ReleasedValue], people: Mapping[str, int], *, publishes: bool
) -> ValueFacts:
    """Count what can be wrong with the rows of one closed region-day.

    Args:
        values: its rows, at least one.
        people: person-days by construct behind what was published.
        publishes: whether the home's mode may publish at all.
    """
    keys = [(one.construct, one.method_version, one.revision) for one in values]
    together: dict[tuple[str, int], set[str]] = {}
    for one in values:
        together.setdefault((one.method_version, one.revision), set()).add(one.status)
    constructs = {one.construct for one in values}
    published = [one for one in values if one.status == "published"]
    others = [one for one in values if one.status != "published"]
    on_scale = [n for one in values for n in (one.estimate, one.value_7d) if n is not None]
    return ValueFacts(
        rows_missing=len(set(CONSTRUCTS) - constructs),
        rows_too_many=len(keys) - len(set(keys)) + len(constructs - set(CONSTRUCTS)),
        statuses_unknown=sum(one.status not in _STATUSES for one in values),
        statuses_that_differ=sum(len(of_one) > 1 for of_one in together.values()),
        values_off_scale=sum(not 0 <= number <= 1 for number in on_scale),
        errors_not_public=sum(
            not math.isclose(one.standard_error, STANDARD_ERROR)
            for one in values
            if one.standard_error is not None and one.method_version == METHOD_VERSION
        ),
        values_missing=sum(one.estimate is None or one.standard_error is None for one in published),
        values_not_to_be_told=sum(
            (one.estimate, one.standard_error, one.value_7d) != (None, None, None) for one in others
        ),
        published_wrongly=sum(
            not publishes or people.get(one.construct, 0) < MIN_PERSON_DAYS for one in published
        ),
    )


@cache
def value_suite() -> Callable[[Sequence[object]], list[frozenset[str]]]:
    """From the `ValueFacts` of some region-days to the names of those that are not 0."""
    return rows_out_of_range(
        "regional_aggregates", dict.fromkeys(ValueFacts.__dataclass_fields__, (0, 0))
    )


def define_values_as_agreed(region_days: dg.PartitionsDefinition) -> dg.AssetChecksDefinition:
    """The check over these partitions; where it fails, nothing further of the run is done."""

    @dg.asset_check(
        asset="regional_aggregates",
        name=VALUES_AS_AGREED,
        partitions_def=region_days,
        blocking=True,
        description=(
            "Each closed region-day has one row for each construct, on the scale, and publishes"
            f" nothing that it may not. {HOW_TO_FOLLOW_UP}"
        ),
    )
    @guarded
    def values_as_agreed(
        context: dg.AssetCheckExecutionContext,
        settings: dg.ResourceParam[HomeConfig],
        region_day_locks: dg.ResourceParam[RegionDays],
        release_store: dg.ResourceParam[ReleaseStore],
    ) -> dg.AssetCheckResult:
        require_sealed_log(context.instance)
        publishes = may_publish(settings.mode)
        rows: list[ValueFacts] = []
        for region, days in days_by_region(context.partition_keys).items():
            with region_day_locks.writing([(region, day) for day in days]):
                values = release_store.values(region, days)
                people = release_store.people(region, days)
            for day in days:
                own = [one for one in values if one.day == day]
                if own:
                    behind = {name: people.get((day, name), 0) for name in CONSTRUCTS}
                    rows.append(facts_of(own, behind, publishes=publishes))
        failed = value_suite()(rows)
        return dg.AssetCheckResult(
            passed=not any(failed),
            metadata={
                "checked": len(rows),
                "refused": sum(map(bool, failed)),
                **times_failed(failed),
            },
        )

    return values_as_agreed
