"""The code of a step's failure as data of the event, where no sentence has to be read for it."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from assets.core.errors import CATALOGUE, StudyError, TidelineError

P = ParamSpec("P")
R = TypeVar("R")

CODE = "code"
"""The label of the metadata that holds it."""

ENTRY = "study_entry"
"""The label of the entry of the study register that stopped the step."""

TRIED_AGAIN = frozenset(
    {"INBOX_NOT_REACHABLE", "INBOX_NOT_WRITABLE", "POSTGRES_NOT_REACHABLE", "POSTGRES_RECOVERING"}
)
"""Codes of input and output that a minute may mend. A step that ends with one is tried again, for
what it has done is stored and not done twice; one that refuses, judges or is broken never is."""
TRIES_AGAIN = 2
SECONDS_TO_TRY_AGAIN = 30


def failure_of(error: TidelineError) -> dg.Failure:
    """What Dagster is told instead of an error of ours: its code, and the error as the cause."""
    told: dict[str, str] = {CODE: error.code}
    if isinstance(error, StudyError):
        told[ENTRY] = error.entry_name
    failure = dg.Failure(metadata=told)
    failure.__cause__ = error
    return failure


def coded(function: Callable[P, R]) -> Callable[P, R]:
    """Let an error of a public step out with its code; the guard does it for restricted ones."""
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def generator_with_code(*args: P.args, **kwargs: P.kwargs) -> Any:
            with told_to_dagster():
                yield from function(*args, **kwargs)

        return generator_with_code

    @functools.wraps(function)
    def with_code(*args: P.args, **kwargs: P.kwargs) -> R:
        with told_to_dagster():
            return function(*args, **kwargs)

    return with_code


@contextmanager
def told_to_dagster() -> Iterator[None]:
    """Let an error of ours out as what `failure_of` makes of it, or ask for another try.

    Asked for here and not by a policy of the asset, which would try again whatever went wrong, and
    what somebody stopped.
    """
    try:
        yield
    except TidelineError as error:
        failure = failure_of(error)
        if error.code in TRIED_AGAIN:
            raise dg.RetryRequested(TRIES_AGAIN, SECONDS_TO_TRY_AGAIN) from failure
        raise failure from error


SERVER_GONE = frozenset({"OperationalError", "DatabaseError", "DagsterPostgresException"})
"""Classes of what Dagster's own storages raise, outside of any step, once their server is gone.

The driver's `DatabaseError`, of none of its kinds, is a server that ended in the middle of an
answer: what a server says itself is of a kind.
"""


def code_of_step(failed: dg.DagsterEvent) -> str:
    """The code that a step failed with; `STEP_BROKEN` for an error that is none of ours.

    An error of Dagster's own storages, whose server went away, is `POSTGRES_NOT_REACHABLE`.

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
    return _code_of_classes(data.error)


def code_of_run(failed: dg.DagsterEvent) -> str:
    """The code that a run failed with of which no step did: between them, or before the first.

    Args:
        failed: the event of the run's failure.
    """
    # None where its process is gone, and where somebody else says that it failed.
    data = failed.event_specific_data
    return _code_of_classes(getattr(data, "error", None))


def _code_of_classes(error: SerializableErrorInfo | None) -> str:
    return "POSTGRES_NOT_REACHABLE" if set(_classes(error)) & SERVER_GONE else "STEP_BROKEN"


def _classes(error: SerializableErrorInfo | None) -> Iterator[str]:
    """Names of the classes of an error and of those that it came from."""
    if error is not None:
        yield error.cls_name or ""
        yield from _classes(error.cause)
        yield from _classes(error.context)
