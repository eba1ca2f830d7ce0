"""Fields of Slack's export that are read, and the words in them that are Slack's own."""

import msgspec
from msgspec import UNSET, Raw, UnsetType

PEOPLES = frozenset(
    {None, "", "thread_broadcast", "reply_broadcast", "me_message", "file_share", "file_comment"}
)
NOTICES = frozenset(
    {
        "channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name",
        "channel_archive", "channel_unarchive", "channel_convert_to_private",
        "channel_convert_to_public", "channel_posting_permissions", "channel_canvas_updated",
        "group_join", "group_leave", "group_topic", "group_purpose", "group_name",
        "group_archive", "group_unarchive", "pinned_item", "unpinned_item", "reminder_add",
        "huddle_thread", "sh_room_created", "sh_room_shared", "joiner_notification",
        "joiner_notification_for_inviter", "app_conversation_join", "app_conversation_leave",
        "document_mention", "list_record_comment", "ekm_access_denied", "reply_to_message",
        "message_replied", "bot_add", "bot_remove", "bot_enable", "bot_disable",
        "assistant_app_thread", "reminder_delete", "external_channel_invite",
    }
)  # fmt: skip
BOTS = frozenset({"bot_message", "slackbot_response"})
DELETED = frozenset({"tombstone", "message_deleted"})


class Names(msgspec.Struct, gc=False, omit_defaults=True):
    """What a person is called."""

    display_name: str | None = None
    real_name: str | None = None
    name: str | None = None


class User(msgspec.Struct, gc=False):
    """A person or program of the workspace."""

    id: str
    name: str | None = None
    real_name: str | None = None
    is_bot: bool = False
    profile: Names | None = None


class Channel(msgspec.Struct, gc=False):
    """A channel of the workspace."""

    id: str
    name: str | None = None


class Message(msgspec.Struct, gc=False, omit_defaults=True):
    """A message of a channel."""

    ts: str
    type: str = "message"
    subtype: str | None = None
    user: str | None = None
    bot_id: str | None = None
    text: str | None = None
    edited: Raw | UnsetType = UNSET
    files: list[Raw] | None = None
    upload: bool | None = None
    user_profile: Names | None = None
    attachments: Raw | UnsetType = UNSET
    poll: Raw | UnsetType = UNSET


class Person(msgspec.Struct, gc=False):
    """Who an id is of, as a chronicle tells before it comes.

    Attributes:
        id: theirs.
        names: as others see them first.
        is_bot: whether it is a program.
    """

    id: str
    names: tuple[str, ...]
    is_bot: bool


class Element(Message, gc=False, omit_defaults=True):
    """An element of a chronicle: a message, or who somebody is."""

    person: Person | None = None


MESSAGES = msgspec.json.Decoder(list[Message])
ELEMENTS = msgspec.json.Decoder(list[Element])
USERS = msgspec.json.Decoder(list[User])
CHANNEL = msgspec.json.Decoder(Channel)
CHANNELS = msgspec.json.Decoder(list[Channel])
