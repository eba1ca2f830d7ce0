"""The code of a step's failure as data of the event, where no sentence has to be read for it."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import dagster as dg

from assets.governance.errors import CATALOGUE, TidelineError

P = ParamSpec("P")
R = TypeVar("R")

CODE = "code"
"""The label of the metadata that holds it."""


def failure_of(error: TidelineError) -> dg.Failure:
    """What Dagster is told instead of an error of ours: its code, and the error as the cause."""
    failure = dg.Failure(metadata={CODE: error.code})
    failure.__cause__ = error
    return failure


def coded(function: Callable[P, R]) -> Callable[P, R]:
    """Let an error of a public step out with its code; those of restricted ones the guard lets out.

    Args:
        function: a step that is no generator.
    """

    @functools.wraps(function)
    def with_code(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TidelineError as error:
            raise failure_of(error) from error

    return with_code


def code_of_step(failed: dg.DagsterEvent) -> str:
    """The code that a step failed with; `STEP_BROKEN` for an error that is none of ours.

    Args:
        failed: the event of a step's failure.
    """
    data = failed.step_failure_data
    if data.user_failure_data is not None:
        told = data.user_failure_data.metadata.get(CODE)
        if told is not None and told.value in CATALOGUE:
            return str(told.value)
    if data.error is not None and data.error.cls_name == "DagsterAssetCheckFailedError":
        return "CHECK_FAILED"
    return "STEP_BROKEN"
