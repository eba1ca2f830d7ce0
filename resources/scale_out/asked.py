"""Whether, and where, groups are to be read by others than one run: said by the environment."""

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from assets.core.errors import SetupError, refuse_as
from assets.core.shards import SLOTS, WHOLE, Shard, every_shard

DASK = "TIDELINE_DASK"
"""`local`, or the address of a Dask scheduler, `tls://HOST:PORT`. Without it nothing is shared."""

WORKERS = "TIDELINE_DASK_WORKERS"
"""With `local`: how many processes read."""

CERTIFICATES = ("TIDELINE_DASK_CA", "TIDELINE_DASK_CERT", "TIDELINE_DASK_KEY")
"""Files in PEM form: who may be believed, who this is, and its key."""

SHARDS = "TIDELINE_SHARDS"
"""How many runs share the groups of each region. Without it one run reads all."""

_LOCAL = "local"
_USUAL_WORKERS, _MOST_WORKERS = 2, 64


@dataclass(frozen=True)
class TlsFiles:
    """Files in PEM form by which scheduler, workers and runs know each other."""

    ca: Path
    cert: Path
    key: Path


@dataclass(frozen=True)
class ScaleOut:
    """What was asked for.

    Attributes:
        address: of a scheduler that runs; None where processes are to be started on this machine.
        workers: how many to start; 0 where they run already.
        tls: None where processes are started, which get certificates that are made for them.
    """

    address: str | None
    workers: int
    tls: TlsFiles | None

    @property
    def on_other_machines(self) -> bool:
        """Whether the scheduler may be on another machine than this."""
        return self.address is not None and not is_loopback(urlsplit(self.address).hostname or "")


def scale_out_asked() -> ScaleOut | None:
    """What the environment asks for, None if nothing.

    Raises:
        SetupError: `DASK_ADDRESS_INVALID`, `DASK_WORKERS_INVALID`, `DASK_TLS_MISSING`.
    """
    written = os.environ.get(DASK, "").strip()
    if not written:
        return None
    if written == _LOCAL:
        return ScaleOut(None, _workers(), None)
    return ScaleOut(checked_address(written), 0, tls_files())


def shards_asked() -> list[Shard]:
    """The shards that each region is to be read in; `WHOLE` alone where none are asked for.

    Raises:
        SetupError: `SHARDS_INVALID`.
    """
    written = os.environ.get(SHARDS, "").strip()
    if not written:
        return [WHOLE]
    with refuse_as(SetupError("SHARDS_INVALID"), ValueError):
        found = int(written)
        if not 1 <= found <= SLOTS:
            raise ValueError
    return every_shard(found)


def checked_address(written: str) -> str:
    """An address of a scheduler.

    Whoever reaches a scheduler has code run where the keys are, also from the same machine, so one
    that knows nobody by a certificate is refused wherever it is.

    Raises:
        SetupError: `DASK_ADDRESS_INVALID`, `DASK_TLS_MISSING` for one without TLS.
    """
    with refuse_as(SetupError("DASK_ADDRESS_INVALID"), ValueError):
        parts = urlsplit(written)
        if not parts.hostname or parts.port is None or parts.path or parts.query:
            raise ValueError
    if parts.scheme == "tcp":
        raise SetupError("DASK_TLS_MISSING")
    if parts.scheme != "tls":
        raise SetupError("DASK_ADDRESS_INVALID")
    return written


def tls_files() -> TlsFiles:
    """The files that the environment names.

    Raises:
        SetupError: `DASK_TLS_MISSING`.
    """
    files = [Path(os.environ.get(one) or "").expanduser() for one in CERTIFICATES]
    if not all(one.is_file() for one in files):
        raise SetupError("DASK_TLS_MISSING")
    return TlsFiles(*files)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, to itself alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _workers() -> int:
    with refuse_as(SetupError("DASK_WORKERS_INVALID"), ValueError):
        found = int(os.environ.get(WORKERS) or _USUAL_WORKERS)
        if not 1 <= found <= _MOST_WORKERS:
            raise ValueError
    return found
