"""The reader of Slack's export: a zip of a folder for each channel, with a file for each day."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from assets.core.errors import ExportError
from assets.restricted.collection.contract import ChatFile, Circumstances, Source
from assets.restricted.collection.export import Export
from assets.restricted.collection.slack.chronicle import channel_chronicle
from assets.restricted.collection.slack.fields import (
    CHANNEL,
    CHANNELS,
    ELEMENTS,
    MESSAGES,
    NOTICES,
    USERS,
    Channel,
)
from assets.restricted.collection.slack.reading import People, Reading, listed
from assets.restricted.collection.structured.at_most import documents_at_most
from assets.restricted.collection.structured.beginnings import beginnings, mark_of
from assets.restricted.collection.structured.chat_files import head_of
from assets.restricted.collection.structured.chats import Chat, the_chat
from assets.restricted.collection.structured.chronicle_document import heading_of
from assets.restricted.collection.structured.entries import Entry, Findings
from assets.restricted.collection.structured.json_stream import JsonStream
from assets.restricted.collection.structured.parse import Read, export_of
from assets.restricted.collection.structured.read_on import Opened, read_on

_DAY = re.compile(r"\d{4}-\d\d-\d\d\.json")
_LISTS = ("channels.json", "groups.json", "mpims.json", "dms.json")


@dataclass
class _Workspace:
    """The files of an export, by what they are."""

    users: ChatFile | None = None
    lists: list[ChatFile] = field(default_factory=list)
    channels: dict[str, list[ChatFile]] = field(default_factory=dict)


class SlackReader:
    """Reads what Slack's "Export data" gives, and the chronicle of one of its channels."""

    platforms = ("slack",)

    def recognises(self, head: bytes) -> bool:
        """Say whether it begins as a day's file does, or as a chronicle."""
        found = beginnings(head)
        return mark_of(head) == "slack" or (
            "[].ts" in found
            and any(f"[].{name}" in found for name in ("user", "text", "subtype", "bot_id"))
        )

    def messages_at_most(self, source: Source, most: int) -> int:
        """How many messages it holds at most; see `documents_at_most`."""
        return documents_at_most(source, most)

    def read(self, source: Source, circumstances: Circumstances) -> Export:
        """Count over the one channel and return it.

        Raises:
            ExportError: if it can't be read, or it can't be told which channel is meant.
        """
        if len(source.files) == 1 and mark_of(head_of(source.open)) == "slack":
            reading = partial(_read_chronicle, circumstances)
            return read_on(reading, source, circumstances, NOTICES, heading_of)
        workspace = _sorted(source)
        name, _ = _chosen(workspace, circumstances.is_the_chat)
        people = _people(workspace)

        def entries(findings: Findings) -> Iterator[list[Entry]]:
            findings.name([name])
            reading = Reading(findings, people)
            for one in workspace.channels[name]:
                with one.open() as stream:
                    walk = JsonStream(stream)
                    for batch in walk.elements(MESSAGES):
                        yield reading.entries(batch)
                    walk.end()

        return export_of(
            Read("slack", "channel", entries, other_chats=len(workspace.channels) - 1),
            circumstances,
        )

    def chronicle(
        self, source: Source, is_the_chat: Callable[[str], bool] | None
    ) -> Iterable[bytes] | None:
        """The one channel, its days in order; None of a day's file by itself.

        Raises:
            ExportError: as `read`.
        """
        workspace = _sorted(source)
        name, channel_id = _chosen(workspace, is_the_chat)
        if not name:
            return None
        return channel_chronicle(
            Channel(channel_id, name), workspace.channels[name], _people(workspace)
        )


def _chosen(workspace: _Workspace, is_the_chat: Callable[[str], bool] | None) -> tuple[str, str]:
    """Name and id of the channel that may be read."""
    ids = _ids(workspace)
    chats = [Chat((name, f"#{name}", ids.get(name, "")), (name,)) for name in workspace.channels]
    name = str(the_chat(chats, is_the_chat).place[0])
    return name, ids.get(name, "")


def _read_chronicle(circumstances: Circumstances, opened: Opened, before: Findings) -> Read:
    channel = _channel_of(opened)
    names = channel.name or "", f"#{channel.name}", channel.id
    the_chat([Chat(names, ())], circumstances.is_the_chat)

    def entries(findings: Findings) -> Iterator[list[Entry]]:
        findings.name([channel.name])
        reading = Reading(findings, before.people)
        with opened() as stream:
            walk = JsonStream(stream)
            for part in walk.members():
                if part == "messages":
                    for batch in walk.elements(ELEMENTS):
                        findings.places = walk.first_at, walk.place
                        yield reading.elements(batch)
            walk.end()

    return Read("slack", "channel", entries)


def _channel_of(opened: Opened) -> Channel:
    with opened() as stream:
        walk = JsonStream(stream)
        for part in walk.members():
            if part == "channel":
                return walk.value(CHANNEL)
    raise ExportError("EXPORT_STRUCTURE_UNKNOWN")


def _sorted(source: Source) -> _Workspace:
    """Which file is what, by path: an export that was packed again has a folder more around it."""
    workspace = _Workspace()
    for one in source.files:
        name = one.path[-1] if one.path else ""
        if not one.path:
            workspace.channels[""] = [one]
        elif name == "users.json":
            workspace.users = one
        elif name in _LISTS:
            workspace.lists.append(one)
        elif _DAY.fullmatch(name) and len(one.path) > 1:
            workspace.channels.setdefault(one.path[-2], []).append(one)
    if not workspace.channels:
        # Such as one day's file packed by itself.
        for one in source.files:
            workspace.channels.setdefault("", []).append(one)
    for days in workspace.channels.values():
        days.sort(key=lambda one: one.path)
    return workspace


def _ids(workspace: _Workspace) -> Mapping[str, str]:
    """Ids of channels by name."""
    found: dict[str, str] = {}
    for one in workspace.lists:
        with one.open() as stream:
            for batch in JsonStream(stream).elements(CHANNELS):
                found.update((channel.name or channel.id, channel.id) for channel in batch)
    return found


def _people(workspace: _Workspace) -> People:
    if workspace.users is None:
        return {}
    with workspace.users.open() as stream:
        return listed(one for batch in JsonStream(stream).elements(USERS) for one in batch)


READER = SlackReader()
