"""Great Expectations in memory, over tables of numbers, asked for booleans only.

A failing result of Great Expectations quotes values unless it is asked for booleans only.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

Limits = Mapping[str, tuple[float, float]]


def columns_out_of_range(name: str, limits: Limits) -> "Callable[[pd.DataFrame], set[str]]":
    """Set up a suite once.

    Args:
        name: of the suite.
        limits: for each column its least and greatest value, both allowed; NaN is let pass.

    Returns:
        A function from a table to the columns of it that hold a value out of range. A column that
        can't be checked counts as one.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "module 'sre_", DeprecationWarning)
        import great_expectations as gx  # noqa: PLC0415
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415
    from great_expectations.expectations.core.expect_column_values_to_be_between import (  # noqa: PLC0415
        ExpectColumnValuesToBeBetween,
    )

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    batches = (
        context.data_sources.add_pandas(name="numbers")
        .add_dataframe_asset(name="table")
        .add_batch_definition_whole_dataframe("all")
    )
    suite = context.suites.add(
        gx.ExpectationSuite(
            name=name,
            expectations=[
                ExpectColumnValuesToBeBetween(column=column, min_value=least, max_value=most)
                for column, (least, most) in limits.items()
            ],
        )
    )

    def out_of_range(table: "pd.DataFrame") -> set[str]:
        results = (
            batches.get_batch({"dataframe": table})
            .validate(suite, result_format="BOOLEAN_ONLY")
            .results
        )
        passed = {
            each.expectation_config.kwargs["column"]
            for each in results
            if each.success and each.expectation_config
        }
        return set(limits) - passed

    return out_of_range


def rows_out_of_range(
    name: str, limits: Limits
) -> "Callable[[Sequence[object]], list[frozenset[str]]]":
    """Like `columns_out_of_range`, row by row: all together, then ever smaller halves that fail.

    Returns:
        A function from rows, whose attributes are called as the columns of `limits`, to a set for
        each, in order: its attributes that are out of range.
    """
    out_of_range = columns_out_of_range(name, limits)

    def failing(table: "pd.DataFrame") -> list[frozenset[str]]:
        if table.empty:
            return []
        failed = out_of_range(table)
        if not failed or len(table) == 1:
            return [frozenset(failed)] * len(table)
        half = len(table) // 2
        return [*failing(table.iloc[:half]), *failing(table.iloc[half:])]

    def of_rows(rows: Sequence[object]) -> list[frozenset[str]]:
        import pandas as pd  # noqa: PLC0415

        return failing(
            pd.DataFrame({name: [getattr(row, name) for row in rows] for name in limits})
        )

    return of_rows


def times_failed(failed: Iterable[frozenset[str]]) -> dict[str, int]:
    """For each attribute that failed at all, in how many rows."""
    counts = Counter(name for names in failed for name in names)
    return {name: counts[name] for name in sorted(counts)}
