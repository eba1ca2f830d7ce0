"""How often a client may ask, without a record of who asked.

Counted in this process's memory, by a digest under a salt that is thrown away with the counts.
"""

import hashlib
import ipaddress
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

SALT_SECONDS = 3600.0
MOST_CLIENTS = 50_000
"""Counted at a time; with more, all are forgotten."""


@dataclass(frozen=True)
class Limits:
    """What a request may take.

    Attributes:
        per_minute: requests that a client may make; as many again to leave.
        requests_per_hour: members' requests that a client may send: each is kept for weeks.
        pulses_per_hour: answers to the pulse, which a whole workplace may send by one address;
            they spend nothing of what members may ask.
        body_bytes: the most that a body may hold, where its section says nothing else.
        chunk_seconds: the longest that a body may pause.
        body_seconds: the longest that a body of `body_bytes` may take, larger ones in proportion.
    """

    per_minute: int = 120
    requests_per_hour: int = 30
    pulses_per_hour: int = 60
    body_bytes: int = 16_384
    chunk_seconds: float = 10.0
    body_seconds: float = 20.0


class Asked(StrEnum):
    """What a request is counted as."""

    ELSE = "else"
    TO_LEAVE = "to leave"
    AS_MEMBER = "as member"
    IN_PULSE = "in pulse"


def _house(client: str) -> str:
    """An address as it is counted: of the sixth version one house has 2 to the 64 of them."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if address.version == 4:  # noqa: PLR2004
        return client
    return str(ipaddress.ip_network((client.partition("%")[0], 64), strict=False))


class Clients:
    """How much each client has asked for.

    Args:
        limits: what it may.
        seconds: since any moment; how old the salt is.
    """

    def __init__(self, limits: Limits, seconds: Callable[[], float] = time.monotonic) -> None:
        self._allowed = {
            Asked.ELSE: RateLimitItemPerMinute(limits.per_minute),
            Asked.TO_LEAVE: RateLimitItemPerMinute(limits.per_minute),
            Asked.AS_MEMBER: RateLimitItemPerHour(limits.requests_per_hour),
            Asked.IN_PULSE: RateLimitItemPerHour(limits.pulses_per_hour),
        }
        self._counts = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._counts)
        self._seconds = seconds
        self._salt, self._salted_at = secrets.token_bytes(16), seconds()

    def may_ask(self, client: str, asked: Asked = Asked.ELSE) -> bool:
        """Whether the client may make one more request now, which is counted."""
        now = self._seconds()
        if now - self._salted_at > SALT_SECONDS or len(self._counts.storage) >= MOST_CLIENTS:
            self._salt, self._salted_at = secrets.token_bytes(16), now
            self._counts.reset()
        who = hashlib.blake2b(_house(client).encode(), digest_size=16, key=self._salt).hexdigest()
        return self._limiter.hit(self._allowed[asked], asked.value, who)
