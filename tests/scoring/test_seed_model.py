import numpy as np
import pytest

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring import score_texts
from assets.restricted.scoring.construct_model.model import load_construct_model
from assets.restricted.scoring.seed_model import fit_seed_model, read_seeds
from assets.restricted.scrubbing.words_to_embed import words_to_embed
from resources.models.sentence_encoder import load_encoder


@pytest.mark.parametrize(
    ("scrubbed", "words"),
    [("so tired _ today", "so tired today"), ("_", ""), ("", ""), ("a _ _ b", "a b")],
)
def test_placeholders_are_not_embedded(scrubbed: str, words: str) -> None:
    assert words_to_embed(scrubbed) == words


def test_seeds_are_distinct_and_of_every_construct() -> None:
    seeds = read_seeds()
    assert {construct for construct, _ in seeds} == {*CONSTRUCTS, "none"}
    assert len({text for _, text in seeds}) == len(seeds)
    assert all(text.strip() == text and text for _, text in seeds)


@pytest.mark.slow
def test_scores_are_in_range_in_order_and_whole() -> None:
    texts = [
        "we are worn out and can not go on",
        "",
        "_",
        "the bus was on time",
        "we are worn out and can not go on",
    ]
    scores = score_texts(texts)
    assert list(scores.columns) == list(CONSTRUCTS)
    assert len(scores) == len(texts)
    assert not scores.isna().to_numpy().any()
    assert ((scores >= 0) & (scores <= 1)).to_numpy().all()
    base = load_construct_model().base_rate
    for row in (1, 2):
        assert scores.iloc[row].to_dict() == base
    np.testing.assert_allclose(scores.iloc[0], scores.iloc[4], atol=1e-6)
    assert score_texts([]).empty


@pytest.mark.slow
def test_fitting_again_gives_the_same_model() -> None:
    again = fit_seed_model(load_encoder())
    model = fit_seed_model(load_encoder())
    assert again.version == model.version
    assert len(model.version) <= 40
    vectors = load_encoder().encode(["nobody listens to us", "what a good team"])
    for construct in CONSTRUCTS:
        np.testing.assert_array_equal(
            again.score(vectors)[construct], model.score(vectors)[construct]
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("construct", "text"),
    [
        ("burnout", "i am exhausted and have nothing left to give after this week"),
        ("resilience", "it was hard but we got through it together and i feel stronger"),
        ("resistance", "we should refuse this new rota and tell them no"),
    ],
)
def test_each_construct_scores_its_own_highest(construct: str, text: str) -> None:
    scores = score_texts([text, "the kettle is by the door in the kitchen"])
    assert scores[construct].iloc[0] == scores.iloc[0].max()
    assert scores[construct].iloc[0] > scores[construct].iloc[1]
