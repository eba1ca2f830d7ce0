"""What every request passes: its host, its origin, how often and how much, and what goes out.

It stands outside of Starlette, so that no answer goes without its headers, and no error's words
reach a log.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestration.portal.limits import MOST_HEAD_BYTES, Asked, Clients, Limits, house_of
from orchestration.portal.open_bodies import OpenBodies

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}

LONGEST_ADDRESS = 2_000
"""Signs of a path and its query: more than any link has, for some pages show it again."""

TAKEN = 200
"""The status of a form that was put down."""

LONGEST_LENGTH = 15
"""Digits of the length of a body."""

LONGEST_BODY_SECONDS = 120.0
"""Of the largest bodies, too: a piece of a delivery takes as much at 70 kbit/s."""

LINGER_BYTES = 131_072
"""A refused body of at most so many is read and forgotten."""

LINGER_SECONDS = 0.25
"""At most for so long: it is under way with its head, and nobody may hold a connection by it."""

TOO_OFTEN = 429
"""The status for a client who is over a bound: members of one workplace may be one client."""

_READING = frozenset({"GET", "HEAD"})
_OUR_SITES = frozenset({"same-origin", "none"})
_KEPT: Mapping[str, Asked] = {"/m": Asked.AS_MEMBER, "/p": Asked.IN_PULSE}
"""Forms of which each that is taken is kept."""

_BY_BEGINNING: Mapping[str, Asked] = {
    "/w/": Asked.TO_LEAVE,
    "/m/": Asked.OF_MEMBERS,
    "/p/": Asked.OF_MEMBERS,
    "/static/": Asked.STATIC,
}


@dataclass
class _Body:
    """Whether the body of a request has come to its end."""

    over: bool


def _kind(scope: Scope) -> Asked:
    """By which a request is counted: nobody's other requests spend what leaving takes."""
    path = scope["path"]
    if scope["method"] == "POST" and path in _KEPT:
        return _KEPT[path]
    of_all = (one for start, one in _BY_BEGINNING.items() if f"{path}/".startswith(start))
    return next(of_all, Asked.ELSE)


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _too_long(scope: Scope) -> int | None:
    """The status for an address or for headers that are longer than any of ours."""
    if len(scope["path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
        return 414
    held = sum(len(name) + len(value) for name, value in scope["headers"])
    return 431 if held > MOST_HEAD_BYTES else None


async def _linger(scope: Scope, receive: Receive) -> None:
    """Let a small body come in before its refusal goes out.

    What comes once the connection is closed resets it, and then the client loses the answer.
    """
    told = Headers(scope=scope).get("content-length", "")
    if not told.isdecimal() or len(told) > LONGEST_LENGTH or int(told) > LINGER_BYTES:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while (await receive()).get("more_body", False):
                pass


class Door:
    """Lets requests through to the app, and answers out.

    Args:
        app: whose requests they are.
        address: the portal's own, with its scheme.
        limits: what a request may take.
        body_bytes: the most that a body may hold, as `Section` has it.
        often: the page for a client who asks too often, by what was asked for.
    """

    def __init__(
        self,
        app: ASGIApp,
        address: str,
        limits: Limits,
        body_bytes: Mapping[str, int],
        often: Mapping[Asked, bytes],
    ) -> None:
        self._app = app
        self._address = address
        self._host = address.partition("://")[2]
        self._limits = limits
        self._body_bytes = body_bytes
        self._often = often
        self._clients = Clients(limits)
        self._bodies = OpenBodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        begun, counted = False, False
        house, kind = house_of((scope.get("client") or ("",))[0]), _kind(scope)
        body = _Body(over=not _has_body(scope))

        async def send_out(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                if house is not None and message["status"] == TAKEN:
                    self._clients.count_kept(house, kind)
                out = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in HEADERS.items():
                    out[name] = value
                if not body.over:
                    # Else whoever sends half a body keeps the connection for ever.
                    out["connection"] = "close"
            await send(message)

        status = self._refusal(scope)
        if status is None and house is not None and not body.over:
            status = self._bodies.begin(house, kind)
            counted = status is None
        if status is None:
            try:
                await self._app(scope, self._measured(scope, receive, body), send_out)
            except Exception:  # noqa: BLE001  (its words may be somebody's)
                status = 500
            finally:
                if counted and house is not None:
                    self._bodies.end(house, kind)
        if status is not None and not begun:
            if not body.over and not counted:
                await _linger(scope, receive)
            told, form = f"{status}\n".encode(), b"text/plain"
            if status == TOO_OFTEN:
                told, form = self._often[kind], b"text/html; charset=utf-8"
            headers = [(b"content-type", form), (b"connection", b"close")]
            await send_out({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": told})

    def _refusal(self, scope: Scope) -> int | None:
        headers = Headers(scope=scope)
        house = house_of((scope.get("client") or ("",))[0])
        if house is None:
            # Counted as one, whoever sends nonsense would spend what others may ask for.
            return 400
        if not self._clients.may_ask(house, _kind(scope)):
            return TOO_OFTEN
        too_long = _too_long(scope)
        if too_long is not None:
            return too_long
        if headers.getlist("host") != [self._host]:
            return 400
        if scope["method"] not in _READING and not self._is_our_own(headers):
            return 403
        return self._refusal_of_body(scope, headers)

    def _refusal_of_body(self, scope: Scope, headers: Headers) -> int | None:
        told = headers.get("content-length", "0")
        if not told.isdecimal():
            return 400
        return 413 if len(told) > LONGEST_LENGTH or int(told) > self._most(scope) else None

    def _is_our_own(self, headers: Headers) -> bool:
        """Whether a form or script of ours sent it, as far as the browser says.

        A page with the policy `no-referrer` sends the origin `null` from its own forms, too.
        """
        if headers.get("sec-fetch-site", "none") not in _OUR_SITES:
            return False
        return headers.get("origin", "null") in {"null", self._address}

    def _most(self, scope: Scope) -> int:
        path = scope["path"]
        fitting = [
            most
            for named, most in self._body_bytes.items()
            if path == named or (named.endswith("/") and path.startswith(named))
        ]
        return max(fitting, default=self._limits.body_bytes)

    def _measured(self, scope: Scope, receive: Receive, body: "_Body") -> Receive:
        most, held = self._most(scope), 0
        loop = asyncio.get_running_loop()
        longest = self._limits.body_seconds * max(1.0, most / self._limits.body_bytes)
        end = loop.time() + min(longest, LONGEST_BODY_SECONDS)
        ended = False

        async def receive_in_time() -> Message:
            nonlocal held, ended
            if ended:
                # After the body only the client's leaving comes, whenever it does.
                return await receive()
            patience = min(self._limits.chunk_seconds, end - loop.time())
            try:
                message = await asyncio.wait_for(receive(), max(patience, 0.0))
            except TimeoutError:
                pass
            else:
                held += len(message.get("body", b""))
                ended = not message.get("more_body", False)
                body.over = body.over or ended
                if held > most:
                    raise HTTPException(413)
                return message
            raise HTTPException(408)

        return receive_in_time
