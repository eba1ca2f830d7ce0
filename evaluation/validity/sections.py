"""The report's parts in words and tables, as the page shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluation.roc_auc import Estimate
from evaluation.validity.accuracy import Accuracy
from evaluation.validity.calibration import Calibration
from evaluation.validity.convergence import FEWEST_WEEKS, Convergence
from evaluation.validity.report import Measured, Part, ValidityReport
from evaluation.validity.tables import (
    Table,
    area_table,
    correlation_table,
    estimate,
    gain_table,
    number,
    table_of,
)
from evaluation.validity.targets import OWN, Bar, BarResult


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes:
        name: the anchor.
        title: heading.
        reading: paragraphs in plain English, before the tables.
        tables: the numbers.
        measured: what they were measured with; None for words alone.
    """

    name: str
    title: str
    reading: tuple[str, ...]
    tables: tuple[Table, ...]
    measured: Measured | None


def bar_in_words(bar: Bar) -> str:
    """An aim as a clause."""
    measure = {
        "area": "area under the curve",
        "within fifths": "mean area within length fifths",
        "loss by scrubbing": "area lost by scrubbing",
    }.get(bar.measure, f"{bar.measure.removesuffix('seeds')}the plain seed method in area")
    if bar.bound == 0:
        return f"{measure}, above 0"
    return f"{measure}, {'at most' if bar.at_most else 'at least'} {bar.bound:.2f}"


def bars_section(results: Sequence[BarResult], measured: Measured) -> Section:
    """Every aim beside what was found."""
    reached = sum(one.outcome.startswith("reached") for one in results)
    unsure = sum(one.outcome == "reached, but not surely" for one in results)
    return Section(
        "aims",
        "Aims and what was reached",
        (
            f"{reached} of {len(results)} aims are reached, {unsure} of these not surely: the"
            " interval passes the bound, so other messages could have missed it.",
        ),
        (
            Table(
                "Each aim, what was measured (95 % interval), and whether it was reached",
                ("Corpus", "Construct", "Aim", "Measured", "Outcome"),
                tuple(
                    (
                        one.bar.corpus,
                        one.bar.construct,
                        bar_in_words(one.bar),
                        estimate(one.found),
                        one.outcome,
                    )
                    for one in results
                ),
            ),
        ),
        measured,
    )


def accuracy_sections(accuracy: Accuracy, measured: Measured) -> list[Section]:
    """The sections on accuracy."""
    return [
        Section(
            "accuracy",
            "Telling messages apart, beside simple scorers",
            (
                "The area under the curve says how often a message that shows the construct scores"
                " above one that does not: 0.5 is chance, 1 is always. None of these messages was"
                " learnt from. VADER (sentiment) sees the text as written, length counts its words;"
                " all others see scrubbed text. Words and Empath were fitted to the project's own"
                " messages, “words, all corpora” also to the public ones; nearness is CCR.",
                *_best_rivals(accuracy),
            ),
            (
                Table(
                    "What was measured on",
                    ("Corpus", "Messages", "Left empty by scrubbing", "Showing the construct"),
                    tuple(
                        (
                            row.corpus,
                            f"{row.messages:,}",
                            f"{row.emptied:,}",
                            ", ".join(f"{one} {many:,}" for one, many in row.positive.items()),
                        )
                        for row in accuracy.corpora
                    ),
                ),
                area_table("Area under the curve (95 % interval)", accuracy.areas, "Scorer"),
                gain_table("Gain of the model's area over each simple scorer", accuracy.gains),
            ),
            measured,
        ),
        Section(
            "length",
            "By length",
            (
                "Long messages can be told apart by length alone where labels go with it. Within"
                " fifths of equal length they can not.",
            ),
            (
                area_table(
                    "Area under the curve by fifth of length in words as written",
                    accuracy.lengths,
                    "Part",
                ),
            ),
            measured,
        ),
        Section(
            "speaking",
            "By way of speaking",
            (
                "The messages carry no tag of dialect or first language. These parts are found by"
                " listed words and phrases, so they are coarse: “unmarked” holds dialect that no"
                " listed word gives away. A small part says little about the people it stands for.",
            ),
            (area_table("Area under the curve by way of speaking", accuracy.speaking, "Part"),),
            measured,
        ),
        Section(
            "sentiment",
            "After removing sentiment",
            (
                "The score's log-odds are regressed on VADER's sentiment, and what the line does"
                " not explain is measured again. A score that was nothing but mood would fall to"
                " 0.5.",
            ),
            (
                area_table(
                    "Area under the curve after removing sentiment",
                    accuracy.without_sentiment,
                    "Part",
                ),
            ),
            measured,
        ),
        Section(
            "distinct",
            "Three constructs or one",
            (
                "Scores of different constructs should go together about as much as the labels do."
                " Far stronger correlations, of either sign, would mean that they measure one"
                " thing.",
            ),
            (correlation_table(accuracy.correlations),),
            measured,
        ),
        _calibration_section(accuracy.calibrations, measured),
        Section(
            "scrubbing",
            "What scrubbing costs",
            (
                "The same scorer on the text as written and on what scrubbing leaves of it. Below 0"
                " scrubbing costs accuracy. The model learnt from scrubbed text, so the text as"
                " written is at a small disadvantage.",
            ),
            (gain_table("Area on scrubbed text less area on text as written", accuracy.scrubbing),),
            measured,
        ),
    ]


