import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import calibration_curve

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.corpora import Labelled
from evaluation.roc_auc import area
from evaluation.validity.accuracy import MODEL, WITHIN_FIFTHS, measure_accuracy
from evaluation.validity.baselines import length
from evaluation.validity.calibration import BINS, calibration
from evaluation.validity.examples import Examples, examples_of

OWN = "own, held out"


def mood(texts) -> np.ndarray:
    return np.array([text.lower().split().count("drained") for text in texts], dtype=float)


@pytest.fixture
def measured(made_examples, stand_in):
    own = made_examples()
    other = Examples("other", own.raw, own.scrubbed, {"burnout": own.positive["burnout"]})
    return measure_accuracy(stand_in, [own, other], {"length": length}, mood, own=OWN, draws=50)


def chosen(rows, **wanted):
    return [
        row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())
    ]


def test_every_corpus_and_scorer_has_an_area(measured, made_examples, stand_in) -> None:
    own = made_examples()
    assert [row.corpus for row in measured.corpora] == [OWN, "other"]
    assert len(measured.areas) == 2 * (3 + 1)
    for construct in CONSTRUCTS:
        [row] = chosen(measured.areas, corpus=OWN, construct=construct, scorer=MODEL)
        scores = stand_in(own.scrubbed)[construct].to_numpy()
        assert row.area.value == pytest.approx(area(scores, own.positive[construct]))
        assert row.area.low < row.area.value < row.area.high
        assert (row.messages, row.positive) == (300, int(own.positive[construct].sum()))
        [gain] = chosen(measured.gains, corpus=OWN, construct=construct)
        [rival] = chosen(measured.areas, corpus=OWN, construct=construct, scorer="length")
        assert gain.gain.value == pytest.approx(row.area.value - rival.area.value)
        assert gain.gain.low > 0


def test_fifths_of_length_and_their_mean(measured) -> None:
    rows = chosen(measured.lengths, corpus=OWN, construct="burnout")
    assert [row.messages for row in rows] == [60, 60, 60, 60, 60, 300]
    assert rows[-1].part == WITHIN_FIFTHS
    assert rows[-1].area.value == pytest.approx(np.mean([row.area.value for row in rows[:-1]]))


def test_ways_of_speaking_and_calibration_are_of_the_own_messages(measured) -> None:
    assert {row.corpus for row in (*measured.speaking, *measured.calibrations)} == {OWN}
    [unmarked] = chosen(measured.speaking, construct="burnout", part="unmarked")
    [dialect] = chosen(measured.speaking, construct="burnout", part="dialect")
    assert unmarked.messages == 300
    assert (dialect.messages, dialect.area.value) == (0, None)


def test_a_score_that_is_nothing_but_mood_is_left_at_chance(made_examples) -> None:
    own = made_examples()
    odds = mood(own.raw) * 2 - 1
    score = pd.DataFrame(dict.fromkeys(CONSTRUCTS, 1 / (1 + np.exp(-odds))))
    found = measure_accuracy(lambda _: score, [own], {}, mood, own=OWN, draws=20)
    [before] = chosen(found.areas, construct="burnout")
    [after] = chosen(found.without_sentiment, construct="burnout")
    assert before.area.value > 0.85
    assert after.area.value == 0.5


def test_what_mood_does_not_explain_stays(measured) -> None:
    [row] = chosen(measured.without_sentiment, corpus=OWN, construct="resistance")
    [whole] = chosen(measured.areas, corpus=OWN, construct="resistance", scorer=MODEL)
    assert row.area.value == pytest.approx(whole.area.value, abs=0.05)


def test_scrubbing_is_compared_with_the_text_as_written(measured) -> None:
    # The stand-in knows no capitals, and the text as written is all capitals.
    [row] = chosen(measured.scrubbing, corpus=OWN, construct="burnout")
    assert row.over == "text as written"
    assert row.gain.low > 0.2


