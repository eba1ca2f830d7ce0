"""Turns Slack's messages into entries."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from msgspec import UNSET

from assets.core.errors import ExportError
from assets.restricted.collection.slack.fields import (
    BOTS,
    DELETED,
    NOTICES,
    PEOPLES,
    Element,
    Message,
    Names,
    User,
)
from assets.restricted.collection.structured.entries import Entry, Findings, keys_of
from assets.restricted.collection.structured.mentions import mention
from resources.stores.members.identity import person_written

_DIGITS = 12
# A moment of this century, as Slack writes it: `1760512345.000200`.
_DIGITS_WHOLE, _MILLIONTHS, _MOMENT_LENGTH, _LEAST_NUMBER = 10, 1_000_000, 17, 10**15
_SLACKBOT = "USLACKBOT"
REFERENCE = re.compile(
    r"<([@#!])([^>|]{1,80})(?:\|([^>]{0,300}))?>|<([^>|\s]{1,4000})(?:\|([^>]{0,1000}))?>"
)

People: TypeAlias = Mapping[str, tuple[tuple[str, ...], bool | None]]


def listed(people: Iterable[User]) -> People:
    """Names of people by id, as others see them first, and whether each is a bot."""
    found: dict[str, tuple[tuple[str, ...], bool | None]] = {}
    for one in people:
        profile = one.profile or Names()
        written = profile.display_name, profile.real_name, one.real_name, one.name
        found[one.id] = _called(written), one.is_bot
    return found


def _called(written: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in written if name))


def _written(user: str, names: tuple[str, ...]) -> tuple[str, str, bool]:
    """Author, person, and whether it has no name."""
    return names[0], person_written(names[0], f"slack {user}", *names[1:]), False


class Reading:
    """Turns messages into entries.

    Args:
        findings: what it finds beside.
        people: by id, as `Findings.people` has them, of whom is known before.
    """

    def __init__(self, findings: Findings, people: People) -> None:
        self._findings = findings
        self._listed: dict[str, tuple[str, ...]] = {}
        self._people: dict[str, tuple[str, str, bool]] = {}
        self._bots = {_SLACKBOT}
        for user, (names, is_bot) in people.items():
            self._know(user, names, is_bot)

    def elements(self, batch: Sequence[Element]) -> list[Entry]:
        """The entries of messages among which it is told who somebody is; raises as `entries`."""
        if any(one.person is not None for one in batch):
            messages: list[Element] = []
            found: list[Entry] = []
            for one in batch:
                if one.person is None:
                    messages.append(one)
                    continue
                # Of what comes before nobody needs to know it.
                found += self.entries(messages) if messages else []
                messages = []
                self._know(one.person.id, one.person.names, one.person.is_bot)
            return found + (self.entries(messages) if messages else [])
        return self.entries(batch)

    def entries(self, batch: Sequence[Message]) -> list[Entry]:
        """The entries of messages.

        Raises:
            ExportError: `EXPORT_STRUCTURE_UNKNOWN` for a time that is none.
        """
        seconds, keys = moments_of([one.ts for one in batch])
        return list(map(self._entry, batch, seconds, keys))

    def _entry(self, one: Message, second: int, key: int) -> Entry:
        user = one.user
        if (
            one.subtype not in PEOPLES
            or user is None
            or user in self._bots
            or one.bot_id is not None
            or one.type != "message"
        ):
            return self._of_no_person(one, second, key)
        author, person, unnamed = self._people.get(user) or self._person(user, one.user_profile)
        text = one.text or ""
        if "<" in text or "&" in text:
            text = self._text(text)
        entry = Entry(second, "speech", author, person, text, None, key, unnamed)
        if not text:
            holds = one.files or one.upload or one.attachments is not UNSET
            entry.kind = "media" if holds else "expired"
        elif one.edited is not UNSET:
            entry.kind = "edited"
        elif one.files or one.upload:
            entry.detail = "captions"
        return entry

    def _of_no_person(self, one: Message, second: int, key: int) -> Entry:
        findings, user = self._findings, one.user
        if one.type != "message":
            findings.left_out += 1
            return Entry(second, "system", key=key)
        if one.subtype in DELETED:
            return Entry(second, "deleted", key=key)
        if one.subtype in NOTICES:
            findings.notice(one.subtype, NOTICES)
            return Entry(second, "system", key=key)
        if one.subtype in BOTS or one.bot_id is not None or user in self._bots:
            findings.not_people += 1
        else:
            findings.left_out += 1
        return Entry(second, "system", key=key)

    def _person(self, user: str, shown: Names | None = None) -> tuple[str, str, bool]:
        known = self._people.get(user)
        if known is None:
            names = self._names(user, shown)
            self._findings.name(names)
            if not names:
                # Not kept, for a later message may show a name.
                return user, person_written("", f"slack {user}"), True
            if user not in self._listed:
                self._findings.people[user] = names, None
            known = self._people[user] = _written(user, names)
        return known

    def _know(self, user: str, names: tuple[str, ...], is_bot: bool | None) -> None:
        self._findings.people[user] = names, is_bot
        if is_bot is None:
            self._people[user] = _written(user, names)
            return
        self._listed[user] = names
        if is_bot:
            self._bots.add(user)

    def _names(self, user: str, shown: Names | None) -> tuple[str, ...]:
        """What a person is called, as others see it first."""
        own = self._listed.get(user)
        if own is not None or shown is None:
            return own or ()
        return _called((shown.display_name, shown.real_name, shown.name))

    def _text(self, text: str) -> str:
        if "<" in text:
            text = REFERENCE.sub(self._referred, text)
        return html.unescape(text) if "&" in text else text

    def _referred(self, found: re.Match[str]) -> str:
        sign, name, label, link, shown = found.groups()
        if sign == "@":
            called = self._names(name, None)
            called = called or ((label,) if label else ())
            self._findings.name(called)
            return mention(called[0]) if called else "@"
        if sign == "#":
            return f"#{label or ''}"
        if sign == "!":
            return label or f"@{name.partition('^')[0]}"
        return shown or link.removeprefix("mailto:").removeprefix("tel:")


def moments_of(written: Sequence[str]) -> tuple[list[int], list[int]]:
    """Seconds of messages, and their keys, for a moment is one message's alone in a channel.

    Args:
        written: moments as Slack writes them.

    Raises:
        ExportError: `EXPORT_STRUCTURE_UNKNOWN` for what is none.
    """
    count = len(written)
    joined = "".join(written)
    if (
        set(map(len, written)) == {_MOMENT_LENGTH}
        and joined[_DIGITS_WHOLE::_MOMENT_LENGTH] == "." * count
    ):
        digits = joined.replace(".", "")
        if digits.isdecimal() and digits.isascii() and len(digits) == count * (_MOMENT_LENGTH - 1):
            numbers = list(map(int, "\n".join(written).replace(".", "").split("\n")))
            if min(numbers) >= _LEAST_NUMBER:
                return [one // _MILLIONTHS for one in numbers], [-one for one in numbers]
    return list(map(second_of_moment, written)), keys_of(written)


def second_of_moment(ts: str) -> int:
    """The whole second of one moment; raises as `moments_of`."""
    whole = ts.partition(".")[0]
    if whole.isdigit() and whole.isascii() and len(whole) < _DIGITS:
        return int(whole)
    raise ExportError("EXPORT_STRUCTURE_UNKNOWN")
