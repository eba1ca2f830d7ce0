"""A server that speaks as much of Microsoft Graph's documented API as the reader of a channel asks.

Source: chatMessage: delta, List channel messages, List replies, throttling and the client
credentials flow, as documented for Graph 1.0. It is no part of Microsoft's service.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TEAM, CHANNEL = "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b", "19:4a95f7d8db4c4e7f@thread.tacv2"
TENANT, CLIENT = "2432b57b-0abd-43db-aa7b-16eadd115d34", "11111111-2222-3333-4444-555555555555"
REPLIES_AT_ONCE = 1_000


@dataclass
class Graph:
    """The service behind the server: one channel.

    Attributes:
        secret: of the application.
        chains: posts of the channel, each with its `replies`, in any order.
        page: the most posts of an answer, whatever `$top` says.
        replies_at_once: the most replies of a post in an answer.
        fails: answers that come before any other but of the token: status and headers.
        next_link: what stands as the next link in place of the true one, once.
        asked: path and query of every request, oldest first.
        user_agents: of every request.
        tokens: how many were handed out.
    """

    secret: str
    chains: list[dict[str, Any]] = field(default_factory=list)
    page: int = 50
    replies_at_once: int = REPLIES_AT_ONCE
    fails: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    next_link: str | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    user_agents: set[str] = field(default_factory=set)
    tokens: int = 0
    url: str = ""

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer of the token endpoint."""
        wanted = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": self.secret,
            "scope": f"{self.url}/.default",
        }
        if form != wanted:
            return 401, {"error": "invalid_client", "error_description": f"AADSTS7000215: {form}"}
        self.tokens += 1
        return 200, {
            "token_type": "Bearer",
            "expires_in": 3599,
            "access_token": f"{self.secret}.bearer.{self.tokens}",
        }

    def answer(
        self, path: str, query: dict[str, str], bearer: str
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, body and headers of a request."""
        self.asked.append((path, query))
        if self.fails:
            status, headers = self.fails.pop(0)
            return status, {"error": {"code": "Failed", "message": "told"}}, headers
        if bearer != f"Bearer {self.secret}.bearer.{self.tokens}":
            return 401, {"error": {"code": "InvalidAuthenticationToken", "message": bearer}}, {}
        channel = f"/v1.0/teams/{TEAM}/channels/{CHANNEL}"
        if path == f"{channel}/messages/delta":
            return 200, self._delta(path, query), {}
        if path.startswith(f"{channel}/messages/") and path.endswith("/replies"):
            number = path.split("/")[-2]
            (chain,) = [one for one in self.chains if one["id"] == number]
            return 200, self._paged(path, chain["replies"], query), {}
        return 404, {"error": {"code": "NotFound", "message": path}}, {}

    def _delta(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        if "$skiptoken" in query:
            asked = json.loads(query["$skiptoken"])
        else:
            told, _, at = query.get("$filter", "").partition(" gt ")
            assert told in {"", "lastModifiedDateTime"}
            asked = {"after": at, "replies": query.get("$expand") == "replies", "place": 0}
            asked["top"] = min(int(query.get("$top", 20)), self.page)
        after = datetime.fromisoformat(asked["after"]) if asked["after"] else None
        found = [
            one
            for one in self.chains
            if after is None or any(_modified(each) > after for each in (one, *one["replies"]))
        ]
        place, top = asked["place"], asked["top"]
        shown = [self._shown(path, one, replies=asked["replies"]) for one in found[place:][:top]]
        if place + top < len(found):
            token = json.dumps({**asked, "place": place + top})
            return {"@odata.nextLink": self._link(path, token), "value": shown}
        return {"@odata.deltaLink": f"{self.url}{path}?$deltatoken=d", "value": shown}

    def _shown(self, path: str, chain: dict[str, Any], *, replies: bool) -> dict[str, Any]:
        shown = {name: value for name, value in chain.items() if name != "replies"}
        if replies:
            shown["replies@odata.context"] = f"{self.url}/v1.0/$metadata#replies"
            shown["replies"] = chain["replies"][: self.replies_at_once]
            if len(chain["replies"]) > self.replies_at_once:
                own = path.removesuffix("/delta") + f"/{chain['id']}/replies"
                shown["replies@odata.nextLink"] = self._link(own, str(self.replies_at_once))
        return shown

    def _paged(self, path: str, all_of: list[Any], query: dict[str, str]) -> dict[str, Any]:
        place = int(query.get("$skiptoken", 0))
        shown: dict[str, Any] = {"value": all_of[place:][: self.page]}
        if place + self.page < len(all_of):
            shown["@odata.nextLink"] = self._link(path, str(place + self.page))
        return shown

    def _link(self, path: str, token: str) -> str:
        link, self.next_link = self.next_link, None
        return link or f"{self.url}{path}?$skiptoken={token}"


def _modified(message: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(message["lastModifiedDateTime"])


@contextmanager
def served(graph: Graph) -> Iterator[Graph]:
    """Serve it on a port of this machine, and set its `url`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            graph.user_agents.add(self.headers["User-Agent"])
            split = urlsplit(self.path)
            query = {name: one[-1] for name, one in parse_qs(split.query).items()}
            bearer = self.headers.get("Authorization", "")
            self._say(*graph.answer(unquote(split.path), query, bearer))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            graph.user_agents.add(self.headers["User-Agent"])
            form = {name: one[-1] for name, one in parse_qs(body).items()}
            if self.path == f"/{TENANT}/oauth2/v2.0/token":
                self._say(*graph.token(form), {})
            else:
                self._say(404, {}, {})

        def _say(self, status: int, answer: dict[str, Any], headers: dict[str, str]) -> None:
            told = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        graph.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield graph
        finally:
            server.shutdown()
            thread.join()
