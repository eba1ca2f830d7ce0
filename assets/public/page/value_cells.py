"""What the table writes for a day of a line: the chart's number, or why there is none."""

from assets.public.page.gap_narration import state_in_words
from assets.public.records.lines import Line
from assets.public.records.written import number


def pooled_cell(line: Line, at: int) -> str:
    """The pooled value with half its 95% band, or the state in words.

    Args:
        line: the line.
        at: position of the day.
    """
    value, half = line.values[at], line.half_bands[at]
    if value is None:
        return state_in_words(line, at)
    band = "" if half is None else f" ± {number(half)}"
    return f"{number(value)}{band}{' (revised)' if line.revised[at] else ''}"


def single_day_cell(line: Line, at: int) -> str:
    """The single day's value, or a dash."""
    value = line.estimates[at]
    return "–" if value is None else number(value)
