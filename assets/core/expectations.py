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
from typing import TYPE_CHECKING

import numpy as np

from assets.core.imports_put_off import put_off

if TYPE_CHECKING:
    import pandas as pd

_FOR_OTHER_EXPECTATIONS = ("altair", "scipy.stats")
"""What Great Expectations imports for pictures and for distributions, none of which is asked for: a
third of the time that it takes to load."""

AT_LEAST, THIS = "at_least", "this"

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


def suite(limits: Limits) -> Callable[[Sequence[object]], frozenset[str]]:
    """The suite of Great Expectations.

    Args:
        limits: what is allowed.

    Returns:
        A function from rows, as `out_of_range` takes them, to the columns in which any is out of
        range, empty or not to be checked.
    """

    def failed(rows: Sequence[object]) -> frozenset[str]:
        if not rows:
            return frozenset()
        tables = {one: _beside(_numbers(rows, one), *bounds) for one, bounds in limits.items()}
        if not _passes_all(tables):
            # Whatever failed must be held against somebody.
            return frozenset(_failing(tables) or limits)
        return frozenset()

    return failed


def judge(limits: Limits) -> Callable[[Sequence[object]], list[frozenset[str]]]:
    """Both: the suite once over all rows, and the gate to name the rows.

    Args:
        limits: what is allowed.

    Returns:
        A function from rows to a set for each, in order: its attributes that are out of range. A
        column that only the suite finds fault with is held against every row.
    """
    asserted = suite(limits)

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


def _beside(values: np.ndarray, least: float, most: float) -> "pd.DataFrame":
    """Each value beside the least that it may be, and the most that it may be beside it."""
    import pandas as pd  # noqa: PLC0415

    bound = np.ones(len(values))
    return pd.DataFrame(
        {
            AT_LEAST: np.concatenate([values, bound * most]),
            THIS: np.concatenate([bound * least, values]),
        }
    )


def _passes_all(tables: "Mapping[str, pd.DataFrame]") -> bool:
    """Whether all columns are as the suite expects."""
    import pandas as pd  # noqa: PLC0415

    return _passes(pd.concat(list(tables.values())))


def _failing(tables: "Mapping[str, pd.DataFrame]") -> set[str]:
    """Which columns fail by themselves, of columns that fail together.

    Found by halves: asking takes about the same time for many columns as for one, so that few
    faults among many columns are found sooner than one by one.
    """
    columns = list(tables)
    if len(columns) == 1:
        return set(columns)
    middle = len(columns) // 2
    halves = ({one: tables[one] for one in own} for own in (columns[:middle], columns[middle:]))
    return {one for half in halves if not _passes_all(half) for one in _failing(half)}


def _passes(table: "pd.DataFrame") -> bool:
    """Whether all rows of `_beside` are as the suite expects."""
    return _suite()(table)


@cache
def _suite() -> "Callable[[pd.DataFrame], bool]":
    """The suite, made once.

    Great Expectations takes its time for each expectation and hardly any for a row: 0.24 s of a
    processor for two expectations of each of 15 columns, 0.01 s for one of a long pair of columns
    with all values and their limits.
    """
    with warnings.catch_warnings(), put_off(*_FOR_OTHER_EXPECTATIONS):
        warnings.filterwarnings("ignore", "module 'sre_", DeprecationWarning)
        import great_expectations as gx  # noqa: PLC0415
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415
    from great_expectations.expectations.core.expect_column_pair_values_a_to_be_greater_than_b import (  # noqa: E501, PLC0415
        ExpectColumnPairValuesAToBeGreaterThanB,
    )

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    batches = (
        context.data_sources.add_pandas(name="numbers")
        .add_dataframe_asset(name="table")
        .add_batch_definition_whole_dataframe("all")
    )
    expected = context.suites.add(
        gx.ExpectationSuite(
            name="within limits",
            expectations=[
                # What is empty compares with nothing and has its limit beside it: it fails.
                ExpectColumnPairValuesAToBeGreaterThanB(
                    column_A=AT_LEAST, column_B=THIS, or_equal=True
                ),
            ],
        )
    )

    def passes(table: "pd.DataFrame") -> bool:
        return bool(
            batches.get_batch({"dataframe": table.reset_index(drop=True)})
            .validate(expected, result_format="BOOLEAN_ONLY")
            .success
        )

    return passes
