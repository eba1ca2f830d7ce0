"""Numbers by day of what may be read of a group: how much, how long, in which language."""

from array import array
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from assets.restricted.collection.drift import COLUMNS
from assets.restricted.collection.languages import is_english


@dataclass
class _Day:
    messages: int = 0
    characters: int = 0
    judged: int = 0
    not_english: int = 0


_WIDTH = 5


class DayFigures:
    """Counts messages by day; keeps no text.

    Args:
        before: of messages that are not counted again, as `numbers` gives them.
    """

    def __init__(self, before: "array[int] | None" = None) -> None:
        self._days: dict[date, _Day] = {}
        if before is not None:
            for start in range(0, len(before), _WIDTH):
                day, *counts = before[start : start + _WIDTH]
                self._days[date.fromordinal(day)] = _Day(*counts)

    def numbers(self) -> "array[int]":
        """For each day its ordinal and counts, `q`, one after the other."""
        return array(
            "q",
            [
                number
                for day, one in self._days.items()
                for number in (day.toordinal(), *vars(one).values())
            ],
        )

    def note(self, day: date, text: str) -> None:
        """Count one message of speech."""
        own = self._days.setdefault(day, _Day())
        own.messages += 1
        own.characters += len(text)
        english = is_english(text)
        own.judged += english is not None
        own.not_english += english is False

    def frame(self, first: date, last: date) -> pd.DataFrame:
        """A row for each day from `first` to `last`, as `drift_of_group` takes them."""
        rows = []
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            own = self._days.get(day, _Day())
            rows.append(
                (
                    day,
                    own.messages,
                    own.characters / own.messages if own.messages else float("nan"),
                    own.judged,
                    own.not_english / own.judged if own.judged else float("nan"),
                )
            )
        return pd.DataFrame(rows, columns=list(COLUMNS))
