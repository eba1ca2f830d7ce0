"""Whether what a page says of its earlier forecasts is what the published hit rates say."""

import re

from assets.public.page.page_reader import PageRead
from assets.public.records.facts import PageFacts

_COUNTED = re.compile(
    r"Of ([\d,]+) forecast values whose days have come, ([\d,]+) lay inside the thick bars \(80%,"
    r" ([\d,]+) expected\) and ([\d,]+) lay inside the thin bars \(95%, ([\d,]+) expected\)\."
)
_NONE_DUE = "No forecast of this page has come due yet"


def past_forecast_fault(read: PageRead, facts: PageFacts) -> str:
    """What is wrong with the answer to whether earlier forecasts were right.

    Args:
        read: the whole page.
        facts: give the published hit rates, which are added up anew.

    Returns:
        `PAGE_LIMITS_MISSING` without an answer, `PAGE_SENTENCE_CONTRADICTS` where it says that none
        can be checked and some were, or the reverse, `PAGE_NUMBER_UNKNOWN`; empty if all is right.
    """
    said = read.sections.get("forecasts", "")
    counted, none_due = _COUNTED.search(said), _NONE_DUE in said
    if not counted and not none_due:
        return "PAGE_LIMITS_MISSING"
    many = inside_80 = inside_95 = 0
    for rate in facts.hit_rates_by_week.values():
        many, inside_80 = many + rate.forecasts, inside_80 + rate.in80
        inside_95 += rate.in95
    if none_due is bool(many) or none_due is bool(counted):
        return "PAGE_SENTENCE_CONTRADICTS"
    if not counted:
        return ""
    told = [int(one.replace(",", "")) for one in counted.groups()]
    wanted = [many, inside_80, round(0.8 * many), inside_95, round(0.95 * many)]
    return "" if told == wanted else "PAGE_NUMBER_UNKNOWN"
