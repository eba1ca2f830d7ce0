import numpy as np
import pytest

from assets.core.constructs import CONSTRUCTS
from evaluation.roc_auc import area
from evaluation.validity import baselines
from evaluation.validity.examples import Examples


def examples(*texts: str) -> Examples:
    return Examples("few", list(texts), list(texts), {})


def test_sentiment_has_the_sign_of_the_construct() -> None:
    found = baselines.sentiment(examples("this is horrible", "this is wonderful", "a bus"))
    assert found["burnout"].iloc[0] > found["burnout"].iloc[2] > found["burnout"].iloc[1]
    assert (found["resilience"] == -found["burnout"]).all()
    assert (found["resistance"] == found["burnout"]).all()
    np.testing.assert_array_equal(baselines.compounds(["a bus", ""]), [0, 0])


def test_length_counts_words_as_written() -> None:
    found = baselines.length(Examples("few", ["a b c", ""], ["a", ""], {}))
    assert found.to_numpy().tolist() == [[3, 3, 3], [0, 0, 0]]


def test_nearness_is_the_mean_cosine_to_the_seeds(encoder) -> None:
    from assets.restricted.scoring.seed_model import read_seeds

    texts = ["drained drained", "_ lunch", ""]
    found = baselines.fit_nearness(encoder)(examples(*texts))
    for construct in CONSTRUCTS:
        seeds = encoder.encode([text for own, text in read_seeds() if own == construct])
        vectors = encoder.encode(["drained drained", "lunch", ""])
        np.testing.assert_allclose(found[construct], (vectors @ seeds.T).mean(axis=1))


def test_the_seed_method_scores_every_construct(encoder) -> None:
    found = baselines.fit_seeds(encoder)(examples("drained", "lunch at nine", ""))
    assert list(found.columns) == list(CONSTRUCTS)
    assert ((found >= 0) & (found <= 1)).to_numpy().all()


@pytest.mark.parametrize("fit", [baselines.fit_words, baselines.fit_empath])
def test_what_is_fitted_tells_unseen_messages_apart(fit, made_examples) -> None:
    learnt, unseen = made_examples("learnt", seed=1), made_examples("unseen", seed=2)
    found = fit([learnt])(unseen)
    assert list(found.columns) == list(CONSTRUCTS)
    best = max(area(found[one].to_numpy(), unseen.positive[one]) for one in CONSTRUCTS)
    assert best > 0.8
    np.testing.assert_array_equal(found, fit([learnt])(unseen))


def test_a_construct_that_nothing_was_learnt_of_is_left_out(made_examples) -> None:
    learnt = made_examples("learnt")
    few = Examples(
        "few",
        learnt.raw,
        learnt.scrubbed,
        {
            "burnout": learnt.positive["burnout"],
            # Too few to learn from.
            "resilience": np.arange(len(learnt)) < 3,
        },
    )
    assert list(baselines.fit_words([few])(learnt).columns) == ["burnout"]
