"""How the portal is served: no log of requests, nothing told of what serves it."""

import ipaddress
from collections.abc import Iterator, Sequence

import uvicorn
from starlette.types import ASGIApp

from assets.core.errors import SetupError, refuse_as
from orchestration.portal.head_first import HeadFirst
from orchestration.portal.limits import MOST_HEAD_BYTES

MOST_CONNECTIONS = 200
IDLE_SECONDS = 5
THIS_MACHINE = ("127.0.0.1", "::1")
_MAPPED_BITS = 96
"""Before an address of the fourth version that is written as one of the sixth."""


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
        # Whose connections HeadFirst knows.
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
