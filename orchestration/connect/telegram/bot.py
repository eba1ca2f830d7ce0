"""The bot: three questions to Telegram, and nothing of the answers in a log or an error.

python-telegram-bot quotes the token, and messages, in its errors and log records; neither leaves
this module.
"""

import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import msgspec
from telegram import Bot, User
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from assets.core.errors import ConnectorError, SetupError, refuse_as
from orchestration.connect.asking import AskedTooOften, Asking, NotReachable
from orchestration.connect.contract import Permission
from orchestration.connect.same_clock import require_same_clock
from orchestration.connect.telegram.updates import ASKED_FOR, Standing, Update
from orchestration.connect.unlogged import unlogged

os.environ.setdefault("PTB_TIMEDELTA", "1")
"""The library warns unless it is told so that durations are to be such."""
T = TypeVar("T")
MOST_AT_ONCE = 100
"""Updates of one answer, by the Bot API."""
WAITS_SECONDS = 1
"""How long the platform waits for a first update; it wants more than nothing."""
ANSWERS_WITHIN_SECONDS = 20.0
_SAFE = re.compile(r"https://|http://127\.0\.0\.1:")
_CODES = {InvalidToken: "CHAT_TOKEN_REFUSED", Conflict: "BOT_READ_BY_ANOTHER"}


class Moved(Exception):  # noqa: N818  (says what happened)
    """The group has become a supergroup.

    Args:
        chat: what it is called now.
    """

    def __init__(self, chat: int) -> None:
        super().__init__()
        self.chat = chat


@dataclass
class _Answered:
    """What the platform's last answer said of the time; None where it said nothing."""

    date: str | None = None


class _Reader(Bot):
    """The bot with its answers as they come: one in no known form stops no other."""

    def __repr__(self) -> str:
        """Without the token, which the library shows."""
        return "_Reader()"

    async def standing(self, chat: int, user: int) -> Mapping[str, Any]:
        """How a user stands in a chat."""
        return await self._post("getChatMember", {"chat_id": chat, "user_id": user})

    async def updates(self, offset: int) -> Sequence[Mapping[str, Any]]:
        """Updates from a number on; all before it are confirmed by asking."""
        return await self._post(
            "getUpdates",
            {
                "offset": offset or None,
                "limit": MOST_AT_ONCE,
                "timeout": WAITS_SECONDS,
                "allowed_updates": ASKED_FOR,
            },
            read_timeout=ANSWERS_WITHIN_SECONDS + WAITS_SECONDS,
        )


