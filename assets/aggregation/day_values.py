"""The values of a region-day: its own, and those pooled over earlier days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from assets.aggregation.admission import Membership
from assets.aggregation.noise_scales import NoisyTotals
from assets.aggregation.regional_value import mean_score, pooled_score
from assets.aggregation.standard_errors import PublicErrors, public_errors
from assets.aggregation.thresholds import MIN_DAYS_FOR_VALUE_7D, MIN_DAYS_FOR_VALUE_28D
from assets.governance.constructs import CONSTRUCTS
from resources.release_ledger import DrawKey
from resources.release_store import RegionalValue, ReleaseStore, StoredDraw

POOLED_ONLY = "POOLED_ONLY"
"""Restricted reason of a day whose draw shows only in its week's pooled value."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Made:
    """Values of a region-day, and the earlier draws that each pooled one holds."""

    values: Sequence[RegionalValue] = ()
    pooled: Mapping[str, Sequence[DrawKey]] = field(default_factory=dict)


def values_of(
    release_store: ReleaseStore,
    key: DrawKey,
    drawn: NoisyTotals | None,
    reason: str | None,
    counted: Membership,
) -> Made:
    """A region-day's values.

    Args:
        release_store: of the earlier draws that are pooled.
        key: of the draw.
        drawn: the noisy totals, if noise was drawn.
        reason: restricted code of why the day's own values are not published, else None.
        counted: who counts on the day.
    """
    if reason is None and drawn is not None:
        return _own_and_pooled(release_store, key, drawn)
    if counted.shows_pooled_value and counted.changed_on is not None:
        return _pooled_week(release_store, key, drawn if reason == POOLED_ONLY else None, counted)
    return Made(nothing())


def _own_and_pooled(release_store: ReleaseStore, key: DrawKey, drawn: NoisyTotals) -> Made:
    six, others = (
        _published_before(release_store, key, 6),
        _published_before(release_store, key, 27),
    )
    week = [*(one.drawn for one in six), drawn]
    four_weeks = [*(one.drawn for one in others), drawn]
    own = public_errors([drawn])
    of_week = _errors(week, MIN_DAYS_FOR_VALUE_7D)
    of_four = _errors(four_weeks, MIN_DAYS_FOR_VALUE_28D)
    values = [
        RegionalValue(
            construct=name,
            status="published",
            estimate=mean_score([drawn], name),
            standard_error=own.standard_error,
            value_7d=pooled_score(week, name, MIN_DAYS_FOR_VALUE_7D),
            standard_error_7d=of_week and of_week.standard_error,
            detectable_change_7d=of_week and of_week.detectable_change,
            value_28d=pooled_score(four_weeks, name, MIN_DAYS_FOR_VALUE_28D),
            standard_error_28d=of_four and of_four.standard_error,
            detectable_change_28d=of_four and of_four.detectable_change,
            people_band=(of_week or own).people_band,
            micro_rho=drawn.micro_rho,
        )
        for name in CONSTRUCTS
    ]
    return Made(values, {"value_7d": _keys(six), "value_28d": _keys(others)})


def _pooled_week(
    release_store: ReleaseStore, key: DrawKey, drawn: NoisyTotals | None, counted: Membership
) -> Made:
    """The one value of a week in which groups came or went: all its days together."""
    assert counted.changed_on is not None  # noqa: S101  (asked only then)
    held = [
        one
        for one in release_store.draws(
            key.region, key.method_version, counted.changed_on, key.day - _DAY
        )
        if one.reason == POOLED_ONLY
    ]
    week = [*(one.drawn for one in held), *([drawn] if drawn else [])]
    errors = _errors(week, MIN_DAYS_FOR_VALUE_7D)
    if errors is None:
        return Made(nothing())
    values = [
        RegionalValue(
            construct=name,
            status="published",
            value_7d=pooled_score(week, name, MIN_DAYS_FOR_VALUE_7D),
            standard_error_7d=errors.standard_error,
            detectable_change_7d=errors.detectable_change,
            people_band=errors.people_band,
            micro_rho=week[-1].micro_rho,
        )
        for name in CONSTRUCTS
    ]
    return Made(values, {"value_7d": _keys(held)})


def _published_before(release_store: ReleaseStore, key: DrawKey, days: int) -> list[StoredDraw]:
    return [
        one
        for one in release_store.draws(
            key.region, key.method_version, key.day - days * _DAY, key.day - _DAY
        )
        if one.published
    ]


def _keys(draws: Sequence[StoredDraw]) -> list[DrawKey]:
    return [one.key for one in draws]


def _errors(drawn: Sequence[NoisyTotals], least_days: int) -> PublicErrors | None:
    return public_errors(drawn) if len(drawn) >= least_days else None


def nothing() -> list[RegionalValue]:
    """Rows that show nothing."""
    return [RegionalValue(construct=name, status="not_published") for name in CONSTRUCTS]
