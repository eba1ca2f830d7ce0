"""A Matrix server that throttles, fails or answers nonsense: codes, and none of its words."""

import asyncio
import http.server
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from made_connector import Connector

from assets.core.errors import ConnectorError
from orchestration.connect.asking import MOST_TRIES, Asking
from orchestration.connect.contract import Span
from orchestration.connect.matrix.rooms import MatrixRooms
from orchestration.connect.running import run
from resources.containment.marker_scan import scan_bytes, scan_folder
from resources.stores.connect.health import HealthFile
from resources.stores.connect.settings import ConnectorSettings, written_settings

WORD, TOKEN = "wobblequex", "syt_zandermoor"
Answer = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json"}


def error(status: int, errcode: str, **more: Any) -> Answer:
    return status, JSON, json.dumps({"errcode": errcode, "error": WORD, **more}).encode()


class Server(http.server.ThreadingHTTPServer):
    """Gives the next answer to whatever is asked, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.asked: list[dict[str, str]] = []


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))
        answers = self.server.answers
        status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        made.shutdown()


def ask(server: Server, connector: Connector, waited: list[float]) -> str:
    """Mark the place in a room. Returns the mark."""

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def take() -> str:
        url = f"http://127.0.0.1:{server.server_port}"
        asking = Asking(600, sleep)
        async with MatrixRooms(url, TOKEN, connector.settings.user_agent, asking) as rooms:
            return await rooms._place(connector.room, lambda: None)

    return asyncio.run(take())


GOOD: Answer = (200, JSON, b'{"next_batch": "s1"}')


@pytest.mark.parametrize(
    ("first", "waits"),
    [
        (error(429, "M_LIMIT_EXCEEDED", retry_after_ms=2500), 2.5),
        ((429, {"Retry-After": "7", **JSON}, b"{}"), 7.0),
        ((503, {"Content-Type": "text/html"}, f"<p>{WORD}".encode()), 1.0),
        ((502, {}, b""), 1.0),
    ],
)
def test_it_waits_and_asks_again(
    server: Server, connector: Connector, first: Answer, waits: float
) -> None:
    server.answers = [first, GOOD]
    waited: list[float] = []
    assert ask(server, connector, waited) == "s1"
    assert waited == [waits]
    agents = {one["User-Agent"] for one in server.asked}
    assert agents == {"Tideline (Example University; study@example.org)"}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (error(401, "M_UNKNOWN_TOKEN"), "CHAT_TOKEN_REFUSED"),
        (error(401, "M_UNKNOWN_TOKEN", soft_logout=True), "CHAT_TOKEN_REFUSED"),
        (error(403, "M_FORBIDDEN"), "CHAT_NOT_JOINED"),
        (error(400, WORD), "PLATFORM_ANSWER_UNKNOWN"),
        ((200, JSON, f'{{"next_batch": 5, "{WORD}": 1}}'.encode()), "PLATFORM_ANSWER_UNKNOWN"),
        ((200, JSON, f'["{WORD}"]'.encode()), "PLATFORM_ANSWER_UNKNOWN"),
        ((200, JSON, f"{{{WORD}".encode()), "PLATFORM_ANSWER_UNKNOWN"),
        ((200, {"Content-Type": "text/html"}, WORD.encode()), "PLATFORM_ANSWER_UNKNOWN"),
        (error(500, "M_UNKNOWN"), "PLATFORM_NOT_REACHABLE"),
        (error(429, "M_LIMIT_EXCEEDED", retry_after_ms=9_000_000), "PLATFORM_THROTTLES"),
    ],
)
def test_it_gives_up_with_a_code(
    server: Server, connector: Connector, answer: Answer, code: str
) -> None:
    server.answers = [answer]
    with pytest.raises(ConnectorError) as told:
        ask(server, connector, [])
    assert (told.value.code, told.value.args) == (code, (code,))
    assert told.value.__context__ is None
    assert told.value.__cause__ is None
    assert len(server.asked) == (MOST_TRIES if code == "PLATFORM_NOT_REACHABLE" else 1)


def test_a_server_that_is_not_there(connector: Connector, server: Server) -> None:
    server.answers = [GOOD]
    port = server.server_port
    server.shutdown()
    server.server_close()
    gone = type("Gone", (), {"server_port": port})()
    waited: list[float] = []
    with pytest.raises(ConnectorError, match="PLATFORM_NOT_REACHABLE"):
        ask(gone, connector, waited)
    assert waited == [1.0, 2.0, 4.0, 8.0]


def test_a_page_of_nonsense_leaves_no_word(
    server: Server, connector: Connector, capfd: Any, caplog: Any
) -> None:
    """What a library logs of an answer that it can't read goes nowhere."""
    own = {"user_id": "@reader:x.test"}
    joined = {
        "type": "m.room.member",
        "state_key": "@reader:x.test",
        "sender": "@reader:x.test",
        "event_id": "$j",
        "origin_server_ts": 1_700_000_000_000,
        "content": {"membership": "join"},
    }
    strange = {"type": "m.room.message", "content": {WORD: WORD}, "sender": WORD}
    bodies: list[Any] = [own, [joined], {"start": "s", "end": "e", "chunk": [strange, WORD]}]
    server.answers = [(200, JSON, json.dumps(one).encode()) for one in bodies]
    settings = ConnectorSettings(
        **{
            **connector.settings.model_dump(),
            "server": f"http://127.0.0.1:{server.server_port}",
            "requests_per_minute": 600,
        }
    )
    file = connector.folder / "settings.yaml"
    file.write_bytes(written_settings(settings))
    connector.now = datetime.now(UTC)
    connector.list_rooms(connector.room)

    class Once(MatrixRooms):
        async def place_now(self, room: Any, permitted: Any) -> str:
            # As long ago marked, so that something is due.
            span = Span(room.starts, connector.now, "s0")
            await self.pull(room, span, permitted)
            raise AssertionError

    with caplog.at_level(logging.DEBUG):
        run(
            file,
            "matrix",
            lambda given, asking: Once(given.server, TOKEN, given.user_agent, asking),
            once=True,
        )
    told = HealthFile(connector.folder / "health.json").read()
    assert told is not None
    assert [one.refused for one in told.groups.values()] == ["PLATFORM_ANSWER_UNKNOWN"]
    markers = [WORD.encode(), TOKEN.encode()]
    assert scan_bytes("".join(capfd.readouterr()).encode(), markers) == set()
    assert scan_bytes(caplog.text.encode(), markers) == set()
    assert scan_folder(Path(connector.folder.parent), markers) == set()
