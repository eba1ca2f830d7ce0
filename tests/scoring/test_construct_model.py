import numpy as np
import pytest
from safetensors.numpy import save_file

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import SetupError, StorageError
from assets.restricted.scoring import score_texts
from assets.restricted.scoring.construct_model.corpora import (
    HELD_OUT,
    LEARNT,
    PUBLIC_WEIGHT,
    Labelled,
    read_own,
    read_public,
)
from assets.restricted.scoring.construct_model.model import (
    MODEL_FILE,
    PREVALENCE,
    load_construct_model,
    read_model,
    write_model,
)
from assets.restricted.scoring.construct_model.training import (
    Taught,
    fit_calibrated,
    lesson,
)
from resources.models.sentence_encoder import WIDTH, SentenceEncoder, load_encoder, model_folder

WEIGHTS = {c: np.arange(4) * (i - 1) for i, c in enumerate(CONSTRUCTS)}
BIAS = dict.fromkeys(CONSTRUCTS, 0.5)


def test_written_models_read_back_and_score(tmp_path):
    path = tmp_path / "model.safetensors"
    version = write_model(WEIGHTS, BIAS, path)
    model = read_model(path)
    assert model.version == version
    assert len(version) <= 40
    scores = model.score(np.array([[0, 1, 0, 0], [0, 0, 0, 1e6]], dtype=np.float32))
    assert scores["burnout"][0] == pytest.approx(1 / (1 + np.exp(1 - 0.5)))
    assert all(((own >= 0) & (own <= 1)).all() for own in scores.values())
    assert [len(own) for own in model.score(np.empty((0, 4))).values()] == [0, 0, 0]
    assert model.base_rate == dict.fromkeys(CONSTRUCTS, PREVALENCE)


def test_vectors_of_another_encoder_are_refused():
    with pytest.raises(StorageError, match=r"^VECTORS_NOT_AS_AGREED$"):
        load_construct_model().score(np.zeros((3, 384), dtype=np.float32))


@pytest.mark.parametrize("content", [b"", b"no model", MODEL_FILE.read_bytes()[:2000]])
def test_a_damaged_file_is_refused(content, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(SetupError, match=r"^CONSTRUCT_MODEL_UNREADABLE$"):
        read_model(path)
    with pytest.raises(SetupError, match=r"^CONSTRUCT_MODEL_UNREADABLE$"):
        read_model(tmp_path / "none")


def test_weights_that_are_no_numbers_or_not_all_there_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"burnout.weights": np.zeros(4, dtype=np.float32)}, path)
    with pytest.raises(SetupError, match=r"^CONSTRUCT_MODEL_UNREADABLE$"):
        read_model(path)
    with pytest.raises(SetupError, match=r"^CONSTRUCT_MODEL_UNREADABLE$"):
        write_model(WEIGHTS, {**BIAS, "burnout": float("nan")}, path)


def test_the_level_is_set_to_the_assumed_prevalence():
    chance = np.random.default_rng(3)
    shows = chance.random(4000) < 0.3
    vectors = chance.normal(size=(4000, 6)) + shows[:, None] * np.array([1.5, 0, 0, 0, 0, 0])
    weights, bias = fit_calibrated(Taught(vectors, shows, np.ones(4000), own=3000))
    # Drawn anew at the assumed prevalence, the mean score is the share that shows the construct.
    shows = chance.random(20_000) < PREVALENCE
    drawn = chance.normal(size=(20_000, 6)) + shows[:, None] * np.array([1.5, 0, 0, 0, 0, 0])
    scores = 1 / (1 + np.exp(-(drawn @ weights + bias)))
    assert scores.mean() == pytest.approx(PREVALENCE, abs=0.01)
    top = scores > 0.5
    assert shows[top].mean() == pytest.approx(scores[top].mean(), abs=0.06)


