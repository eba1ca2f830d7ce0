"""Events of a Matrix room as records of the canonical form; pure functions over decoded JSON.

Sources: Matrix Client-Server API v1.16, "Instant Messaging", "Event replacements", "Rich replies",
"Redactions"; MSC3381 for polls.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from assets.core.canonical_export import Record, whole
from assets.core.errors import ConnectorError
from assets.core.platforms import EARLIEST_ENTRY
from orchestration.connect.contract import Span

Event = Mapping[str, Any]
MESSAGE, REDACTION, ENCRYPTED = "m.room.message", "m.room.redaction", "m.room.encrypted"
_KINDS = {
    "m.poll.start": "poll",
    "org.matrix.msc3381.poll.start": "poll",
    "m.call.invite": "call",
    "m.sticker": "media",
}
WANTED = (MESSAGE, REDACTION, ENCRYPTED, *_KINDS)
"""Types of events that are asked for."""
_TYPED = frozenset({"m.text", "m.emote", "m.notice"})
_FILES = frozenset({"m.image", "m.file", "m.audio", "m.video"})
_JUST_BEFORE = timedelta(seconds=1)


def sent_at(event: Event) -> datetime:
    """When the sender's server says that it was sent (aware, UTC).

    Raises:
        ConnectorError: `PLATFORM_ANSWER_UNKNOWN`.
    """
    written = event.get("origin_server_ts") if isinstance(event, Mapping) else None
    if not isinstance(written, int) or not 0 <= written < 1 << 45:
        raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")
    return datetime.fromtimestamp(written / 1000, UTC)


@dataclass
class _Reading:
    """What becomes of the events of a span.

    Attributes:
        span: which.
        names: display names, by the sender's id.
        own_id: of the connector's account.
        records: of messages of the span, by event id.
        edits: moment and text of the newest, by the id of what it replaces and who edited.
        taken_back: ids of events that were deleted or edited.
    """

    span: Span
    names: Mapping[str, str]
    own_id: str
    records: dict[str, Record] = field(default_factory=dict)
    edits: dict[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict)
    taken_back: set[str] = field(default_factory=set)


def records_of(
    events: Iterable[Event], span: Span, names: Mapping[str, str], own_id: str
) -> Sequence[Record]:
    """The records of a span.

    Args:
        events: of the room, from before the span's first to after its last.
        span: what is kept; of events of before only that they take back.
        names: display names by user id.
        own_id: the account's user id, whose own messages are a program's.

    Raises:
        ConnectorError: `CHAT_ENCRYPTED` if one is encrypted, `PLATFORM_ANSWER_UNKNOWN`.
    """
    reading = _Reading(span, names, own_id)
    for event in events:
        _take(reading, event)
    for (target, sender), (_, text) in reading.edits.items():
        known = reading.records.get(target)
        if known is None:
            reading.taken_back.add(target)
        elif known.sender == sender and known.kind in ("speech", "edited"):
            reading.records[target] = _edited(known, text)
    for target in reading.taken_back:
        known = reading.records.get(target)
        if known is None or known.kind != "deleted":
            at = span.start - _JUST_BEFORE if known is None else datetime.fromisoformat(known.at)
            reading.records[target] = Record(id=target, at=at.isoformat(), kind="deleted")
    return list(reading.records.values())


def _take(reading: _Reading, event: Event) -> None:
    if not isinstance(event, Mapping):
        raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")
    kind, event_id, sender = (_text(event, name) for name in ("type", "event_id", "sender"))
    content = event.get("content")
    if event_id is None or sender is None or not isinstance(content, Mapping):
        raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")
    at = sent_at(event)
    if "state_key" in event or at >= reading.span.end:
        return
    if kind == ENCRYPTED:
        raise ConnectorError("CHAT_ENCRYPTED")
    if kind == REDACTION:
        # In the content from room version 11 on, beside it before.
        target = _text(content if "redacts" in content else event, "redacts")
        if target is not None:
            reading.taken_back.add(target)
        return
    replaced = _replaced_by(content)
    if replaced is not None:
        _note_edit(reading, replaced, sender, at, content)
        return
    record = None
    if at >= reading.span.start:
        record = _record(event, event_id, sender, at, content, reading)
    if record is None:
        return
    reading.records[event_id] = record
    bundled = _bundled_edit(event)
    if bundled is not None and _text(bundled, "sender") == sender:
        inner = bundled.get("content")
        if isinstance(inner, Mapping) and _replaced_by(inner) is not None:
            _note_edit(reading, event_id, sender, sent_at(bundled), inner)


def _record(
    event: Event,
    event_id: str,
    sender: str,
    at: datetime,
    content: Mapping[str, Any],
    reading: _Reading,
) -> Record | None:
    kind = _text(event, "type")
    given = {
        "id": event_id,
        "at": at.isoformat(),
        "sender": sender,
        "name": reading.names.get(sender),
        "bot": sender == reading.own_id or content.get("msgtype") == "m.notice",
    }
    if _is_redacted(event):
        return Record(**given, kind="deleted")
    if kind != MESSAGE:
        known = _KINDS.get(kind or "")
        return None if known is None else Record(**given, kind=known)
    msgtype, body = _text(content, "msgtype"), _text(content, "body")
    if msgtype in _TYPED:
        return Record(**given, text=_without_quote(content))
    if msgtype in _FILES and body is not None and _text(content, "filename") not in (None, body):
        return Record(**given, text=body, caption=True)
    return Record(**given, kind="media")


def _note_edit(
    reading: _Reading, target: str, sender: str, at: datetime, content: Mapping[str, Any]
) -> None:
    newest = content.get("m.new_content")
    text = _without_quote(newest) if isinstance(newest, Mapping) else ""
    before = reading.edits.get((target, sender))
    if before is None or before[0] <= at:
        reading.edits[target, sender] = at, text


def _edited(known: Record, text: str) -> Record:
    """A message in its newest form."""
    return Record(
        id=known.id,
        at=known.at,
        sender=known.sender,
        name=known.name,
        kind="edited",
        text=text,
        bot=known.bot,
    )


def _replaced_by(content: Mapping[str, Any]) -> str | None:
    """The id of the event that an edit replaces; None for what is no edit."""
    relation = content.get("m.relates_to")
    if not isinstance(relation, Mapping) or relation.get("rel_type") != "m.replace":
        return None
    return _text(relation, "event_id")


def _text(of: Mapping[str, Any], name: str) -> str | None:
    """A text that a file can hold; None for whatever else a member's server sent in its place."""
    found = of.get(name)
    return whole(found) if isinstance(found, str) else None


