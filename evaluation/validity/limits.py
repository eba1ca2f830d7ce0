"""What falls short, found from the numbers, and what no number here can show yet."""

from collections.abc import Sequence

from evaluation.validity.accuracy import Accuracy
from evaluation.validity.report import ValidityReport
from evaluation.validity.sections import bar_in_words
from evaluation.validity.tables import estimate, number
from evaluation.validity.targets import OWN, BarResult

PARTS = {
    "power": "Which change of a region's weekly value can be told from chance (power).",
    "reliability": "How many messages and people a mean takes to be reliable.",
    "writers": "How scores do on writers whom they were not learnt from.",
    "level": "How far the line moves with the share of people who show a construct.",
    "leaks": "What an attacker could read from everything stored, before and after release.",
}
"""Parts that a whole report has, and what is not shown without them."""

_SMALL_PART = 20
_GOOD_ERROR = 0.05
_SAME_WORDS = 0.80
"""Area of counted words from which the messages learnt from and held out are too much alike."""


def falls_short(results: Sequence[BarResult], accuracy: Accuracy) -> list[str]:
    """A sentence for each thing that is not as good as it should be."""
    sentences = [
        f"{one.bar.construct.capitalize()} on {one.bar.corpus}: {bar_in_words(one.bar)};"
        f" measured {estimate(one.found)}."
        + ("" if one.outcome == "missed" else " The interval passes the bound.")
        for one in results
        if one.outcome in {"missed", "reached, but not surely"}
    ]
    sentences += [
        f"{row.construct.capitalize()} on {row.corpus} is"
        f" {'worse' if (row.gain.high or 0) < 0 else 'not surely better'} than {row.over}:"
        f" gain {estimate(row.gain, signed=True)}."
        for row in accuracy.gains
        if row.corpus == OWN and row.gain.low is not None and row.gain.low <= 0
    ]
    sentences += [
        f"{row.construct.capitalize()}: the words of messages alone reach"
        f" {estimate(row.area)} on the project's own held-out messages. These were"
        " written to the same instructions as the messages learnt from, so they can not show how"
        " well a scorer does on other people's words."
        for row in accuracy.areas
        if (row.corpus, row.scorer) == (OWN, "words") and (row.area.value or 0) >= _SAME_WORDS
    ]
    sentences += [
        f"{row.construct.capitalize()} scores are off by {number(row.error)} on average where"
        f" {row.prevalence:.0%} of messages show it: their mean is {number(row.mean_score)}."
        for row in accuracy.calibrations
        if row.error > _GOOD_ERROR
    ]
    return sentences


def not_yet_shown(report: ValidityReport) -> list[str]:
    """A sentence for each thing that this report can not say."""
    sentences = [
        "That scores follow how care workers are doing. The project's own messages were written"
        " for it and are not from care workers' chats; the public corpora are from social media and"
        " stand for the constructs by other labels.",
        "That labels are right: two readings by one written guide agree or not, but neither is a"
        " care worker's own word.",
        "That scores mean the same in two regions, or in two years: language changes, and no"
        " message here has a place or a date.",
    ]
    if not any(one.shown for one in (*report.convergence, *report.pulse)):
        sentences.append(
            "That published values go with what groups say of themselves: there are not yet enough"
            " weeks of a pulse survey."
        )
    small = sorted(
        {
            row.part
            for row in report.accuracy.speaking
            if row.area.value is None or row.positive < _SMALL_PART
        }
    )
    if small:
        sentences.append(
            f"That every way of speaking is scored alike: under {_SMALL_PART} messages showing a"
            f" construct were found for {' and '.join(small)}."
        )
    found = {part.name for part in report.parts}
    sentences += [words for name, words in PARTS.items() if name not in found]
    not_measured = {row.corpus for row in report.accuracy.corpora}
    if OWN not in not_measured:
        sentences.append("Accuracy on the project's own held-out messages.")
    return sentences
