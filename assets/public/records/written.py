"""How the page writes numbers and days."""

from collections.abc import Sequence
from datetime import date

from assets.public.records.tables import DECIMALS

_MINUS = "\u2212"


def number(value: float) -> str:
    """A score as chart, table and sentences write it: 3 decimals, a true minus sign."""
    return f"{value:.{DECIMALS}f}".replace("-", _MINUS)


def long_date(day: date, *, year: bool = True) -> str:
    """A day as prose writes it, such as 3 March 2026."""
    return f"{day.day} {day:%B %Y}" if year else f"{day.day} {day:%B}"


def short_date(day: date, *, year: bool = True) -> str:
    """A day as tables and verdicts write it, such as 3 Mar 2026."""
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def counted(many: int, one: str) -> str:
    """A number of things, such as 1 day or 3 days."""
    return f"{many} {one}" if many == 1 else f"{many} {one}s"


def listed(words: Sequence[str]) -> str:
    """Words joined as prose joins them: commas, and `and` before the last."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def one_in(share: float) -> str:
    """A small share in words, such as `1 in 1,000,000`."""
    return f"1 in {round(1 / share):,}"
