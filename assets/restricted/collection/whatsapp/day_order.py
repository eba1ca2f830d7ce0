"""Which number of a date is the day: decided from all the dates of a file."""

from collections.abc import Iterable, Sequence

from assets.restricted.collection.export import DateOrder, DecidedBy
from assets.restricted.collection.whatsapp.clock import EARLIEST_YEAR, LONGEST_MONTH, date_numbers
from assets.restricted.collection.whatsapp.forms import Form
from assets.restricted.collection.whatsapp.header_format import Shape

_MONTHS = 12
# Dates of one order for each of the other, from which the few are misprints or quotes.
CLEAR_MAJORITY = 20
# Steps back under one reading for each under the other, from which order in the file decides.
CLEARLY_ORDERED = 5


def day_order(
    shape: Shape, written: Iterable[str], day_first: bool | None, form: Form = "phone"
) -> tuple[DateOrder, DecidedBy]:
    """Decide how a file writes its dates.

    Args:
        shape: the file's headers.
        written: its distinct dates, in order of first appearance.
        day_first: what the region writes; `None` without a region.
        form: what wrote the file, as far as its headers tell. Web writes the month first whatever
            the language; of dates spelled as in the United States the region tells nothing.

    Returns:
        The order and what decided it; `("unsure", "none")` if nothing did.
    """
    told = _by_form(shape, form)
    if told is not None:
        return told
    dates = [numbers for date in written if (numbers := date_numbers(date))]
    if shape.year == "last_2" and _short_year_leads(dates):
        return "ymd", "year_first"
    order = _by_part_over_12(dates)
    if order is not None:
        return order, "none" if order == "unsure" else "over_12"
    order = _by_order_in_file(dates)
    if order is None and day_first is not None and form == "phone":
        return ("dmy" if day_first else "mdy"), "region"
    return (order, "monotone") if order else ("unsure", "none")


def _by_form(shape: Shape, form: Form) -> tuple[DateOrder, DecidedBy] | None:
    if form == "web":
        return "mdy", "form"
    if shape.date == "kanji" or shape.year.startswith("first"):
        return "ymd", "year_first"
    return ("dmy", "named_month") if shape.date == "named" else None


def _short_year_leads(dates: Sequence[tuple[int, int, int]]) -> bool:
    # No month has over 31 days, and no export has a year before WhatsApp's first.
    first_year = EARLIEST_YEAR % 100
    if any(first > LONGEST_MONTH for first, _, _ in dates):
        return True
    if _same_day_every_year(dates):
        return True
    return any(last < first_year for _, _, last in dates) and all(
        first >= first_year for first, _, _ in dates
    )


def _same_day_every_year(dates: Sequence[tuple[int, int, int]]) -> bool:
    # Read day first, a few days of one month would be one day of as many years.
    firsts, lasts = ({date[place] for date in dates} for place in (0, 2))
    as_year = all(2000 + first >= EARLIEST_YEAR and middle <= _MONTHS for first, middle, _ in dates)
    as_day = all(1 <= last <= LONGEST_MONTH for _, _, last in dates)
    return (
        as_year and as_day and len(firsts) == 1 and len(lasts) > 1 and len(lasts) * 2 > len(dates)
    )


def _by_part_over_12(dates: Sequence[tuple[int, int, int]]) -> DateOrder | None:
    day_leads = sum(first > _MONTHS >= middle for first, middle, _ in dates)
    month_leads = sum(middle > _MONTHS >= first for first, middle, _ in dates)
    fewer, more = sorted((day_leads, month_leads))
    if not more:
        return None
    if fewer * CLEAR_MAJORITY > more:
        return "unsure"
    return "dmy" if day_leads > month_leads else "mdy"


def _by_order_in_file(dates: Sequence[tuple[int, int, int]]) -> DateOrder | None:
    back_dmy = _steps_back((last, middle, first) for first, middle, last in dates)
    back_mdy = _steps_back((last, first, middle) for first, middle, last in dates)
    fewer, more = sorted((back_dmy, back_mdy))
    if fewer == more or fewer * CLEARLY_ORDERED > more:
        return None
    return "dmy" if back_dmy < back_mdy else "mdy"


def _steps_back(dates: Iterable[tuple[int, int, int]]) -> int:
    steps, previous = 0, None
    for date in dates:
        steps += previous is not None and date < previous
        previous = date
    return steps
