"""Silence lasts from the first who asks to the last, and ends as it began."""

import ctypes
import gc
import logging
import os
import subprocess
import sys
import threading
import warnings

import resources.containment.quiet as quiet_module
from resources.containment.guard import guarded
from resources.containment.quiet import quiet

C = ctypes.CDLL(None)


def _tell(text: str) -> None:
    print(text)  # noqa: T201
    os.write(1, text.encode())
    os.write(2, text.encode())
    C.puts(text.encode())
    subprocess.run(["/bin/echo", text], check=True)
    warnings.warn(text, stacklevel=1)
    logging.getLogger("some.library").critical(text)


def test_whoever_ends_first_ends_nobody_elses_silence(capfd):
    first, second = quiet(), quiet()
    first.__enter__()
    second.__enter__()
    _tell("one")
    first.__exit__(None, None, None)
    _tell("two")
    second.__exit__(None, None, None)
    assert capfd.readouterr() == ("", "")


def test_it_ends_as_it_began(capfd):
    outputs = sys.stdout, sys.stderr, logging.lastResort, logging.getLogger().handlers[:]
    descriptors = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH112, PTH208
    print("before", end="")  # noqa: T201
    for _ in range(3):
        with quiet():
            _tell("during")
    os.write(1, b" after")
    assert (sys.stdout, sys.stderr, logging.lastResort, logging.getLogger().handlers) == outputs
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) == descriptors  # noqa: PTH208
    assert capfd.readouterr() == ("before after", "")


def test_a_step_that_is_collected_just_then_ends_quietly(capfd, monkeypatch):
    """The collector closes a step left waiting, which asks for silence while it is being made."""
    loggers = quiet_module._muted_loggers

    @guarded
    def steps():
        try:
            yield 1
        finally:
            print("closing")  # noqa: T201
            os.write(1, b"closing")

    def muted_loggers():
        made = [[] for _ in range(5000)]
        assert made
        return loggers()

    def ask():
        gc.collect()
        waiting = [steps()]
        next(waiting[0])
        monkeypatch.setattr(quiet_module, "_muted_loggers", muted_loggers)
        waiting.append(waiting)  # only the collector can take it away
        del waiting
        with quiet():
            _tell("during")
        gc.collect()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(20)
    assert not asking.is_alive()
    assert capfd.readouterr() == ("", "")
