"""What libraries raise quotes addresses, headers and tokens; a connector's errors have none of it.

Each error is one that httpx, aiohttp or python-telegram-bot raises, with the token where theirs has
it: in the address, a header, the message.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable
from typing import Any

import aiohttp
import httpx
import nio
import pytest
import typer
from aiohttp.client_reqrep import ConnectionKey
from made_connector import Connector
from multidict import CIMultiDict, CIMultiDictProxy
from telegram import error as of_telegram
from telegram.request import HTTPXRequest
from yarl import URL

from assets.core.errors import ConnectorError
from orchestration.cli import connect
from orchestration.connect.asking import Asking
from orchestration.connect.matrix.rooms import MatrixRooms
from orchestration.connect.teams.graph import Application, Graph
from orchestration.connect.telegram.bot import BotClient

TOKEN = "7000001:wibblesnatch-token"
ADDRESS = f"https://example.org/bot{TOKEN}/getUpdates"
REQUEST = httpx.Request("GET", ADDRESS, headers={"Authorization": f"Bearer {TOKEN}"})
HEADERS = CIMultiDictProxy(CIMultiDict({"Authorization": f"Bearer {TOKEN}"}))
ASKED = aiohttp.RequestInfo(URL(ADDRESS), "GET", HEADERS, URL(ADDRESS))
PLACE = ConnectionKey(f"{TOKEN}.example.org", 443, True, True, None, None, None)

OF_HTTPX: list[Exception] = [
    httpx.ConnectError(ADDRESS, request=REQUEST),
    httpx.ReadTimeout(ADDRESS, request=REQUEST),
    httpx.PoolTimeout(ADDRESS, request=REQUEST),
    httpx.RemoteProtocolError(ADDRESS, request=REQUEST),
    httpx.TooManyRedirects(ADDRESS, request=REQUEST),
    httpx.DecodingError(ADDRESS, request=REQUEST),
    httpx.HTTPStatusError(ADDRESS, request=REQUEST, response=httpx.Response(500, request=REQUEST)),
    httpx.InvalidURL(ADDRESS),
    httpx.StreamConsumed(),
]
OF_AIOHTTP: list[Exception] = [
    aiohttp.ClientResponseError(ASKED, (), status=500, message=ADDRESS, headers=HEADERS),
    aiohttp.ContentTypeError(ASKED, (), message=ADDRESS, headers=HEADERS),
    aiohttp.WSServerHandshakeError(ASKED, (), message=ADDRESS, headers=HEADERS),
    aiohttp.ClientConnectorError(PLACE, OSError(ADDRESS)),
    aiohttp.ClientConnectorCertificateError(PLACE, ValueError(ADDRESS)),
    aiohttp.ServerDisconnectedError(ADDRESS),
    aiohttp.ServerTimeoutError(ADDRESS),
    aiohttp.ClientPayloadError(ADDRESS),
    aiohttp.InvalidURL(ADDRESS),
    aiohttp.TooManyRedirects(ASKED, ()),
    aiohttp.ClientOSError(5, ADDRESS),
]
OF_PTB: list[Exception] = [
    of_telegram.InvalidToken(ADDRESS),
    of_telegram.NetworkError(ADDRESS),
    of_telegram.TimedOut(ADDRESS),
    of_telegram.BadRequest(ADDRESS),
    of_telegram.Forbidden(ADDRESS),
    of_telegram.Conflict(ADDRESS),
    of_telegram.EndPointNotFound(ADDRESS),
    of_telegram.RetryAfter(7200),
    of_telegram.ChatMigrated(-5),
    of_telegram.TelegramError(ADDRESS),
]
OF_PYTHON: list[Exception] = [
    OSError(5, ADDRESS),
    TimeoutError(ADDRESS),
    ValueError(ADDRESS),
    UnicodeError(ADDRESS),
    KeyError(ADDRESS),
    RuntimeError(ADDRESS),
]


async def slept(_: float) -> None:
    """Nobody waits."""


def asks_matrix(failing: Exception, patched: pytest.MonkeyPatch) -> Callable[[], Any]:
    async def send(*_: Any, **__: Any) -> None:
        raise failing

    patched.setattr(nio.AsyncClient, "send", send)

    async def ask() -> None:
        async with MatrixRooms("https://example.org", TOKEN, "agent", Asking(600, slept)) as rooms:
            await rooms._got("/x", lambda: None)

    return ask


def asks_teams(failing: Exception, patched: pytest.MonkeyPatch) -> Callable[[], Any]:
    async def send(*_: Any, **__: Any) -> None:
        raise failing

    patched.setattr(httpx.AsyncClient, "send", send)

    async def ask() -> None:
        application = Application("tenant", "client", TOKEN)
        graph = Graph("https://graph.microsoft.com", application, "agent", Asking(600, slept))
        async with graph:
            [one async for one in graph.pages("/x", {}, lambda: None)]

    return ask


def asks_telegram(failing: Exception, patched: pytest.MonkeyPatch) -> Callable[[], Any]:
    async def do_request(*_: Any, **__: Any) -> None:
        raise failing

    patched.setattr(HTTPXRequest, "do_request", do_request)

    async def ask() -> None:
        asking = Asking(600, slept)
        async with BotClient.of(TOKEN, "https://api.telegram.org", "agent", asking) as client:
            await client.updates(0, lambda: None)

    return ask


ASKS = {"matrix": asks_matrix, "teams": asks_teams, "telegram": asks_telegram}
CASES = [
    *(("matrix", one) for one in (*OF_AIOHTTP, *OF_PYTHON)),
    *(("teams", one) for one in (*OF_HTTPX, *OF_PYTHON)),
    *(("telegram", one) for one in (*OF_PTB, *OF_HTTPX, *OF_PYTHON)),
]


@pytest.mark.parametrize(
    ("platform", "failing"), CASES, ids=[f"{name}-{type(one).__name__}" for name, one in CASES]
)
def test_an_error_of_a_library_leaves_nothing_of_itself(
    platform: str,
    failing: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ConnectorError) as told:
        asyncio.run(ASKS[platform](failing, monkeypatch)())
    shown = "".join(traceback.format_exception(told.value))
    out = "".join((*capfd.readouterr(), caplog.text, shown, repr(told.value.__dict__)))
    assert TOKEN not in out
    assert TOKEN.partition(":")[2] not in out
    assert (told.value.__context__, told.value.__cause__) == (None, None)


def test_no_command_takes_a_token(connector: Connector) -> None:
    """Whoever lists processes sees arguments."""
    for name in connect.PLATFORMS:
        command = typer.main.get_command(connect.app).commands[name]  # type: ignore[attr-defined]
        assert {one.name for one in command.params} == {"settings", "once"}
