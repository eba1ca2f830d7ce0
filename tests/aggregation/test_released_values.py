import math
from dataclasses import replace
from datetime import date

import pytest

from assets.aggregation.released_values import facts_of, value_suite
from assets.aggregation.thresholds import METHOD_VERSION, STANDARD_ERROR
from assets.governance.constructs import CONSTRUCTS
from resources.release_store import ReleasedValue

PEOPLE = dict.fromkeys(CONSTRUCTS, 30)
PUBLISHED = [
    ReleasedValue(
        "greater_london", date(2026, 10, 1), name, METHOD_VERSION, 0, 0.5, STANDARD_ERROR, None,
        "published",
    )
    for name in CONSTRUCTS
]  # fmt: skip
NOT_PUBLISHED = [
    replace(one, estimate=None, standard_error=None, status="not_published") for one in PUBLISHED
]
RETRACTED = [replace(one, revision=1, status="retracted") for one in NOT_PUBLISHED]


def failed(values, people=PEOPLE, *, publishes: bool = True) -> set[str]:
    return set(value_suite()([facts_of(values, people, publishes=publishes)])[0])


def last(**changes: object) -> list[ReleasedValue]:
    return [*PUBLISHED[:2], replace(PUBLISHED[2], **changes)]


@pytest.mark.parametrize(
    "values",
    [
        PUBLISHED,
        NOT_PUBLISHED,
        [*PUBLISHED, *RETRACTED],
        last(value_7d=1.0, estimate=0.0),
        # Another method's constant is its own.
        [replace(one, standard_error=0.1, method_version="noise-1") for one in PUBLISHED],
    ],
)
def test_good_values_pass(values: list[ReleasedValue]) -> None:
    assert failed(values) == set()


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (PUBLISHED[:2], {"rows_missing"}),
        ([*PUBLISHED, PUBLISHED[0]], {"rows_too_many"}),
        (last(construct="coping"), {"rows_missing", "rows_too_many", "published_wrongly"}),
        (
            last(status="seen"),
            {"statuses_unknown", "statuses_that_differ", "values_not_to_be_told"},
        ),
        ([*PUBLISHED[:2], NOT_PUBLISHED[2]], {"statuses_that_differ"}),
        (last(estimate=1.01), {"values_off_scale"}),
        (last(estimate=-0.01), {"values_off_scale"}),
        (last(value_7d=math.nan), {"values_off_scale"}),
        (last(standard_error=0.1), {"errors_not_public"}),
        (last(standard_error=math.nan), {"errors_not_public"}),
        (last(estimate=None), {"values_missing"}),
        (last(standard_error=None), {"values_missing"}),
        ([*NOT_PUBLISHED[:2], replace(NOT_PUBLISHED[2], value_7d=0.5)], {"values_not_to_be_told"}),
    ],
)  # fmt: skip
def test_each_fault_is_named(values: list[ReleasedValue], names: set[str]) -> None:
    assert failed(values) == names


def test_nothing_is_published_where_that_is_not_allowed() -> None:
    assert failed(PUBLISHED, publishes=False) == {"published_wrongly"}
    assert failed(NOT_PUBLISHED, {}, publishes=False) == set()


@pytest.mark.parametrize("people", [{}, {**PEOPLE, CONSTRUCTS[1]: 29}], ids=["none", "too few"])
def test_nothing_is_published_of_too_few_people(people: dict[str, int]) -> None:
    assert failed(PUBLISHED, people) == {"published_wrongly"}