def test_correlations_of_scores_stand_beside_those_of_labels(made_examples) -> None:
    own = made_examples()
    random = np.random.default_rng(1).random(300)
    score = pd.DataFrame({"burnout": random, "resilience": random, "resistance": 1 - random})
    found = measure_accuracy(lambda _: score, [own], {}, mood, own=OWN, draws=20).correlations
    pairs = {(row.one, row.other): row for row in found}
    assert len(pairs) == 6
    same, opposite = pairs["burnout", "resilience"], pairs["resilience", "resistance"]
    assert (same.pearson.value, same.spearman) == (pytest.approx(1), pytest.approx(1))
    assert (opposite.pearson.value, opposite.spearman) == (pytest.approx(-1), pytest.approx(-1))
    assert same.of_labels == pytest.approx(
        np.corrcoef(own.positive["burnout"], own.positive["resilience"])[0, 1]
    )
    assert pairs["burnout", "sentiment"].of_labels is None


def test_a_score_that_never_varies_has_no_correlation(made_examples) -> None:
    score = pd.DataFrame(dict.fromkeys(CONSTRUCTS, np.full(300, 0.3)))
    found = measure_accuracy(lambda _: score, [made_examples()], {}, mood, own=OWN, draws=20)
    assert {(row.pearson.value, row.spearman) for row in found.correlations} == {(None, None)}
    assert {row.area.value for row in found.areas} == {0.5}


def test_measuring_again_gives_the_same(measured, made_examples, stand_in) -> None:
    own = made_examples()
    other = Examples("other", own.raw, own.scrubbed, {"burnout": own.positive["burnout"]})
    again = measure_accuracy(stand_in, [own, other], {"length": length}, mood, own=OWN, draws=50)
    assert again == measured


@pytest.mark.parametrize("prevalence", [None, 0.02, 0.3])
def test_a_calibrated_score_is_found_calibrated(prevalence: float | None) -> None:
    random = np.random.default_rng(2)
    truth = random.beta(1, 4, 50_000)
    positive = random.random(50_000) < truth
    base = positive.mean()
    wanted = base if prevalence is None else prevalence
    # What the same scores mean where the construct is rarer or commoner.
    odds = truth / (1 - truth) * (wanted / (1 - wanted)) / (base / (1 - base))
    found = calibration("made", "burnout", odds / (1 + odds), positive, prevalence)
    assert found.prevalence == pytest.approx(wanted)
    assert found.mean_score == pytest.approx(wanted, abs=0.005)
    assert found.error < 0.01
    assert found.reweighted is (prevalence is not None)
    assert [one.messages for one in found.bins] == [5000] * BINS


def test_unweighted_bins_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(7)
    scores = random.permutation(1000) / 1000
    positive = random.random(1000) < scores
    shares, means = calibration_curve(positive, scores, n_bins=BINS, strategy="quantile")
    found = calibration("made", "burnout", scores, positive)
    np.testing.assert_allclose([one.share for one in found.bins], shares)
    np.testing.assert_allclose([one.mean_score for one in found.bins], means)
    assert found.error == pytest.approx(np.abs(shares - means).mean())


def test_a_score_that_is_too_high_is_off_by_as_much() -> None:
    positive = np.arange(1000) % 10 == 0
    found = calibration("made", "burnout", np.full(1000, 0.4), positive)
    assert found.error == pytest.approx(0.3, abs=0.001)
    assert found.mean_score == pytest.approx(0.4)


def test_examples_are_drawn_by_seed_and_scrubbed_once() -> None:
    labelled = Labelled("few", [f"text {n}" for n in range(50)], {"burnout": np.arange(50) % 4})
    calls = []

    def scrub(texts):
        calls.append(len(texts))
        return ["" if text.endswith("7") else text for text in texts]

    first, second = (examples_of(labelled, scrub, most=20) for _ in range(2))
    assert (first.raw, calls) == (second.raw, [20, 20])
    rows = [int(text.split()[1]) for text in first.raw]
    assert rows == sorted(set(rows))
    np.testing.assert_array_equal(first.positive["burnout"], np.array(rows) % 4 >= 1)
    whole = examples_of(labelled, scrub)
    assert (len(whole), whole.emptied) == (50, 5)
    assert "text" not in repr(whole)
