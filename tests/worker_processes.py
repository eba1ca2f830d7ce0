"""Processes of a cluster that a test starts: at the test's time, and killed where it wants."""

from datetime import datetime
from pathlib import Path

import pytest

_AT_START = """
import os, signal, sys
if {entry!r} in sys.orig_argv:
    from datetime import datetime
    from resources.base.clock import Clock
    Clock.now = lambda self: datetime.fromisoformat({now!r})
    if {killed_at!r} and "TIDELINE_HOME" in os.environ:
        from importlib import import_module
        module, kind, method, after = {killed_at!r}.split()
        owner = import_module(module)
        owner = getattr(owner, kind) if kind != "-" else owner
        real = getattr(owner, method)
        def once(*arguments, **given):
            result = real(*arguments, **given) if after == "after" else None
            try:
                from resources.base import doors
                with doors.opened():
                    for left in range({times}):
                        try:
                            os.close(os.open({mark!r} + str(left), os.O_CREAT | os.O_EXCL))
                        except FileExistsError:
                            continue
                        os.kill(os.getpid(), signal.SIGKILL)
            finally:
                pass
            return result if after == "after" else real(*arguments, **given)
        setattr(owner, method, once)
"""
ENTRY = "resources.scale_out.node_process"


def processes_begin_with(
    folder: Path,
    patch: pytest.MonkeyPatch,
    now: datetime,
    *,
    killed_at: str = "",
    times: int = 1,
) -> Path:
    """Have each process of a cluster begin so.

    Args:
        folder: that the test may write into.
        patch: undone after the test.
        now: what each takes for the time.
        killed_at: "module class method before|after", at which a worker kills itself; "" for none.
        times: how many workers do, each once.

    Returns:
        Where the killed leave empty files, each named by the path and a number from 0.
    """
    own = folder / "begin"
    own.mkdir(exist_ok=True)
    mark = folder / "killed"
    script = _AT_START.format(
        entry=ENTRY, now=now.isoformat(), killed_at=killed_at, times=times, mark=str(mark)
    )
    (own / "sitecustomize.py").write_text(script, "utf-8")
    root = Path(__file__).parents[1]
    patch.setenv("PYTHONPATH", f"{own}:{root}")
    return mark