def test_each_source_weighs_what_it_should_and_anger_is_no_resistance():
    flags = np.array([0, 1, 2, 3] * 5)
    sources = {
        "own, learnt": Labelled("own", [""] * 20, dict.fromkeys(CONSTRUCTS, flags)),
        "collective action": Labelled("c", [""] * 10, {"resistance": np.array([0, 1] * 5)}),
        "goemotions anger": Labelled("a", [""] * 10, {"resistance": np.array([0, 1] * 5)}),
    }
    vectors = {
        name: np.full((len(one.texts), 2), i) for i, (name, one) in enumerate(sources.items())
    }
    vectors["seeds"] = np.full((4, 2), 9)
    taught = lesson("resistance", sources, vectors, ["resistance", "none", "burnout", "none"])
    angry = taught.vectors[:, 0] == 2
    assert angry.sum() == 5
    assert not taught.shows[angry].any()
    own = taught.weight[:20].sum()
    assert taught.weight[20:30].sum() == pytest.approx(20 * PUBLIC_WEIGHT["resistance"])
    assert 0.8 * 20 < own < 1.2 * 20
    assert taught.weight[angry].sum() < own / 4


@pytest.fixture
def corpora(tmp_path):
    rows = "\n".join(f'"text {i}",{{}}' for i in range(200))
    for name, header, label in (
        ("goemotions", "text,labels", "pride,sadness"),
        ("hopeedi_english", "text,label", "Hope_speech"),
        ("collective_action", "text,label", "Call-to-action"),
    ):
        path = tmp_path / "constructs" / name / "train.csv"
        path.parent.mkdir(parents=True)
        quoted = f'"{label}"'
        path.write_text(f"{header}\n{rows.replace('{}', quoted)}\n", encoding="utf-8")
    return tmp_path


def test_a_fifth_of_the_public_texts_is_never_learnt(corpora):
    learnt, unseen = read_public(corpora)
    assert [one.name for one in learnt] == [one.name for one in unseen]
    for known, kept in zip(learnt, unseen, strict=True):
        assert not set(known.texts) & set(kept.texts)
        assert 0.1 < len(kept.texts) / 200 < 0.3
    assert learnt[0].levels["burnout"].all()
    assert not learnt[1].levels["resistance"].any()


def test_own_messages_are_as_the_data_card_says():
    learnt, held_out = read_own(LEARNT), read_own(HELD_OUT)
    assert len(learnt.texts) >= 2400
    assert len(held_out.texts) >= 500
    assert not {t.casefold() for t in learnt.texts} & {t.casefold() for t in held_out.texts}
    for one in (learnt, held_out):
        nothing = np.all([level == 0 for level in one.levels.values()], axis=0)
        assert nothing.mean() >= 0.5
        short = np.array([len(text.split()) < 10 for text in one.texts])
        assert abs(short[nothing].mean() - short[~nothing].mean()) < 0.06
        assert all(set(level) == {0, 1, 2, 3} for level in one.levels.values())
        assert not any(character.isdigit() for text in one.texts for character in text)


@pytest.mark.slow
def test_eight_bits_say_nearly_what_single_precision_says():
    texts = read_own(HELD_OUT).texts[:200]
    exact = SentenceEncoder(model_folder(), quantise=False).encode(texts)
    served = load_encoder().encode(texts)
    cosine = (exact * served).sum(axis=1)
    assert served.shape == (200, WIDTH)
    assert cosine.mean() >= 0.98
    assert np.percentile(cosine, 1) >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_the_held_out_messages_are_told_apart(construct, held_out_scores):
    from sklearn.metrics import roc_auc_score

    labelled, scores = held_out_scores
    assert roc_auc_score(labelled.levels[construct] > 0, scores[construct]) >= 0.85


@pytest.fixture(scope="module")
def held_out_scores():
    from assets.restricted.scrubbing import Scrubber

    labelled = read_own(HELD_OUT)
    return labelled, score_texts(Scrubber.load().scrub(labelled.texts))


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "_", "tired", "we " * 10_000, "so tired _ . ! ?"])
def test_odd_messages_are_scored(text):
    scores = score_texts([text])
    assert scores.shape == (1, 3)
    assert not scores.isna().to_numpy().any()


def test_the_committed_model_is_the_one_in_use():
    assert load_construct_model().version == read_model(MODEL_FILE).version
    assert load_construct_model().weights["burnout"].shape == (WIDTH,)
