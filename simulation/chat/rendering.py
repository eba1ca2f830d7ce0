"""Writes a group as the file that WhatsApp exports: lines, marks, archive and file name."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime

from simulation.chat.groups import Event, EventKind, Form, Post, SyntheticGroup
from simulation.chat.world import World

_LRM = "\u200e"
_STRAIGHT, _CURLY = '""', "“”"
_UNWRITABLE = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))
_HAPPENINGS: dict[EventKind, str] = {
    "encryption": (
        "Messages and calls are end-to-end encrypted. Only people in this chat can read, "
        "listen to, or share them. Learn more."
    ),
    "created": "{actor} created group {title}",
    "added": "{actor} added {subject}",
    "joined": "{subject} joined using this group's invite link",
    "left": "{actor} left",
    "icon": "{actor} changed this group's icon",
    "description": "{actor} changed the group description",
    "pinned": "{actor} pinned a message",
    "security": "Your security code with {subject} changed. Tap to learn more.",
}


def render_export(world: World, group: SyntheticGroup) -> tuple[str, bytes]:
    """The export of one group, made on the morning after the last day.

    Args:
        world: the world the group belongs to.
        group: one of its groups.

    Returns:
        The file's name as WhatsApp gives it, which holds the group's title, and its bytes.

    Raises:
        ValueError: the group is not one of `world`.
    """
    if group not in world.groups:
        raise ValueError("group is not of this world")
    ios = group.form.startswith("ios")
    entries: list[Event | Post] = [*group.events, *group.posts]
    # Exports are in time order and keep the order of what shares a minute.
    entries.sort(key=lambda entry: entry.at)
    write = _ios_entry if ios else _android_entry
    text = ("\r\n" if ios else "\n").join((*(write(group, entry) for entry in entries), ""))
    content = text.encode()
    stem = group.title.translate(_UNWRITABLE)
    stem = f"WhatsApp Chat - {stem}" if ios else f"WhatsApp Chat with {stem}"
    if group.container == "txt":
        return f"{stem}.txt", content
    inner = "_chat.txt" if ios else f"{stem}.txt"
    return f"{stem}.zip", _zipped(inner, content, entries[-1].at)


def _zipped(name: str, content: bytes, at: datetime) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        info = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        writer.writestr(info, content)
    return archive.getvalue()


def _twelve(at: datetime, seconds: str) -> str:
    half = "am" if at.hour < 12 else "pm"  # noqa: PLR2004 - noon
    return f"{(at.hour - 1) % 12 + 1}:{at:%M}{seconds}\u202f{half}"


_STAMPS: dict[Form, Callable[[datetime], str]] = {
    "android_24h": lambda at: f"{at:%d/%m/%Y}, {at:%H:%M}",
    "android_12h": lambda at: f"{at:%d/%m/%Y}, {_twelve(at, '')}",
    "ios_24h": lambda at: f"{at:%d/%m/%Y}, {at:%H:%M:%S}",
    "ios_12h": lambda at: f"{at:%d/%m/%Y}, {_twelve(at, f':{at:%S}')}",
}


def _android_entry(group: SyntheticGroup, entry: Event | Post) -> str:
    stamp = _STAMPS[group.form](entry.at)
    if isinstance(entry, Event):
        return f"{stamp} - {_happening(group, entry, quotes=_STRAIGHT)}"
    sender = group.members[entry.member].sender
    match entry.kind:
        case "media":
            body = "<Media omitted>"
        case "deleted" if entry.member == group.exporter:
            body = "You deleted this message"
        case "deleted":
            body = "This message was deleted"
        case "edited":
            body = f"{entry.text} <This message was edited>"
        case "contact_card":
            body = f"{entry.text}.vcf (file attached)"
        case "poll":
            body = _poll(entry, mark="")
        case "speech":
            body = entry.text
    return f"{stamp} - {sender}: {body}"


def _ios_entry(group: SyntheticGroup, entry: Event | Post) -> str:
    stamp = f"[{_STAMPS[group.form](entry.at)}]"
    if isinstance(entry, Event):
        # Since 2024 the line carries a sender: the title, or whoever acted.
        sender = group.title if entry.kind == "encryption" else group.members[entry.actor].sender
        return f"{stamp} {sender}: {_LRM}{_happening(group, entry, quotes=_CURLY)}"
    sender = group.members[entry.member].sender
    match entry.kind:
        case "media":
            lead, body = _LRM, f"{_LRM}{entry.text} omitted"
        case "deleted" if entry.member == group.exporter:
            lead, body = _LRM, f"{_LRM}You deleted this message."
        case "deleted":
            lead, body = _LRM, f"{_LRM}This message was deleted."
        case "edited":
            lead, body = "", f"{entry.text} {_LRM}<This message was edited>"
        case "contact_card":
            lead, body = _LRM, f"{_LRM}Contact card omitted"
        case "poll":
            lead, body = _LRM, _poll(entry, mark=_LRM)
        case "speech":
            lead, body = "", entry.text
    return f"{lead}{stamp} {sender}: {body}"


def _poll(entry: Post, *, mark: str) -> str:
    question, *options = entry.text.split("\n")
    votes = [(entry.at.second + 2 * place) % 5 for place in range(len(options))]
    lines = [
        f"{mark}OPTION: {option} ({mark}{count} vote{'' if count == 1 else 's'})"
        for option, count in zip(options, votes, strict=True)
    ]
    return "\n".join((f"{mark}POLL:", question, *lines, ""))


def _happening(group: SyntheticGroup, event: Event, *, quotes: str) -> str:
    return _HAPPENINGS[event.kind].format(
        actor="You" if event.actor == group.exporter else group.members[event.actor].sender,
        subject="you" if event.subject == group.exporter else group.members[event.subject].sender,
        title=f"{quotes[0]}{group.title}{quotes[1]}",
    )
