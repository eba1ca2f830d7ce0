"""A commitment to the set of groups that counted: it tells nothing, and can be opened later.

What is committed to is padded to a fixed size and keyed with a random salt that stays in the
restricted row. So the public digest tells neither the groups nor how many they are, not even to
somebody who tries every set; who has the salt can show which set it was.
"""

import hashlib
import hmac
from collections.abc import Collection
from itertools import combinations, islice

SALT_BYTES = 32
SLOTS = 1024
"""Places for groups; a region with more of them gets as many again."""
MOST_TRIES = 100_000

_PLACE = 10
"""Bytes of a group reference."""


def commitment(salt: bytes, groups: Collection[str]) -> str:
    """HMAC-SHA-256, under the salt, of the sorted references, padded to whole `SLOTS`.

    Args:
        salt: `SALT_BYTES` random bytes, of this region-day and revision alone.
        groups: references of the groups; none where nothing was drawn.

    Returns:
        64 hex digits.
    """
    slots = SLOTS * max(1, -(-len(groups) // SLOTS))
    written = b"".join(one.encode("ascii").ljust(_PLACE) for one in sorted(groups))
    return hmac.new(salt, written.ljust(slots * _PLACE, b"-"), hashlib.sha256).hexdigest()


def opens(committed: str, salt: bytes, groups: Collection[str]) -> bool:
    """Whether it is these groups that were committed to."""
    return hmac.compare_digest(committed, commitment(salt, groups))


def groups_committed_to(
    committed: str, salt: bytes, scored: Collection[str]
) -> frozenset[str] | None:
    """Which of the groups that were scored on a day counted.

    Tries all of them, then all but one, all but two and so on, at most `MOST_TRIES` sets; none of
    them last.

    Args:
        committed: of the region-day's evidence.
        salt: of the same.
        scored: references of the groups whose day was scored.

    Returns:
        None where no set that was tried is the one.
    """
    every = sorted(scored)
    sets = (one for many in range(len(every), -1, -1) for one in combinations(every, many))
    for groups in (*islice(sets, MOST_TRIES), ()):
        if opens(committed, salt, groups):
            return frozenset(groups)
    return None
