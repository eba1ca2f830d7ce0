"""How a platform is asked: not too often, again when it says so, and never without permission."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from assets.core.errors import ConnectorError
from orchestration.connect.contract import Permission

T = TypeVar("T")
MOST_TRIES = 5
LONGEST_WAIT_SECONDS = 300.0
"""Who is to wait longer gives up, and comes again at the next turn."""
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
                await self.sleep(max(free_at - time.time(), _LEAST_PAUSE_SECONDS))
            permitted()
            wanted: float | None = None
            try:
                return await request()
            except AskedTooOften as told:
                code, wanted = "PLATFORM_THROTTLES", told.seconds
            except NotReachable:
                code = "PLATFORM_NOT_REACHABLE"
            wait = pause if wanted is None else wanted
            pause *= 2
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
