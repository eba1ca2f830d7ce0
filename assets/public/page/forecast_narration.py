"""The sentences on a line's forecast, made from the line alone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from assets.core.errors import CATALOGUE
from assets.public.forecasting.scores import HitRate
from assets.public.records.forecast_lines import NO_CHANGE, ForecastLine
from assets.public.records.lines import Line
from assets.public.records.written import listed, long_date, number

NO_BETTER = "No better forecast than “no change” was found, so the line is carried on."
NARROWER = (
    "The forecast’s range can be narrower than the range of chance: it says where the next"
    " published values will lie, which rest on much the same people; chance says how far any of"
    " them may lie from the mean of all members."
)
NONE_DUE = "No forecast of this page has come due yet, so this can’t be said."
METHODS: Mapping[str, str] = {
    "local_level": (
        "carrying the line on smoothly and, where single days are published, by a level that"
        " wanders and returns to its mean, with weekdays and bank holidays set apart"
    ),
    NO_CHANGE: "“no change” (the last value carried on) where nothing better was found",
}


def narrate_forecast(line: Line) -> str:
    """What the forecast says, or why there is none.

    Args:
        line: any line.

    Returns:
        One or two sentences; they end with the error code where one is known.
    """
    ahead = line.forecast
    if ahead is None or not (ahead.days or ahead.weeks):
        if line.no_forecast is None:
            return "No forecast was made."
        happened = CATALOGUE[line.no_forecast].happened
        return f"No forecast. {happened} ({line.no_forecast})"
    last = (ahead.days or ahead.weeks)[-1]
    told = (
        f"Forecast made on {long_date(ahead.made_on)}: {number(last.mean)} on "
        f"{long_date(last.day, year=last.day.year != ahead.made_on.year)}, "
        f"80% range {number(last.lo80)} to {number(last.hi80)}."
    )
    narrow = NARROWER if _is_narrower(line, ahead) else ""
    return " ".join(one for one in (told, NO_BETTER if ahead.no_change else "", narrow) if one)


def beside_in_words(line: Line, weeks: int) -> str:
    """How past forecasts so many weeks ahead did beside "no change"; a table's cell.

    Args:
        line: any line.
        weeks: weeks ahead, from 1.
    """
    if line.forecast is not None and line.forecast.no_change:
        return "is “no change”"
    better = next((one.better for one in line.beside if one.weeks == weeks), None)
    if better is None:
        return "not known yet"
    return "did better" if better else "“no change” did as well"


def horizons_in_words(line: Line) -> str:
    """From which week on "no change" did as well; empty where that is not known.

    Args:
        line: any line.
    """
    as_well = [one.weeks for one in line.beside if one.better is False]
    if not as_well or (line.forecast is not None and line.forecast.no_change):
        return ""
    weeks = listed([str(one) for one in as_well])
    return (
        f"{'Week' if len(as_well) == 1 else 'Weeks'} {weeks} ahead: “no change” did as well as past"
        " forecasts."
    )


def _is_narrower(line: Line, ahead: ForecastLine) -> bool:
    latest = line.latest
    half = None if latest is None else line.half_bands[latest]
    rows = [*ahead.days, *ahead.weeks]
    return half is not None and any(one.hi95 - one.lo95 < 2 * half for one in rows)


def hit_rate_in_words(line: Line) -> str:
    """How past forecasts of the line did; empty without any forecast.

    Args:
        line: any line.
    """
    rate = line.hit_rate
    if rate is not None and rate.forecasts:
        return (
            f"Of the last {rate.forecasts} values forecast a week ahead, {rate.in80} lay in the 80%"
            f" range ({round(0.8 * rate.forecasts)} expected) and {rate.in95} in the 95% range"
            f" ({round(0.95 * rate.forecasts)} expected)."
        )
    return "No forecast is old enough to be checked." if line.forecast else ""


def past_forecasts_in_words(rates: Iterable[HitRate]) -> str:
    """How past forecasts of all lines did, taken together.

    Args:
        rates: of each line and week ahead.
    """
    scored = list(rates)
    many = sum(one.forecasts for one in scored)
    if not many:
        return NONE_DUE
    told = [
        f"{sum(inside):,} lay inside the {bars} bars ({100 * share:.0f}%, {round(share * many):,}"
        " expected)"
        for bars, share, inside in (
            ("thick", 0.8, [one.in80 for one in scored]),
            ("thin", 0.95, [one.in95 for one in scored]),
        )
    ]
    return f"Of {many:,} forecast values whose days have come, {listed(told)}."


def last_forecast_day(lines: Sequence[Line]) -> date | None:
    """The last day that any line's newest forecast is for."""
    ahead = [line.forecast for line in lines if line.forecast]
    days = [row.day for one in ahead for row in (*one.days, *one.weeks)]
    return max(days, default=None)


def methods_in_words(lines: Sequence[Line]) -> str:
    """The methods of all forecasts that the page shows, as a clause; empty without any."""
    used = {line.forecast.method for line in lines if line.forecast and line.forecast.method}
    words = [METHODS.get(method, f"the method “{method}”") for method in sorted(used)]
    return listed(words) if words else ""
