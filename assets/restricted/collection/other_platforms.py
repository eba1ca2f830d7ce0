"""Exports of platforms that Tideline does not read, told from how they begin."""

import re

_OPENINGS = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?\s*(?:
        # Telegram Desktop, JSON and HTML.
        \{[^{}]{0,400}"type"\s*:\s*"(?:personal_chat|bot_chat|saved_messages
            |(?:private|public)_(?:group|supergroup|channel))"
        |<!DOCTYPE\ html>.{0,400}<title>Exported\ Data</title>
        # DiscordChatExporter: JSON, CSV, text.
        |\{\s*"guild"\s*:\s*\{\s*"id"
        |"?AuthorID"?,"?Author"?,"?Date"?,"?Content"?
        |={20,}\s*Guild:
        # Slack, Messenger, LINE, Signal for Android.
        |\[\s*\{[^{}]{0,200}"client_msg_id"
        |\{\s*"participants"\s*:\s*\[\s*\{\s*"name"
        |\[LINE\]\ Chat\ history
        |<\?xml[^>]{0,200}\?>.{0,200}<smses\b
    )""",
    re.VERBOSE | re.DOTALL,
)


def of_another_platform(head: bytes) -> bool:
    """Whether a file begins as another platform's export does; no chat of WhatsApp's can.

    Args:
        head: the first bytes.

    Source: exports of Telegram Desktop 5, DiscordChatExporter 2, Slack, Messenger, LINE and Signal
    for Android's plain-text backup, by their published forms.
    """
    return _OPENINGS.match(head) is not None
