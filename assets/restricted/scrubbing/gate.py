"""The gate: what only a bug can break, of each scrubbed group-day before any of it is stored.

What it counted is asserted once more, for all group-days of a step, by a suite of Great
Expectations (`broken_promises`). Both are given counts only, never text.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Protocol

from assets.core.errors import ScrubError
from assets.core.expectations import judge, out_of_range
from assets.restricted.scrubbing.roster import roster_words
from assets.restricted.scrubbing.words import MARKS, PLACEHOLDER

if TYPE_CHECKING:
    import pandas as pd

MOST_DROPPED = 0.2
"""Share of a group-day's messages on which a layer may fail or the second detector may fire."""

_MARKS_LEFT = MARKS | {PLACEHOLDER}

COLUMNS = ("group_day", "text", "outcome")

_LIMITS = {
    "with_digit": (0, "SCRUB_DIGIT_FOUND"),
    "on_roster": (0, "SCRUB_ROSTER_TOKEN"),
    "not_allowed": (0, "SCRUB_TOKEN_NOT_ALLOWED"),
    "share_dropped": (MOST_DROPPED, "SCRUB_TOO_MANY_DROPPED"),
}
"""For each counted column the most that passes and the code for more; the first failed is told."""

GATE_CODES = frozenset(code for _, code in _LIMITS.values())
"""What a group-day can be refused with."""

_MOST = {column: (0, most) for column, (most, _) in _LIMITS.items()}
_suite = judge(_MOST)

ANSWERABLE = {
    "SCRUB_DIGIT_FOUND": "vocabulary",
    "SCRUB_ROSTER_TOKEN": "roster",
    "SCRUB_TOKEN_NOT_ALLOWED": "vocabulary",
}
"""The layer that lets no such word through while it works. Too many dropped: whichever failed."""


class Outcome(StrEnum):
    """What became of a message."""

    KEPT = "kept"
    FAILED = "failed"
    FIRED = "fired"
    TOO_LITTLE = "too_little"


_OUTCOMES = frozenset(Outcome)


class GroupDayCounts(Protocol):
    """What is asserted of a group-day, of this run's or as recorded; see `GroupDayVerdict`."""

    @property
    def with_digit(self) -> int:
        """Words that hold a digit."""
        ...

    @property
    def on_roster(self) -> int:
        """Words on the roster."""
        ...

    @property
    def not_allowed(self) -> int:
        """Words not allowed."""
        ...

    @property
    def share_dropped(self) -> float:
        """Share of the messages dropped."""
        ...


@dataclass(frozen=True)
class GroupDayVerdict:
    """What the gate found of one group-day. Counts only.

    Attributes:
        with_digit: different words left that hold a digit.
        on_roster: different words left that are on the roster.
        not_allowed: different words left that are neither in the vocabulary nor a mark.
        messages: messages in all.
        failed: of these, dropped because a layer failed.
        fired: of these, dropped because the second detector found something in the remains.
        too_little: of these, dropped because too little was left, which is no fault.
        code: what the group-day fails with, None if it passes.
    """

    with_digit: int
    on_roster: int
    not_allowed: int
    messages: int
    failed: int
    fired: int
    too_little: int
    code: str | None = None

    @property
    def share_dropped(self) -> float:
        """Share of the messages dropped by failure or by the second detector, in [0, 1]."""
        return (self.failed + self.fired) / self.messages


def check_group_days(
    frame: "pd.DataFrame",
    vocabulary: frozenset[str],
    rosters: Mapping[Hashable, Iterable[str]],
) -> dict[Hashable, GroupDayVerdict]:
    """Judge scrubbed group-days, each by itself.

    Args:
        frame: a row per message, with `group_day` (any hashable key), `text` (scrubbed; empty
            unless it was kept) and `outcome` (of `Outcome`).
        vocabulary: the closed vocabulary.
        rosters: for each group-day the names that its export knows; none where absent.

    Returns:
        A verdict for each group-day of `frame`, with one code of those that it fails:
        SCRUB_DIGIT_FOUND, SCRUB_ROSTER_TOKEN, SCRUB_TOKEN_NOT_ALLOWED, SCRUB_TOO_MANY_DROPPED.

    Raises:
        ScrubError: SCRUB_GATE_INPUT_INVALID where a column or a value is missing, an outcome is
            unknown, or a dropped message has text.
    """
    if not set(COLUMNS) <= set(frame.columns) or frame[list(COLUMNS)].isna().to_numpy().any():
        raise ScrubError("SCRUB_GATE_INPUT_INVALID")
    rows = list(zip(*(frame[column].tolist() for column in COLUMNS), strict=True))
    by_day: dict[Hashable, tuple[list[str], list[Outcome]]] = {}
    for key, text, outcome in rows:
        if outcome not in _OUTCOMES or (text and outcome != Outcome.KEPT):
            raise ScrubError("SCRUB_GATE_INPUT_INVALID")
        texts, outcomes = by_day.setdefault(key, ([], []))
        texts.append(text)
        outcomes.append(outcome)
    words_of_roster = cache(roster_words)
    counted = {
        key: _count(
            texts,
            Counter(outcomes),
            vocabulary,
            words_of_roster(frozenset(rosters.get(key, ()))),
        )
        for key, (texts, outcomes) in by_day.items()
    }
    codes = _codes(out_of_range(list(counted.values()), _MOST))
    return {
        key: replace(verdict, code=code)
        for (key, verdict), code in zip(counted.items(), codes, strict=True)
    }


def broken_promises(counts: Sequence[GroupDayCounts]) -> list[str | None]:
    """Assert with Great Expectations over what was counted of a step's group-days.

    Args:
        counts: of each group-day that passed the gate and was stored.

    Returns:
        For each, in order, the code that it fails with; None for all where the gate worked.
    """
    return _codes(_suite(counts))


def _count(
    texts: Iterable[str],
    outcomes: Counter[Outcome],
    vocabulary: frozenset[str],
    roster: frozenset[str],
) -> GroupDayVerdict:
    # By single spaces, so that a tab or a line end shows up as a token that is not allowed.
    tokens = {token for text in texts if text for token in text.split(" ")}
    return GroupDayVerdict(
        with_digit=sum(map(_holds_digit, tokens)),
        on_roster=len(tokens & roster),
        not_allowed=len(tokens - vocabulary - _MARKS_LEFT),
        messages=outcomes.total(),
        failed=outcomes[Outcome.FAILED],
        fired=outcomes[Outcome.FIRED],
        too_little=outcomes[Outcome.TOO_LITTLE],
    )


def _holds_digit(token: str) -> bool:
    # Nothing of ASCII letters alone does; other scripts write some numbers in letters.
    if token.isascii() and token.isalpha():
        return False
    return any(c.isnumeric() for c in token)


def _codes(failed: Iterable[frozenset[str]]) -> list[str | None]:
    return [
        next((code for column, (_, code) in _LIMITS.items() if column in own), None)
        for own in failed
    ]
