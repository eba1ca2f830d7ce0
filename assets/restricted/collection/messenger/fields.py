"""Fields of Messenger's and Instagram's exports that are read, and their text put right."""

import msgspec
from msgspec import UNSET, Raw, UnsetType


class _Share(msgspec.Struct, gc=False, omit_defaults=True):
    link: str | None = None


class Message(msgspec.Struct, gc=False, omit_defaults=True):
    """A message in either layout."""

    sender_name: str | UnsetType = UNSET
    timestamp_ms: int | UnsetType = UNSET
    content: str | None = None
    type: str | None = None
    photos: Raw | UnsetType = UNSET
    videos: Raw | UnsetType = UNSET
    audio_files: Raw | UnsetType = UNSET
    gifs: Raw | UnsetType = UNSET
    files: Raw | UnsetType = UNSET
    sticker: Raw | UnsetType = UNSET
    share: _Share | UnsetType | None = UNSET
    call_duration: int | UnsetType | None = UNSET
    missed: bool | UnsetType = UNSET
    is_unsent: bool | None = None
    # Of end-to-end encrypted chats.
    senderName: str | UnsetType = UNSET  # noqa: N815
    timestamp: int | UnsetType = UNSET
    text: str | None = None
    isUnsent: bool | None = None  # noqa: N815
    media: list[Raw] = []


MESSAGES = msgspec.json.Decoder(list[Message])
PEOPLE = msgspec.json.Decoder(list[str | dict[str, str | None]])


def repaired(text: str) -> str:
    """Text whose UTF-8 was taken for Latin-1, as Meta writes it; other text as it is."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
