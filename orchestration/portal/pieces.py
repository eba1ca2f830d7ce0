"""Sealed bytes come in pieces, and a receipt goes out.

| request | answer |
|---|---|
| `POST …/pieces` | `201 {"id"}`: a delivery has begun |
| `POST …/pieces/ID?offset=N` with bytes | `200 {"received"}`: how many bytes are there now |
| `GET …/pieces/ID` | `200 {"received"}` |
| `POST …/pieces/ID/whole?sha256=HEX` | `200 {"destroyed_on"}`: it lies in the inbox |

A piece whose offset is not where the delivery stands changes nothing, so whoever got no answer
sends it again. `404` says that there is no such delivery (any more), `403` that the link may not
deliver; `503` that another request works on it, or that too many come at this moment, and
`507` that there is no room: both are worth asking again.

All of it is done by threads of its own, and only so many requests come at a time, so that whoever
delivers keeps nobody from withdrawing.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assets.core.errors import ExportError, StorageError
from resources.stores.portal.partial_deliveries import PartialDeliveries

MOST_A_PIECE = 1 << 20
"""Bytes of one request's body."""
THREADS = 8
MOST_AT_ONCE = 100
"""Requests that may be worked on at a time: half of the connections that the portal has."""
MOST_OF_A_LINK = 4
"""Likewise, of one group."""
AGAIN_AFTER = "2"
"""Seconds."""
_OFFSET_DIGITS = 12
_DIGEST_DIGITS = 64


@dataclass(frozen=True)
class Delivering:
    """What the routes work with.

    Attributes:
        group_ref: whose exports may come.
        pieces: the store of unfinished deliveries.
        now: the moment (aware).
    """

    group_ref: str
    pieces: PartialDeliveries
    now: Callable[[], datetime]


@dataclass
class Coming:
    """The requests that are worked on at this moment.

    Attributes:
        of_group: how many, by group.
    """

    of_group: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def one_more(self, group_ref: str) -> Iterator[bool]:
        """Count one until the end of the block; says whether it may come."""
        may = self.of_group.total() < MOST_AT_ONCE and self.of_group[group_ref] < MOST_OF_A_LINK
        self.of_group[group_ref] += may
        try:
            yield may
        finally:
            self.of_group[group_ref] -= may
            self.of_group += Counter()


P = ParamSpec("P")
R = TypeVar("R")
Answer = Callable[[Request, Delivering], Awaitable[Response]]


def delivery_routes(
    delivering: Callable[[Request], Delivering | None], path: str
) -> Sequence[Route]:
    """The routes of the protocol.

    Args:
        delivering: what a request's link lets it do; None for nothing.
        path: where they begin, such as `/d/{link}/pieces`.
    """
    threads, coming = CapacityLimiter(THREADS), Coming()

    async def apart(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await to_thread.run_sync(partial(work, *args, **kwargs), limiter=threads)

    async def begin(_: Request, by: Delivering) -> Response:
        name = await apart(by.pieces.begin, by.group_ref, by.now())
        return JSONResponse({"id": name}, 201)

    async def received(request: Request, by: Delivering) -> Response:
        size = await apart(by.pieces.received, by.group_ref, request.path_params["name"])
        return _gone() if size is None else JSONResponse({"received": size})

    async def add(request: Request, by: Delivering) -> Response:
        offset = request.query_params.get("offset", "")
        if not (offset.isascii() and offset.isdecimal() and len(offset) <= _OFFSET_DIGITS):
            return _refused(400)
        piece = await _body(request)
        if piece is None:
            return _refused(413)
        name = request.path_params["name"]
        found = await apart(by.pieces.add, by.group_ref, name, int(offset), piece)
        return _gone() if found is None else JSONResponse({"received": found.size})

    async def whole(request: Request, by: Delivering) -> Response:
        digest = request.query_params.get("sha256", "")
        if len(digest) != _DIGEST_DIGITS or not set(digest) <= set("0123456789abcdef"):
            return _refused(400)
        name = request.path_params["name"]
        done = await apart(by.pieces.finish, by.group_ref, name, digest)
        if not done:
            return _gone() if done is None else _refused(409)
        destroyed = by.now() + by.pieces.kept_for
        return JSONResponse({"destroyed_on": destroyed.date().isoformat()})

    def guarded(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def own(request: Request) -> Response:
            by = delivering(request)
            if by is None:
                return _refused(403)
            try:
                with coming.one_more(by.group_ref) as may:
                    return await answer(request, by) if may else _later(503)
            except ExportError as error:
                return _refused(413 if error.code == "EXPORT_TOO_LARGE" else 415)
            except StorageError as error:
                return _later(507 if error.code == "DELIVERIES_FULL" else 503)

        return own

    return (
        Route(path, guarded(begin), methods=["POST"]),
        Route(f"{path}/{{name}}", guarded(received), methods=["GET"]),
        Route(f"{path}/{{name}}", guarded(add), methods=["POST"]),
        Route(f"{path}/{{name}}/whole", guarded(whole), methods=["POST"]),
    )


async def _body(request: Request) -> bytes | None:
    held = bytearray()
    async for some in request.stream():
        held += some
        if len(held) > MOST_A_PIECE:
            return None
    return bytes(held)


def _gone() -> Response:
    return _refused(404)


def _later(status: int) -> Response:
    return JSONResponse({}, status, {"retry-after": AGAIN_AFTER})


def _refused(status: int) -> Response:
    return JSONResponse({}, status)
