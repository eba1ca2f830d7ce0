"""The fields of Signal's own export that are looked at; all others are passed over.

It is the app's backup in JSON (`Backup.proto` of libsignal): numbers of 64 bits may be texts, and
what is not set is left out.
"""

import msgspec
from msgspec import UNSET, Raw, UnsetType

Number = str | int


class Name(msgspec.Struct, rename="camel", gc=False):
    """A nickname."""

    given: str = ""
    family: str = ""


class Contact(msgspec.Struct, rename="camel", gc=False):
    """A person."""

    aci: str | None = None
    e164: Number | None = None
    username: str | None = None
    profile_given_name: str | None = None
    profile_family_name: str | None = None
    system_given_name: str | None = None
    system_family_name: str | None = None
    nickname: Name | None = None

    def names(self) -> list[str]:
        """What others see, first what is seen first."""
        written = [
            f"{self.system_given_name or ''} {self.system_family_name or ''}",
            f"{self.nickname.given} {self.nickname.family}" if self.nickname else "",
            f"{self.profile_given_name or ''} {self.profile_family_name or ''}",
            self.username or "",
        ]
        return list(dict.fromkeys(name.strip() for name in written if name.strip()))


class Title(msgspec.Struct, gc=False):
    """A group's title."""

    title: str = ""


class Snapshot(msgspec.Struct, gc=False):
    """What a group is now."""

    title: Title | str | None = None


class Group(msgspec.Struct, rename="camel", gc=False):
    """A group."""

    master_key: str | None = None
    snapshot: Snapshot | None = None
    name: str | None = None

    def names(self) -> list[str]:
        """What others see, first what is seen first."""
        title = self.snapshot.title if self.snapshot else None
        written = title.title if isinstance(title, Title) else title
        return [one for one in (written, self.name, self.master_key) if one]


class Recipient(msgspec.Struct, gc=False):
    """Whom an id stands for."""

    id: Number
    contact: Contact | None = None
    group: Group | None = None
    self: Raw | UnsetType = UNSET
    releaseNotes: Raw | UnsetType = UNSET  # noqa: N815


class ChatFields(msgspec.Struct, rename="camel", gc=False):
    """A chat."""

    id: Number
    recipient_id: Number


class Range(msgspec.Struct, rename="camel", gc=False):
    """A stretch of a text, such as a mention."""

    mention_aci: str | None = None
    start: int = 0
    length: int = 0


class TextFields(msgspec.Struct, rename="camel", gc=False):
    """A text, and what stands in it."""

    body: str = ""
    # Tuples, for of empty ones there is but one.
    body_ranges: tuple[Range, ...] = ()


class Standard(msgspec.Struct, rename="camel", gc=False):
    """A message with a text, files, or both."""

    text: TextFields | None = None
    long_text: Raw | UnsetType = UNSET
    attachments: tuple[Raw, ...] = ()


class Item(msgspec.Struct, rename="camel", gc=False):
    """One entry of a chat."""

    chat_id: Number
    author_id: Number
    date_sent: Number
    revisions: tuple[Raw, ...] = ()
    standard_message: Standard | UnsetType = UNSET
    remote_deleted_message: Raw | UnsetType = UNSET
    admin_deleted_message: Raw | UnsetType = UNSET
    update_message: dict[str, Raw] | UnsetType = UNSET
    contact_message: Raw | UnsetType = UNSET
    sticker_message: Raw | UnsetType = UNSET
    payment_notification: Raw | UnsetType = UNSET
    gift_badge: Raw | UnsetType = UNSET
    view_once_message: Raw | UnsetType = UNSET
    direct_story_reply_message: Raw | UnsetType = UNSET
    poll: Raw | UnsetType = UNSET


class Account(msgspec.Struct, rename="camel", gc=False):
    """Who exported it."""

    given_name: str = ""
    family_name: str = ""
    username: str | None = None


class Frame(msgspec.Struct, rename="camel", gc=False):
    """One line, for its item."""

    chat_item: Item | None = None


class OutlineItem(msgspec.Struct, rename="camel", gc=False):
    """An item of which its chat alone is asked."""

    chat_id: Number


class Outline(msgspec.Struct, rename="camel", gc=False):
    """A frame of which no message is made anything."""

    account: Account | None = None
    recipient: Recipient | None = None
    chat: ChatFields | None = None
    chat_item: OutlineItem | None = None


FRAMES = msgspec.json.Decoder(Frame)
OUTLINES = msgspec.json.Decoder(Outline)
