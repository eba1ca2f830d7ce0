"""How the published lines of a region go together: rows for a small table, from relations.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assets.core.errors import PublicationError, refuse_as
from assets.public.records.written import listed, number

TITLE = "association among groups, not persons"
_REASONS = {
    "too_few_weeks": "too few weeks are published without a change of method",
    "noise_dominates": "the noise is too large beside what the lines themselves do",
}


@dataclass(frozen=True)
class Relation:
    """Association of two published lines of one region, or why there is none.

    Attributes:
        region: region id.
        first: a construct.
        second: another.
        lag_weeks: weeks by which `second` follows `first`; negative where it goes before.
        association: correlation corrected for release noise, in [-1, 1]; None with a reason.
        lo95: low end of its interval.
        hi95: high end.
        reason: public code that says why there is none.
        words: the same in words, a clause.
    """

    region: str
    first: str
    second: str
    lag_weeks: int | None = None
    association: float | None = None
    lo95: float | None = None
    hi95: float | None = None
    reason: str | None = None
    words: str | None = None


@dataclass(frozen=True)
class RelationTable:
    """One region's table, as the page shows it.

    Attributes:
        region: display name.
        pairs: pairs of constructs in words, the columns; empty where nothing could be related.
        rows: lag in words and a cell for each pair.
        missing: a sentence on what could not be related and why; empty if all could.
    """

    region: str
    pairs: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    missing: str


def read_relations(written: bytes) -> list[Relation]:
    """The rows of `relations.json`.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
    """
    with refuse_as(PublicationError("PUBLISHED_TABLE_INVALID"), ValueError, KeyError, TypeError):
        content = json.loads(written)
        return [_relation(row) for region in content["regions"] for row in region["rows"]]


def relation_tables(
    relations: Sequence[Relation], regions: Mapping[str, str]
) -> list[RelationTable]:
    """A table for each region that has a row, in the order of `regions`.

    Args:
        relations: rows in any order, one for each region, pair and lag.
        regions: region id to display name; rows of other regions are left out.
    """
    return [
        _table(name, of_region)
        for region, name in regions.items()
        if (of_region := [one for one in relations if one.region == region])
    ]


def _relation(row: Mapping[str, object]) -> Relation:
    numbers = [row[name] for name in ("association", "lo95", "hi95")]
    association, low, high = (None if one is None else float(str(one)) for one in numbers)
    reason = None if row["reason"] is None else str(row["reason"])
    return Relation(
        region=str(row["region"]),
        first=str(row["first"]),
        second=str(row["second"]),
        lag_weeks=int(str(row["lag"])),
        association=association,
        lo95=low,
        hi95=high,
        reason=reason,
        words=_REASONS.get(reason) if reason else None,
    )


def _table(name: str, relations: Sequence[Relation]) -> RelationTable:
    known = {
        ((one.first, one.second), one.lag_weeks): one
        for one in relations
        if one.association is not None and one.lag_weeks is not None
    }
    pairs = sorted({pair for pair, _ in known})
    lags = sorted({lag for _, lag in known})
    rows = tuple(
        (_lag_in_words(lag), tuple(_cell(known.get((pair, lag))) for pair in pairs)) for lag in lags
    )
    missing = _missing([one for one in relations if one.reason is not None], everything=not known)
    return RelationTable(name, tuple(_pair_in_words(*pair) for pair in pairs), rows, missing)


def _missing(relations: Sequence[Relation], *, everything: bool) -> str:
    if not relations:
        return ""
    why = listed(sorted({one.words or str(one.reason) for one in relations}))
    if everything:
        return f"No association can be given yet: {why}."
    pairs = sorted({_pair_in_words(one.first, one.second) for one in relations})
    return f"Not all can be given ({'; '.join(pairs)}): {why}."


def _pair_in_words(first: str, second: str) -> str:
    return f"{first.capitalize()} and {second}"


def _lag_in_words(lag: int) -> str:
    if lag == 0:
        return "same week"
    weeks = "1 week" if abs(lag) == 1 else f"{abs(lag)} weeks"
    return f"second {weeks} later" if lag > 0 else f"second {weeks} earlier"


def _cell(relation: Relation | None) -> str:
    if relation is None or relation.association is None:
        return "–"
    if relation.lo95 is None or relation.hi95 is None:
        return number(relation.association)
    edges = f"{number(relation.lo95)} to {number(relation.hi95)}"
    return f"{number(relation.association)} ({edges})"
