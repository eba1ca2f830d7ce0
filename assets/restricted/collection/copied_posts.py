"""Posts that nobody wrote for the group: forwarded and copied texts, and bots."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from resources.stores.members.identity import folded, identity_of, plain

FEWEST_WORDS = 6
"""Shorter texts are alike by chance ("thank you so much")."""

MOST_BY_ONE_SENDER = 2
"""Times that one sender may post the same text."""

BOTS = frozenset(identity_of(name).joined for name in ("Meta AI", "WhatsApp", "ChatGPT", "Copilot"))
"""Senders that are no people."""

_SEVERAL_SENDERS = -1
_MOST_TOLD = 255


@dataclass(frozen=True)
class Posts:
    """Texts posted in a part of a chat, as digests.

    Attributes:
        digests: 64 bits each, `Q`, in ascending order.
        senders: of each, its place in a list of senders, `l`; -1 for several.
        times: how often each was posted, up to 255, `B`.
    """

    digests: "array[int]" = field(repr=False)
    senders: "array[int]" = field(repr=False)
    times: "array[int]" = field(repr=False)


class CopiedPosts:
    """Texts that several senders posted, or one too often; keeps digests, no text.

    Args:
        key: of the digests, at most 64 bytes.
        before: posts of a part of the chat that is not noted again.
        senders: their senders.
    """

    def __init__(
        self, key: bytes = b"", before: Posts | None = None, senders: Sequence[str] = ()
    ) -> None:
        self._key = key
        self._before = before
        self._senders = [hash(one) for one in senders]
        self._sender: dict[int, int] = {}
        self._times: dict[int, int] = {}

    def note(self, author: str, text: str) -> int | None:
        """Count one post. Returns what to ask `copied` with, None for a text too short."""
        digest = _digest(text, self._key)
        if digest is not None:
            if digest not in self._sender:
                self._look_up(digest)
            sender = hash(author)
            if self._sender.setdefault(digest, sender) != sender:
                self._sender[digest] = _SEVERAL_SENDERS
            self._times[digest] = self._times.get(digest, 0) + 1
        return digest

    def copied(self, digest: int | None) -> bool:
        """Whether the text was posted by several senders, or too often by one."""
        return digest is not None and (
            self._sender[digest] == _SEVERAL_SENDERS or self._times[digest] > MOST_BY_ONE_SENDER
        )

    def posts(self, senders: Sequence[str]) -> Posts:
        """All that was posted up to now.

        Args:
            senders: of all of it.
        """
        places = {hash(one): place for place, one in enumerate(senders)}
        places[_SEVERAL_SENDERS] = _SEVERAL_SENDERS
        noted = {
            digest: (places[sender], min(self._times[digest], _MOST_TOLD))
            for digest, sender in self._sender.items()
        }
        before = self._before
        if before is not None:
            moved = [places.get(one, _SEVERAL_SENDERS) for one in self._senders]
            for digest, sender, times in zip(
                before.digests, before.senders, before.times, strict=True
            ):
                place = sender if sender == _SEVERAL_SENDERS else moved[sender]
                noted.setdefault(digest, (place, times))
        every = sorted(noted)
        return Posts(
            array("Q", every),
            array("l", [noted[one][0] for one in every]),
            array("B", [noted[one][1] for one in every]),
        )

    def _look_up(self, digest: int) -> None:
        before = self._before
        if before is None:
            return
        place = bisect_left(before.digests, digest)
        if place < len(before.digests) and before.digests[place] == digest:
            sender = before.senders[place]
            several = sender == _SEVERAL_SENDERS
            self._sender[digest] = _SEVERAL_SENDERS if several else self._senders[sender]
            self._times[digest] = before.times[place]


def is_bot(author: str) -> bool:
    """Whether a sender is a known bot."""
    return identity_of(author).joined in BOTS


def _digest(text: str, key: bytes) -> int | None:
    even = "".join(c if c.isalnum() else " " for c in folded(plain(text)))
    words = even.split()
    if len(words) < FEWEST_WORDS:
        return None
    written = " ".join(words).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(written, digest_size=8, key=key).digest())
