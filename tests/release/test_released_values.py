import math
from dataclasses import replace
from datetime import date

import pytest

from assets.core.constructs import CONSTRUCTS
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoisyTotals
from assets.released.standard_errors import public_errors
from assets.restricted.release.checks import facts_of, value_suite
from assets.restricted.release.regional_value import mean_score
from resources.stores.release.release_ledger import DrawKey
from resources.stores.release.release_store import ReleasedValue

DRAWN = NoisyTotals(30, dict.fromkeys(CONSTRUCTS, -3000), GAUSSIAN_1.micro_rho)
KEY = DrawKey("greater_london", date(2026, 10, 1), GAUSSIAN_1.version)
DRAWS = {KEY: DRAWN, replace(KEY, revision=1): DRAWN}
PUBLISHED = [
    ReleasedValue(
        **vars(KEY),
        construct=name,
        status="published",
        estimate=mean_score([DRAWN], name),
        standard_error=public_errors([DRAWN]).standard_error,
    )
    for name in CONSTRUCTS
]
NOT_PUBLISHED = [
    replace(one, estimate=None, standard_error=None, status="not_published") for one in PUBLISHED
]
POOLED = [
    replace(one, estimate=None, standard_error=None, value_7d=0.4, standard_error_7d=0.02)
    for one in PUBLISHED
]


def failed(values, draws=DRAWS, evidenced=None, *, publishes: bool = True) -> set[str]:
    known = {one.key for one in values} if evidenced is None else evidenced
    return set(value_suite()([facts_of(values, draws, known, publishes=publishes)])[0])


def last(**changes: object) -> list[ReleasedValue]:
    return [*PUBLISHED[:2], replace(PUBLISHED[2], **changes)]


@pytest.mark.parametrize(
    ("values", "draws"),
    [
        (PUBLISHED, DRAWS),
        (NOT_PUBLISHED, DRAWS),
        (NOT_PUBLISHED, {}),
        # The one value of a week in which groups came or went needs no draw of its own day.
        (POOLED, {}),
        ([*PUBLISHED, *(replace(one, revision=1) for one in PUBLISHED)], DRAWS),
        ([*PUBLISHED, *(replace(one, revision=1) for one in NOT_PUBLISHED)], DRAWS),
        (last(value_7d=1.0, standard_error_7d=0.1, value_28d=0.0, standard_error_28d=0.1), DRAWS),
    ],
)
def test_good_values_pass(values, draws) -> None:
    assert failed(values, draws) == set()


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (PUBLISHED[:2], {"rows_missing"}),
        ([*PUBLISHED, PUBLISHED[0]], {"rows_too_many"}),
        (last(construct="coping"), {"rows_missing", "rows_too_many"}),
        (
            last(status="maybe"),
            {"statuses_unknown", "statuses_that_differ", "values_not_to_be_told"},
        ),
        (
            last(status="not_published"),
            {"statuses_that_differ", "values_not_to_be_told"},
        ),
        (last(estimate=1.01), {"values_off_scale", "values_not_as_drawn"}),
        (last(estimate=math.nan), {"values_off_scale", "values_not_as_drawn"}),
        (last(estimate=0.41), {"values_not_as_drawn"}),
        (last(value_7d=-0.01, standard_error_7d=0.1), {"values_off_scale"}),
        (last(value_28d=2.0, standard_error_28d=0.1), {"values_off_scale"}),
        (last(standard_error=0.001), {"errors_not_public"}),
        (last(standard_error=None), {"errors_not_public"}),
        (last(value_7d=0.4), {"errors_not_public"}),
        (last(standard_error_28d=0.4), {"errors_not_public"}),
        (last(estimate=None, standard_error=None), {"values_missing"}),
        ([replace(one, value_7d=0.5, standard_error_7d=0.1) for one in NOT_PUBLISHED],
         {"values_not_to_be_told"}),
    ],
)  # fmt: skip
def test_each_fault_is_told_by_its_name(values, names: set[str]) -> None:
    assert failed(values) == names


@pytest.mark.parametrize(
    ("draws", "publishes"),
    [
        ({}, True),
        ({KEY: replace(DRAWN, person_days=29)}, True),
        ({replace(KEY, method_version="gaussian-2"): DRAWN}, True),
        (DRAWS, False),
    ],
)
def test_what_may_not_be_published_is_told(draws, *, publishes: bool) -> None:
    assert "published_wrongly" in failed(PUBLISHED, draws, publishes=publishes)


def test_a_revision_without_evidence_is_told() -> None:
    both = [*PUBLISHED, *(replace(one, revision=1) for one in PUBLISHED)]
    assert failed(both, evidenced={KEY}) == {"evidence_missing"}
