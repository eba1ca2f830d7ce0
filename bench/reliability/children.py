"""Runs in processes of their own, forked from one that has loaded all, and what ends them."""

import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy import Engine, event

from bench.soak.site import Site
from orchestration.cli.session import open_session

Act = Callable[[str], None]
"""Called before each act of a run with its kind: `statement`, `commit`, `event`, `file`, or `flush`
with the number of the open file."""

LONGEST = 180
"""Seconds after which a child hangs."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_FILES = frozenset({"os.rename", "os.remove", "os.truncate", "os.link", "os.mkdir", "os.rmdir"})


@dataclass(frozen=True)
class Ended:
    """How a child ended.

    Attributes:
        killed: whether by a signal.
        code: what its run ended with; the class of an error that left it.
        acts: how many acts there were, of one that was not killed.
    """

    killed: bool
    code: str
    acts: int


def reopened(site: Site) -> Site:
    """The same home with connections and an instance of its own, for a child."""
    session = open_session(site.session.home.root, site.clock)
    os.environ.update(session.environment())
    # Entered, for what Dagster keeps of the state of definitions is asked of the instance entered
    # last: two children would share the parent's connection.
    instance = dg.DagsterInstance.from_config(str(session.home.dagster)).__enter__()
    own = Site(session, site.clock, instance, site.model)
    own.refs, own.base_version, own.model = site.refs, site.base_version, site.model
    return own


class Child:
    """A forked process that does one thing on the home.

    Args:
        site: the home.
        what: the thing; gives a code.
        before_act: called before each act.
    """

    def __init__(
        self, site: Site, what: Callable[[Site], str | None], before_act: Act | None = None
    ) -> None:
        read, write = os.pipe()
        sys.stdout.flush()
        self._pid, self._read = os.fork(), read
        if self._pid:
            os.close(write)
            return
        # A child that hangs says where, and its silence is counted.
        faulthandler.dump_traceback_later(LONGEST, exit=True)
        try:
            os.write(write, _done(site, what, before_act).encode())
        finally:
            # Nothing that the parent has opened is closed here.
            os._exit(0)

    def wait(self) -> Ended:
        """Until it has ended."""
        with os.fdopen(self._read, "rb") as told:
            words = told.read().decode().split()
        _, status = os.waitpid(self._pid, 0)
        if not words:
            return Ended(killed=os.WIFSIGNALED(status), code="a hang", acts=0)
        return Ended(killed=False, code=words[0], acts=int(words[1]))


def _done(site: Site, what: Callable[[Site], str | None], before_act: Act | None) -> str:
    acts = [0]

    def act(kind: str) -> None:
        acts[0] += 1
        if before_act is not None:
            before_act(kind)

    try:
        own = reopened(site)
        with own.watched(), told_of(own, act):
            code = what(own)
    except BaseException as error:  # noqa: BLE001  (its class is told, and the child ends)
        code = type(error).__name__
    return f"{code} {acts[0]}"


@contextmanager
def told_of(site: Site, act: Act) -> Iterator[None]:
    """Call before each statement that writes, each commit, each event, and each change of a file.

    Of Dagster's own statements its events alone count, which are a run's and its steps' ends.
    """
    root = site.session.home.root
    places = (str(root), str(root.with_name(f"{root.name}-inbox")))
    real = os.fsync

    def statement(*given: Any) -> None:
        words = given[2].lstrip()[:40].upper()
        if words.startswith("INSERT INTO EVENT_LOGS"):
            act("event")
        elif not words.startswith(("SELECT", "SET", "SHOW")) and "RESTRICTED." in given[2].upper():
            act("statement")

    def commit(_: Any) -> None:
        act("commit")

    def file(what: str, given: tuple[Any, ...]) -> None:
        first = given[0] if given else None
        if not isinstance(first, str | Path) or not str(first).startswith(places):
            return
        if what in _FILES or (what == "open" and given[2] & _WRITING):
            act("file")

    def fsync(descriptor: int) -> None:
        act(f"flush {descriptor}")
        real(descriptor)

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(site.session.database.engine, "commit", commit)
    sys.addaudithook(file)
    os.fsync = fsync
    yield


def killed_before(number: int) -> Act:
    """Ends the process with -9 before the act of this number.

    Of a new file that is being flushed to disk half is taken off first: killed inside the write.
    """
    passed = [0]

    def act(kind: str) -> None:
        passed[0] += 1
        if passed[0] == number:
            if kind.startswith("flush "):
                _halve(int(kind.split()[1]))
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)

    return act


def _halve(descriptor: int) -> None:
    if Path(f"/proc/self/fd/{descriptor}").readlink().suffix == ".partial":
        os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)


def once_before(number: int, do: Callable[[], None]) -> Act:
    """Does something before the act of this number, in a thread of its own.

    A step's own thread may write no file and start no program.
    """
    passed = [0]

    def act(_: str) -> None:
        passed[0] += 1
        if passed[0] == number:
            other = threading.Thread(target=do)
            other.start()
            other.join()

    return act
