"""The check of the values that were released: Great Expectations over counts by region-day."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from assets.core.constructs import CONSTRUCTS
from assets.core.expectations import judge
from assets.core.modes import may_publish
from assets.core.names import REGIONAL_AGGREGATES, VALUES_AS_AGREED
from assets.core.partition_events import (
    RegionDay,
    each_region_day,
    evaluations,
    verdict_of_region_day,
)
from assets.core.run_partitions import days_asked_for
from assets.released.noise_scales import NoisyTotals
from assets.released.standard_errors import public_errors
from assets.released.thresholds import MIN_PEOPLE
from assets.restricted.release.regional_value import mean_score
from resources.containment.guard import guarded, require_sealed_log
from resources.stores.release.release_ledger import DrawKey
from resources.stores.release.release_store import ReleasedValue
from resources.wiring.context import RestrictedContext

_STATUSES = frozenset({"published", "not_published"})


_POOLED = ("value_7d", "value_28d")


@dataclass(frozen=True)
class ValueFacts:
    """How often a closed region-day's values are not as agreed; all 0 where they are.

    Attributes:
        rows_missing: constructs without a row.
        rows_too_many: rows of another construct, or a second one of the same method and revision.
        statuses_unknown: rows of another status.
        statuses_that_differ: revisions in which constructs differ: they close together.
        values_off_scale: values outside [0, 1] or not finite.
        values_not_as_drawn: estimates that do not follow from the stored draw.
        errors_not_public: standard errors that are not the public constant of the draw's band, and
            values without one.
        values_missing: published rows without any value.
        values_not_to_be_told: rows that are not published, and hold a value.
        published_wrongly: published rows of a mode that never publishes, and estimates without a
            stored draw or of too small a noisy count.
        evidence_missing: revisions without evidence of how they came about: no release wrote them.
    """

    rows_missing: int
    rows_too_many: int
    statuses_unknown: int
    statuses_that_differ: int
    values_off_scale: int
    values_not_as_drawn: int
    errors_not_public: int
    values_missing: int
    values_not_to_be_told: int
    published_wrongly: int
    evidence_missing: int


def facts_of(
    values: Sequence[ReleasedValue],
    draws: Mapping[DrawKey, NoisyTotals],
    evidenced: Collection[DrawKey],
    *,
    publishes: bool,
) -> ValueFacts:
    """Count what can be wrong with the rows of one closed region-day.

    Args:
        values: its rows, at least one.
        draws: what was drawn for it, by method and revision.
        evidenced: what has evidence.
        publishes: whether the home's mode may publish at all.
    """
    keys = [(one.construct, one.method_version, one.revision) for one in values]
    together: dict[DrawKey, set[str]] = {}
    for one in values:
        together.setdefault(one.key, set()).add(one.status)
    constructs = {one.construct for one in values}
    published = [one for one in values if one.status == "published"]
    others = [one for one in values if one.status != "published"]
    estimated = [(one, draws.get(one.key)) for one in published if one.estimate is not None]
    return ValueFacts(
        rows_missing=len(set(CONSTRUCTS) - constructs),
        rows_too_many=len(keys) - len(set(keys)) + len(constructs - set(CONSTRUCTS)),
        statuses_unknown=sum(one.status not in _STATUSES for one in values),
        statuses_that_differ=sum(len(of_one) > 1 for of_one in together.values()),
        values_off_scale=sum(not 0 <= number <= 1 for one in values for number in _numbers(one)),
        values_not_as_drawn=sum(
            not _close(one.estimate, mean_score([drawn], one.construct))
            for one, drawn in estimated
            if drawn is not None and one.construct in constructs & set(CONSTRUCTS)
        ),
        errors_not_public=sum(
            not _close(one.standard_error, public_errors([drawn]).standard_error)
            for one, drawn in estimated
            if drawn is not None
        )
        + sum(
            (getattr(one, name) is None) != (getattr(one, f"standard_error_{name[6:]}") is None)
            for one in values
            for name in _POOLED
        ),
        values_missing=sum(not _numbers(one) for one in published),
        values_not_to_be_told=sum(bool(_numbers(one)) for one in others),
        published_wrongly=len(published) * (not publishes)
        + sum(drawn is None or drawn.person_days < MIN_PEOPLE for _, drawn in estimated),
        evidence_missing=len(together.keys() - set(evidenced)),
    )


def _numbers(one: ReleasedValue) -> list[float]:
    return [n for n in (one.estimate, one.value_7d, one.value_28d) if n is not None]


def _close(one: float | None, other: float) -> bool:
    return one is not None and math.isclose(one, other, abs_tol=1e-12)


def value_suite() -> Callable[[Sequence[object]], list[frozenset[str]]]:
    """From the `ValueFacts` of some region-days to the names of those that are not 0."""
    return judge(dict.fromkeys(ValueFacts.__dataclass_fields__, (0, 0)))


def define_values_as_agreed(region_days: dg.PartitionsDefinition) -> dg.AssetChecksDefinition:
    """The check over these partitions; where it fails, nothing further of the run is done."""

    @dg.asset_check(  # pyright: ignore[reportArgumentType]  (it takes generators)
        asset=REGIONAL_AGGREGATES,
        name=VALUES_AS_AGREED,
        partitions_def=region_days,
        blocking=True,
        description=(
            "Each closed region-day has one row for each construct, on the scale, and publishes"
            " nothing that it may not. If it fails, its metadata count what is not as agreed."
        ),
    )
    @guarded
    def values_as_agreed(
        context: dg.AssetCheckExecutionContext,
        restricted: dg.ResourceParam[RestrictedContext],
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        publishes = may_publish(restricted.settings.mode)
        rows: list[ValueFacts] = []
        closed: list[RegionDay] = []
        asked = days_asked_for(context)
        for region, days in asked.items():
            with restricted.region_day_locks.writing([(region, day) for day in days]):
                values = restricted.release_store.values(region, days)
                draws = restricted.release_store.drawn(region, days)
                evidenced = restricted.evidence_records.keys(region, days)
            for day in days:
                own = [one for one in values if one.day == day]
                if own:
                    rows.append(facts_of(own, draws, evidenced, publishes=publishes))
                    closed.append((region, day))
        failed = dict(zip(closed, value_suite()(rows), strict=True))
        yield from evaluations(
            context,
            dg.AssetCheckKey(dg.AssetKey(REGIONAL_AGGREGATES), VALUES_AS_AGREED),
            {at: verdict_of_region_day(failed.get(at)) for at in each_region_day(asked)},
        )

    return values_as_agreed