def _best_rivals(accuracy: Accuracy) -> Iterable[str]:
    own = [row for row in accuracy.areas if row.corpus == OWN and row.area.value is not None]
    for row in own:
        if row.scorer != "model":
            continue
        rivals = [one for one in own if one.construct == row.construct and one.scorer != "model"]
        best = max(rivals, key=lambda one: one.area.value or 0, default=None)
        if best is not None:
            yield (
                f"{row.construct.capitalize()} on the project's own held-out messages:"
                f" {estimate(row.area)}; the best simple scorer, {best.scorer}, reaches"
                f" {number(best.area.value)}."
            )


def _calibration_section(rows: Sequence[Calibration], measured: Measured) -> Section:
    return Section(
        "calibration",
        "Calibration",
        (
            "If scores are calibrated, their mean equals the share of messages that show the"
            " construct. How rare a construct is among real messages is not known, so messages are"
            " also weighted to shares of 2, 5 and 10 %. The error is the mean distance of score and"
            " share over ten groups of messages of like scores.",
        ),
        (
            Table(
                "Mean score beside the share that shows the construct",
                ("Corpus", "Construct", "Share", "Weighted", "Mean score", "Calibration error"),
                tuple(
                    (
                        row.corpus,
                        row.construct,
                        number(row.prevalence),
                        "yes" if row.reweighted else "no",
                        number(row.mean_score),
                        number(row.error),
                    )
                    for row in rows
                ),
            ),
            *(
                Table(
                    f"{row.construct.capitalize()}: share by tenth of the scores, messages as they"
                    " are",
                    ("Tenth", "Messages", "Mean score", "Share showing it"),
                    tuple(
                        (str(place), f"{one.messages:,}", number(one.mean_score), number(one.share))
                        for place, one in enumerate(row.bins, start=1)
                    ),
                )
                for row in rows
                if not row.reweighted
            ),
        ),
        measured,
    )


def part_section(part: Part) -> Section:
    """A part that came as flat tables."""
    return Section(
        part.name,
        part.title,
        part.reading,
        tuple(table_of(table) for table in part.tables),
        part.measured,
    )


def survey_section(report: ValidityReport) -> Section:
    """How published values go with pulse surveys."""
    tables = [
        _beside(
            report.convergence,
            "Correlation of regional weekly survey means with published weekly values",
            "Weeks of both",
        )
    ]
    reading = [
        _how_many_shown(report.convergence),
        "Weekly means of a short scale, imported by `tideline survey import`, are compared by"
        f" region with the published weekly values. It takes {FEWEST_WEEKS} weeks of both, in"
        " which both vary.",
    ]
    if report.pulse_fortnights:
        reading += [
            f"Of the pulse that members answer: {_how_many_shown(report.pulse)[0].lower()}"
            f"{_how_many_shown(report.pulse)[1:]}",
            "Its means of a region's fortnight have noise, as published values have, which makes"
            " correlations smaller than they are. They are compared with the mean of both weeks'"
            f" published values. It takes {FEWEST_WEEKS} fortnights of both.",
        ]
        tables.append(
            _beside(
                report.pulse,
                "Correlation of regional means of the pulse with published values",
                "Fortnights of both",
            )
        )
    shown = any(one.shown for one in (*report.convergence, *report.pulse))
    return Section(
        "survey",
        "Beside pulse surveys",
        tuple(reading),
        tuple(one for one in tables if one.rows),
        report.measured if shown else None,
    )


def _how_many_shown(compared: Sequence[Convergence]) -> str:
    shown = sum(one.shown for one in compared)
    return f"{shown} of {len(compared)} comparisons can be shown." if shown else "Not yet shown."


def _beside(compared: Sequence[Convergence], caption: str, of_both: str) -> Table:
    return Table(
        caption,
        ("Region", "Construct", of_both, "Correlation (95 % interval)"),
        tuple(
            (
                one.region,
                one.construct,
                str(one.weeks),
                estimate(Estimate(one.correlation, one.low, one.high), signed=True)
                if one.shown
                else "not yet shown",
            )
            for one in compared
        ),
    )
