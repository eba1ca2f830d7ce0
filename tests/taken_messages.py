"""A mail server and a webhook that keep what they are sent."""

import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class MailServer(socketserver.ThreadingTCPServer):
    """Takes e-mails as RFC 5321 has it, and keeps them."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MailHandler)
        self.mails: list[tuple[list[str], str]] = []


class MailHandler(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        to: list[str] = []
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append((to, body.decode()))
                to = []
            elif verb == b"RCPT":
                to.append(line.decode().partition("<")[2].partition(">")[0])
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


class Hook(http.server.BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        size = int(self.headers["content-length"])
        self.server.posted.append(json.loads(self.rfile.read(size)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def webhook() -> Iterator[Any]:
    """A server that keeps in `posted` what it is sent, and answers with `status`."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        server.posted, server.status = [], 200  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def hook() -> Iterator[Any]:
    with webhook() as server:
        yield server
