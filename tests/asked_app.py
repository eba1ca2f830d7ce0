"""Requests to an app as a server hands them on, without a socket in between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes


async def asked(
    app: ASGIApp,
    path: str,
    headers: Sequence[tuple[str, str | bytes]],
    *,
    method: str = "GET",
    body: bytes = b"",
    client: str = "127.0.0.1",
) -> Answered:
    """Send one request.

    Args:
        app: the app.
        path: without a query.
        headers: names and values, in this order.
        method: of HTTP.
        body: of the request.
        client: address of the peer.
    """
    written = [
        (name.encode(), value if isinstance(value, bytes) else value.encode("latin1"))
        for name, value in headers
    ]
    if body:
        written.append((b"content-length", str(len(body)).encode()))
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "http",
        "client": (client, 4000),
        "headers": written,
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *rest = sent
    found = {name.decode(): value.decode("latin1") for name, value in start["headers"]}
    return Answered(start["status"], found, b"".join(one.get("body", b"") for one in rest))
