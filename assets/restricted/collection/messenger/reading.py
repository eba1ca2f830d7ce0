"""Turns one thread's messages into entries."""

from msgspec import UNSET

from assets.core.errors import ExportError
from assets.restricted.collection.copied_posts import is_bot
from assets.restricted.collection.messenger.fields import Message, repaired
from assets.restricted.collection.structured.entries import Entry, Findings
from assets.restricted.collection.structured.meta_notices import notice_of
from assets.restricted.collection.structured.moments import MILLI

NAMELESS = "Facebook user"
# What stands in place of a name whose account is gone.
_NO_NAMES = frozenset({"", "Facebook user", "Facebook User", "Instagram user", "Instagram User"})
_MEMBERSHIP = frozenset({"Subscribe", "Unsubscribe"})
_KNOWN_TYPES = frozenset(
    {None, "Generic", "Share", "Call", "text", "media", "link", "placeholder", *_MEMBERSHIP}
)


def told_by(one: Message) -> tuple[str, int, str]:
    """Sender, moment in milliseconds and text as written, in either layout.

    Raises:
        ExportError: `EXPORT_STRUCTURE_UNKNOWN` for a message without a sender or a moment.
    """
    if one.senderName is not UNSET:
        written, stamp, text = one.senderName, one.timestamp, one.text or ""
    else:
        written, stamp, text = one.sender_name, one.timestamp_ms, one.content or ""
    if written is UNSET or stamp is UNSET:
        raise ExportError("EXPORT_STRUCTURE_UNKNOWN")
    return written, stamp, text


class Reading:
    """Turns one thread's messages into entries.

    Args:
        findings: what it finds beside.
        is_repaired: whether texts and names are right as they stand.
    """

    def __init__(self, findings: Findings, *, is_repaired: bool = False) -> None:
        self._findings = findings
        self._is_repaired = is_repaired
        self._senders: dict[str, tuple[str, bool, bool]] = {}

    def entry(self, one: Message) -> Entry:
        """The entry of a message."""
        written, stamp, text = told_by(one)
        second = stamp // MILLI
        known = self._senders.get(written)
        if known is None:
            name = (written if self._is_repaired else repaired(written)).strip()
            known = self._senders[written] = (name, name in _NO_NAMES, is_bot(name))
        author, unnamed, bot = known
        if bot:
            self._findings.not_people += 1
            return Entry(second, "system")
        if not self._is_repaired and not text.isascii():
            text = repaired(text)
        entry = Entry(second, "speech", author or NAMELESS, None, text, unnamed=unnamed)
        self._settle(entry, one)
        return entry

    def _settle(self, entry: Entry, one: Message) -> None:
        if one.type not in _KNOWN_TYPES:
            self._findings.left_out += 1
            entry.kind, entry.text = "system", ""
            return
        if one.is_unsent or one.isUnsent:
            entry.kind, entry.text = "deleted", ""
            return
        if one.type in _MEMBERSHIP:
            self._findings.notices["membership"] += 1
            entry.kind = "system"
            return
        if one.call_duration is not UNSET or one.missed is not UNSET or one.type == "Call":
            entry.kind, entry.detail = "media", "calls"
            return
        text = entry.text
        notice = notice_of(entry.author, text) if text else None
        holds_file = bool(one.media) or not (
            one.photos
            is one.videos
            is one.audio_files
            is one.gifs
            is one.files
            is one.sticker
            is UNSET
        )
        if notice is not None:
            self._as_notice(entry, notice)
        elif holds_file:
            entry.kind = "speech" if text else "media"
            entry.detail = "captions" if text else None
        elif not text:
            shared = one.share is not UNSET and one.share is not None
            entry.kind = "media" if shared or one.type == "media" else "expired"

    def _as_notice(self, entry: Entry, notice: str) -> None:
        if notice == "unsent":
            entry.kind, entry.text = "deleted", ""
        elif notice == "attachment":
            entry.kind = "media"
        elif notice == "call":
            entry.kind, entry.detail = "media", "calls"
        elif notice == "poll":
            entry.kind, entry.detail = "media", "polls"
        elif notice == "location":
            entry.kind, entry.detail = "media", "locations"
        else:
            entry.kind = "system"
            self._findings.notices[notice] += 1
