"""Around every step, check and sensor that may hold text: no word of it leaves by an error.

An error leaves as a `TidelineError` with its code; any other as `StepFailed("STEP_BROKEN")` with
the classes of its chain and the places in our files. While the step runs, prints, warnings and log
records of libraries go nowhere.
"""

import functools
import inspect
import io
import logging
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.log_manager import DagsterLogHandler

from assets.governance import errors
from assets.governance.errors import CATALOGUE, SealError, StepFailed, TidelineError
from resources.sealed_errors import NO_PLACE, OUR_ROOT, SEALED, class_name, known_origin, place
from resources.sealed_event_log import SealedPostgresEventLogStorage
from resources.sealed_ticks import literals, refuse_told_text

P = ParamSpec("P")
R = TypeVar("R")
_INTERRUPTS = (KeyboardInterrupt, DagsterExecutionInterruptedError)


class _Sink(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


@contextmanager
def quiet() -> Iterator[None]:
    """Swallow prints, warnings and log records of everything but Dagster's own events."""
    loggers = [logging.getLogger(), *_named_loggers()]
    handlers, last_resort = [logger.handlers[:] for logger in loggers], logging.lastResort
    for logger in loggers:
        kept = [one for one in logger.handlers if isinstance(one, DagsterLogHandler)]
        logger.handlers[:] = [*kept, logging.NullHandler()]
    logging.lastResort = None
    try:
        with redirect_stdout(_Sink()), redirect_stderr(_Sink()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, before in zip(loggers, handlers, strict=True):
            logger.handlers[:] = before
        logging.lastResort = last_resort


def _named_loggers() -> list[logging.Logger]:
    """Loggers with handlers of their own, which may write to a stream opened long before."""
    return [
        one
        for one in list(logging.root.manager.loggerDict.values())
        if isinstance(one, logging.Logger) and one.handlers
    ]


def require_sealed_log(instance: Any) -> None:
    """Refuse to run a restricted step whose events would be stored as they are.

    Raises:
        SealError: `SEAL_OFF`.
    """
    if not isinstance(instance.event_log_storage, SealedPostgresEventLogStorage):
        raise SealError("SEAL_OFF")


def without_text(error: BaseException) -> BaseException:
    """The same failure with nothing made from data in it."""
    if isinstance(error, _INTERRUPTS):
        kind = next(one for one in _INTERRUPTS if isinstance(error, one))
        return kind()
    if not isinstance(error, TidelineError) or error.code not in CATALOGUE:
        return StepFailed("STEP_BROKEN", origin=chain(error))
    if isinstance(error, StepFailed):
        return StepFailed(error.code, known_origin(str(error.origin)))
    # A class that `errors` does not define could take, or be called, anything.
    known = getattr(errors, type(error).__name__, None) is type(error)
    return type(error)(error.code) if known else StepFailed(error.code)


def chain(error: BaseException) -> str:
    """Classes and our own places of an error and its causes, such as `KeyError@assets/x.py:3`."""
    parts, seen = [], set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        ours = [one for one in frames if Path(one.filename).is_relative_to(OUR_ROOT)]
        where = place(Path(ours[-1].filename)) if ours else SEALED
        at = NO_PLACE if where == SEALED else f"{where}:{ours[-1].lineno}"
        parts.append(f"{class_name(type(current).__name__)}@{at}")
        current = current.__cause__ or current.__context__
    return " ".join(parts)


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Run a step, check, sensor or schedule quietly, and let its errors out without text.

    What a sensor or a schedule asks for is refused if it could carry text
    (`resources.sealed_ticks`); what a step returns, the sealed event log looks after.
    """
    code = getattr(function, "__code__", None)
    sentences = literals(code) if code else frozenset()

    def told(result: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        refuse_told_text(result, [*args, *kwargs.values()], sentences)
        return result

    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def guarded_generator(*args: P.args, **kwargs: P.kwargs) -> Any:
            steps = function(*args, **kwargs)
            finished = object()
            try:
                while (item := _quietly(next, steps, finished)) is not finished:
                    yield told(item, args, kwargs)
            finally:
                _quietly(steps.close)

        return guarded_generator

    @functools.wraps(function)
    def guarded_function(*args: P.args, **kwargs: P.kwargs) -> R:
        return told(_quietly(function, *args, **kwargs), args, kwargs)

    return guarded_function


def _quietly(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with quiet():
        try:
            return function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  (SystemExit can carry text too)
            failure = without_text(error)
    raise failure
