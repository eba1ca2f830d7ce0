"""The workers of a cluster, looked through before they are given anything, and their work."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from distributed import Client, as_completed

from assets.core.errors import SealError, SetupError, StepFailed, refuse_as
from resources.base import doors
from resources.base.home import Home
from resources.base.program import code_digest
from resources.scale_out import canary
from resources.scale_out.answers import body_of
from resources.scale_out.asked import ScaleOut
from resources.scale_out.local import local_nodes
from resources.scale_out.nodes import SECONDS_TO_CONNECT, Certificates

TRIES = 3
"""How often a group is given out whose worker dies with it, before it is refused."""

Work = Callable[[bytes], bytes]


class Cluster:
    """Workers that were looked through.

    Args:
        client: of the scheduler.
        workers: addresses of those that are given work.
    """

    def __init__(self, client: Client, workers: Sequence[str]) -> None:
        # Its methods answer at once or can be awaited, and say only that it is one of the two.
        self._client: Any = client
        self.workers = tuple(workers)

    def each(self, work: Work, orders: Sequence[bytes]) -> Iterator[tuple[int, bytes | None]]:
        """Have work done for each order, by any worker, one at a time each.

        Args:
            work: `answering` work that a worker can import.
            orders: what it is given.

        Yields:
            As they are done, the place of an order, and what its work handed out: None where
            `TRIES` workers died with it, or all that there were.

        Raises:
            StepFailed: with the code that work ended with.
            SetupError: `DASK_NO_WORKER` when none is left, `DASK_NOT_REACHABLE`.
        """
        waiting = list(reversed(range(len(orders))))
        tries = [0] * len(orders)
        doing: dict[str, int] = {}
        living = len(self.workers)
        done: Any = as_completed(loop=self._client.loop)
        try:
            while waiting or doing:
                while waiting and len(doing) < living:
                    place = waiting.pop()
                    tries[place] += 1
                    future = self._given(work, orders[place])
                    doing[future.key] = place
                    done.add(future)
                future = next(done)
                place = doing.pop(future.key)
                answer = self._answer(future)
                if answer is not None:
                    yield place, _body_or_all_done(answer, done)
                    continue
                living = self._living()
                if living and tries[place] < TRIES:
                    # After the others: it may end every worker that there is.
                    waiting.insert(0, place)
                    continue
                yield place, None
                if waiting and not living:
                    raise SetupError("DASK_NO_WORKER")
        finally:
            done.clear()

    def look_through(self) -> None:
        """Plant a word in each worker, and look for it in scheduler, workers and folders.

        Raises:
            SealError: `SEAL_BROKEN` where it is found, `CANARY_DID_NOT_RUN`.
            SetupError: as `each`.
        """
        salt = secrets.token_bytes(16)
        planted = [self._given(canary.plant, salt, worker) for worker in self.workers]
        for one in planted:
            answer = self._answer(one)
            if answer is None or _code_of(answer) != "STEP_BROKEN":
                raise SealError("CANARY_DID_NOT_RUN")
        with refuse_as(SetupError("DASK_NOT_REACHABLE"), Exception):
            found = [
                self._client.run_on_scheduler(canary.places_of, salt),
                *self._client.run(canary.places_of, salt, workers=list(self.workers)).values(),
            ]
        if any(found):
            raise SealError("SEAL_BROKEN")

    def _given(self, work: Work, order: bytes, worker: str | None = None) -> Any:
        return self._client.submit(
            work,
            order,
            key=secrets.token_hex(12),
            workers=[worker] if worker else list(self.workers),
            allow_other_workers=False,
            pure=False,
            retries=0,
        )

    def _answer(self, future: Any) -> bytes | None:
        """What came of it; None if its worker died."""
        # `answering` work raises nothing, so whatever is raised is Dask's own and tells no text.
        try:
            found = future.result()
        except Exception as error:  # noqa: BLE001  (classes of an extra, known by name)
            name = type(error).__name__
        else:
            return found
        if name == "KilledWorker":
            return None
        raise SetupError("DASK_NO_WORKER" if name == "NoValidWorkerError" else "DASK_NOT_REACHABLE")

    def _living(self) -> int:
        """How many of those that were looked through are left."""
        with refuse_as(SetupError("DASK_NOT_REACHABLE"), Exception):
            return len(self._client.run_on_scheduler(_workers_of).intersection(self.workers))


@contextmanager
def open_cluster(asked: ScaleOut, home: Home) -> Iterator[Cluster]:
    """Start or join the workers, and look through them.

    Args:
        asked: what the environment asks for.
        home: the home, which each worker has to have before it, too.

    Raises:
        SetupError: `DASK_NOT_REACHABLE`, `DASK_NO_WORKER`, `DASK_WORKER_DIFFERS`,
            `DASK_TLS_MISSING` for certificates that can't be read.
        SealError: what `Cluster.look_through` raises.
    """
    if asked.address is None or asked.tls is None:
        with (
            local_nodes(asked.workers) as (address, certificates, _),
            _client(address, certificates, asked.workers) as client,
        ):
            yield _looked_through(client, home)
        return
    with _client(asked.address, Certificates.in_files(asked.tls), 1) as client:
        yield _looked_through(client, home)


@contextmanager
def _client(address: str, certificates: Certificates, workers: int) -> Iterator[Client]:
    with refuse_as(SetupError("DASK_NOT_REACHABLE"), Exception), doors.opened():
        client = Client(
            address,
            security=certificates.security(),
            timeout=SECONDS_TO_CONNECT,
            set_as_default=False,
        )
    try:
        with refuse_as(SetupError("DASK_NO_WORKER"), Exception):
            client.wait_for_workers(workers, timeout=SECONDS_TO_CONNECT)
        yield client
    finally:
        # Whatever ended the work is what is told.
        with suppress(Exception):
            client.close()


def _looked_through(client: Any, home: Home) -> Cluster:
    with refuse_as(SetupError("DASK_NOT_REACHABLE"), Exception):
        known = client.run(program_and_home, str(home.root))
    if not known:
        raise SetupError("DASK_NO_WORKER")
    if set(known.values()) != {program_and_home(str(home.root))}:
        raise SetupError("DASK_WORKER_DIFFERS")
    cluster = Cluster(client, sorted(known))
    cluster.look_through()
    return cluster


def program_and_home(root: str) -> tuple[str, int]:
    """What program a process runs, and which folder it finds where the home is.

    Args:
        root: the home's path, the same for all.

    Returns:
        Digest of its code; number of the file `home.yaml`, 0 without one. A copy of a home has
        another: what a worker stores has to be where the run looks for it.
    """
    file = Path(root) / "home.yaml"
    return code_digest(), file.stat().st_ino if file.is_file() else 0


def _body_or_all_done(answer: bytes, others: Iterable[Any]) -> bytes:
    """What work handed out; where it failed, once nobody writes for the step any more."""
    try:
        return body_of(answer)
    except StepFailed:
        for _ in others:
            pass
        raise


def _code_of(answer: bytes) -> str:
    try:
        body_of(answer)
    except StepFailed as error:
        return error.code
    return ""


def _workers_of(dask_scheduler: Any) -> frozenset[str]:
    return frozenset(dask_scheduler.workers)
