"""How the portal is served: no log of requests, nothing told of what serves it.

A request's head is read before its body, so that what is refused by its head stays unread.
"""

import asyncio
import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from assets.core.errors import SetupError, refuse_as
from orchestration.portal.limits import MOST_HEAD_BYTES

MOST_CONNECTIONS = 200
IDLE_SECONDS = 5
THIS_MACHINE = ("127.0.0.1", "::1")
_MAPPED_BITS = 96
"""Before an address of the fourth version that is written as one of the sixth."""
HEAD_READ_BYTES = 1024
"""Read at a time until a head has ended: as much of a body may come with its last bytes."""
BODY_READ_BYTES = 1 << 18


class HeadFirst(H11Protocol):
    """One connection; the app has answered by the head before more of the body is asked for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A client has come."""
        super().connection_made(transport)
        self._read_at_a_time(HEAD_READ_BYTES)

    def data_received(self, data: bytes) -> None:
        """Some bytes have come; the next come after the app's first step."""
        super().data_received(data)
        in_body = self.conn.their_state is h11.SEND_BODY
        self._read_at_a_time(BODY_READ_BYTES if in_body else HEAD_READ_BYTES)

    def _read_at_a_time(self, most: int) -> None:
        # What asyncio's own transports ask the socket for.
        transport: Any = self.transport
        transport.max_size = most


def configuration(
    app: ASGIApp, host: str = "127.0.0.1", port: int = 8600, proxies: Sequence[str] = ()
) -> uvicorn.Config:
    """What uvicorn is given.

    Args:
        app: the portal's.
        host: address to listen at.
        port: likewise.
        proxies: addresses or networks whose `X-Forwarded-For` says who asks; `THIS_MACHINE` where
            none is named, whatever the environment says.

    Raises:
        SetupError: `PROXY_INVALID`.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="asyncio",
        http=HeadFirst,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=MOST_HEAD_BYTES,
        proxy_headers=True,
        forwarded_allow_ips=[one for proxy in proxies or THIS_MACHINE for one in _written(proxy)],
    )


def _written(proxy: str) -> Iterator[str]:
    """A proxy's address or network, in each way in which a socket may name it."""
    with refuse_as(SetupError("PROXY_INVALID"), ValueError):
        network = ipaddress.ip_network(proxy)
    if network.prefixlen == 0:
        # Then anybody could say to be anybody.
        raise SetupError("PROXY_INVALID")
    yield str(network)
    if isinstance(network, ipaddress.IPv4Network):
        yield f"::ffff:{network.network_address}/{_MAPPED_BITS + network.prefixlen}"
