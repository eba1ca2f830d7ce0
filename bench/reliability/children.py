"""Runs in processes of their own, forked from one that has loaded all, and what ends them."""

import faulthandler
import os
import re
import sys
import threading
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
"""Called before each act of a run with what it is: `statement INSERT group_days`, `commit` with the
last of the transaction, `event STEP_SUCCESS forecast`, `file os.rename keys`, or `flush` with the
number of the open file and its place."""

LONGEST = 900
"""Seconds after which a child hangs; beside others a run takes minutes."""

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
    """Tell before each statement that writes, each commit, each event, and each change of a file.

    Of Dagster's own statements its events alone count, which are a run's and its steps' ends.
    """
    root = site.session.home.root
    places = (str(root), str(root.with_name(f"{root.name}-inbox")))
    real, wrote = os.fsync, [""]

    def place(path: str) -> str:
        """The part of the home, and whether the file is not yet in its place."""
        below = path.removeprefix(places[0]).strip("/").partition("/")[0]
        own = "inbox" if path.startswith(places[1]) else _WITHOUT_NUMBERS.sub("N", below) or "home"
        return f"{own} partial" if path.endswith(".partial") else own

    def statement(*given: Any) -> None:
        words = given[2].lstrip()[:40].upper()
        if words.startswith("INSERT INTO EVENT_LOGS"):
            act(f"event {_event(given[3])}")
        elif not words.startswith(("SELECT", "SET", "SHOW")) and (table := _TABLE.search(given[2])):
            wrote[0] = f"{words.split()[0]} {table[1].lower()}"
            act(f"statement {wrote[0]}")

    def commit(_: Any) -> None:
        told, wrote[0] = wrote[0], ""
        if told:
            act(f"commit {told}")

    def file(what: str, given: tuple[Any, ...]) -> None:
        first = given[0] if given else None
        if not isinstance(first, str | Path) or not str(first).startswith(places):
            return
        if what in _FILES or (what == "open" and given[2] & _WRITING):
            act(f"file {what} {place(str(first))}")

    def fsync(descriptor: int) -> None:
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        act(f"flush {descriptor} {place(path) if path.startswith(places) else 'elsewhere'}")
        real(descriptor)

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", commit)
    sys.addaudithook(file)
    os.fsync = fsync
    yield


_TABLE = re.compile(r"(?:restricted|release|portal)\.(\w+)", re.IGNORECASE)
_WITHOUT_NUMBERS = re.compile(r"[0-9a-f]{8,}|[0-9]+")


def _event(given: Any) -> str:
    """Its type and step, of the parameters of the statement that stores one or several."""
    named = given if isinstance(given, dict) else {}
    kind = named.get("dagster_event_type") or named.get("dagster_event_type_m0") or "of no type"
    return f"{kind} {named.get('step_key') or named.get('step_key_m0') or 'run'}"


def kind_of(told: str) -> str:
    """What an act is, of what was told of it: without the number of a file."""
    return re.sub(r"^flush [0-9]+", "flush", told)


def in_other_thread(do: Callable[[], None]) -> None:
    """Do something now; a step's own thread may write no file and start no program."""
    other = threading.Thread(target=do)
    other.start()
    other.join()
