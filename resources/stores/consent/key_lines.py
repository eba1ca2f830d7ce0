"""Lines of the leaving journal that tell of keys: those revoked, and those that were rotated away.

They are of no group and of no table. A home from a backup has forgotten both, and would go on with
a key that somebody else has. Public keys and digests alone stand there; they open nothing.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assets.core.errors import SetupError

_PUBLIC_KEY = re.compile(r"[A-Za-z0-9+/]{43}=")
_RECIPIENT = re.compile(r"age1[a-z0-9]{58}")
_CHECK = re.compile(r"[0-9a-f]{64}")
_REVOKED, _RETIRED = "revoked", "retired"


@dataclass(frozen=True)
class Retirement:
    """A key that was rotated away.

    Attributes:
        key: of the inbox the public key (`age1...`), of the master key what `check_of` gives.
        successor: likewise, of the one that was put in its place.
        at: when (aware).
    """

    key: str
    successor: str
    at: datetime

    def written(self) -> str:
        """As it stands in the file."""
        return _written(_RETIRED, self.at, key=self.key, successor=self.successor)

    def is_of_sort(self, key: str) -> bool:
        """Whether it is of the same sort of key, of the inbox or the master key."""
        return bool(_RECIPIENT.fullmatch(self.key)) == bool(_RECIPIENT.fullmatch(key))


def written_revocation(key: str, at: datetime) -> str:
    """The line of a public key of invitations, in base64, revoked at a moment (aware)."""
    return _written(_REVOKED, at, key=key)


def read_revocation(written: str) -> tuple[str, datetime] | None:
    """A revoked key and its moment; None for any other line."""
    found = _read(written, _REVOKED)
    # What is no key would stop whatever checks signatures by it.
    if found is None or not _PUBLIC_KEY.fullmatch(str(found.get("key"))):
        return None
    return found["key"], found["at"]


def read_retirement(written: str) -> Retirement | None:
    """A retired key; None for any other line."""
    found = _read(written, _RETIRED)
    if found is None:
        return None
    key, successor = (str(found.get(name)) for name in ("key", "successor"))
    is_one = any(form.fullmatch(key) and form.fullmatch(successor) for form in (_RECIPIENT, _CHECK))
    return Retirement(key, successor, found["at"]) if is_one else None


def is_of_key(written: str) -> bool:
    """Whether a line tells of a key, and so stays for good."""
    return read_revocation(written) is not None or read_retirement(written) is not None


def newest_of_sort(retirements: Sequence[Retirement], key: str) -> str | None:
    """The key that was last put in another's place, of the same sort as one; None if none was."""
    return next((one.successor for one in reversed(retirements) if one.is_of_sort(key)), None)


def require_newest(retirements: Sequence[Retirement], key: str, in_use: str | None) -> None:
    """Refuse to put a key to use that is not shown to be the home's newest of its sort.

    Args:
        retirements: of the leaving journal, in its order.
        key: as `Retirement.key`.
        in_use: the one that the home knows; None if it knows none.

    Raises:
        SetupError: `KEYS_RETIRED` for one that was rotated away; `KEYS_NOT_KNOWN_NEWEST` for
            another one than the home's that no line names, nor anything else shows to be later.
    """
    newest = newest_of_sort(retirements, key)
    if key == newest:
        return
    if any(key in (one.key, one.successor) for one in retirements):
        raise SetupError("KEYS_RETIRED")
    if newest is not None or in_use not in (None, key):
        raise SetupError("KEYS_NOT_KNOWN_NEWEST")


def _written(what: str, at: datetime, **keys: str) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps({"what": what, **keys, "at": moment})


def _read(written: str, what: str) -> dict[str, Any] | None:
    try:
        found = json.loads(written)
        at = datetime.fromisoformat(found["at"])
        is_one = found["what"] == what and at.tzinfo is not None
    except (ValueError, TypeError, KeyError):
        return None
    # A moment of no zone would stop whatever compares it.
    return {**found, "at": at} if is_one else None