@dataclass(frozen=True)
class BotClient(AbstractAsyncContextManager["BotClient"]):
    """Asks Telegram for one bot.

    Attributes:
        reader: the library's bot.
        asking: how often may be asked.
        requests: what carries its questions.
        answered: what its last answer said of the time.
    """

    reader: _Reader = field(repr=False)
    asking: Asking
    requests: Sequence[HTTPXRequest] = field(repr=False)
    answered: _Answered = field(default_factory=_Answered, repr=False)

    @classmethod
    def of(cls, token: str, server: str, user_agent: str, asking: Asking) -> "BotClient":
        """The bot of a token.

        Args:
            token: of the bot.
            server: the Bot API's address.
            user_agent: as whom it asks.
            asking: how often may be asked.

        Raises:
            SetupError: `CONNECTOR_TOKEN_MISSING` for what can be no token,
                `CONNECTOR_SETTINGS_INVALID` for a server that would get it in the clear.
        """
        if not _SAFE.match(server):
            raise SetupError("CONNECTOR_SETTINGS_INVALID")
        unlogged("telegram", "httpx", "httpcore")
        answered = _Answered()
        requests = _request(user_agent, answered), _request(user_agent, answered)
        with refuse_as(SetupError("CONNECTOR_TOKEN_MISSING"), TelegramError, ValueError):
            reader = _Reader(
                token,
                base_url=f"{server}/bot",
                request=requests[0],
                get_updates_request=requests[1],
            )
        return cls(reader, asking, requests, answered)

    async def sees_all(self, permitted: Permission) -> tuple[int, bool]:
        """The bot's number, and whether its privacy mode is off; raises as `updates`."""
        me: User = await self._known(self.reader.get_me, permitted)
        return me.id, bool(me.can_read_all_group_messages)

    async def standing(self, chat: int, bot: int, permitted: Permission) -> Standing:
        """How the bot stands in a chat; `left` in one that it does not know.

        Raises:
            Moved: the group is called otherwise by now.
            ConnectorError: as `updates`.
        """
        try:
            found = await self._ask(lambda: self.reader.standing(chat, bot), permitted)
        except _NotThere:
            return Standing("left")
        with refuse_as(ConnectorError("PLATFORM_ANSWER_UNKNOWN"), msgspec.ValidationError):
            return msgspec.convert(found, Standing)

    async def updates(self, offset: int, permitted: Permission) -> list[Update]:
        """Updates from a number on, at most `MOST_AT_ONCE`; those before it are confirmed.

        Raises:
            ConnectorError: what `permitted` raises, `CHAT_TOKEN_REFUSED`, `BOT_READ_BY_ANOTHER`,
                `PLATFORM_NOT_REACHABLE`, `PLATFORM_THROTTLES`, `PLATFORM_ANSWER_UNKNOWN`,
                `CONNECTOR_CLOCK_WRONG`.
        """
        found = await self._known(lambda: self.reader.updates(offset), permitted)
        with refuse_as(ConnectorError("PLATFORM_ANSWER_UNKNOWN"), TypeError, AttributeError):
            return [Update(one) for one in found]

    async def __aexit__(self, *_: object) -> None:
        """Close its connections."""
        for one in self.requests:
            await one.shutdown()

    async def _known(self, request: Callable[[], Awaitable[T]], permitted: Permission) -> T:
        """What asks about no chat has no chat that is not there."""
        with refuse_as(ConnectorError("PLATFORM_ANSWER_UNKNOWN"), _NotThere, Moved):
            return await self._ask(request, permitted)

    async def _ask(self, request: Callable[[], Awaitable[T]], permitted: Permission) -> T:
        async def asked() -> T:
            try:
                answer = await request()
            except TelegramError as error:
                told = _told(error)
            except (AttributeError, KeyError, TypeError, ValueError):
                told = ConnectorError("PLATFORM_ANSWER_UNKNOWN")
            else:
                require_same_clock(self.answered.date)
                return answer
            # Outside, so that the library's error is no context of ours.
            raise told

        return await self.asking.ask(asked, permitted)


class _NotThere(Exception):  # noqa: N818  (says what happened)
    """No such chat, or none of the bot's."""


def _told(error: TelegramError) -> Exception:
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return AskedTooOften(float(wait if isinstance(wait, int) else wait.total_seconds()))
    if isinstance(error, ChatMigrated):
        return Moved(error.new_chat_id)
    if isinstance(error, BadRequest | Forbidden):
        return _NotThere()
    if isinstance(error, NetworkError):
        return NotReachable()
    named = (code for kind, code in _CODES.items() if isinstance(error, kind))
    return ConnectorError(next(named, "PLATFORM_ANSWER_UNKNOWN"))


def _request(user_agent: str, answered: _Answered) -> HTTPXRequest:
    async def at_what_time(answer: httpx.Response) -> None:
        answered.date = answer.headers.get("Date")

    async def as_organisation(request: httpx.Request) -> None:
        request.headers["User-Agent"] = user_agent

    return HTTPXRequest(
        connection_pool_size=1,
        read_timeout=ANSWERS_WITHIN_SECONDS,
        connect_timeout=ANSWERS_WITHIN_SECONDS,
        httpx_kwargs={
            "follow_redirects": False,
            "event_hooks": {"request": [as_organisation], "response": [at_what_time]},
        },
    )
