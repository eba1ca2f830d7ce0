"""Asks a Matrix server for a room's day: by its own marks of place, and for nothing of before.

matrix-nio carries the requests; it keeps no store, and does not wait or try again by its own rules.
Where a day begins is asked of the server by time (`timestamp_to_event`), which answers with an
event's id and no content.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import nio
from aiohttp import ClientError

from assets.core.errors import ConnectorError
from orchestration.connect.asking import AskedTooOften, Asking, NotReachable
from orchestration.connect.contract import Permission, Pulled, Span
from orchestration.connect.matrix import events
from resources.stores.connect.room_list import Room

PAGE = 100
REQUEST_SECONDS = 30.0
CLOCKS_DIFFER = timedelta(minutes=10)
"""How far clocks of servers may differ: so much before a day and after it is looked through, too,
but nothing of before the consent."""
MOST_PAGES = 2_000
_V1, _V3 = "/_matrix/client/v1", "/_matrix/client/v3"
_NOT_FOUND, _FORBIDDEN, _TOO_OFTEN = "M_NOT_FOUND", "M_FORBIDDEN", "M_LIMIT_EXCEEDED"
_NO_TOKEN = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED"})
T = TypeVar("T")


def always() -> None:
    """Permission for what brings nobody's messages: whose token it is."""


@dataclass
class MatrixRooms(AbstractAsyncContextManager["MatrixRooms"]):
    """Pulls days of rooms with one account. A `Puller`.

    Attributes:
        server: where the client API is, such as `https://matrix.example.org`.
        token: of the account.
        user_agent: as whom it asks.
        asking: paces its requests.
    """

    server: str
    token: str = field(repr=False)
    user_agent: str
    asking: Asking
    platform: str = "matrix"
    _own_id: str = ""

    def __post_init__(self) -> None:
        config = nio.AsyncClientConfig(
            # Waiting and trying again is `Asking`'s, which asks for permission each time.
            max_limit_exceeded=0,
            max_timeouts=0,
            request_timeout=REQUEST_SECONDS,
            encryption_enabled=False,
            store_sync_tokens=False,
            custom_headers={"User-Agent": self.user_agent},
        )
        self._client = nio.AsyncClient(self.server, config=config, store_path="")
        self._client.access_token = self.token

    async def __aexit__(self, *_: object) -> None:
        """Close its connections."""
        await self._client.close()

    async def pull(self, room: Room, span: Span, permitted: Permission) -> Pulled:
        """All that a room holds of a day; see `Puller`.

        Raises:
            ConnectorError: `CHAT_ENCRYPTED`, `CHAT_NOT_JOINED`, `CHAT_NOT_WHOLE`,
                `CHAT_TOKEN_REFUSED`, `PLATFORM_ANSWER_UNKNOWN`, or what `Asking.ask` raises.
        """
        own_id = await self._own(permitted)
        state = await self._state(room, permitted)
        events.require_readable(state, own_id, span.start)
        start = max(room.starts or span.start, span.start - CLOCKS_DIFFER)
        found = await self._events(room, start, span.end + CLOCKS_DIFFER, permitted)
        messages = events.records_of(found, span, events.names_of(state), own_id)
        return Pulled([*events.members_of(state, messages, span), *messages])

    async def _own(self, permitted: Permission) -> str:
        if not self._own_id:
            told = await self._asked(self._client.whoami, nio.WhoamiResponse, permitted)
            self._own_id = told.user_id
        return self._own_id

    async def _state(self, room: Room, permitted: Permission) -> Sequence[events.Event]:
        told = await self._asked(
            lambda: self._client.room_get_state(room.chat), nio.RoomGetStateResponse, permitted
        )
        return told.events

    async def _events(
        self, room: Room, start: datetime, until: datetime, permitted: Permission
    ) -> Sequence[events.Event]:
        """What a room holds from the first event at or after `start` to `until`, in its order."""
        first = await self._first_after(room, start, until, permitted)
        if first is None:
            return []
        event, place = await self._place_of(room, first, permitted)
        # What was sent before, by its server's clock, must not be asked for.
        found = [event] if events.sent_at(event) >= start else []
        wanted = {"types": list(events.WANTED), "lazy_load_members": True}
        for _ in range(MOST_PAGES):
            page = await self._asked(
                lambda place=place: self._client.room_messages(
                    room.chat,
                    start=place,
                    direction=nio.MessageDirection.front,
                    limit=PAGE,
                    message_filter=wanted,
                ),
                nio.RoomMessagesResponse,
                permitted,
            )
            chunk = [one.source for one in page.chunk]
            found += chunk
            over = bool(chunk) and all(events.sent_at(one) >= until for one in chunk)
            if page.end is None or page.end == place or over:
                return found
            place = page.end
        raise ConnectorError("CHAT_NOT_WHOLE")

    async def _first_after(
        self, room: Room, start: datetime, until: datetime, permitted: Permission
    ) -> str | None:
        """Id of the first event from `start` to `until`; None where there is none."""
        milliseconds = round(start.timestamp() * 1000)
        path = f"{_V1}/rooms/{_quoted(room.chat)}/timestamp_to_event?ts={milliseconds}&dir=f"
        told = await self._got(path, permitted, missing_is_none=True)
        if told is None:
            return None
        event_id = told.get("event_id")
        if not isinstance(event_id, str):
            raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")
        return event_id if events.sent_at(told) < until else None

    async def _place_of(
        self, room: Room, event_id: str, permitted: Permission
    ) -> tuple[events.Event, str]:
        """An event, and the mark of the place after it."""
        # nio leaves out a limit of 0, and gets ten events of before.
        path = f"{_V3}/rooms/{_quoted(room.chat)}/context/{_quoted(event_id)}?limit=0"
        told = await self._got(path, permitted)
        event, place = (told or {}).get("event"), (told or {}).get("end")
        if not isinstance(event, Mapping) or not isinstance(place, str):
            raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")
        return event, place

    async def _got(
        self, path: str, permitted: Permission, *, missing_is_none: bool = False
    ) -> Mapping[str, Any] | None:
        """The answer to a GET that nio has no method for."""

        async def request() -> Mapping[str, Any] | None:
            headers = {
                "Authorization": f"Bearer {self.token}",
                "User-Agent": self.user_agent,
            }
            answer = await self._client.send("GET", path, headers=headers)
            body = await self._client.parse_body(answer)
            if answer.status == HTTPStatus.OK:
                return body
            code = body.get("errcode") if isinstance(body, Mapping) else None
            if missing_is_none and code == _NOT_FOUND:
                return None
            raise _refusal(code, answer, body.get("retry_after_ms"))

        return await self.asking.ask(lambda: _reached(request), permitted)

    async def _asked(
        self, method: Callable[[], Awaitable[Any]], kind: type[T], permitted: Permission
    ) -> T:
        """The answer to a request of nio's."""

        async def request() -> T:
            answer = await method()
            if isinstance(answer, kind):
                return answer
            if isinstance(answer, nio.ErrorResponse):
                raise _refusal(answer.status_code, answer.transport_response, answer.retry_after_ms)
            raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")

        return await self.asking.ask(lambda: _reached(request), permitted)


