"""Which of the chats in a file is the group's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from assets.core.errors import ExportError


@dataclass(frozen=True)
class Chat:
    """One chat of a file.

    Attributes:
        names: its ids and titles. Never shown.
        place: where the reader finds it again.
    """

    names: tuple[str, ...] = field(repr=False)
    place: tuple[str | int, ...] = field(repr=False)


def the_chat(chats: Sequence[Chat], is_the_chat: Callable[[str], bool] | None) -> Chat:
    """The one chat that may be read.

    Args:
        chats: all of the file.
        is_the_chat: as in `Circumstances`.

    Raises:
        ExportError: `EXPORT_EMPTY`, `EXPORT_CHAT_NOT_CHOSEN`, `EXPORT_OF_ANOTHER_CHAT`,
            `EXPORT_CHAT_AMBIGUOUS`.
    """
    if not chats:
        raise ExportError("EXPORT_EMPTY")
    if is_the_chat is None:
        if len(chats) > 1:
            raise ExportError("EXPORT_CHAT_NOT_CHOSEN")
        return chats[0]
    own = [one for one in chats if any(is_the_chat(name) for name in one.names if name)]
    if not own:
        raise ExportError("EXPORT_OF_ANOTHER_CHAT")
    if len(own) > 1:
        raise ExportError("EXPORT_CHAT_AMBIGUOUS")
    return own[0]
