"""Lines that Messenger and Instagram write themselves, in a member's place.

Their exports give such a line as if the member who acted had typed it, so that wording alone can
tell. A line counts only whole, and only where it begins with the sender's own name or "You".
"""

import re

_WHO = r"[^\n]{1,120}?"
_ANY = r"[^\n]{0,120}?"
_PATTERNS: dict[str, str] = {
    "attachment": r"sent an? (?:attachment|photo|video|GIF|sticker|link|voice message|reel)",
    "unsent": r"(?:unsent|deleted) a message",
    "members": rf"(?:added|removed) {_WHO} (?:to|from) the group|left the group"
    r"|joined the group(?: using (?:the|an) invite link)?|created the group"
    rf"|made {_WHO} a group admin|removed {_WHO} as a group admin",
    "group": rf"(?:named the group|changed the (?:group|chat) name(?: to)?) {_WHO}"
    r"|changed the (?:group photo|group picture|chat theme|theme)(?: to [^\n]{1,60})?"
    rf"|(?:set the (?:emoji|quick reaction) to|set the nickname for) {_WHO}"
    rf"|(?:set|cleared|changed) (?:your|their own|his own|her own) nickname{_ANY}"
    r"|(?:pinned|unpinned) a message|turned (?:on|off) disappearing messages[^\n]{0,80}",
    "poll": rf"created a poll(?:: {_WHO})?",
    "call": r"started an? (?:audio |video |group )?(?:call|chat)"
    r"|joined the (?:video )?(?:call|chat)"
    r"|(?:missed|declined) your (?:audio |video )?(?:call|chat)|called you",
    "vote": rf"voted for {_WHO}|(?:changed|removed) (?:their|his|her) vote{_ANY}",
    "location": r"(?:started|stopped) sharing (?:a |their |his |her )?(?:live )?location"
    r"|sent a live location",
    "reaction": r"reacted [^\w\s]{1,12} to (?:your|a) message|liked (?:your|a) message",
    "wave": rf"waved at {_WHO}|is waving at {_WHO}",
}
_AFTER_NAME = {kind: re.compile(rf"(?:{one})[.!]?") for kind, one in _PATTERNS.items()}
# Who types "You ..." ends it seldom so.
_AFTER_YOU = {
    kind: re.compile(rf"(?:{_PATTERNS[kind]})\.")
    for kind in ("attachment", "unsent", "members", "group", "poll")
}
_WHOLE = {
    "reaction": re.compile(r"Reacted [^\w\s]{1,12} to (?:your|a) message ?|Liked a message"),
    "call": re.compile(
        r"The (?:audio |video )?(?:call|chat) ended\.?"
        r"|You missed an? (?:audio |video )?(?:call|chat)(?: from [^\n]{1,120})?\.?"
    ),
    "encryption": re.compile(
        r"(?:You can now message and call each other|Messages and calls are secured"
        r"|You are now connected on Messenger|This chat is now end-to-end encrypted)[^\n]{0,200}"
    ),
}
NOTICES = frozenset({"membership", *_PATTERNS, *_WHOLE})
"""Kinds of them, and of those that the exports mark themselves."""
_OPENINGS = (
    "Reacted ", "Liked a ", "The ", "You missed", "You can now", "You are now", "Messages and",
    "This chat",
)  # fmt: skip


def notice_of(sender: str, text: str) -> str | None:
    """What kind of notice a line is; None for what a person may have typed.

    Args:
        sender: whose line it is.
        text: the line.
    """
    first = sender.partition(" ")[0] or sender
    # Spares nearly every line the patterns.
    if text.startswith((first, "You ")):
        for name, patterns in ((sender, _AFTER_NAME), (first, _AFTER_NAME), ("You", _AFTER_YOU)):
            if name and text.startswith(f"{name} "):
                for kind, pattern in patterns.items():
                    if pattern.fullmatch(text, len(name) + 1):
                        return kind
    if text.startswith(_OPENINGS):
        for kind, pattern in _WHOLE.items():
            if pattern.fullmatch(text):
                return kind
    return None
