"""What may strike a job before one of its acts, and where it strikes: somewhere, or everywhere.

A blow is one of three: the process is killed with -9, PostgreSQL ends at once and is started again,
or the file system that holds the home runs full.
"""

import mmap
import os
import signal
import time
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil

from bench.reliability.children import Act, Child, Ended, in_other_thread, kind_of
from bench.reliability.disturbed import DisturbedSite, Run, noted, struck
from resources.base.database.embedded_postgres import open_server

FILLER = "filler"


class Blow(Protocol):
    """A fault that strikes at once."""

    def strike(self, site: DisturbedSite, told: str) -> None:
        """Bring it on, in the child, before the act that was told of."""
        ...

    def mend(self, site: DisturbedSite) -> None:
        """What somebody would do who was told, in the parent, once the child has ended."""
        ...


class Kill:
    """The process ends with -9; of a file that is being flushed to disk half is taken off first."""

    def strike(self, site: DisturbedSite, told: str) -> None:  # noqa: ARG002  (as the others)
        """Halve what is being written, and end."""
        if told.startswith("flush "):
            _halve(int(told.split()[1]))
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)

    def mend(self, site: DisturbedSite) -> None:
        """Nothing."""


class DatabaseRestart:
    """PostgreSQL ends with all its sessions, as after a crash, and is started again."""

    def strike(self, site: DisturbedSite, told: str) -> None:  # noqa: ARG002  (as the others)
        """Restart it, and wait until it answers."""
        data = site.session.home.postgres

        def restart() -> None:
            number = int((data / "postmaster.pid").read_text().split()[0])
            server = psutil.Process(number)
            # As after a crash: it recovers from its log.
            server.send_signal(signal.SIGQUIT)
            # Who started it may not look for a while that it has ended.
            while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.05)
            open_server(data)

        in_other_thread(restart)

    def mend(self, site: DisturbedSite) -> None:
        """Whoever looks next starts it, where the child ended before it could."""
        open_server(site.session.home.postgres)


class FullDisk:
    """The small file system that holds the whole home takes not one byte more."""

    def strike(self, site: DisturbedSite, told: str) -> None:  # noqa: ARG002  (as the others)
        """Fill it."""
        in_other_thread(lambda: fill(_filler(site)))

    def mend(self, site: DisturbedSite) -> None:
        """Make room, and start a server that could not write its log."""
        _filler(site).unlink(missing_ok=True)
        open_server(site.session.home.postgres)


class Somewhere:
    """Each job once, at an act drawn of as many as it had the last time.

    Args:
        blow: what strikes.
        every: which jobs; 3 for every third one.
    """

    def __init__(self, blow: Blow, every: int = 1) -> None:
        self._blow, self._acts = blow, dict[str, int]()
        self._every, self._jobs = every, 0

    def __call__(self, site: DisturbedSite, job: str, run: Run) -> None:
        """Strike once."""
        self._jobs += 1
        if self._jobs % self._every:
            return
        number, passed = struck(site, self._acts, job), [0]

        def act(told: str) -> None:
            passed[0] += 1
            if passed[0] == number:
                self._blow.strike(site, told)

        ended = _through(site, run, act, self._blow)
        noted(site, job, ended, self._acts)
        if ended.killed:
            # A job may have grown since.
            self._acts[job] = self._acts.get(job, 40) + 3


class Everywhere:
    """Before each kind of act of each job: a table's statement, its commit, a step's event, a file.

    One child after another is struck at the first act of a kind that has not been struck `often`
    times, until one ends that met none: what a kind is called is in `children.told_of`. The second
    blow of a kind falls on its second act in a run, and so on.

    Args:
        blow: what strikes.
        often: how many times for each kind.
        jobs: which are struck.
    """

    def __init__(self, blow: Blow, often: int, jobs: Collection[str]) -> None:
        self._blow, self._often, self._of = blow, often, jobs
        self._done: Counter[str] = Counter()
        self._shared = mmap.mmap(-1, 4096)

    def __call__(self, site: DisturbedSite, job: str, run: Run) -> None:
        """Strike until nothing is left to be struck."""
        while job in self._of:
            self._shared[:] = bytes(len(self._shared))
            ended = _through(site, run, self._strikes(site, job), self._blow)
            kind = bytes(self._shared[:]).rstrip(b"\0").decode()
            if not kind:
                return
            if not self._done[kind]:
                site.told["kinds of act"] += 1
            self._done[kind] += 1
            print(f"  {kind}: {self._done[kind]}", flush=True)
            noted(site, job, ended, {})

    def _strikes(self, site: DisturbedSite, job: str) -> Act:
        passed: Counter[str] = Counter()
        done = [False]

        def act(told: str) -> None:
            kind = f"{job}: {kind_of(told)}"
            passed[kind] += 1
            before = self._done[kind]
            if done[0] or before >= self._often or passed[kind] <= before:
                return
            done[0] = True
            written = kind.encode()
            self._shared[: len(written)] = written
            self._blow.strike(site, told)

        return act


def _through(site: DisturbedSite, run: Run, act: Act, blow: Blow) -> Ended:
    ended = Child(site, run, act).wait()
    blow.mend(site)
    return ended


def fill(path: Path) -> None:
    """Write until the file system takes not one byte more."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    os.write(descriptor, b"\0" * size)
    finally:
        os.close(descriptor)


def _filler(site: DisturbedSite) -> Path:
    return site.session.home.root.with_name(FILLER)


def _halve(descriptor: int) -> None:
    """Of a new file the second half goes, of a journal the second half of its last line."""
    path = Path(f"/proc/self/fd/{descriptor}").readlink()
    if not path.is_file():
        return
    size = os.fstat(descriptor).st_size
    if path.suffix == ".partial":
        os.ftruncate(descriptor, size // 2)
    elif path.name.endswith("-journal"):
        last = path.read_bytes().rstrip(b"\n").rpartition(b"\n")[2]
        os.ftruncate(descriptor, size - len(last) // 2 - 1)
