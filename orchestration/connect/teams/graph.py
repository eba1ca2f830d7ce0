"""Microsoft Graph as one application asks it: pages of one channel, and nothing of any other host.

Neither a token nor an answer is ever part of an error or a log record.
"""

import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from assets.core.errors import ConnectorError, SetupError, refuse_as
from orchestration.connect.asking import AskedTooOften, Asking, NotReachable, seconds_told
from orchestration.connect.contract import Permission
from orchestration.connect.same_clock import require_same_clock
from orchestration.connect.unlogged import unlogged

T = TypeVar("T")
LOGINS: Mapping[str, str] = {
    "https://graph.microsoft.com": "https://login.microsoftonline.com",
    "https://graph.microsoft.us": "https://login.microsoftonline.us",
    "https://dod-graph.microsoft.us": "https://login.microsoftonline.us",
    "https://microsoftgraph.chinacloudapi.cn": "https://login.chinacloudapi.cn",
}
"""Where a token for each of Microsoft's clouds is had; no other host is given the secret."""
MOST_PAGES = 5_000
"""Of one pull; who is led further is led in a circle."""
ANSWERS_WITHIN_SECONDS = 30.0
_FRESH_SECONDS = 300
_TENANT = re.compile(r"[A-Za-z0-9.-]{1,100}")
_ON_THIS_MACHINE = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}")
_OK, _UNAUTHORISED, _TOO_OFTEN, _UNAVAILABLE, _BROKEN = 200, 401, 429, 503, 500
_NOT_OURS = frozenset({403, 404})
_OF_THE_LIBRARY = (httpx.InvalidURL, ValueError, LookupError, RuntimeError)
"""What it raises beside `httpx.HTTPError`; some of it quotes addresses and headers."""


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int

    def __repr__(self) -> str:
        return "_Token()"


@dataclass(frozen=True)
class Application:
    """Who asks.

    Attributes:
        tenant: the organisation's directory.
        client: the application's id.
        secret: of the application.
    """

    tenant: str
    client: str
    secret: str = field(repr=False)


class Page(msgspec.Struct):
    """One answer.

    Attributes:
        value: its elements, not decoded.
        next_link: address of the next page.
    """

    value: list[msgspec.Raw]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


