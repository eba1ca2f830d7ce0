"""Who may be one person, found without comparing everybody with everybody."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from resources.stores.members.marks import Marks

K = TypeVar("K", bound=Hashable)


class Alike(Generic[K]):
    """People by their marks.

    `Marks.may_be` has two marks share a number, a whole name, or a part or the first letter of one.
    So only who shares any of these has to be asked.

    Args:
        people: to begin with.
    """

    def __init__(self, people: Mapping[K, Marks] | None = None) -> None:
        self._people: dict[K, Marks] = {}
        self._sharing: defaultdict[tuple[str, str], dict[K, None]] = defaultdict(dict)
        for key, marks in (people or {}).items():
            self.add(key, marks)

    def add(self, key: K, marks: Marks) -> None:
        """Add one person."""
        self._people[key] = marks
        for shared in _found_by(marks):
            self._sharing[shared][key] = None

    def like(self, marks: Marks) -> list[K]:
        """Keys of all who may be this person (`Marks.may_be`), and of some who may not."""
        found: dict[K, None] = {}
        for shared in _looked_up(marks):
            found.update(self._sharing.get(shared, {}))
        return [*found]

    def any_may_be(self, marks: Marks) -> bool:
        """Whether anybody may be this person."""
        return any(self._people[key].may_be(marks) for key in self.like(marks))


def _found_by(marks: Marks) -> Iterable[tuple[str, str]]:
    yield from _whole(marks)
    for full, first in marks.parts:
        yield "full", full
        yield "first", first


def _looked_up(marks: Marks) -> Iterable[tuple[str, str]]:
    yield from _whole(marks)
    for full, first in marks.parts:
        # The same part, one of which the other is the first letter, either way round.
        yield "full", full
        yield "full", first
        yield "first", full


def _whole(marks: Marks) -> Iterable[tuple[str, str]]:
    if marks.number is not None:
        yield "number", marks.number
    if marks.joined is not None:
        yield "joined", marks.joined
