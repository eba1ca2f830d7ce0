"""The gate: Great Expectations asserts of scrubbed group-days what only a bug can break.

It is asked for booleans only, and is given no text besides: a row of counts for each group-day.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from assets.governance.errors import ScrubError
from assets.governance.expectations import columns_out_of_range
from assets.scrubbing.message import MARKS, PLACEHOLDER
from assets.scrubbing.roster import roster_words

if TYPE_CHECKING:
    import pandas as pd

MOST_DROPPED = 0.2
"""Share of a group-day's messages on which a layer may fail."""

COLUMNS = ("group_day", "text", "dropped")

_LIMITS = {
    "with_digit": (0, "SCRUB_DIGIT_FOUND"),
    "on_roster": (0, "SCRUB_ROSTER_TOKEN"),
    "not_allowed": (0, "SCRUB_TOKEN_NOT_ALLOWED"),
    "share_dropped": (MOST_DROPPED, "SCRUB_TOO_MANY_DROPPED"),
}
"""For each counted column the most that passes and the code for more; the first failed is told."""


def check_group_days(
    frame: "pd.DataFrame",
    vocabulary: frozenset[str],
    rosters: Mapping[Hashable, Iterable[str]],
) -> dict[Hashable, str | None]:
    """Checks scrubbed group-days: all together, then ever smaller halves of those that fail.

    Args:
        frame: a row per message, with `group_day` (any hashable key), `text` (scrubbed) and
            `dropped` (True where a layer failed on it, not where too little was left).
        vocabulary: the closed vocabulary.
        rosters: for each group-day the names that its export knows; none where absent.

    Returns:
        For each group-day of `frame` None if it passes, otherwise one code that it fails:
        SCRUB_DIGIT_FOUND, SCRUB_ROSTER_TOKEN, SCRUB_TOKEN_NOT_ALLOWED, SCRUB_TOO_MANY_DROPPED.

    Raises:
        ScrubError: SCRUB_GATE_INPUT_INVALID where a column or a value is missing.
    """
    if not set(COLUMNS) <= set(frame.columns) or frame[list(COLUMNS)].isna().to_numpy().any():
        raise ScrubError("SCRUB_GATE_INPUT_INVALID")
    keys, counts = _counts(frame, vocabulary, rosters)
    return dict(zip(keys, _verdicts(counts), strict=True))


def _counts(
    frame: "pd.DataFrame",
    vocabulary: frozenset[str],
    rosters: Mapping[Hashable, Iterable[str]],
) -> "tuple[list[Hashable], pd.DataFrame]":
    """The keys, and for each a row of how many different tokens offend, and the share dropped."""
    import pandas as pd  # noqa: PLC0415

    allowed = vocabulary | MARKS | {PLACEHOLDER}
    keys: list[Hashable] = []
    rows: list[dict[str, float]] = []
    for key, own in frame.groupby("group_day", sort=False):
        # By single spaces, so that a tab or a line end shows up as a token that is not allowed.
        tokens = {token for text in own["text"] if text for token in text.split(" ")}
        keys.append(key)
        rows.append(
            {
                "with_digit": sum(any(c.isnumeric() for c in token) for token in tokens),
                "on_roster": len(tokens & roster_words(rosters.get(key, ()))),
                "not_allowed": len(tokens - allowed),
                "share_dropped": float(own["dropped"].to_numpy(dtype=float).mean()),
            }
        )
    return keys, pd.DataFrame(rows, columns=list(_LIMITS))


def _verdicts(counts: "pd.DataFrame") -> list[str | None]:
    if counts.empty:
        return []
    failed = _suite()(counts)
    if not failed:
        return [None] * len(counts)
    if len(counts) == 1:
        return [next(code for column, (_, code) in _LIMITS.items() if column in failed)]
    half = len(counts) // 2
    return [*_verdicts(counts.iloc[:half]), *_verdicts(counts.iloc[half:])]


@cache
def _suite() -> "Callable[[pd.DataFrame], set[str]]":
    return columns_out_of_range(
        "scrubbed_group_days", {column: (0, most) for column, (most, _) in _LIMITS.items()}
    )
