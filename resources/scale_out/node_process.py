"""The process of a scheduler or a worker: hardened, and gone with the one that started it.

A run starts them as `python -m resources.scale_out.node_process`; what each is to be comes by its
standard input, for other processes could read arguments and variables. That input stays open as
long as the run lives.
"""

import asyncio
import os
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

from resources.base.database.embedded_postgres import join_from_environment
from resources.containment.hardening import harden
from resources.scale_out.sealed_dask import load_dask


class NodeOrder(msgspec.Struct, frozen=True):
    """What a process is to be.

    Attributes:
        host: where it listens.
        port: the same; 0 for any that is free.
        ca: who is believed: a file in PEM form, or what would stand in it.
        cert: who this is, likewise.
        key: its key, likewise.
        scheduler: address of a worker's scheduler; empty for a scheduler.
        idle_seconds: after how long without work a worker ends that has done some; 0 for never. A
            process that has held text ends, as a run's own does.
    """

    host: str
    port: int
    ca: str
    cert: str
    key: str
    scheduler: str = ""
    idle_seconds: float = 0


async def run_node(order: NodeOrder, tell: int | None = None) -> None:
    """Be a scheduler or a worker until it is told to end, or its scheduler is gone.

    Args:
        order: what to be.
        tell: descriptor that its address is written to, in a line.

    Raises:
        SetupError: `DASK_NOT_INSTALLED`.
    """
    load_dask()
    from resources.scale_out import nodes  # noqa: PLC0415  (Dask's classes, once it is silent)

    certificates = nodes.Certificates(order.ca, order.cert, order.key)
    folder = Path(tempfile.mkdtemp(prefix="tideline-dask-"))
    _write_only_below(folder)
    try:
        made = (
            nodes.worker(order.scheduler, order.host, folder, certificates)
            if order.scheduler
            else nodes.scheduler(order.host, order.port, certificates)
        )
        node = await made
        if tell is not None:
            os.write(tell, f"{node.address}\n".encode())
        if order.scheduler and order.idle_seconds:
            await _until_idle(node, order.idle_seconds)
            await node.close()
        await node.finished()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_only_below(folder: Path) -> None:
    """Have all that makes temporary files make them there, where planted words are looked for.

    A machine's own folder holds other people's files: gigabytes that are none of ours to read.
    """
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


async def _until_idle(worker: Any, seconds: float) -> None:
    """Wait until a worker has done something, and then nothing for so long; or has ended."""
    done, since = 0, time.monotonic()
    while worker.status.name in {"running", "paused", "init"}:
        await asyncio.sleep(min(1, seconds))
        state = worker.state
        if state.executing_count or state.ready or state.executed_count != done:
            done, since = state.executed_count, time.monotonic()
        elif done and time.monotonic() - since > seconds:
            return


def main() -> None:
    """Read the order, and end when whoever wrote it is gone."""
    harden()
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=NodeOrder)
    if order.scheduler:
        # A file says who uses the home's own server; around text none is written.
        join_from_environment()
    threading.Thread(target=_end_with_input, daemon=True).start()
    asyncio.run(run_node(order, tell=1))
    # Work that goes on in a thread would hold the process up.
    os._exit(0)


def _end_with_input() -> None:
    while sys.stdin.buffer.read(1):
        pass
    # What a group had stored by now is whole, and what it had not is not there.
    os._exit(0)


if __name__ == "__main__":
    main()
