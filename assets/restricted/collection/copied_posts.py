"""Posts that nobody wrote for the group: forwarded and copied texts, and bots."""

from resources.stores.members.identity import folded, identity_of, plain

FEWEST_WORDS = 6
"""Shorter texts are alike by chance ("thank you so much")."""

MOST_BY_ONE_SENDER = 2
"""Times that one sender may post the same text."""

BOTS = frozenset(identity_of(name).joined for name in ("Meta AI", "WhatsApp", "ChatGPT", "Copilot"))
"""Senders that are no people."""

_SEVERAL_SENDERS = -1


class CopiedPosts:
    """Texts that several senders posted, or one too often; keeps digests, no text."""

    def __init__(self) -> None:
        self._sender: dict[int, int] = {}
        self._times: dict[int, int] = {}

    def note(self, author: str, text: str) -> int | None:
        """Count one post. Returns what to ask `copied` with, None for a text too short."""
        key = _key(text)
        if key is not None:
            sender = hash(author)
            if self._sender.setdefault(key, sender) != sender:
                self._sender[key] = _SEVERAL_SENDERS
            self._times[key] = self._times.get(key, 0) + 1
        return key

    def copied(self, key: int | None) -> bool:
        """Whether the text was posted by several senders, or too often by one."""
        return key is not None and (
            self._sender[key] == _SEVERAL_SENDERS or self._times[key] > MOST_BY_ONE_SENDER
        )


def is_bot(author: str) -> bool:
    """Whether a sender is a known bot."""
    return identity_of(author).joined in BOTS


def _key(text: str) -> int | None:
    even = "".join(c if c.isalnum() else " " for c in folded(plain(text)))
    words = even.split()
    return hash(" ".join(words)) if len(words) >= FEWEST_WORDS else None
