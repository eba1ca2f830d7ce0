"""How often a client may ask, without a record of who asked.

A bucket of tokens for each client, in this process's memory, by a digest under a salt that is
thrown away with the buckets.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

SALT_SECONDS = 3600.0
MOST_CLIENTS = 50_000
"""Buckets at a time; with more, all are forgotten."""


@dataclass(frozen=True)
class Limits:
    """What a request may take.

    Attributes:
        requests: a client may make at once.
        per_second: as many more it may make in each second.
        body_bytes: the most that a body may hold, where its section says nothing else.
        chunk_seconds: the longest that a body may pause.
        body_seconds: the longest that a body of `body_bytes` may take, larger ones in proportion.
    """

    requests: int = 60
    per_second: float = 1.0
    body_bytes: int = 16_384
    chunk_seconds: float = 10.0
    body_seconds: float = 20.0


@dataclass
class Buckets:
    """What each client has left."""

    limits: Limits
    seconds: Callable[[], float] = time.monotonic
    _salt: bytes = b""
    _salted_at: float = float("-inf")
    _left: dict[bytes, tuple[float, float]] = field(default_factory=dict)

    def takes(self, client: str) -> bool:
        """Whether the client may make one more request now."""
        now = self.seconds()
        if now - self._salted_at > SALT_SECONDS or len(self._left) >= MOST_CLIENTS:
            self._salt, self._salted_at = secrets.token_bytes(16), now
            self._left.clear()
        who = hashlib.blake2b(client.encode(), digest_size=16, key=self._salt).digest()
        left, at = self._left.get(who, (float(self.limits.requests), now))
        left = min(self.limits.requests, left + (now - at) * self.limits.per_second)
        may = left >= 1
        self._left[who] = (left - 1 if may else left, now)
        return may
