"""Around every step, check and sensor that may hold text: no word of it leaves by an error.

An error leaves as a `TidelineError` with its code; any other as `StepFailed` with the classes of
its chain and the places in our files, under `POSTGRES_NOT_REACHABLE` if it came from the database's
server going away, else under `STEP_BROKEN`. While the step runs, prints, warnings and log records
of libraries go nowhere (`resources.containment.quiet`), and no file is written but by our own
stores (`resources.containment.audit_hook`).
"""

import functools
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from types import CodeType
from typing import Any, ParamSpec, TypeVar

from assets.core import errors
from assets.core.errors import CATALOGUE, SealError, StepFailed, StudyError, TidelineError
from resources.containment import audit_hook
from resources.containment.quiet import quiet
from resources.containment.sealed_errors import chain, known_origin

P = ParamSpec("P")
R = TypeVar("R")
# Commands look at exports behind this guard too, and would wait seconds for Dagster: what is of it
# is asked for where it is loaded, for nothing else can have made any of it.
_DAGSTER = "dagster"


def require_sealed_log(instance: Any) -> None:
    """Refuse to run a restricted step whose events would be stored as they are.

    Raises:
        SealError: `SEAL_OFF`.
    """
    from resources.containment.sealed_event_log import SealedPostgresEventLogStorage  # noqa: PLC0415  (as `_DAGSTER`)

    if not isinstance(instance.event_log_storage, SealedPostgresEventLogStorage):
        raise SealError("SEAL_OFF")


def without_text(error: BaseException) -> BaseException:
    """The same failure with nothing made from data in it."""
    for kind in _interrupts():
        if isinstance(error, kind):
            return kind()
    if not isinstance(error, TidelineError) or error.code not in CATALOGUE:
        return StepFailed(unforeseen(error), origin=chain(error))
    if isinstance(error, StepFailed):
        return StepFailed(error.code, known_origin(str(error.origin)))
    if type(error) is StudyError:
        # Its words are the program's own, and its constructor takes no others.
        return StudyError(error.code, error.entry_name, error.detail)
    # A class that `errors` does not define could take, or be called, anything.
    known = getattr(errors, type(error).__name__, None) is type(error)
    return type(error)(error.code) if known else StepFailed(error.code)


def unforeseen(error: BaseException, otherwise: str = "STEP_BROKEN") -> str:
    """The code of an error that is none of ours.

    Args:
        error: the error; of its words nothing is asked.
        otherwise: the code unless the database's server went away.
    """
    if "sqlalchemy" not in sys.modules:
        return otherwise
    from resources.base.database.connection import server_gone  # noqa: PLC0415  (as `_DAGSTER`)

    return "POSTGRES_NOT_REACHABLE" if server_gone(error) else otherwise


def _interrupts() -> Iterator[type[BaseException]]:
    yield KeyboardInterrupt
    if _DAGSTER in sys.modules:
        from dagster._core.errors import (  # noqa: PLC0415  (as `_DAGSTER`)
            DagsterExecutionInterruptedError,
        )

        yield DagsterExecutionInterruptedError


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Run a step, check, sensor or schedule quietly, and let its errors out without text.

    What a sensor or a schedule asks for is refused if it could carry text
    (`resources.containment.sealed_ticks`); what a step returns, the sealed event log looks after.
    """
    code = getattr(function, "__code__", None)
    sentences = frozenset(_strings(code)) if code else frozenset[str]()

    def told(result: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        if _DAGSTER in sys.modules:
            from resources.containment.sealed_ticks import refuse_told_text  # noqa: PLC0415  (as `_DAGSTER`)

            refuse_told_text(result, [*args, *kwargs.values()], sentences)
        return result

    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def guarded_generator(*args: P.args, **kwargs: P.kwargs) -> Any:
            steps = function(*args, **kwargs)
            finished = object()
            with _way_out(args, kwargs):
                try:
                    while (item := _quietly(next, steps, finished)) is not finished:
                        yield told(item, args, kwargs)
                finally:
                    _quietly(steps.close)

        return guarded_generator

    @functools.wraps(function)
    def guarded_function(*args: P.args, **kwargs: P.kwargs) -> R:
        with _way_out(args, kwargs):
            return told(_quietly(function, *args, **kwargs), args, kwargs)

    return guarded_function


def _way_out(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> AbstractContextManager[None]:
    """Of a step or check, whose error has gone through `without_text`, with its code as data."""
    if _DAGSTER not in sys.modules:
        return nullcontext()
    import dagster as dg  # noqa: PLC0415  (as `_DAGSTER`)

    from assets.core.coded_failures import told_to_dagster  # noqa: PLC0415  (as `_DAGSTER`)

    steps = (dg.AssetExecutionContext, dg.AssetCheckExecutionContext, dg.OpExecutionContext)
    of_a_step = isinstance(next(iter(args), kwargs.get("context")), steps)
    return told_to_dagster() if of_a_step else nullcontext()


def _quietly(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with quiet(), audit_hook.closed():
        try:
            return function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  (SystemExit can carry text too)
            failure = without_text(error)
    raise failure


def _strings(code: CodeType) -> Iterator[str]:
    """Every string that is written out in a function's code."""
    for one in code.co_consts:
        if isinstance(one, str):
            yield one
        elif isinstance(one, CodeType):
            yield from _strings(one)
