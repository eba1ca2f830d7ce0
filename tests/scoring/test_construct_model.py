import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy.special import expit

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import SetupError, StorageError
from assets.restricted.scoring import score_texts
from assets.restricted.scoring.construct_model.corpora import (
    HELD_OUT,
    LEARNT,
    read_own,
    read_public,
)
from assets.restricted.scoring.construct_model.model import (
    COUNTS,
    KINDS,
    LEAN_TO_COMMENTS,
    LINES,
    MODEL_FILE,
    Level,
    load_construct_model,
    mixed,
    read_model,
    write_model,
)
from assets.restricted.scoring.construct_model.training import ABOVE, level_of
from assets.restricted.scoring.person_days import DayCurve
from resources.models import narrow_encoder
from resources.models.encoder_file import build_encoder, encoder_module
from resources.models.minilm import WEIGHTS_SHA256, model_folder
from resources.models.narrow_encoder import read_narrowing
from resources.models.ready_model import ENCODER_FILE, ready_digest
from resources.models.sentence_encoder import WIDTH, SentenceEncoder, load_encoder

LEVELS = {c: Level(0.5 * place, 3.0, 0.2 + place / 10) for place, c in enumerate(CONSTRUCTS)}

CURVES = {
    c: DayCurve(tuple(0.5 - count / 100 + place / 8 for count in range(COUNTS)), 12.0)
    for place, c in enumerate(CONSTRUCTS)
}


def stored(*values: float) -> np.ndarray:
    """A stored vector of a reach of 10 with the first lines' values, and nothing of the others."""
    told = np.zeros(LINES + 1, dtype=np.float32)
    told[: len(values)] = np.array(values) / 10
    told[-1] = np.sqrt(1 - (told**2).sum())
    return told


def test_written_models_read_back_and_score(tmp_path):
    path = tmp_path / "model.safetensors"
    version = write_model(LEVELS, CURVES, reach=10.0, path=path)
    model = read_model(path)
    assert model.version == version
    assert len(version) <= 40
    # Each kind of talk is as likely as the others here but for the lean, so nearly half counts.
    share = {c: 1 / (2 + np.exp(LEAN_TO_COMMENTS[c])) for c in CONSTRUCTS}
    scores = model.score(np.stack([stored(3, 0, -3), stored(0, 6, 0)]))
    assert scores["burnout"] == pytest.approx([expit(3 * 3 * share["burnout"]), 0.5])
    assert scores["resilience"][1] == pytest.approx(expit(3 * (6 * share["resilience"] - 0.5)))
    assert scores["resistance"][0] == pytest.approx(expit(-3 * (3 * share["resistance"] + 1)))
    assert [len(own) for own in model.score(np.empty((0, LINES + 1))).values()] == [0, 0, 0]
    assert model.curves["burnout"].at == pytest.approx(CURVES["burnout"].at)
    assert model.curves["resistance"].score(np.array([0.75]), np.array([1])) == [0.5]
    assert model.base_rate == pytest.approx({c: LEVELS[c].base for c in CONSTRUCTS})


def test_a_message_is_scored_by_the_lines_of_its_own_kind_of_talk():
    many = len(CONSTRUCTS)
    values = np.zeros((3, LINES))
    for kind in range(KINDS):
        values[:, kind * many : (kind + 1) * many] = kind + 1
    values[1, -2:] = [30, 0]
    values[2, -2:] = [0, 30]
    values[0, -2:] = -30
    assert mixed(values) == pytest.approx(np.repeat([[1.0], [2.0], [3.0]], many, axis=1))
    alone = np.vstack([mixed(row[None]) for row in values])
    assert (alone == mixed(values)).all()


def test_vectors_of_another_encoder_are_refused():
    with pytest.raises(StorageError, match=r"^VECTORS_NOT_AS_AGREED$"):
        load_construct_model().score(np.zeros((3, 384), dtype=np.float32))


@pytest.mark.parametrize("content", [b"", b"no model", MODEL_FILE.read_bytes()[:200]])
def test_a_damaged_file_is_refused(content, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(SetupError, match=r"^CONSTRUCT_MODEL_UNREADABLE$"):
        read_model(path)
    with pytest.raises(SetupError, match=r"^CONSTRUCT_MODEL_UNREADABLE$"):
        read_model(tmp_path / "none")


def test_numbers_that_are_none_or_not_all_there_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"burnout": np.zeros(3, dtype=np.float32)}, path)
    with pytest.raises(SetupError, match=r"^CONSTRUCT_MODEL_UNREADABLE$"):
        read_model(path)
    with pytest.raises(SetupError, match=r"^CONSTRUCT_MODEL_UNREADABLE$"):
        write_model(LEVELS, CURVES, reach=float("nan"), path=path)


def test_the_level_is_where_few_that_show_nothing_are_above():
    chance = np.random.default_rng(3)
    shows = chance.random(8000) < 0.3
    values = chance.normal(size=8000) + 2 * shows
    level = level_of(values, shows)
    scores = level.score(values)
    assert (scores[~shows] > 0.5).mean() == pytest.approx(ABOVE, abs=0.001)
    assert (np.diff(scores[np.argsort(values)]) >= 0).all()
    # Nearly what the best cut tells apart, 0.68.
    assert scores[shows].mean() - scores[~shows].mean() == pytest.approx(0.65, abs=0.05)
    assert (scores[~shows] < level.base).mean() == pytest.approx(0.05, abs=0.001)


@pytest.fixture
def corpora(tmp_path):
    rows = "\n".join(f'"text {i}",{{}}' for i in range(200))
    for name, header, label in (
        ("goemotions", "text,labels", "pride sadness"),
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


@pytest.fixture(scope="module")
def exact_encoder(tmp_path_factory):
    """The same graph in single precision."""
    file = tmp_path_factory.mktemp("exact") / "sentence_encoder.onnx"
    digest = build_encoder(model_folder(), file, eight_bits=False, digests=None)
    return SentenceEncoder(file, sha256=digest)


@pytest.mark.slow
@pytest.mark.parametrize("length", [2, 3, 17, 64])
def test_the_graph_is_the_published_network(exact_encoder, length):
    import torch

    ids = np.random.default_rng(length).integers(1000, 20_000, (3, length))
    with torch.inference_mode():
        said = encoder_module(model_folder())(torch.tensor(ids), torch.ones(3, length))
    assert np.abs(said.numpy() - np.stack(exact_encoder._model.run(ids.tolist()))).max() < 1e-5


@pytest.mark.slow
def test_eight_bits_say_nearly_what_single_precision_says(exact_encoder):
    texts = read_own(HELD_OUT).texts[:200]
    exact = exact_encoder.encode(texts)
    served = load_encoder().encode(texts)
    cosine = (exact * served).sum(axis=1)
    assert served.shape == (200, WIDTH)
    assert cosine.mean() >= 0.995
    assert np.percentile(cosine, 1) >= 0.99


def test_the_ready_file_is_built_from_the_published_weights():
    assert ready_digest(ENCODER_FILE, "weights_sha256") == WEIGHTS_SHA256


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
    assert narrow_encoder.WIDTH == LINES + 1
    assert read_narrowing().reach == pytest.approx(load_construct_model().reach)