def _bundled_edit(event: Event) -> Event | None:
    """The newest edit, which the server sends along with what it replaces."""
    unsigned = event.get("unsigned")
    relations = unsigned.get("m.relations") if isinstance(unsigned, Mapping) else None
    found = relations.get("m.replace") if isinstance(relations, Mapping) else None
    return found if isinstance(found, Mapping) and "content" in found else None


def _is_redacted(event: Event) -> bool:
    unsigned = event.get("unsigned")
    return isinstance(unsigned, Mapping) and (
        "redacted_because" in unsigned or "redacted_by" in unsigned
    )


def _without_quote(content: Mapping[str, Any]) -> str:
    """What was typed, without the lines of another's message that older clients put before it."""
    body = _text(content, "body") or ""
    relation = content.get("m.relates_to")
    answers = isinstance(relation, Mapping) and "m.in_reply_to" in relation
    # An edited answer has the quote again, and no relation in its new content.
    if not body.startswith("> <") or not (answers or relation is None):
        return body
    lines = body.split("\n")
    typed = next((at for at, line in enumerate(lines) if not line.startswith("> ")), len(lines))
    if not answers and (typed == len(lines) or lines[typed]):
        return body
    return "\n".join(lines[typed:]).removeprefix("\n")


def members_of(state: Iterable[Event], messages: Iterable[Record], span: Span) -> Sequence[Record]:
    """A record for each member: of who wrote with their id, of others the name alone.

    Who wrote is dated when they joined or last changed how they are shown, so that it is known
    who could be told by a notice.
    """
    wrote = {one.sender for one in messages}
    found = []
    for one, member, shown in _joined(state):
        joined = sent_at(one)
        if member in wrote and joined < span.end:
            # A server that says a time of before any chat tells nothing of when they came.
            who, at = member, joined if joined >= EARLIEST_ENTRY else span.start
        elif shown:
            who, at = None, span.start
        else:
            continue
        found.append(Record(at=at.isoformat(), sender=who, name=shown, kind="member"))
    return found


def names_of(state: Iterable[Event]) -> Mapping[str, str]:
    """Display names of members, by user id."""
    return {member: shown for _, member, shown in _joined(state) if shown}


def _joined(state: Iterable[Event]) -> Iterable[tuple[Event, str, str | None]]:
    """Events by which members are in the room, with their ids and what they are called."""
    for one in state:
        if not isinstance(one, Mapping):
            raise ConnectorError("PLATFORM_ANSWER_UNKNOWN")
        content, who = one.get("content"), _text(one, "state_key")
        if one.get("type") != "m.room.member" or who is None:
            continue
        if isinstance(content, Mapping) and content.get("membership") == "join":
            yield one, who, _text(content, "displayname") or None


def require_readable(state: Sequence[Event], own_id: str, start: datetime) -> None:
    """Refuse a room that is encrypted, that the account is not in, or that does not show all.

    Args:
        state: the room's state now.
        own_id: the account's user id.
        start: from when on everything is to be seen (aware).

    Raises:
        ConnectorError: `CHAT_ENCRYPTED`, `CHAT_NOT_JOINED`, `CHAT_NOT_WHOLE`.
    """
    own = next((one for one, who, _ in _joined(state) if who == own_id), None)
    by_type = {_text(one, "type"): one for one in state if one.get("state_key") == ""}
    if "m.room.encryption" in by_type:
        raise ConnectorError("CHAT_ENCRYPTED")
    if own is None:
        raise ConnectorError("CHAT_NOT_JOINED")
    rule = by_type.get("m.room.history_visibility")
    content = rule.get("content") if rule is not None else None
    shown = content.get("history_visibility") if isinstance(content, Mapping) else None
    # Without a rule, and since the rule was made, who joins later sees what was before.
    shared = rule is None or (shown in ("shared", "world_readable") and sent_at(rule) <= start)
    if not shared and sent_at(own) > start:
        raise ConnectorError("CHAT_NOT_WHOLE")
