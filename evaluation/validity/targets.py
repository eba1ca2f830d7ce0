"""What the scores were to reach, and whether they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assets.core.constructs import CONSTRUCTS
from evaluation.roc_auc import Estimate
from evaluation.validity.accuracy import WITHIN_FIFTHS, Accuracy

OWN = "own, held out"
Outcome = Literal["reached", "reached, but not surely", "missed", "not measured"]


@dataclass(frozen=True)
class Bar:
    """An aim.

    Attributes:
        corpus: to measure on.
        construct: burnout, resilience or resistance.
        measure: `area`, `within fifths`, `gain over NAME` or `loss by scrubbing`.
        bound: the value.
        at_most: whether the value must stay below it.
    """

    corpus: str
    construct: str
    measure: str
    bound: float
    at_most: bool = False


@dataclass(frozen=True)
class BarResult:
    """An aim and what was found. `reached, but not surely`: the interval passes the bound."""

    bar: Bar
    found: Estimate
    outcome: Outcome


BARS = (
    *(Bar(OWN, c, "area", 0.85) for c in CONSTRUCTS),
    *(Bar(OWN, c, "within fifths", 0.80) for c in CONSTRUCTS),
    *(Bar(OWN, c, "gain over seeds", 0.0) for c in CONSTRUCTS),
    Bar("goemotions", "burnout", "area", 0.78),
    Bar("goemotions", "resilience", "area", 0.86),
    Bar("hopeedi", "resilience", "area", 0.80),
    Bar("collective action", "resistance", "area", 0.64),
    Bar("collective action, acts", "resistance", "area", 0.74),
    Bar("goemotions anger", "resistance", "area", 0.65, at_most=True),
    Bar("goemotions", "burnout", "loss by scrubbing", 0.03, at_most=True),
    Bar("goemotions", "resilience", "loss by scrubbing", 0.03, at_most=True),
    Bar("hopeedi", "resilience", "loss by scrubbing", 0.03, at_most=True),
)


def bar_results(accuracy: Accuracy, bars: Sequence[Bar] = BARS) -> list[BarResult]:
    """Each aim with what was found, in order."""
    return [_result(bar, _found(bar, accuracy)) for bar in bars]


def _found(bar: Bar, accuracy: Accuracy) -> Estimate | None:
    own = (bar.corpus, bar.construct)
    if bar.measure == "area":
        found = [
            row.area
            for row in accuracy.areas
            if (row.corpus, row.construct, row.scorer) == (*own, "model")
        ]
    elif bar.measure == "within fifths":
        found = [
            row.area
            for row in accuracy.lengths
            if (row.corpus, row.construct, row.part) == (*own, WITHIN_FIFTHS)
        ]
    elif bar.measure == "loss by scrubbing":
        found = [
            _turned(row.gain) for row in accuracy.scrubbing if (row.corpus, row.construct) == own
        ]
    else:
        rival = bar.measure.removeprefix("gain over ")
        found = [
            row.gain
            for row in accuracy.gains
            if (row.corpus, row.construct, row.over) == (*own, rival)
        ]
    return found[0] if found else None


def _turned(gain: Estimate) -> Estimate:
    if gain.value is None or gain.low is None or gain.high is None:
        return gain
    return Estimate(-gain.value, -gain.high, -gain.low)


def _result(bar: Bar, found: Estimate | None) -> BarResult:
    if found is None or found.value is None or found.low is None or found.high is None:
        return BarResult(bar, Estimate(None, None, None), "not measured")
    if bar.at_most:
        reached, surely = found.value <= bar.bound, found.high <= bar.bound
    else:
        reached, surely = found.value >= bar.bound, found.low >= bar.bound
    outcome: Outcome = "missed"
    if reached:
        outcome = "reached" if surely else "reached, but not surely"
    return BarResult(bar, found, outcome)
