"""Asks a Matrix server for a room's day: by its own marks of place, and for nothing of before.

matrix-nio carries the requests; it keeps no store, and does not wait or try again by its own rules.
Where reading begins is a mark of the server's (`next_batch` of a sync that asks for no event),
taken once the consent was recorded: nothing that lies before it is ever asked for.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import nio
from aiohttp import ClientError

from assets.core.errors import ConnectorError, refuse_as
from orchestration.connect.asking import AskedTooOften, Asking, NotReachable, seconds_told
from orchestration.connect.contract import Permission, Pulled, Span
from orchestration.connect.matrix import events
from orchestration.connect.same_clock import require_same_clock
from resources.stores.connect.room_list import Room

PAGE = 100
REQUEST_SECONDS = 30.0
CLOCKS_DIFFER = timedelta(minutes=10)
"""How far clocks of servers may differ."""
MOST_PAGES = 2_000
_V3 = "/_matrix/client/v3"
_NOT_FOUND, _FORBIDDEN, _TOO_OFTEN = "M_NOT_FOUND", "M_FORBIDDEN", "M_LIMIT_EXCEEDED"
_NO_TOKEN = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED"})
_OF_THE_LIBRARIES = (ValueError, TypeError, LookupError, RuntimeError)
"""What nio and aiohttp raise beside `ClientError`; some of it quotes addresses and answers."""
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

    async def place_now(self, room: Room, permitted: Permission) -> str:
        """The mark of the place after all that the room holds; see `MarksPlaces`.

        It is given where the account is in the room, so that it sees all that comes.

        Raises:
            ConnectorError: as `pull`.
        """
        own_id = await self._own(permitted)
        state = await self._state(room, permitted)
        events.require_readable(state, own_id, datetime.now(UTC))
        return await self._place(room, permitted)

    async def _place(self, room: Room, permitted: Permission) -> str:
        nothing = {"not_types": ["*"]}
        wanted = {
            "presence": nothing,
            "account_data": nothing,
            "room": {
                "rooms": [room.chat],
                "timeline": {"limit": 0, **nothing},
                "state": nothing,
                "ephemeral": nothing,
                "account_data": nothing,
            },
        }
        told = await self._got(
            f"{_V3}/sync?timeout=0&filter={quote(json.dumps(wanted))}", permitted
        )
        place = told.get("next_batch") if isinstance(told, Mapping) else None
        if not isinstance(place, str) or not place:
            raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")
        return place

    async def pull(self, room: Room, span: Span, permitted: Permission) -> Pulled:
        """All that a room holds of a day; see `Puller`.

        Raises:
            ConnectorError: `CHAT_ENCRYPTED`, `CHAT_NOT_JOINED`, `CHAT_NOT_WHOLE`,
                `CHAT_TOKEN_REFUSED`, `CONNECTOR_CLOCK_WRONG`, `PLATFORM_ANSWER_UNKNOWN`, or what
                `Asking.ask` raises.
        """
        own_id = await self._own(permitted)
        state = await self._state(room, permitted)
        events.require_readable(state, own_id, span.start)
        found, after = await self._events(room, span, permitted)
        messages = events.records_of(found, span, events.names_of(state), own_id)
        return Pulled([*events.members_of(state, messages, span), *messages], after)

    async def _own(self, permitted: Permission) -> str:
        if not self._own_id:
            self._own_id = await self._who(permitted)
        return self._own_id

    async def _state(self, room: Room, permitted: Permission) -> Sequence[events.Event]:
        told = await self._got(f"{_V3}/rooms/{_quoted(room.chat)}/state", permitted)
        if not isinstance(told, list):
            raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")
        return told

    async def _events(
        self, room: Room, span: Span, permitted: Permission
    ) -> tuple[Sequence[events.Event], str]:
        """What a room holds from a place on, in its order, and the next place.

        Everything up to now is looked through, for what reached the server late lies among later
        messages; but nothing of after the consent. The next place lies before the first page that
        holds anything of the next span.
        """
        until = max(span.end, room.ends or span.end) + CLOCKS_DIFFER
        next_begins = span.end - CLOCKS_DIFFER
        # What says that it is of the future would hold the place where it lies for ever.
        to_come = datetime.now(UTC) + CLOCKS_DIFFER
        place = after = span.after
        still_before = True
        found: list[events.Event] = []
        wanted = {"types": list(events.WANTED), "lazy_load_members": True}
        asked = {"dir": "f", "limit": PAGE, "filter": json.dumps(wanted)}
        path = f"{_V3}/rooms/{_quoted(room.chat)}/messages"
        for _ in range(MOST_PAGES):
            page = await self._got(f"{path}?{urlencode({**asked, 'from': place})}", permitted)
            chunk = page.get("chunk") if isinstance(page, Mapping) else None
            if not isinstance(chunk, list):
                raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")
            found += chunk
            end = page.get("end")
            moments = [events.sent_at(one) for one in chunk]
            still_before = still_before and not any(next_begins <= one < to_come for one in moments)
            over = bool(moments) and min(moments) >= until
            if not isinstance(end, str) or end == place or over:
                return found, after
            place = end
            if still_before:
                after = place
        raise ConnectorError("CHAT_NOT_WHOLE")

    async def _got(self, path: str, permitted: Permission) -> Any:
        """The JSON of an answer.

        nio's own methods read every event by a scheme of theirs, and fail as a whole where a member
        sent one of another form.
        """

        async def request() -> Any:
            headers = {
                "Authorization": f"Bearer {self.token}",
                "User-Agent": self.user_agent,
            }
            answer = await self._client.send("GET", path, headers=headers)
            require_same_clock(answer.headers.get("Date"))
            body = await self._client.parse_body(answer)
            if answer.status == HTTPStatus.OK:
                return body
            told = body if isinstance(body, Mapping) else {}
            raise _refusal(told.get("errcode"), answer, told.get("retry_after_ms"))

        return await self.asking.ask(lambda: _reached(request), permitted)

    async def _who(self, permitted: Permission) -> str:
        async def request() -> str:
            answer = await self._client.whoami()
            if isinstance(answer, nio.WhoamiResponse):
                return answer.user_id
            told = answer.transport_response
            raise _refusal(answer.status_code, told, answer.retry_after_ms)

        return await self.asking.ask(lambda: _reached(request), permitted)


async def _reached(request: Callable[[], Awaitable[T]]) -> T:
    """The request's answer, and nothing of a library's error, whose words may be the answer's."""
    with (
        refuse_as(ConnectorError("PLATFORM_ANSWER_UNKNOWN"), *_OF_THE_LIBRARIES),
        suppress(ClientError, TimeoutError, OSError),
    ):
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
    written = seconds_told(answer.headers.get("Retry-After")) if answer is not None else None
    if written is not None:
        return written
    if isinstance(retry_after_ms, int) and retry_after_ms >= 0:
        return retry_after_ms / 1000
    return None


def _quoted(part: str) -> str:
    return quote(part, safe="")
