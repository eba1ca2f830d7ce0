"""The sentences on what a line lacks and what was changed: gaps, retractions, revisions, breaks."""

from collections.abc import Sequence

from assets.public.page.verdict import changed_groups
from assets.public.records.facts import MethodBreak
from assets.public.records.lines import MISSING, RETRACTED, SPARSE, VALUE_RETRACTED, Line
from assets.public.records.retractions import REASONS
from assets.public.records.written import counted, listed, long_date


def state_in_words(line: Line, at: int) -> str:
    """What the table writes for a day without a value.

    Args:
        line: the line.
        at: position of the day.
    """
    state, reason = line.states[at], line.reasons[at]
    if state == SPARSE:
        return f"under {line.headline.least_days} of {line.headline.days} days"
    if state in {RETRACTED, VALUE_RETRACTED}:
        return f"retracted: {REASONS[str(reason)]}"
    return "not published"


def gaps_in_words(line: Line) -> str:
    """How many days are not published, for readers who do not see the hatching.

    Args:
        line: any line.

    Returns:
        One or two sentences.
    """
    missing, retracted = line.states.count(MISSING), line.states.count(RETRACTED)
    if missing == 0 and retracted:
        first = f"{len(line.days) - retracted} of {counted(len(line.days), 'day')} are published."
    elif missing == 0:
        first = f"All {counted(len(line.days), 'day')} are published."
    else:
        verb = "is" if missing == 1 else "are"
        first = f"{missing} of {counted(len(line.days), 'day')} {verb} not published."
    return f"{first} {retractions_in_words(line)}".strip()


def retractions_in_words(line: Line) -> str:
    """Which days and pooled values were retracted, and why; empty without any."""
    found: dict[tuple[str, str], int] = {}
    for state, reason in zip(line.states, line.reasons, strict=True):
        if state in {RETRACTED, VALUE_RETRACTED}:
            found[state, str(reason)] = found.get((state, str(reason)), 0) + 1
    told = []
    for (state, reason), many in sorted(found.items(), reverse=True):
        whole = state == RETRACTED
        of_what = (
            counted(many, "day") if whole else f"the {line.headline.name} of {counted(many, 'day')}"
        )
        verb = "was" if many == 1 or not whole else "were"
        told.append(
            f"{of_what[0].upper()}{of_what[1:]} {verb} retracted because of {REASONS[reason]}."
        )
    return " ".join(told)


def revisions_in_words(line: Line) -> str:
    """How many published days are revisions, and what that is; empty without any."""
    many = sum(line.revised)
    if many == 0:
        return ""
    verb = "is a revision" if many == 1 else "are revisions"
    return (
        f"{counted(many, 'day')} {verb}: drawn again with fresh noise after an error was found,"
        " agreed by two people and paid for from the same privacy budget."
    )


def breaks_in_words(line: Line, announced: Sequence[MethodBreak]) -> str:
    """Where the method changed and why, and what that means; empty without a break.

    Args:
        line: the line.
        announced: published changes of method.
    """
    if not line.breaks:
        return ""
    reasons = {one.day: one.reason.replace("_", " ").strip(" .") for one in announced}
    told = [
        f"on {long_date(line.days[at])}"
        + (f" ({reasons[line.days[at]]})" if reasons.get(line.days[at]) else "")
        for at in line.breaks
    ]
    return f"The method changed {listed(told)}. Values before and after can’t be compared."


def groups_in_words(line: Line) -> str:
    """When groups last came or left so that a week shows its pooled value only; empty if never.

    Args:
        line: any line.
    """
    changed = changed_groups(line)
    if not changed:
        return ""
    return (
        f"Groups left, or few came, in the week to {long_date(line.days[changed[-1]])}; across that"
        " a change is called only if it is more than who takes part could make."
    )
