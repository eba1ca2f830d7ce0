"""A scheduler and a worker of Dask that serve no page, and end when they are no longer needed."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed import Scheduler, Worker
from distributed.security import Security

from resources.scale_out.asked import TlsFiles

SECONDS_TO_CONNECT = 300
"""A ceiling: a busy machine takes a minute and more until its processes have loaded all."""
_OF_EACH = ("client", "scheduler", "worker")


@dataclass(frozen=True)
class Certificates:
    """Who is believed, who this is, and its key: files in PEM form, or what would stand in them."""

    ca: str
    cert: str
    key: str

    @classmethod
    def in_files(cls, files: TlsFiles) -> "Certificates":
        """Those of a site."""
        return cls(str(files.ca), str(files.cert), str(files.key))

    @classmethod
    def made_for_one_run(cls) -> "Certificates":
        """New ones, which are forgotten with the processes that have them."""
        made: Any = Security.temporary()
        return cls(made.tls_ca_file, made.tls_client_cert, made.tls_client_key)

    def security(self) -> Security:
        """As Dask wants them; without them nobody is talked to."""
        own: Mapping[str, str] = {
            **{f"tls_{one}_cert": self.cert for one in _OF_EACH},
            **{f"tls_{one}_key": self.key for one in _OF_EACH},
        }
        return Security(require_encryption=True, tls_ca_file=self.ca, **own)


class SealedScheduler(Scheduler):
    """Hands out work; holds references, days, counts and codes."""

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Serve no page."""
        self.http_application = None
        self.http_server = None


class SealedWorker(Worker):
    """Does one piece of work at a time, in memory."""

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Serve no page."""
        self.http_application = None
        self.http_server = None


def scheduler(host: str, port: int, certificates: Certificates) -> SealedScheduler:
    """A scheduler, to be awaited.

    Args:
        host: where it listens.
        port: the same; 0 for any that is free.
        certificates: its own.
    """
    return SealedScheduler(
        host=host,
        port=port,
        protocol="tls",
        security=certificates.security(),
        dashboard=False,
    )


def worker(address: str, host: str, folder: Path, certificates: Certificates) -> SealedWorker:
    """A worker, to be awaited.

    Args:
        address: of its scheduler.
        host: where it listens.
        folder: private and empty; Dask makes folders and locks in it, and puts nothing there.
        certificates: its own.
    """
    return SealedWorker(
        address,
        host=host,
        protocol="tls",
        nthreads=1,
        memory_limit=0,
        local_directory=str(folder),
        dashboard=False,
        name=secrets.token_hex(8),
        security=certificates.security(),
        death_timeout=SECONDS_TO_CONNECT,
    )
