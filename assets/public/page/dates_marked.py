"""The dates that graphs mark, in words: bank holidays, and events that two people have signed."""

from collections.abc import Iterator, Sequence
from datetime import date

from assets.public.forecasting.bank_holidays import bank_holidays
from assets.public.page.plot import Axes
from assets.public.records.facts import PageFacts
from assets.public.records.written import listed, long_date, short_date

MOST_NAMED = 12
"""Bank holidays; on a page of years they are marked, and not listed."""


def dates_in_words(axes: Sequence[Axes], facts: PageFacts) -> str:
    """Sentences on all dates that any graph marks; empty without any.

    Args:
        axes: of all graphs.
        facts: gives the events.
    """
    if not axes:
        return ""
    first, last = min(one.first for one in axes), max(one.last for one in axes)
    return " ".join(_sentences(first, last, facts))


def _sentences(first: date, last: date, facts: PageFacts) -> Iterator[str]:
    holidays = bank_holidays(first, last)
    if 0 < len(holidays) <= MOST_NAMED:
        yield f"Bank holidays: {listed([short_date(day) for day in holidays])}."
    for one in facts.events:
        if first <= one.day <= last:
            everywhere = set(one.regions) >= set(facts.regions)
            where = "" if everywhere else f", {listed([facts.regions[id_] for id_ in one.regions])}"
            yield f"{long_date(one.day)}{where}: {one.words} ({one.source})."
