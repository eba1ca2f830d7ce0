"""The key over the charts of a construct: only what is drawn in them."""

from collections.abc import Sequence

from assets.public.records.lines import MISSING, RETRACTED, VALUE_RETRACTED, Line


def chart_key(lines: Sequence[Line], *, daily_dots: bool) -> list[tuple[str, str]]:
    """Class of each mark in page.css, and its words.

    Args:
        lines: the lines of one construct.
        daily_dots: whether single days are drawn.
    """
    names = sorted({line.headline.name for line in lines})
    states = {state for line in lines for state in line.states}
    ahead = any(line.forecast and line.forecast.days for line in lines)
    wanted = (
        ("solid", " or ".join(names), True),
        ("dots", "single day", daily_dots),
        ("dashed", "forecast", ahead),
        ("band80", "80% band of the forecast", ahead),
        ("band95", "95% band", True),
        ("hatched", "day not published", MISSING in states),
        ("retracted", "retracted", bool(states & {RETRACTED, VALUE_RETRACTED})),
        ("revised", "revised", any(any(line.revised) for line in lines)),
        ("break", "new method", any(line.breaks for line in lines)),
    )
    return [(mark, words) for mark, words, is_drawn in wanted if is_drawn]
