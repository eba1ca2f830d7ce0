"""Where the next reading of a chat may go on, and what has to be known of all before."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from assets.restricted.collection.admission import Admission
from assets.restricted.collection.bookmarks.bookmark import ReadBefore, Standing
from assets.restricted.collection.copied_posts import CopiedPosts
from assets.restricted.collection.day_figures import DayFigures
from assets.restricted.collection.export import Export, Message
from resources.stores.members.member_events import RollCall

DAYS_READ_AGAIN = 7
"""Days before the newest that may be wanted again by the next reading: those that are open."""
FEWEST_BYTES_SPARED = 1 << 17
"""A bookmark is moved on by no fewer."""


@dataclass(frozen=True)
class CalledRoll:
    """One export with its roll called.

    Attributes:
        export: it.
        decided: over its senders.
        members_seq: number of the newest member event that was heeded.
        stands: whether what was found before its messages still holds.
        standing: where the next reading may go on; None for where this one went on.
        new: messages of the export before that.
        up_to_there: the roll of all messages before that.
    """

    export: Export
    decided: Admission
    members_seq: int
    stands: bool
    standing: Standing | None
    new: int | None
    up_to_there: RollCall

    def up_to(self, standing: Standing, copies: CopiedPosts, figures: DayFigures) -> ReadBefore:
        """What is found before the place where the next reading may go on.

        Args:
            standing: there.
            copies: as they are there.
            figures: as they are there.
        """
        first_day = self.up_to_there.first_day
        readable = self.decided.readable_from
        return ReadBefore(
            standing.read,
            standing.given,
            standing.latest,
            first_day,
            self.up_to_there.sayings,
            {one: readable.get(one) for one in first_day},
            copies.posts(list(first_day)),
            figures.numbers(),
        )


def next_standing(export: Export, wanted: Collection[date]) -> Standing | None:
    """Where the next reading of the chat may go on, if that spares it enough."""
    if export.stands is None:
        return None
    newest = max(wanted) - timedelta(days=DAYS_READ_AGAIN)
    found = export.stands.before(min(newest, *wanted))
    if found is None or export.before is None:
        return found
    return found if found.read - export.before.read >= FEWEST_BYTES_SPARED else None


def told_at(
    place: int | None, messages: Iterable[Message], tell: Callable[[], object]
) -> Iterator[Message]:
    """The messages; `tell` is called once so many of them have been taken."""
    for number, one in enumerate(messages):
        if number == place:
            tell()
        yield one
