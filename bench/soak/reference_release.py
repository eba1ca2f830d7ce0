"""Who counts on a day, and whether it may be drawn: docs/release.md told once more."""

from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass
class Stay:
    """One unbroken consent, as the release sees it."""

    group: int
    joins: date
    leaves: date
    inside: bool = False


@dataclass
class Stays:
    """A region's groups as its days close, one after another.

    Attributes:
        latest: the latest day that has closed.
        changed: the last day on which a group left, or one or two joined.
    """

    latest: date = date.min
    changed: date = date.min
    all: list[Stay] = field(default_factory=list)

    def begin(self, group: int, valid_from: date, leaves: date) -> None:
        """A group waits from the first open day of its consent on."""
        self.all.append(Stay(group, max(valid_from, self.latest + DAY), leaves))

    def go_on(self, group: int, leaves: date) -> None:
        """Its consent was renewed before it ran out."""
        self._newest(group).leaves = leaves

    def end(self, group: int) -> None:
        """It withdrew, or ran out: from the first open day on it does not count."""
        stay = self._newest(group)
        stay.leaves = min(stay.leaves, self.latest + DAY)

    def counting(self, day: date, first_scored: dict[int, date]) -> list[int]:
        """The groups that count on the next day to close; batches join at this day."""
        left = [one for one in self.all if one.inside and one.leaves <= day]
        for one in left:
            one.inside = False
        since = {
            number: max(one.joins, first_scored.get(one.group, date.max))
            for number, one in enumerate(self.all)
            if not one.inside
        }
        waiting = [number for number, at in since.items() if at <= day < self.all[number].leaves]
        joins = few = False
        if not any(one.inside for one in self.all):
            joins = len(waiting) >= 5
        elif waiting and day.weekday() == 0:
            longest = day - min(since[number] for number in waiting)
            joins = len(waiting) >= 3 or longest + 7 * DAY > 56 * DAY
            few = joins and len(waiting) < 3
        for number in waiting if joins else []:
            self.all[number].inside = True
        if left or few:
            self.changed = day
        return [one.group for one in self.all if one.inside]

    def pooled(self, day: date) -> bool:
        """Whether a day lies in a week that shows only its pooled value."""
        return self.changed <= day < self.changed + 7 * DAY

    def shows_week(self, day: date) -> bool:
        """Whether it is the last of such a week."""
        return self.pooled(day) and day == self.changed + 6 * DAY

    def _newest(self, group: int) -> Stay:
        return [one for one in self.all if one.group == group][-1]


def suppressed(people: list[int]) -> str | None:
    """Why nothing may be drawn of groups with so many person-days each; None if it may."""
    first, *others = sorted(people, reverse=True) or [0]
    if len(people) < 5:
        return "TOO_FEW_GROUPS"
    if 2 * first > sum(people):
        return "LARGEST_TOO_LARGE"
    return "TOP_TWO_TOO_LARGE" if 4 * (first + others[0]) > 3 * sum(people) else None
