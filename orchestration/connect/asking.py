"""How a platform is asked: not too often, again when it says so, and never without permission."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from assets.core.errors import ConnectorError
from orchestration.connect.contract import Permission

T = TypeVar("T")
MOST_TRIES = 5
LONGEST_WAIT_SECONDS = 300.0
"""Who is to wait longer gives up, and asks for nothing before it is over."""
LEFT_ALONE_AT_MOST_SECONDS = 86_400.0
"""A platform that says more has said something else."""
LOOKS_EVERY_SECONDS = 20.0
"""How often who waits asks whether it may still read: a pull under way holds what came before."""
FIRST_PAUSE_SECONDS = 1.0
_LEAST_PAUSE_SECONDS = 0.05
Sleep = Callable[[float], Awaitable[object]]


class AskedTooOften(Exception):  # noqa: N818  (says what happened)
    """The platform wants to be left alone for a while (429, or 503 with Retry-After).

    Args:
        seconds: how long, where it says so.
    """

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__()
        self.seconds = seconds


class NotReachable(Exception):  # noqa: N818  (says what happened)
    """It did not answer, or answered that it can't now (5xx)."""


@dataclass
class Asking:
    """Asks one platform.

    Attributes:
        per_minute: how many requests at most.
        sleep: waits so many seconds.
    """

    per_minute: int
    sleep: Sleep = asyncio.sleep
    _limiter: MovingWindowRateLimiter = field(init=False, repr=False)
    _left_alone_until: float = field(default=0.0, init=False, repr=False)

    def __post_init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(self.per_minute)

    async def ask(self, request: Callable[[], Awaitable[T]], permitted: Permission) -> T:
        """One request, again where it was asked too often or did not answer.

        Args:
            request: makes it; raises `AskedTooOften` or `NotReachable`.
            permitted: asked before every try.

        Raises:
            ConnectorError: what `permitted` raises, `PLATFORM_THROTTLES` or
                `PLATFORM_NOT_REACHABLE`.
        """
        code, pause = "PLATFORM_NOT_REACHABLE", FIRST_PAUSE_SECONDS
        for left in reversed(range(MOST_TRIES)):
            while not self._limiter.hit(self._limit):
                free_at = self._limiter.get_window_stats(self._limit).reset_time
                await self._wait(max(free_at - time.time(), _LEAST_PAUSE_SECONDS), permitted)
            permitted()
            if time.monotonic() < self._left_alone_until:
                # It was said to another of its chats, or at a turn before.
                raise ConnectorError("PLATFORM_THROTTLES")
            wanted: float | None = None
            try:
                return await request()
            except AskedTooOften as told:
                code, wanted = "PLATFORM_THROTTLES", told.seconds
            except NotReachable:
                code = "PLATFORM_NOT_REACHABLE"
            wait = pause if wanted is None else wanted
            pause *= 2
            if wait > LONGEST_WAIT_SECONDS:
                self._left_alone_until = time.monotonic() + min(wait, LEFT_ALONE_AT_MOST_SECONDS)
            if not left or wait > LONGEST_WAIT_SECONDS:
                break
            await self._wait(wait, permitted)
        raise ConnectorError(code)

    async def _wait(self, seconds: float, permitted: Permission) -> None:
        """Wait, and let go of what was pulled before as soon as the permission ends."""
        while seconds > LOOKS_EVERY_SECONDS:
            await self.sleep(LOOKS_EVERY_SECONDS)
            permitted()
            seconds -= LOOKS_EVERY_SECONDS
        await self.sleep(seconds)


def seconds_told(
    written: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> float | None:
    """How long to wait by a `Retry-After`, in seconds or as a date; None where it tells nothing.

    Args:
        written: the header (RFC 9110, 10.2.3).
        now: the moment (aware).
    """
    if written is None:
        return None
    if written.strip().isdecimal():
        return float(written)
    try:
        return max((parsedate_to_datetime(written) - now()).total_seconds(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return None
