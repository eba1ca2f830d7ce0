"""A reader's state as plain values and back, its strings apart.

Strings come out as numbers of a list that stays in memory, but for closed words of our own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

_START = datetime(2000, 1, 1)
_SECOND = timedelta(seconds=1)
_BETWEEN = "\x1f"


class _Tag(IntEnum):
    STRING = 0
    LIST = 1
    TUPLE = 2
    SET = 3
    FROZENSET = 4
    DICT = 5
    MOMENT = 6
    DAY = 7
    SPAN = 8
    OBJECT = 9
    JOINED = 10


_COLLECTIONS: tuple[tuple[type, _Tag], ...] = (
    (list, _Tag.LIST),
    (tuple, _Tag.TUPLE),
    (set, _Tag.SET),
    (frozenset, _Tag.FROZENSET),
)
_MADE = {tag: made for made, tag in _COLLECTIONS}


class Strings:
    """Numbers strings in order of first appearance.

    Args:
        closed: words of our own, which stand as they are.
    """

    def __init__(self, closed: Collection[str]) -> None:
        self._closed = closed
        self._numbers: dict[str, int] = {}

    @property
    def found(self) -> Sequence[str]:
        """The strings, by number."""
        return list(self._numbers)

    def written(self, value: Any, classes: Sequence[type] = ()) -> Any:
        """A value in numbers, bytes, closed words and lists of them.

        Args:
            value: of numbers, bytes, strings, times without fractions of seconds, and collections
                and instances of `classes` (dataclasses) of them.
            classes: as they are given to `read`.
        """
        if value is None or isinstance(value, int | bytes) or value in self._closed_of(value):
            return value
        if isinstance(value, str):
            if _BETWEEN in value:
                # What `person_written` put together.
                return [_Tag.JOINED, [self.written(one) for one in value.split(_BETWEEN)]]
            return [_Tag.STRING, self._numbers.setdefault(value, len(self._numbers))]
        return _of_time(value) or self._of_several(value, classes)

    def _closed_of(self, value: Any) -> Collection[str]:
        return self._closed if isinstance(value, str) else ()

    def _of_several(self, value: Any, classes: Sequence[type]) -> list[Any]:
        if isinstance(value, Mapping):
            pairs = [[self.written(one, classes) for one in pair] for pair in value.items()]
            return [_Tag.DICT, pairs]
        for kind, tag in _COLLECTIONS:
            if isinstance(value, kind):
                return [tag, [self.written(one, classes) for one in value]]
        own = [self.written(getattr(value, one.name), classes) for one in fields(value)]
        return [_Tag.OBJECT, classes.index(type(value)), own]


def _of_time(value: Any) -> list[Any] | None:
    if isinstance(value, datetime):
        second = (value.replace(tzinfo=None) - _START) // _SECOND
        return [_Tag.MOMENT, second, value.fold, value.tzinfo is not None]
    if isinstance(value, date):
        return [_Tag.DAY, value.toordinal()]
    return [_Tag.SPAN, value // _SECOND] if isinstance(value, timedelta) else None


def read(
    written: Any, strings: Sequence[str], zone: ZoneInfo | None, classes: Sequence[type] = ()
) -> Any:
    """The value again.

    Args:
        written: by `Strings.written`.
        strings: by number.
        zone: of moments that had one.
        classes: the same.
    """
    if not isinstance(written, list):
        return written
    tag, first = _Tag(written[0]), written[1]
    if tag in (_Tag.STRING, _Tag.JOINED):
        whole = tag is _Tag.STRING
        return strings[first] if whole else _BETWEEN.join(read(one, strings, zone) for one in first)
    if tag in (_Tag.MOMENT, _Tag.DAY, _Tag.SPAN):
        return _time_of(tag, written, zone)
    further = strings, zone, classes
    if tag is _Tag.DICT:
        return {read(key, *further): read(held, *further) for key, held in first}
    if tag is _Tag.OBJECT:
        return classes[first](*(read(one, *further) for one in written[2]))
    return _MADE[tag](read(one, *further) for one in first)


def _time_of(tag: _Tag, written: list[Any], zone: ZoneInfo | None) -> datetime | date | timedelta:
    if tag is _Tag.DAY:
        return date.fromordinal(written[1])
    if tag is _Tag.SPAN:
        return timedelta(seconds=written[1])
    moment = (_START + timedelta(seconds=written[1])).replace(fold=written[2])
    return moment.replace(tzinfo=zone) if written[3] else moment
