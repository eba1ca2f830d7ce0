"""Pulse surveys: weekly means of groups on a short scale, never an answer of one person."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import SetupError
from resources.stores.surveys.survey_store import COLUMNS, SurveyMean

FEWEST_ANSWERS = 5
_MONDAY, _SUNDAY = 0, 6


@dataclass(frozen=True)
class SurveyFault:
    """What is wrong in a file: the line, counted from 1 for the header, and a code."""

    line: int
    code: str


def read_survey(
    text: str, *, low: float, high: float, today: date
) -> tuple[list[SurveyMean], list[SurveyFault]]:
    """Read a survey's CSV.

    Args:
        text: with the columns `COLUMNS`: week (ISO date of the Monday), group (the group
            reference), construct, mean (within the scale), n (people who answered, at least 5).
        low: lowest answer of the scale.
        high: highest answer of the scale.
        today: weeks must be over.

    Returns:
        The means, rescaled to 0 to 1, and the faults; with any fault the file is not to be used.
        Codes are `SURVEY_ROW_INVALID`, `SURVEY_TOO_FEW_ANSWERS`, `SURVEY_WEEK_NOT_OVER`,
        `SURVEY_REPEATED`.

    Raises:
        SetupError: `SURVEY_UNREADABLE` for other columns, no row, or a scale that is none.
    """
    lines = csv.DictReader(text.splitlines())
    scaled = math.isfinite(low) and math.isfinite(high) and low < high
    if not scaled or sorted(lines.fieldnames or ()) != sorted(COLUMNS):
        raise SetupError("SURVEY_UNREADABLE")
    means: list[SurveyMean] = []
    faults: list[SurveyFault] = []
    seen = set()
    for row in lines:
        one = _mean_of(row, low, high)
        code = None
        if one is None:
            code = "SURVEY_ROW_INVALID"
        elif one.answers < FEWEST_ANSWERS:
            code = "SURVEY_TOO_FEW_ANSWERS"
        elif one.week + timedelta(days=_SUNDAY) >= today:
            code = "SURVEY_WEEK_NOT_OVER"
        elif one.key in seen:
            code = "SURVEY_REPEATED"
        if one is None or code:
            faults.append(SurveyFault(lines.line_num, code or "SURVEY_ROW_INVALID"))
            continue
        seen.add(one.key)
        means.append(one)
    if not means and not faults:
        raise SetupError("SURVEY_UNREADABLE")
    return means, faults


def _mean_of(row: Mapping[str | None, object], low: float, high: float) -> SurveyMean | None:
    if None in row or not all(isinstance(row[name], str) for name in COLUMNS):
        return None
    given = {name: str(row[name]).strip() for name in COLUMNS}
    try:
        week, mean, answers = (
            date.fromisoformat(given["week"]),
            float(given["mean"]),
            int(given["n"]),
        )
    except ValueError:
        return None
    if week.weekday() != _MONDAY or given["construct"] not in CONSTRUCTS or not low <= mean <= high:
        return None
    scaled = (mean - low) / (high - low)
    return SurveyMean(week, given["group"], given["construct"], scaled, answers)
