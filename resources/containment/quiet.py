"""Silence around what may hold text: prints, warnings, log records, and what programs write."""

import ctypes
import gc
import io
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any

_OUTPUTS = (1, 2)


class _Sink(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


class _Silence:
    """Process-wide, so it lasts from the first who asks for it to the last, whatever their order.

    Sensors of one location run in threads, and each would else put back what another muted.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._asked = 0
        self._muted = ExitStack()

    def begin(self) -> None:
        with self._undisturbed():
            if not self._asked:
                with ExitStack() as muted:
                    muted.enter_context(_muted_loggers())
                    muted.enter_context(_muted_descriptors())
                    muted.enter_context(redirect_stdout(_Sink()))
                    muted.enter_context(redirect_stderr(_Sink()))
                    muted.enter_context(warnings.catch_warnings())
                    warnings.simplefilter("ignore")
                    self._muted = muted.pop_all()
            self._asked += 1

    def end(self) -> None:
        with self._undisturbed():
            self._asked -= 1
            if not self._asked:
                self._muted.close()

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Alone, and without the collector, which may close a guarded generator in between."""
        with self._lock:
            collecting = gc.isenabled()
            gc.disable()
            try:
                yield
            finally:
                if collecting:
                    gc.enable()


_silence = _Silence()


@contextmanager
def quiet() -> Iterator[None]:
    """Swallow prints, warnings, log records of everything but Dagster's own events, raw output."""
    _silence.begin()
    try:
        yield
    finally:
        _silence.end()


@contextmanager
def _muted_loggers() -> Iterator[None]:
    loggers, of_dagster = [logging.getLogger(), *_named_loggers()], _handlers_of_dagster()
    handlers, last_resort = [logger.handlers[:] for logger in loggers], logging.lastResort
    for logger in loggers:
        kept = [one for one in logger.handlers if isinstance(one, of_dagster)]
        logger.handlers[:] = [*kept, logging.NullHandler()]
    logging.lastResort = None
    try:
        yield
    finally:
        for logger, before in zip(loggers, handlers, strict=True):
            logger.handlers[:] = before
        logging.lastResort = last_resort


def _handlers_of_dagster() -> tuple[type, ...]:
    """Those that write Dagster's own events; none in a process that has not loaded it."""
    if "dagster" not in sys.modules:
        return ()
    from dagster._core.log_manager import (  # noqa: PLC0415  (commands would wait seconds for it)
        DagsterLogHandler,
    )

    return (DagsterLogHandler,)


def _named_loggers() -> list[logging.Logger]:
    """Loggers with handlers of their own, which may write to a stream opened long before."""
    return [
        one
        for one in list(logging.root.manager.loggerDict.values())
        if isinstance(one, logging.Logger) and one.handlers
    ]


@contextmanager
def _muted_descriptors() -> Iterator[None]:
    """Point standard output and error elsewhere, for compiled code and programs write there."""
    streams = [sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__]
    _flush(streams)
    kept = {}
    for descriptor in _OUTPUTS:
        with suppress(OSError):
            kept[descriptor] = os.dup(descriptor)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for descriptor in kept:
            os.dup2(nowhere, descriptor)
        yield
    finally:
        # What is still in a buffer was written in silence.
        _flush(streams)
        for descriptor, before in kept.items():
            os.dup2(before, descriptor)
            os.close(before)
        os.close(nowhere)


def _flush(streams: Iterable[Any]) -> None:
    for stream in streams:
        # A closed one, or one that is no file, holds nothing back.
        with suppress(Exception):
            stream.flush()
    with suppress(AttributeError):
        _C.fflush(None)


_C = ctypes.CDLL(None)
