"""Rows of counts against their limits: each row by NumPy, all rows together by Great Expectations.

NumPy judges each row, before it is stored and wherever the row has to be named. Great Expectations
asserts the same limits once a step over all the rows, which is what an auditor sees; it knows
nothing of what NumPy found, so that a fault of either is found by the other. It is loaded when it
is first asked, for it takes seconds, and asked for booleans only: a failing result quotes values.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Limits = Mapping[str, tuple[float, float]]
"""For each attribute of a row its least and its greatest value, both allowed."""


def out_of_range(rows: Sequence[object], limits: Limits) -> list[frozenset[str]]:
    """The gate: for each row, in order, which of its attributes are out of range.

    Args:
        rows: objects whose attributes are called as the columns of `limits`.
        limits: what is allowed. What is no number, or NaN, is out of range.
    """
    failed = {
        name: [not least <= value <= most for value in _numbers(rows, name)]
        for name, (least, most) in limits.items()
    }
    return [frozenset(name for name in limits if failed[name][place]) for place in range(len(rows))]


def suite(name: str, limits: Limits) -> Callable[[Sequence[object]], frozenset[str]]:
    """The suite of Great Expectations.

    Args:
        name: of the suite.
        limits: what is allowed.

    Returns:
        A function from rows, as `out_of_range` takes them, to the columns in which any is out of
        range, empty or not to be checked.
    """

    def failed(rows: Sequence[object]) -> frozenset[str]:
        if not rows:
            return frozenset()
        import pandas as pd  # noqa: PLC0415

        table = pd.DataFrame({column: _numbers(rows, column) for column in limits})
        return _suite(name, tuple((key, *bounds) for key, bounds in limits.items()))(table)

    return failed


def judge(name: str, limits: Limits) -> Callable[[Sequence[object]], list[frozenset[str]]]:
    """Both: the suite once over all rows, and the gate to name the rows.

    Args:
        name: of the suite.
        limits: what is allowed.

    Returns:
        A function from rows to a set for each, in order: its attributes that are out of range. A
        column that only the suite finds fault with is held against every row.
    """
    asserted = suite(name, limits)

    def failed(rows: Sequence[object]) -> list[frozenset[str]]:
        named = out_of_range(rows, limits)
        of_all = asserted(rows) - frozenset[str]().union(*named)
        return [own | of_all for own in named]

    return failed


def times_failed(failed: Iterable[frozenset[str]]) -> dict[str, int]:
    """For each attribute that failed at all, in how many rows."""
    counts = Counter(name for names in failed for name in names)
    return {name: counts[name] for name in sorted(counts)}


def _numbers(rows: Sequence[object], name: str) -> np.ndarray:
    """Shape (rows,), float64; NaN for what is no number."""
    values = [getattr(row, name) for row in rows]
    return np.array(
        [value if isinstance(value, int | float | np.number) else np.nan for value in values],
        dtype=np.float64,
    )


@cache
def _suite(
    name: str, limits: tuple[tuple[str, float, float], ...]
) -> "Callable[[pd.DataFrame], frozenset[str]]":
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "module 'sre_", DeprecationWarning)
        import great_expectations as gx  # noqa: PLC0415
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415
    from great_expectations.expectations.core.expect_column_values_to_be_between import (  # noqa: PLC0415
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import (  # noqa: PLC0415
        ExpectColumnValuesToNotBeNull,
    )

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    batches = (
        context.data_sources.add_pandas(name="numbers")
        .add_dataframe_asset(name="table")
        .add_batch_definition_whole_dataframe("all")
    )
    expectations: list[Any] = []
    for column, least, most in limits:
        # A value between two others is not expected of what is empty: that is a second one.
        expectations += [
            ExpectColumnValuesToNotBeNull(column=column),
            ExpectColumnValuesToBeBetween(column=column, min_value=least, max_value=most),
        ]
    expected = context.suites.add(gx.ExpectationSuite(name=name, expectations=expectations))

    def failed(table: "pd.DataFrame") -> frozenset[str]:
        results = (
            batches.get_batch({"dataframe": table})
            .validate(expected, result_format="BOOLEAN_ONLY")
            .results
        )
        passed = Counter(
            each.expectation_config.kwargs["column"]
            for each in results
            if each.success and each.expectation_config
        )
        of_each = len(expectations) // len(limits)
        return frozenset(column for column, _, _ in limits if passed[column] < of_each)

    return failed
