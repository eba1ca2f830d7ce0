"""Dask as it may be used around text: nothing on disk, no page, no log, no frames, no word home."""

import logging
from typing import Any

from assets.core.errors import SetupError, refuse_as

SETTINGS: dict[str, Any] = {
    # What a worker holds is counts; without a limit of memory there is no spill, and with one
    # there would be none either.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.p2p.storage.disk": False,
    # No web server (`nodes`), so no routes; no page.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # It would look into the frames of whatever runs, a hundred times a second.
    "distributed.worker.profile.enabled": False,
    "distributed.diagnostics.computations.max-history": 0,
    "distributed.diagnostics.computations.nframes": 0,
    "distributed.diagnostics.erred-tasks.max-history": 0,
    "distributed.diagnostics.nvml": False,
    "distributed.admin.low-level-log-length": 0,
    "distributed.admin.log-length": 0,
    "distributed.admin.max-error-length": 0,
    "distributed.admin.pdb-on-err": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.log-length": 1,
    "distributed.comm.require-encryption": True,
    "distributed.comm.compression": False,
    # A group whose worker died is given out again by the run, which knows that it may be.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.no-workers-timeout": "20s",
    "distributed.scheduler.events-cleanup-delay": "1s",
    "distributed.scheduler.active-memory-manager.start": False,
}
"""Over Dask's defaults; what a user, a machine or the environment set is not heeded."""

_NAMES = ("distributed", "tornado", "dask", "asyncio", "bokeh")
_NEVER = logging.CRITICAL + 1


def load_dask() -> None:
    """Import Dask, with these settings and without a log.

    Raises:
        SetupError: `DASK_NOT_INSTALLED`.
    """
    with refuse_as(SetupError("DASK_NOT_INSTALLED"), ImportError):
        import dask.config  # noqa: PLC0415  (an extra; nobody else waits for it)

        # Before the next import, which would make loggers as a user's file says.
        dask.config.refresh(paths=[], env={})
        import distributed  # noqa: F401, PLC0415  (as above)

    dask.config.refresh(paths=[], env={})
    dask.config.set(SETTINGS)
    _silence()


def _silence() -> None:
    """Let no record out, now or once somebody else sets levels: what is logged names arguments."""
    for name in _NAMES:
        for one in (name, *_below(name)):
            log = logging.getLogger(one)
            log.handlers[:] = [logging.NullHandler()]
            log.propagate = False
            log.setLevel(_NEVER)
            log.disabled = True


def _below(name: str) -> list[str]:
    return [one for one in logging.root.manager.loggerDict if one.startswith(f"{name}.")]