class Graph(AbstractAsyncContextManager["Graph"]):
    """Asks one cloud as one application.

    Args:
        server: one of `LOGINS`, or a server on this machine that stands for both.
        application: who asks.
        user_agent: as whom it asks.
        asking: how often may be asked.

    Raises:
        SetupError: `CONNECTOR_SETTINGS_INVALID` for any other server, `CONNECTOR_TOKEN_MISSING`
            for what can be no tenant.
    """

    def __init__(
        self, server: str, application: Application, user_agent: str, asking: Asking
    ) -> None:
        login = LOGINS.get(server) or (server if _ON_THIS_MACHINE.fullmatch(server) else None)
        if login is None:
            raise SetupError("CONNECTOR_SETTINGS_INVALID")
        if not _TENANT.fullmatch(application.tenant):
            raise SetupError("CONNECTOR_TOKEN_MISSING")
        unlogged("httpx", "httpcore")
        self._server, self._application, self._asking = server, application, asking
        self._token_at = f"{login}/{application.tenant}/oauth2/v2.0/token"
        self._client = httpx.AsyncClient(
            headers={"User-Agent": user_agent},
            timeout=ANSWERS_WITHIN_SECONDS,
            follow_redirects=False,
        )
        self._token, self._fresh_until = "", 0.0

    async def __aexit__(self, *_: object) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def pages(
        self, path: str, query: Mapping[str, str | int], permitted: Permission
    ) -> AsyncIterator[Page]:
        """All pages of one resource.

        Args:
            path: of the resource, from the version on.
            query: of the first page; further ones tell their own.
            permitted: asked before every request.

        Raises:
            ConnectorError: what `permitted` raises, `CHAT_TOKEN_REFUSED`, `CHAT_NOT_JOINED`,
                `PLATFORM_NOT_REACHABLE`, `PLATFORM_THROTTLES`, `CONNECTOR_CLOCK_WRONG`, or
                `PLATFORM_ANSWER_UNKNOWN`, also for a next page elsewhere.
        """
        address = str(httpx.URL(f"{self._server}{path}", params=dict(query)))
        async for page in self.further_pages(address, path, permitted):
            yield page

    async def further_pages(
        self, address: str | None, path: str, permitted: Permission
    ) -> AsyncIterator[Page]:
        """Pages from an address on that a page told; raises as `pages`.

        Args:
            address: of the first; None gives none.
            path: of the resource that every page has to be of.
            permitted: asked before every request.
        """
        seen: set[str] = set()
        while address is not None:
            if address in seen or len(seen) >= MOST_PAGES or not self._is_of(address, path):
                raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")
            seen.add(address)
            content = await self._get(address, permitted)
            page = decoded(content, Page)
            yield page
            address = page.next_link

    def _is_of(self, address: str, path: str) -> bool:
        """Whether an address leads to the same resource of the same host, by the same scheme."""
        try:
            found, own = urlsplit(address), urlsplit(self._server)
            same = (found.scheme, found.netloc) == (own.scheme, own.netloc)
            return same and httpx.URL(address).path == httpx.URL(f"{self._server}{path}").path
        except (ValueError, httpx.InvalidURL):
            return False

    async def _get(self, address: str, permitted: Permission) -> bytes:
        async def once() -> tuple[int, bytes]:
            return await self._once(address, permitted)

        status, content = await self._asking.ask(once, permitted)
        if status == _UNAUTHORISED:
            # It may have been taken back, or have run out on the way.
            self._fresh_until = 0.0
            status, content = await self._asking.ask(once, permitted)
        if status == _UNAUTHORISED:
            raise ConnectorError("CHAT_TOKEN_REFUSED")
        if status in _NOT_OURS:
            raise ConnectorError("CHAT_NOT_JOINED")
        if status != _OK:
            raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")
        return content

    async def _once(self, address: str, permitted: Permission) -> tuple[int, bytes]:
        if time.monotonic() >= self._fresh_until:
            await self._authorise()
            # Its answer may have taken long, and the permission was given before.
            permitted()
        bearer = {"Authorization": f"Bearer {self._token}"}
        return await self._sent(self._client.build_request("GET", address, headers=bearer))

    async def _authorise(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._application.client,
            "client_secret": self._application.secret,
            "scope": f"{self._server}/.default",
        }
        request = self._client.build_request("POST", self._token_at, data=form)
        status, content = await self._sent(request)
        if status != _OK:
            raise ConnectorError("CHAT_TOKEN_REFUSED")
        token = decoded(content, _Token)
        self._token = token.access_token
        self._fresh_until = time.monotonic() + max(token.expires_in - _FRESH_SECONDS, 1)

    async def _sent(self, request: httpx.Request) -> tuple[int, bytes]:
        answer: httpx.Response | None = None
        with (
            refuse_as(ConnectorError("PLATFORM_ANSWER_UNKNOWN"), *_OF_THE_LIBRARY),
            suppress(httpx.HTTPError, OSError),
        ):
            answer = await self._client.send(request)
        if answer is None or (answer.status_code >= _BROKEN and answer.status_code != _UNAVAILABLE):
            raise NotReachable
        require_same_clock(answer.headers.get("Date"))
        if answer.status_code in (_TOO_OFTEN, _UNAVAILABLE):
            raise AskedTooOften(seconds_told(answer.headers.get("Retry-After")))
        return answer.status_code, answer.content


def decoded(content: bytes | msgspec.Raw, kind: type[T]) -> T:
    """An answer, or a part of one, in the form that is known.

    Raises:
        ConnectorError: `PLATFORM_ANSWER_UNKNOWN`.
    """
    refused = ConnectorError("PLATFORM_ANSWER_UNKNOWN")
    with refuse_as(refused, msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.json.decode(content, type=kind)
