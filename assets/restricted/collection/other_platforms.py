"""Exports in forms that Tideline does not read, told from how they begin."""

import re

_OPENINGS = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?\s*(?:
        # Telegram Desktop's web page; DiscordChatExporter's tables and text.
        <!DOCTYPE\ html>.{0,400}<title>Exported\ Data</title>
        |"?AuthorID"?,"?Author"?,"?Date"?,"?Content"?
        |={20,}\s*Guild:
        # LINE; Signal for Android's backup of old.
        |\[LINE\]\ Chat\ history
        |<\?xml[^>]{0,200}\?>.{0,200}<smses\b
    )""",
    re.VERBOSE | re.DOTALL,
)


def of_another_platform(head: bytes) -> bool:
    """Whether a file begins as an export does that no reader reads.

    Args:
        head: the first bytes.

    Source: exports of Telegram Desktop 5, DiscordChatExporter 2, LINE and Signal for Android's
    plain-text backup, by their published forms.
    """
    return _OPENINGS.match(head) is not None
