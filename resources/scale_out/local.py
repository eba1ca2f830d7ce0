"""A scheduler and workers of this machine's own, for as long as one step of a run takes."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import msgspec

from assets.core.errors import SetupError
from resources.base import doors, silent_dependencies
from resources.scale_out.node_process import NodeOrder
from resources.scale_out.nodes import Certificates

HOST = "127.0.0.1"
_SECONDS_TO_END = 5
_OF_EVERY_PROCESS = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@contextmanager
def local_nodes(workers: int) -> Iterator[tuple[str, Certificates, Path]]:
    """Start a scheduler and workers; they end with the block, or with this process.

    The scheduler is given none of the home's variables. A worker has what this process has, for it
    opens, encrypts and stores.

    Args:
        workers: how many.

    Yields:
        The scheduler's address, certificates that were made for this, and the private folder that
        the processes take for their temporary one.

    Raises:
        SetupError: `DASK_NOT_REACHABLE` if the scheduler does not come up.
    """
    certificates = Certificates.made_for_one_run()
    started: list[subprocess.Popen[bytes]] = []
    # What is written by opening doors is certificates and Dask's locks.
    with doors.opened():
        folder = Path(tempfile.mkdtemp(prefix="tideline-scale-out-"))
    try:
        with doors.opened():
            few = {name: os.environ[name] for name in _OF_EVERY_PROCESS if name in os.environ}
            scheduler = start_node(_order(certificates), {**few, **_own(folder)})
            started.append(scheduler)
            address = _line_of(scheduler)
            for _ in range(workers):
                started.append(  # noqa: PERF401  (each is ended, also if a later one does not start)
                    start_node(_order(certificates, address), {**os.environ, **_own(folder)})
                )
        yield address, certificates, folder
    finally:
        for one in reversed(started):
            _end(one)
        with doors.opened():
            shutil.rmtree(folder, ignore_errors=True)


def _order(certificates: Certificates, scheduler: str = "") -> NodeOrder:
    return NodeOrder(HOST, 0, certificates.ca, certificates.cert, certificates.key, scheduler)


def _own(folder: Path) -> dict[str, str]:
    return {
        "TMPDIR": str(folder),
        **dict.fromkeys(THREADS, "1"),
        **silent_dependencies.environment(),
    }


def start_node(order: NodeOrder, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start the process of a scheduler or a worker; it ends with this one."""
    process = subprocess.Popen(
        [sys.executable, "-m", "resources.scale_out.node_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(environment),
    )
    # It stays open: that it closes is how the process learns that this one is gone.
    given = cast("IO[bytes]", process.stdin)
    given.write(msgspec.json.encode(order) + b"\n")
    given.flush()
    return process


def _line_of(process: "subprocess.Popen[bytes]") -> str:
    line = cast("IO[bytes]", process.stdout).readline().decode().strip()
    if not line:
        raise SetupError("DASK_NOT_REACHABLE")
    return line


def _end(process: "subprocess.Popen[bytes]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
