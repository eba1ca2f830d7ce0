"""A scheduler, or a worker, that serves the runs of a home until it is stopped."""

import asyncio
import os

from assets.core.errors import SetupError, refuse_as
from resources.base import silent_dependencies
from resources.scale_out.asked import CERTIFICATES, DASK, checked_address, tls_files
from resources.scale_out.local import THREADS, start_node
from resources.scale_out.node_process import NodeOrder, run_node

IDLE_SECONDS = 60
"""After which a worker that has held text is ended, and a new one started."""


def serve_scheduler(host: str, port: int) -> None:
    """Be a scheduler until this process is stopped.

    Args:
        host: where it listens.
        port: the same.

    Raises:
        SetupError: `DASK_NOT_INSTALLED`, `DASK_TLS_MISSING`, `DASK_NOT_REACHABLE` where it can't
            listen or its certificates can't be read.
    """
    files = tls_files()
    order = NodeOrder(host, port, str(files.ca), str(files.cert), str(files.key))
    with refuse_as(SetupError("DASK_NOT_REACHABLE"), OSError, ValueError):
        asyncio.run(run_node(order))


def serve_worker(address: str, host: str) -> None:
    """Have a worker there, one process after another, each for as long as runs give it groups.

    Args:
        address: of the scheduler.
        host: where workers listen.

    Raises:
        SetupError: `DASK_ADDRESS_INVALID`, `DASK_TLS_MISSING`; `DASK_NOT_REACHABLE` once the
            scheduler is gone.
    """
    files = tls_files()
    order = NodeOrder(
        host,
        0,
        str(files.ca),
        str(files.cert),
        str(files.key),
        scheduler=checked_address(address),
        idle_seconds=IDLE_SECONDS,
    )
    # A worker asks the study register, too.
    given = {
        **os.environ,
        DASK: address,
        **dict(zip(CERTIFICATES, map(str, (files.ca, files.cert, files.key)), strict=True)),
        **dict.fromkeys(THREADS, "1"),
        **silent_dependencies.environment(),
    }
    while True:
        process = start_node(order, given)
        # It says its address once it has joined, and nothing else.
        joined = bool(process.stdout and process.stdout.readline())
        if process.wait() or not joined:
            raise SetupError("DASK_NOT_REACHABLE")
