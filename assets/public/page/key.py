"""The key of the graph: a line for each form that is drawn, and no other."""

from collections.abc import Collection
from datetime import date

from assets.public.records.written import short_date

_WORDS = (
    ("line", "{headline}"),
    ("single", "single day"),
    ("band", "range of chance (95%): noise, and who happened to write"),
    ("forecast", "forecast{until}"),
    ("fan80", "forecast range: thick bars 80%, thin ones 95% of coming values"),
    ("holiday", "bank holiday in England"),
    ("event", "public event, see below"),
    ("gap", "day not published"),
    ("retracted", "retracted"),
    ("revised", "revised"),
    ("break", "new method"),
)


def key_of(
    kinds: Collection[str], headlines: Collection[str], until: date | None = None
) -> list[tuple[str, str]]:
    """Class of each mark, and its words.

    Args:
        kinds: of marks that are drawn in any panel.
        headlines: names of the pooled values that the lines show.
        until: last day of the forecasts, if any.
    """
    named = " or ".join(sorted(headlines))
    to = f", up to {short_date(until)}" if until else ""
    return [
        (kind, words.format(headline=named, until=to)) for kind, words in _WORDS if kind in kinds
    ]
