"""A real Matrix server (Synapse) for tests, and somebody who fills its rooms at times of their own.

One process for a module, SQLite in a folder of the test's, no federation and no key server. An
application service acts for all users and sets times, as bridges that bring history do (Matrix
Application Service API, "Timestamp massaging"): a test can't wait for days to pass.
"""

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
import yaml

NAME = "matrix.test"
PATIENCE_SECONDS = 60.0
_V3 = "/_matrix/client/v3"


@dataclass
class MadeSynapse:
    """The server, asked as an application service for any user.

    Attributes:
        url: where it is.
        token: of the application service.
        log: its own log, which has a line for each request.
    """

    url: str
    token: str
    log: Path
    _session: requests.Session = field(default_factory=requests.Session)

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        user: str = "",
        at: datetime | None = None,
    ) -> Any:
        """One request for a user, as if made at a moment."""
        params: dict[str, str | int] = {"user_id": f"@{user}:{NAME}"} if user else {}
        if at is not None:
            params["ts"] = round(at.timestamp() * 1000)
        answer = self._session.request(
            method,
            self.url + path,
            params=params,
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=PATIENCE_SECONDS,
        )
        assert answer.ok, (path, answer.status_code, answer.text)
        return answer.json()

    def user(self, name: str, shown: str) -> None:
        """A new user with a display name."""
        told = {"type": "m.login.application_service", "username": name, "inhibit_login": True}
        self.ask("POST", f"{_V3}/register", told)
        path = f"{_V3}/profile/{_quoted(f'@{name}:{NAME}')}/displayname"
        self.ask("PUT", path, {"displayname": shown}, user=name)

    def token_of(self, name: str) -> str:
        """An access token of a user."""
        told = {
            "type": "m.login.application_service",
            "identifier": {"type": "m.id.user", "user": name},
        }
        return self.ask("POST", f"{_V3}/login", told)["access_token"]

    def room(self, owner: str, at: datetime, *, encrypted: bool = False, **more: Any) -> str:
        """A new private room, whose history who joins later sees from a moment on."""
        state = [{"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}]
        told = {"preset": "private_chat", "initial_state": state if encrypted else [], **more}
        room = self.ask("POST", f"{_V3}/createRoom", told, user=owner)["room_id"]
        content = {"history_visibility": "shared"}
        self.state(room, "m.room.history_visibility", content, user=owner, at=at)
        return room

    def state(
        self,
        room: str,
        kind: str,
        content: Mapping[str, Any],
        *,
        user: str,
        key: str = "",
        at: datetime | None = None,
    ) -> str:
        """A state event. Returns its id."""
        path = f"{_V3}/rooms/{_quoted(room)}/state/{kind}/{_quoted(key)}"
        return self.ask("PUT", path, content, user=user, at=at)["event_id"]

    def join(self, room: str, owner: str, user: str, shown: str, at: datetime) -> None:
        """Let a user into a room."""
        who = f"@{user}:{NAME}"
        self.ask("POST", f"{_V3}/rooms/{_quoted(room)}/invite", {"user_id": who}, user=owner)
        content = {"membership": "join", "displayname": shown}
        self.state(room, "m.room.member", content, user=user, key=who, at=at)

    def send(
        self,
        room: str,
        user: str,
        content: Mapping[str, Any],
        at: datetime,
        kind: str = "m.room.message",
    ) -> str:
        """An event. Returns its id."""
        path = f"{_V3}/rooms/{_quoted(room)}/send/{kind}/{secrets.token_hex(8)}"
        return self.ask("PUT", path, content, user=user, at=at)["event_id"]

    def say(self, room: str, user: str, text: str, at: datetime) -> str:
        """A typed message. Returns its id."""
        return self.send(room, user, {"msgtype": "m.text", "body": text}, at)

    def edit(self, room: str, user: str, target: str, text: str, at: datetime) -> str:
        """Edit a message. Returns the edit's id."""
        content = {
            "msgtype": "m.text",
            "body": f"* {text}",
            "m.new_content": {"msgtype": "m.text", "body": text},
            "m.relates_to": {"rel_type": "m.replace", "event_id": target},
        }
        return self.send(room, user, content, at)

    def redact(self, room: str, user: str, target: str, at: datetime) -> str:
        """Delete a message. Returns the redaction's id."""
        # As an event, for the request of its own takes no time.
        return self.send(room, user, {"redacts": target}, at, kind="m.room.redaction")


@contextmanager
def made_synapse(folder: Path) -> Iterator[MadeSynapse]:
    """A server in a folder of its own, ended with the block."""
    port, token = _free_port(), secrets.token_hex(16)
    service = {
        "id": "tests",
        "url": None,
        "as_token": token,
        "hs_token": secrets.token_hex(16),
        "sender_localpart": "tests",
        "rate_limited": False,
        "namespaces": {"users": [{"exclusive": False, "regex": "@.*"}]},
    }
    unlimited = {"per_second": 10_000, "burst_count": 10_000}
    log = folder / "requests.log"
    handler = {"class": "logging.FileHandler", "filename": str(log), "formatter": "plain"}
    logged = {
        "version": 1,
        "formatters": {"plain": {"format": "%(message)s"}},
        "handlers": {"file": handler},
        "loggers": {"synapse.access": {"level": "INFO"}},
        "root": {"level": "ERROR", "handlers": ["file"]},
    }
    config = {
        "server_name": NAME,
        "report_stats": False,
        "listeners": [
            {
                "port": port,
                "type": "http",
                "bind_addresses": ["127.0.0.1"],
                "resources": [{"names": ["client"]}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "synapse.db")}},
        "log_config": str(folder / "log.yaml"),
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "presence": {"enabled": False},
        "macaroon_secret_key": secrets.token_hex(16),
        "app_service_config_files": [str(folder / "service.yaml")],
        "rc_message": unlimited,
        "rc_joins": {"local": unlimited, "remote": unlimited},
        "rc_joins_per_room": unlimited,
        "rc_invites": {"per_room": unlimited, "per_user": unlimited, "per_issuer": unlimited},
    }
    written = {"service.yaml": service, "log.yaml": logged, "homeserver.yaml": config}
    for name, content in written.items():
        (folder / name).write_text(yaml.safe_dump(content))
    made = MadeSynapse(f"http://127.0.0.1:{port}", token, log)
    errors = folder / "errors.txt"
    with (
        errors.open("wb") as told,
        subprocess.Popen(
            [sys.executable, "-m", "synapse.app.homeserver", "-c", str(folder / "homeserver.yaml")],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=told,
        ) as process,
    ):
        try:
            _wait_for(made.url, process, errors)
            yield made
        finally:
            process.terminate()


def _wait_for(url: str, process: "subprocess.Popen[bytes]", errors: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, errors.read_text()
        try:
            if requests.get(f"{url}/_matrix/client/versions", timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    raise AssertionError(errors.read_text())


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _quoted(part: str) -> str:
    return quote(part, safe="")
