"""Processes of a cluster that a test starts: at the test's time, and killed where it wants."""

import gc
import os
import re
import signal
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from resources.containment.marker_scan import scan_folder
from resources.scale_out.answers import answering

if TYPE_CHECKING:
    import pytest

_AT_START = """
import os, signal, sys
if {entry!r} in sys.orig_argv:
    from datetime import datetime
    from resources.base.clock import Clock
    Clock.now = lambda self: datetime.fromisoformat({now!r})
    if "TIDELINE_HOME" in os.environ:
        exec({also!r})
    if {killed_at!r} and "TIDELINE_HOME" in os.environ:
        from importlib import import_module
        module, kind, method = {killed_at!r}.split()
        owner = import_module(module)
        owner = getattr(owner, kind) if kind != "-" else owner
        real = getattr(owner, method)
        def die(place):
            from resources.base import doors
            with doors.opened():
                for turn, own in enumerate({when!r}):
                    if os.path.exists({mark!r} + str(turn)):
                        continue
                    if own != place:
                        return
                    try:
                        os.close(os.open({mark!r} + str(turn), os.O_CREAT | os.O_EXCL))
                    except FileExistsError:
                        continue
                    os.kill(os.getpid(), signal.SIGKILL)
        def once(*arguments, **given):
            die("before")
            result = real(*arguments, **given)
            die("after")
            return result
        setattr(owner, method, once)
"""
ENTRY = "resources.scale_out.node_process"


def processes_begin_with(
    folder: Path,
    patch: "pytest.MonkeyPatch",
    now: datetime,
    *,
    killed_at: str = "",
    when: Sequence[str] = (),
    also: str = "",
) -> Path:
    """Have each process of a cluster begin so.

    Args:
        folder: that the test may write into.
        patch: undone after the test.
        now: what each takes for the time.
        killed_at: "module class method", at which workers kill themselves; "" for none.
        when: for each that does, one after another, whether "before" or "after" it.
        also: statements that each worker begins with.

    Returns:
        Where the killed leave empty files, each named by the path and a number from 0.
    """
    own = folder / "begin"
    own.mkdir(exist_ok=True)
    mark = folder / "killed"
    script = _AT_START.format(
        entry=ENTRY,
        now=now.isoformat(),
        killed_at=killed_at,
        when=tuple(when),
        mark=str(mark),
        also=also,
    )
    (own / "sitecustomize.py").write_text(script, "utf-8")
    root = Path(__file__).parents[1]
    patch.setenv("PYTHONPATH", f"{own}:{root}:{root / 'tests'}")
    return mark


def held_in_process(markers: Sequence[bytes]) -> list[str]:
    """Which markers a process of a cluster holds, by type of what holds it, or has in files."""
    from resources.scale_out.canary import kept_strings, strings

    gc.collect()
    others = [one for one in gc.get_objects() if one is not markers]
    kept = list(kept_strings(others))
    # One search for all; kept no longer than it takes, or it would be found itself.
    pattern = re.compile(b"|".join(map(re.escape, markers)))
    is_held = any(map(pattern.search, kept))
    re.purge()
    if not is_held:
        return [name for name, _ in scan_folder(Path(tempfile.gettempdir()), markers)]
    found = [
        f"{type(one).__name__} {repr(one)[:200]}"
        for one in others
        for held in gc.get_referents(one)
        for text in strings(held)
        if any(marker in text for marker in markers)
    ]
    folder = Path(tempfile.gettempdir())
    return found + [name for name, _ in scan_folder(folder, markers)]


@answering
def echo_or_die(order: bytes) -> bytes:
    """Hand an order back; end the process for one of them, fail for another."""
    if order == b"die":
        os.kill(os.getpid(), signal.SIGKILL)
    if order == b"fail":
        raise ValueError(order)
    return order
