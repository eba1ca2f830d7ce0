"""How the portal is served: no log of requests, nothing told of what serves it."""

import uvicorn
from starlette.types import ASGIApp

from orchestration.portal.head_first import HeadFirst

MOST_CONNECTIONS = 200
IDLE_SECONDS = 5


def configuration(app: ASGIApp, host: str = "127.0.0.1", port: int = 8600) -> uvicorn.Config:
    """What uvicorn is given.

    Args:
        app: the portal's.
        host: address to listen at.
        port: likewise.
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
    )
