"""What is new in a release: one voice for the change log and the feed."""

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd

from assets.public.records.facts import Change, PageFacts
from assets.public.records.released_data import ReleasedData
from assets.public.records.retractions import REASONS
from assets.public.records.written import counted, listed, long_date
from resources.stores.published.releases import TakenBack

KEPT = 60
"""How many releases a change log goes back; each release's own goes on from there."""


def with_newest(
    published: pd.DataFrame,
    facts: PageFacts,
    before: ReleasedData | None,
    gone: Sequence[TakenBack],
) -> tuple[Change, ...]:
    """The change log of a release, newest first.

    Args:
        published: see `assets.public.records.tables.checked_published`.
        facts: of the release's page; its `changes` are not looked at.
        before: of the release before; None where there is none that can be read.
        gone: what was ever taken back.
    """
    if before is None:
        words = [f"Days up to {long_date(facts.last_day)}."]
    else:
        words = list(_news(published, facts, before, gone)) or ["Words or pages were mended."]
    newest = Change(facts.number, facts.made_at, tuple(words))
    return (newest, *(before.facts.changes if before else ()))[:KEPT]


def _news(
    published: pd.DataFrame, facts: PageFacts, before: ReleasedData, gone: Sequence[TakenBack]
) -> Iterator[str]:
    then = before.facts
    if facts.last_day > then.last_day:
        yield f"Days up to {long_date(facts.last_day)}."
    marked, marked_then = _retracted(published), _retracted(before.published)
    since = {(one.region, one.day) for one in gone if one.at > then.made_at}
    for region, name in facts.regions.items():
        new = {
            key: why
            for key, why in marked.items()
            if key[0] == region and (key not in marked_then or key in since)
        }
        if new:
            why = listed([REASONS[one] for one in sorted(set(new.values()))])
            days = counted(len(new), "day")
            yield f"Values of {days} in {name} were taken back because of {why}."
        drawn = _revised(published, region) - _revised(before.published, region)
        if drawn:
            verb = "was" if len(drawn) == 1 else "were"
            yield f"{counted(len(drawn), 'day')} in {name} {verb} drawn again, as a revision."
    known = {(one.day, one.version_after) for one in then.breaks}
    for one in facts.breaks:
        if (one.day, one.version_after) not in known:
            reason = one.reason.replace("_", " ")
            yield f"Another method from {long_date(one.day)} on ({reason}); the line breaks there."


def _retracted(published: pd.DataFrame) -> dict[tuple[str, date], str]:
    rows = published.loc[published["reason"].notna(), ["region", "day", "reason"]]
    return {(region, day): str(why) for region, day, why in rows.itertuples(index=False)}


def _revised(published: pd.DataFrame, region: str) -> set[tuple[date, int]]:
    mine = (published["region"] == region) & (published["revision"] > 0)
    rows = published.loc[mine, ["day", "revision"]]
    return {(day, int(revision)) for day, revision in rows.itertuples(index=False)}
