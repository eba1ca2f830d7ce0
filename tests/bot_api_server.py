"""A server that speaks as much of Telegram's documented Bot API as a bot that only reads asks for.

Source: https://core.telegram.org/bots/api, version 9: making requests, getting updates, getMe,
getChatMember, ResponseParameters. What it does not do: nothing here is Telegram's own code.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

KEPT = 24 * 3600
"""Seconds for which an update waits for the bot."""
MOST_UPDATES = 100
BY_DEFAULT = frozenset({"message", "edited_message", "channel_post", "my_chat_member"})
BOT_ID = 7_000_001


@dataclass
class BotApi:
    """The service behind the server: one bot.

    Attributes:
        token: of the bot.
        now: its clock, in seconds since 1970.
        reads_all: whether the bot's privacy mode is off.
        statuses: of the bot by chat; `member` where nothing is said.
        moved: groups that became supergroups, the new number by the old one.
        fails: answers that come before any other, first to last: status, parameters, description.
        webhook: whether one is set.
        haste: by how much it waits less than it is asked to.
        asked: method and parameters of every request, oldest first.
        user_agents: of every request.
    """

    token: str
    now: float
    reads_all: bool = True
    statuses: dict[int, str] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    fails: list[tuple[int, dict[str, Any], str]] = field(default_factory=list)
    webhook: bool = False
    haste: float = 100.0
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    user_agents: set[str] = field(default_factory=set)
    url: str = ""
    _queue: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    _next: int = 500
    _wanted: frozenset[str] = BY_DEFAULT
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def waiting(self) -> list[int]:
        """Ids of the updates that are not confirmed."""
        return [one["update_id"] for _, one in self._queue]

    def happens(self, kind: str, what: dict[str, Any]) -> int:
        """Let something happen; returns the update's id."""
        with self._arrived:
            if kind in self._wanted:
                # Numbered as they are put into the queue, so that none is left out.
                self._next += 1
                self._queue.append((self.now, {"update_id": self._next, kind: what}))
                self._arrived.notify_all()
            return self._next

    def answer(self, path: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body of a request."""
        token, _, method = path.removeprefix("/bot").partition("/")
        self.asked.append((method, asked))
        if token != self.token:
            return _refused(401, "Unauthorized")
        if self.fails:
            status, parameters, description = self.fails.pop(0)
            return _refused(status, description, parameters)
        if method == "getMe":
            return _done(
                {
                    "id": BOT_ID,
                    "is_bot": True,
                    "first_name": "Tideline",
                    "username": "tideline_test_bot",
                    "can_join_groups": True,
                    "can_read_all_group_messages": self.reads_all,
                    "supports_inline_queries": False,
                }
            )
        if method == "getChatMember":
            return self._member(int(asked["chat_id"]))
        if method == "getUpdates":
            return self._updates(asked)
        return _refused(404, "Not Found")

    def restart_numbers(self, at: int) -> None:
        """Begin to number updates anew, as may be after a week without one."""
        self._next = at

    def _member(self, chat: int) -> tuple[int, dict[str, Any]]:
        if chat in self.moved:
            return _refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": self.moved[chat]},
            )
        status = self.statuses.get(chat, "member")
        if status == "unknown":
            return _refused(400, "Bad Request: chat not found")
        bot = {"id": BOT_ID, "is_bot": True, "first_name": "Tideline"}
        if status == "administrator":
            rights = ["can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages"]
            rights += ["can_manage_video_chats", "can_restrict_members", "can_promote_members"]
            rights += ["can_change_info", "can_invite_users", "can_post_stories"]
            rights += ["can_edit_stories", "can_delete_stories"]
            return _done({"user": bot, "status": status, **dict.fromkeys(rights, False)})
        more: dict[str, Any] = {"until_date": 0} if status == "kicked" else {}
        if status == "restricted":
            rights = ["is_member", "can_send_messages", "can_invite_users"]
            more = {"until_date": 0, **dict.fromkeys(rights, False)}
        return _done({"user": bot, "status": status, **more})

    def _updates(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.webhook:
            return _refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        offset, limit = int(asked.get("offset") or 0), int(asked.get("limit") or MOST_UPDATES)
        with self._arrived:
            if "allowed_updates" in asked:
                self._wanted = frozenset(json.loads(asked["allowed_updates"])) or BY_DEFAULT
            self._queue = [
                (at, one)
                for at, one in self._queue
                if self.now - at < KEPT and (offset <= 0 or one["update_id"] >= offset)
            ]
            if offset < 0:
                self._queue = self._queue[offset:]
            if not self._queue and float(asked.get("timeout") or 0):
                self._arrived.wait(float(asked["timeout"]) / self.haste)
            found = [one for _, one in self._queue]
        return _done(found[: min(max(limit, 1), MOST_UPDATES)])


def _done(result: Any) -> tuple[int, dict[str, Any]]:
    return 200, {"ok": True, "result": result}


def _refused(
    status: int, description: str, parameters: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    told = {"parameters": parameters} if parameters else {}
    return status, {"ok": False, "error_code": status, "description": description, **told}


@contextmanager
def served(api: BotApi) -> Iterator[BotApi]:
    """Serve it on a port of this machine, and set its `url`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            api.user_agents.add(self.headers["User-Agent"])
            asked = {name: values[-1] for name, values in parse_qs(body).items()}
            status, answer = api.answer(self.path, asked)
            told = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        api.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
            thread.join()