async def _reached(request: Callable[[], Awaitable[T]]) -> T:
    """The request's answer, and nothing of a library's error but that there was none."""
    with suppress(ClientError, TimeoutError, OSError):
        return await request()
    raise NotReachable


def _refusal(code: object, answer: Any, retry_after_ms: object) -> Exception:
    """What an answer that is none says."""
    status = getattr(answer, "status", 0)
    if status == HTTPStatus.TOO_MANY_REQUESTS or code == _TOO_OFTEN:
        return AskedTooOften(_seconds(answer, retry_after_ms))
    if code in _NO_TOKEN:
        return ConnectorError("CHAT_TOKEN_REFUSED")
    if code in (_FORBIDDEN, _NOT_FOUND):
        return ConnectorError("CHAT_NOT_JOINED")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return NotReachable()
    return ConnectorError("PLATFORM_ANSWER_UNKNOWN")


def _seconds(answer: Any, retry_after_ms: object) -> float | None:
    """How long to wait: by the header, or in the body as servers said before 1.10."""
    written = answer.headers.get("Retry-After", "") if answer is not None else ""
    if written.isdecimal():
        return float(written)
    if isinstance(retry_after_ms, int) and retry_after_ms >= 0:
        return retry_after_ms / 1000
    return None


def _quoted(part: str) -> str:
    return quote(part, safe="")
