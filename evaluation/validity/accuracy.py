"""Accuracy of a scorer against labels, and what else could explain it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assets.core.constructs import CONSTRUCTS
from evaluation.roc_auc import (
    DRAWS,
    NONE,
    SEED,
    Estimate,
    area_estimate,
    enough,
    gain_estimate,
    mean_estimate,
)
from evaluation.validity.calibration import Calibration, calibration
from evaluation.validity.examples import Examples, Score
from evaluation.validity.slices import length_fifths, ways_of_speaking

if TYPE_CHECKING:
    from evaluation.validity.baselines import Baseline

MODEL = "model"
WITHIN_FIFTHS = "mean within fifths"
PREVALENCES = (0.02, 0.05, 0.10)
_EDGE = 1e-4


@dataclass(frozen=True)
class AreaRow:
    """The area under the curve of one scorer on one part of a corpus.

    Attributes:
        corpus: measured on.
        construct: burnout, resilience or resistance.
        scorer: `model` or a baseline.
        part: which messages, or in which form; `all` for every one, scrubbed.
        area: with its interval; None where the part has under 5 messages of either kind.
        messages: in the part.
        positive: of them, showing the construct.
    """

    corpus: str
    construct: str
    scorer: str
    part: str
    area: Estimate
    messages: int
    positive: int


@dataclass(frozen=True)
class GainRow:
    """How much more area one has than another, on the same messages and draws.

    Attributes:
        corpus: measured on.
        construct: burnout, resilience or resistance.
        over: what the gain is over: a baseline; for scrubbing, the text as written.
        gain: difference of areas with its interval; above 0 is better.
    """

    corpus: str
    construct: str
    over: str
    gain: Estimate


@dataclass(frozen=True)
class CorrelationRow:
    """Correlation of two scores over the messages of a corpus.

    Attributes:
        corpus: measured on.
        one: a construct.
        other: a construct, or `sentiment`.
        pearson: in [-1, 1], with its interval.
        spearman: of ranks.
        of_labels: correlation of the labels themselves; None where the corpus lacks one.
    """

    corpus: str
    one: str
    other: str
    pearson: Estimate
    spearman: float | None
    of_labels: float | None


@dataclass(frozen=True)
class CorpusRow:
    """What a corpus has.

    Attributes:
        corpus: its name.
        messages: measured on.
        emptied: of them, left without a word by scrubbing and scored at the base rate.
        positive: messages that show each construct it has labels for.
    """

    corpus: str
    messages: int
    emptied: int
    positive: Mapping[str, int]


@dataclass(frozen=True)
class Accuracy:
    """Everything measured against labels; see `measure_accuracy`."""

    draws: int
    corpora: tuple[CorpusRow, ...]
    areas: tuple[AreaRow, ...]
    gains: tuple[GainRow, ...]
    lengths: tuple[AreaRow, ...]
    speaking: tuple[AreaRow, ...]
    without_sentiment: tuple[AreaRow, ...]
    scrubbing: tuple[GainRow, ...]
    correlations: tuple[CorrelationRow, ...]
    calibrations: tuple[Calibration, ...]


def measure_accuracy(
    score: Score,
    corpora: Sequence[Examples],
    baselines: "Mapping[str, Baseline]",
    sentiment: Callable[[Sequence[str]], np.ndarray],
    *,
    own: str,
    draws: int = DRAWS,
) -> Accuracy:
    """Measure a scorer.

    Args:
        score: the scorer.
        corpora: that it has not learnt from.
        baselines: by name, to compare with on the same scrubbed or raw messages.
        sentiment: texts as written to numbers, as `baselines.compounds`.
        own: name of the corpus of the project's own messages, on which calibration and ways of
            speaking are measured.
        draws: bootstrap draws.
    """
    measured = [_Measured(score, one, sentiment, draws) for one in corpora]
    rows: dict[str, list] = {name: [] for name in Accuracy.__dataclass_fields__ if name != "draws"}
    for one in measured:
        rows["corpora"].append(one.corpus_row())
        rivals = {name: baseline(one.examples) for name, baseline in baselines.items()}
        for construct in one.constructs:
            rows["areas"].append(one.row(construct))
            for name, table in rivals.items():
                if construct in table:
                    rival = table[construct].to_numpy()
                    rows["areas"].append(one.row(construct, rival, scorer=name))
                    rows["gains"].append(one.gain(construct, name, rival))
            rows["lengths"] += one.lengths(construct)
            rows["without_sentiment"].append(one.without_sentiment(construct))
            rows["scrubbing"].append(one.gain(construct, "text as written", one.unscrubbed))
            if one.examples.name == own:
                rows["speaking"] += one.speaking(construct)
                rows["calibrations"] += one.calibrations(construct)
        rows["correlations"] += one.correlations()
    return Accuracy(draws, **{name: tuple(found) for name, found in rows.items()})


class _Measured:
    """A corpus with its scores."""

    def __init__(
        self,
        score: Score,
        examples: Examples,
        sentiment: Callable[[Sequence[str]], np.ndarray],
        draws: int,
    ) -> None:
        self.examples = examples
        self.constructs = [one for one in CONSTRUCTS if one in examples.positive]
        self._draws = draws
        self._scores = score(examples.scrubbed)
        self.unscrubbed = score(examples.raw)
        self._sentiment = np.asarray(sentiment(examples.raw), dtype=float)

    def corpus_row(self) -> CorpusRow:
        positive = {one: int(self.examples.positive[one].sum()) for one in self.constructs}
        return CorpusRow(self.examples.name, len(self.examples), self.examples.emptied, positive)

    def row(
        self,
        construct: str,
        scores: np.ndarray | None = None,
        *,
        scorer: str = MODEL,
        part: str = "all",
    ) -> AreaRow:
        own = self._scores[construct].to_numpy() if scores is None else scores
        positive = self.examples.positive[construct]
        found = area_estimate(own, positive, draws=self._draws)
        return self._as_row(construct, scorer, part, found, positive)

    def _as_row(
        self, construct: str, scorer: str, part: str, found: Estimate, positive: np.ndarray
    ) -> AreaRow:
        return AreaRow(
            self.examples.name,
            construct,
            scorer,
            part,
            found,
            len(positive),
            int(np.count_nonzero(positive)),
        )

    def gain(self, construct: str, over: str, rival: np.ndarray | pd.DataFrame) -> GainRow:
        other = rival[construct].to_numpy() if isinstance(rival, pd.DataFrame) else rival
        own = self._scores[construct].to_numpy()
        positive = self.examples.positive[construct]
        found = gain_estimate(own, other, positive, draws=self._draws)
        return GainRow(self.examples.name, construct, over, found)

    def lengths(self, construct: str) -> Iterator[AreaRow]:
        scores, positive = self._scores[construct].to_numpy(), self.examples.positive[construct]
        fifths = length_fifths(self.examples.raw)
        for number, (name, part) in enumerate(fifths, start=1):
            yield self._part(construct, f"fifth {number}: {name}", part)
        found = mean_estimate(scores, positive, [part for _, part in fifths], draws=self._draws)
        yield self._as_row(construct, MODEL, WITHIN_FIFTHS, found, positive)

    def speaking(self, construct: str) -> Iterator[AreaRow]:
        for name, chosen in ways_of_speaking(self.examples.raw).items():
            yield self._part(construct, name, np.flatnonzero(chosen))

    def _part(self, construct: str, name: str, part: np.ndarray) -> AreaRow:
        positive = self.examples.positive[construct][part]
        scores = self._scores[construct].to_numpy()[part]
        found = area_estimate(scores, positive, draws=self._draws)
        return self._as_row(construct, MODEL, name, found, positive)

    def without_sentiment(self, construct: str) -> AreaRow:
        """The area of what is left of the score's log-odds after regression on sentiment."""
        clipped = np.clip(self._scores[construct].to_numpy(), _EDGE, 1 - _EDGE)
        # The log-odds, by a name that is no logarithm's: arctanh(2p - 1) is half of them.
        odds = 2 * np.arctanh(2 * clipped - 1)
        design = np.column_stack([np.ones(len(odds)), self._sentiment])
        fitted = design @ np.linalg.lstsq(design, odds, rcond=None)[0]
        # Rounded, so that what the line explains wholly is left as ties and not as noise.
        return self.row(construct, np.round(odds - fitted, 9), part="after removing sentiment")

    def correlations(self) -> Iterator[CorrelationRow]:
        from scipy.stats import pearsonr, spearmanr  # noqa: PLC0415  (every process of Dagster's loads this module, few need SciPy)

        columns = {one: self._scores[one].to_numpy() for one in CONSTRUCTS}
        columns["sentiment"] = self._sentiment
        for one, other in combinations(columns, 2):
            first, second = (self.examples.positive.get(each) for each in (one, other))
            yield CorrelationRow(
                self.examples.name,
                one,
                other,
                self._pearson(columns[one], columns[other]),
                _correlation(spearmanr, columns[one], columns[other]),
                None if first is None or second is None else _correlation(pearsonr, first, second),
            )

    def _pearson(self, one: np.ndarray, other: np.ndarray) -> Estimate:
        from scipy.stats import BootstrapMethod, pearsonr  # noqa: PLC0415  (every process of Dagster's loads this module, few need SciPy)

        value = _correlation(pearsonr, one, other)
        if value is None:
            return NONE
        drawn = BootstrapMethod(n_resamples=self._draws, batch=50, method="percentile", rng=SEED)
        interval = pearsonr(one, other).confidence_interval(method=drawn)
        return Estimate(value, float(interval.low), float(interval.high))

    def calibrations(self, construct: str) -> Iterator[Calibration]:
        scores, positive = self._scores[construct].to_numpy(), self.examples.positive[construct]
        if enough(positive):
            for prevalence in (None, *PREVALENCES):
                yield calibration(self.examples.name, construct, scores, positive, prevalence)


def _correlation(by: Callable[..., Any], one: np.ndarray, other: np.ndarray) -> float | None:
    """A correlation by a function of SciPy; None where either does not vary."""
    if not np.ptp(one.astype(float)) * np.ptp(other.astype(float)) > 0:
        return None
    return float(by(one, other).statistic)
