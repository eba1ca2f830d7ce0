"""The portal's modules and the delivery protocol, served; all that a browser sends is kept."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

import orchestration.portal
from orchestration.portal.pieces import Delivering, delivery_routes
from resources.stores.inbox.location import InboxLocation
from resources.stores.portal.partial_deliveries import PartialDeliveries

GROUP = "g-0a1b2c3d"
STATIC = Path(orchestration.portal.__file__).parent / "static"


@dataclass
class Served:
    """A server, what it was sent, and how its answers are to fail."""

    url: str
    inbox: Path
    pieces: Path
    sent: list[tuple[str, str, bytes]] = field(default_factory=list)
    fails: Callable[[int, str], bool] = lambda number, path: False
    answers_lost: Callable[[int, str], bool] = lambda number, path: False

    def arrived(self) -> list[Path]:
        return sorted((self.inbox / GROUP).glob("*.age"))


class _Recording:
    def __init__(self, app, served) -> None:
        self._app, self._served = app, served

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        path = f"{scope['path']}?{scope['query_string'].decode()}"
        number = len(self._served.sent)
        self._served.sent.append((scope["method"], path, body))
        if self._served.fails(number, path):
            raise ConnectionError
        lost = self._served.answers_lost(number, path)
        given = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive_again():
            return next(given, None) or await receive()

        async def send_or_not(message):
            if lost:
                raise ConnectionError
            await send(message)

        await self._app(scope, receive_again, send_or_not)


def modules_alone(_: str, store: PartialDeliveries) -> ASGIApp:
    """An empty page, the modules, and the protocol without a link."""
    delivering = Delivering(GROUP, store, lambda: datetime.now(UTC))

    async def empty(_):
        return HTMLResponse("<!doctype html><html lang=en><title>empty</title>")

    return Starlette(
        routes=[
            Route("/", empty),
            Mount("/static", StaticFiles(directory=STATIC)),
            *delivery_routes(lambda _: delivering, "/pieces"),
        ]
    )


@contextmanager
def served(
    folder: Path, made: Callable[[str, PartialDeliveries], ASGIApp] = modules_alone
) -> Iterator[Served]:
    """Serve until the end of the block; `fails` and `answers_lost` see a request's number and path.

    Args:
        folder: for what arrives.
        made: makes the app, given its address and the store of its deliveries.
    """
    inbox, pieces = folder / "inbox", folder / "pieces"
    store = PartialDeliveries(pieces, InboxLocation(str(inbox)), timedelta(days=14))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    # So that what asks before the server runs waits instead of being refused.
    listening.listen(128)
    kept = Served(f"http://127.0.0.1:{listening.getsockname()[1]}", inbox, pieces)
    app = _Recording(made(kept.url, store), kept)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield kept
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
