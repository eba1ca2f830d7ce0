"""The reader of Signal's exports: its own JSON Lines, and the text that signal-export writes."""

from collections.abc import Callable, Iterable

from assets.restricted.collection.contract import Circumstances, Source
from assets.restricted.collection.export import Export
from assets.restricted.collection.signal.data_lines import read_data_lines
from assets.restricted.collection.signal.frames import read_frames
from assets.restricted.collection.signal.text_lines import (
    HEADER,
    MARKS,
    NEWER,
    OLDER,
    read_text_lines,
)
from assets.restricted.collection.structured.at_most import lines_at_most
from assets.restricted.collection.structured.beginnings import beginnings
from assets.restricted.collection.structured.chat_files import head_of, own_files
from assets.restricted.collection.structured.chronicle_document import unpacked

_FRAMES = ("chatItem.chatId", "recipient.id", "chat.recipientId", "account.profileKey")
LEFT_TO_RIGHT = "\u200e"


class SignalReader:
    """Reads `main.jsonl`, and the text or `data.json` that signal-export writes."""

    platforms = ("signal",)

    def recognises(self, head: bytes) -> bool:
        """Say whether it begins as one of the two does."""
        return _is_frames(head) or _is_data(head) or _is_text(head)

    def messages_at_most(self, source: Source, most: int) -> int:
        """How many messages it holds at most; see `lines_at_most`."""
        return lines_at_most(source, most)

    def chronicle(
        self, source: Source, is_the_chat: Callable[[str], bool] | None
    ) -> Iterable[bytes] | None:
        """`main.jsonl` of a zip, for it grows at its end; None of anything else."""
        del is_the_chat
        files = own_files(source, self.recognises)
        own = source.packed and len(files) == 1 and _is_frames(head_of(files[0].open))
        return unpacked(files[0]) if own else None

    def read(self, source: Source, circumstances: Circumstances) -> Export:
        """Count over the one chat and return it.

        Raises:
            ExportError: if it can't be read, or it can't be told which chat is meant.
        """
        files = own_files(source, self.recognises)
        head = head_of(files[0].open)
        if _is_frames(head):
            return read_frames(source, files, circumstances)
        if _is_data(head):
            return read_data_lines(files, circumstances)
        return read_text_lines(files, circumstances)


def _is_frames(head: bytes) -> bool:
    found = beginnings(head)
    return any(one in found for one in _FRAMES) or ("backupTimeMs" in found and "version" in found)


def _is_data(head: bytes) -> bool:
    found = beginnings(head)
    return all(one in found for one in ("date", "sender", "body", "quote"))


def _is_text(head: bytes) -> bool:
    text = head.decode("utf-8", errors="ignore").removeprefix("\ufeff").lstrip()
    if HEADER.match(text) is None:
        return False
    # No phone writes the day so without seconds; with them, some do, and mark what they write.
    return OLDER.match(text) is not None or (
        NEWER.match(text) is not None
        and LEFT_TO_RIGHT not in text
        and MARKS.search(text) is not None
    )


READER = SignalReader()
