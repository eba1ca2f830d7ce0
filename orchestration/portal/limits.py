"""How often a client may ask, without a record of who asked.

Counted in this process's memory, by a digest under a salt that is thrown away with the counts.
"""

import hashlib
import ipaddress
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

SALT_SECONDS = 3600.0
MOST_HEAD_BYTES = 16_384
"""Of a request's headers."""

MOST_COUNTED = 50_000
"""At a time; with more, all are forgotten."""


@dataclass(frozen=True)
class Limits:
    """What a request may take.

    Attributes:
        per_minute: requests that a client may make; as many again to leave, twice as many on
            members' pages, and ten times as many of what pages are made of: colleagues who share a
            network are one client.
        requests_per_hour: members' requests of a client that are taken: each is kept for weeks, and
            the database bounds those of a day.
        answers_per_hour: forms that may be sent to one invitation, whoever sends them.
        withdrawals_per_hour: withdrawals by one link that are recorded.
        pieces_per_minute: requests of a delivery that may be sent to one link.
        pulses_per_hour: answers to the pulse that are taken, which a whole workplace may send by
            one address; they spend nothing of what members may ask.
        body_bytes: the most that a body may hold, where its section says nothing else.
        chunk_seconds: the longest that a body may pause.
        body_seconds: the longest that a body of `body_bytes` may take, larger ones in proportion.
    """

    per_minute: int = 120
    requests_per_hour: int = 300
    answers_per_hour: int = 30
    withdrawals_per_hour: int = 10
    pieces_per_minute: int = 240
    pulses_per_hour: int = 60
    body_bytes: int = 16_384
    chunk_seconds: float = 10.0
    body_seconds: float = 20.0


class Asked(StrEnum):
    """What a request is counted as."""

    ELSE = "else"
    STATIC = "static"
    TO_LEAVE = "to leave"
    OF_MEMBERS = "of members"
    AS_MEMBER = "as member"
    IN_PULSE = "in pulse"


_WHEN_TAKEN = frozenset({Asked.AS_MEMBER, Asked.IN_PULSE})
"""Counted by the hour where they were taken: a slip in a form spends nothing of it."""


_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""Where gateways put clients of the fourth version (RFC 6052)."""


def house_of(client: str) -> str | None:
    """An address as it is counted; None for what is none.

    Of the sixth version one house has 2 to the 64 of them. One of the fourth that is written as one
    of the sixth is itself: else all of them would be one house, and one could lock out all.
    """
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    if mapped is None and address in _TRANSLATED:
        mapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if mapped is not None:
        return str(mapped)
    return str(ipaddress.IPv6Network((int(address), 64), strict=False))


class _Counts:
    """Counts by a digest under a salt that is thrown away with them."""

    def __init__(self, allowed: Mapping[Any, RateLimitItem], seconds: Callable[[], float]) -> None:
        self._allowed = allowed
        self._counts = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._counts)
        self._seconds = seconds
        self._salt, self._salted_at = secrets.token_bytes(16), seconds()

    def hit(self, what: StrEnum, who: str) -> bool:
        """Count one; whether it may be."""
        return self._limiter.hit(self._allowed[what], what.value, self._digest(who))

    def may(self, what: StrEnum, who: str) -> bool:
        """Whether one more may be; nothing is counted."""
        return self._limiter.test(self._allowed[what], what.value, self._digest(who))

    def _digest(self, who: str) -> str:
        now = self._seconds()
        if now - self._salted_at > SALT_SECONDS or len(self._counts.storage) >= MOST_COUNTED:
            self._salt, self._salted_at = secrets.token_bytes(16), now
            self._counts.reset()
        return hashlib.blake2b(who.encode(), digest_size=16, key=self._salt).hexdigest()


class Clients:
    """How much each client has asked for.

    Args:
        limits: what it may.
        seconds: since any moment; how old the salt is.
    """

    def __init__(self, limits: Limits, seconds: Callable[[], float] = time.monotonic) -> None:
        allowed = {
            Asked.ELSE: RateLimitItemPerMinute(limits.per_minute),
            Asked.STATIC: RateLimitItemPerMinute(10 * limits.per_minute),
            Asked.TO_LEAVE: RateLimitItemPerMinute(limits.per_minute),
            Asked.OF_MEMBERS: RateLimitItemPerMinute(2 * limits.per_minute),
            Asked.AS_MEMBER: RateLimitItemPerHour(limits.requests_per_hour),
            Asked.IN_PULSE: RateLimitItemPerHour(limits.pulses_per_hour),
        }
        self._counts = _Counts(allowed, seconds)

    def may_ask(self, house: str, asked: Asked = Asked.ELSE) -> bool:
        """Whether the client may make one more request now, which is counted.

        Args:
            house: whence it comes, as `house_of` says it.
            asked: what it is counted as.
        """
        if asked in _WHEN_TAKEN:
            return self._counts.hit(Asked.OF_MEMBERS, house) and self._counts.may(asked, house)
        return self._counts.hit(asked, house)

    def count_kept(self, house: str, asked: Asked) -> None:
        """Count a request that was taken, where that is what is counted.

        Args:
            house: as of `may_ask`.
            asked: likewise.
        """
        if asked in _WHEN_TAKEN:
            self._counts.hit(asked, house)


class Use(StrEnum):
    """What a link is used for."""

    ANSWER = "answer"
    WITHDRAWAL = "withdrawal"
    DELIVERY = "delivery"


class Links:
    """How often each link was used, whoever has it: only those that are signed.

    Args:
        limits: what may be.
        seconds: as of `Clients`.
    """

    def __init__(self, limits: Limits, seconds: Callable[[], float] = time.monotonic) -> None:
        allowed = {
            Use.ANSWER: RateLimitItemPerHour(limits.answers_per_hour),
            Use.WITHDRAWAL: RateLimitItemPerHour(limits.withdrawals_per_hour),
            Use.DELIVERY: RateLimitItemPerMinute(limits.pieces_per_minute),
        }
        self._counts = _Counts(allowed, seconds)

    def count(self, use: Use, link: str) -> bool:
        """Count one more use; whether it may be.

        Args:
            use: for what.
            link: its token, or the reference of its group.
        """
        return self._counts.hit(use, link)

    def may_be_used(self, use: Use, link: str) -> bool:
        """Whether it may be used once more; `count` counts that once it was done."""
        return self._counts.may(use, link)
