import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.errors import ScrubError
from assets.restricted.scrubbing.name_tagger.corpora import LABELS, from_tagged, read_care_chat
from assets.restricted.scrubbing.name_tagger.layer import KINDS, NameLayer
from assets.restricted.scrubbing.name_tagger.ready_file import build_tagger_file, tagger_module
from assets.restricted.scrubbing.name_tagger.serving import (
    OVERLAP,
    WORDS_AT_ONCE,
    NameTagger,
    load_name_tagger,
    window_starts,
)
from assets.restricted.scrubbing.name_tagger.weights import (
    WEIGHTS_FILE,
    read_weights,
    weights_digest,
)
from assets.restricted.scrubbing.name_tagger.words import tagger_words
from assets.restricted.scrubbing.scrubber import Scrubber
from assets.restricted.scrubbing.words import TokenizedMessage
from resources.models.minilm import model_folder
from resources.models.ready_model import TAGGER_FILE, ready_digest

pytestmark = pytest.mark.slow

O = LABELS.index("O")  # noqa: E741


@pytest.fixture(scope="module")
def tagger():
    return load_name_tagger()


def words_of(text):
    return [word.written for word in tagger_words(text)]


@pytest.fixture(scope="module")
def exact_tagger(tmp_path_factory):
    """The same graph in single precision."""
    file = tmp_path_factory.mktemp("exact") / "name_tagger.onnx"
    digest = build_tagger_file(model_folder(), file=file, eight_bits=False, digests=None)
    return NameTagger(file, sha256=digest)


@pytest.fixture(scope="module")
def flair_tagger():
    from assets.restricted.scrubbing.name_tagger.training import build_tagger

    return build_tagger(model_folder(), WEIGHTS_FILE)


SAMPLE = [one for one in map(from_tagged, read_care_chat()[::16]) if one.words]


def said_by_flair(tagger, messages) -> list[np.ndarray]:
    """For each message the probability of every label for every word, shape (words, labels)."""
    from flair.data import Sentence

    from assets.restricted.scrubbing.name_tagger.training import TAG

    sentences = [Sentence(list(words)) for words in messages]
    tagger.eval()
    tagger.predict(
        sentences, mini_batch_size=32, return_probabilities_for_all_classes=True, verbose=False
    )
    return [
        np.array([[tag.score for tag in token.get_tags_proba_dist(TAG)] for token in sentence])
        for sentence in sentences
    ]


def test_single_precision_serves_what_flair_says(flair_tagger, exact_tagger):
    sample = [one.words for one in SAMPLE[::3]]
    said = np.vstack(said_by_flair(flair_tagger, sample))
    served = np.vstack(exact_tagger.probabilities(sample))
    # A word of very many pieces is shown to the served one by its first four.
    assert np.abs(said - served).max() < 5e-3


@pytest.mark.parametrize("length", [2, 3, 17, 64, 300])
def test_the_graph_is_the_network_that_was_trained(exact_tagger, length):
    import torch

    ids = np.random.default_rng(length).integers(1000, 20_000, (3, length))
    with torch.inference_mode():
        said = tagger_module(model_folder())(torch.tensor(ids), torch.ones(3, length)).softmax(-1)
    asked = [list(range(length)), [length - 1, 0], [1]]
    served = exact_tagger._model.run(ids.tolist(), asked)
    for own, places, seen in zip(said.numpy(), asked, served, strict=True):
        assert np.abs(own[places] - seen).max() < 1e-3


def test_eight_bits_decide_as_single_precision_does(tagger, exact_tagger):
    sample = [one.words for one in SAMPLE]
    exact = np.vstack(exact_tagger.probabilities(sample))
    served = np.vstack(tagger.probabilities(sample))
    assert np.abs(exact - served).mean() < 0.005
    assert ((exact[:, O] < 0.5) == (served[:, O] < 0.5)).mean() > 0.99


def test_the_ready_file_is_built_from_the_committed_weights():
    assert ready_digest(TAGGER_FILE, "weights_sha256") == weights_digest(WEIGHTS_FILE)


@pytest.mark.parametrize(
    ("text", "name", "plain"),
    [
        ("ask sarah if she can cover", "sarah", "cover"),
        ("Oluwaseun is off sick again", "Oluwaseun", "sick"),
        ("can you collect me from norwich", "norwich", "collect"),
        ("i used to work at oakfield lodge", "oakfield", "work"),
    ],
)
def test_plain_names_are_likely_and_the_rest_is_not(tagger, text, name, plain):
    words = words_of(text)
    rows = tagger.probabilities([words])[0]
    assert rows[words.index(name), O] < 0.3
    assert rows[words.index(plain), O] > 0.9
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-4)


@pytest.mark.parametrize("count", [0, 1, 119, 120, 121, 210, 211, 1000])
def test_windows_cover_every_word_and_share_an_edge(count):
    starts = list(window_starts(count))
    covered = {w for s in starts for w in range(s, min(s + WORDS_AT_ONCE, count))}
    assert covered == set(range(count))
    assert all(b - a == WORDS_AT_ONCE - OVERLAP for a, b in itertools.pairwise(starts))


def test_a_long_message_is_read_to_its_end(tagger):
    words = words_of("we were short again and nobody came to help us " * 60 + "ask sarah jones")
    rows = tagger.probabilities([words])[0]
    assert rows.shape == (len(words), len(LABELS))
    assert rows[-1, O] < 0.3
    assert rows[:-2, O].min() > 0.5


def test_empty_and_odd_words_are_read(tagger):
    rows = tagger.probabilities([[], ["\u0e01"], ["😂"], ["a" * 5000]])
    assert [one.shape for one in rows] == [(0, 5), (1, 5), (1, 5), (1, 5)]
    assert all(np.isfinite(one).all() for one in rows)


@pytest.mark.parametrize("every", [1, 2, 7, 10**6])
def test_an_answer_does_not_depend_on_what_else_is_asked(tagger, every):
    own = [words_of(one.text) for one in read_care_chat()[::90]]
    own += [[], words_of("we were short again, ask sarah jones! " * 50)]
    all_of_it = tagger.probabilities(own)
    asked = [list(range(m % 3, len(words), every)) for m, words in enumerate(own)]
    of_some = tagger.probabilities(own, asked)
    assert any(asked)
    for places, whole, some in zip(asked, all_of_it, of_some, strict=True):
        assert some[places].tobytes() == whole[places].tobytes()
        rest = np.delete(some, places, axis=0)
        assert (rest[:, O] > 1).all()
        assert not np.delete(rest, O, axis=1).any()


class AskingAll:
    """Asks about every word, and counts of how many it was asked."""

    def __init__(self, tagger):
        self.tagger = tagger
        self.words = self.asked = 0

    def probabilities(self, messages, asked):
        self.words += sum(map(len, messages))
        self.asked += sum(map(len, asked))
        return self.tagger.probabilities(messages)


SPOKEN = st.lists(
    st.sampled_from(
        ["Maria", "do", "de", "van", "NHS", "nhs", "cqc", "the", "Norfolk", ",", ".", "...", "?!",
         "_", "(", "-", "😂", "i", "Sarah", "so", "tired", "hope", "may", "mrs", "sister", "™",
         "\n", "O'Neil"]
    ),
    min_size=2,
    max_size=12,
).map(" ".join)  # fmt: skip


@settings(max_examples=15, derandomize=True)
@given(st.lists(SPOKEN, min_size=10, max_size=10))
def test_marks_that_no_layer_looks_at_change_nothing(scrubber, texts):
    (names,) = (one for one in scrubber._layers if one.name == "tagger")
    asking = AskingAll(names._tagger)
    whole = NameLayer(asking)
    layers = [whole if one is names else one for one in scrubber._layers]
    told = Scrubber(layers, reader=whole, detector=scrubber._detector)
    assert told.scrub_counted(texts) == scrubber.scrub_counted(texts)
    assert asking.asked <= asking.words


class Saying:
    """Says the same of every word, but for some."""

    def __init__(self, **rows):
        self.rows = rows

    def probabilities(self, messages, asked=None):
        plain = np.array([1, 0, 0, 0, 0], dtype=np.float32)
        return [
            np.array([self.rows.get(w, plain) for w in words], dtype=np.float32).reshape(-1, 5)
            for words in messages
        ]


def test_the_layer_adds_up_kinds_and_tells_the_likeliest():
    rows = {
        "ada": [0.94, 0.01, 0.03, 0.02, 0],
        "mario": [0.1, 0, 0, 0, 0.9],
        "obi": [0.96, 0.02, 0.01, 0.01, 0],
    }
    layer = NameLayer(Saying(**rows), cut=0.05)
    (message,) = layer.read([TokenizedMessage.read("ada, mario obi")])
    assert layer.removes(message) == {0: "place"}
    assert KINDS[1] == "place"


@pytest.mark.parametrize(
    ("text", "removed"),
    [("tell the nhs so", {}), ("tell norfolk nhs so", {1: "organisation", 2: "organisation"})],
)
def test_a_body_that_all_share_stays_where_it_is_no_part_of_a_name(text, removed):
    likely = [0.5, 0, 0, 0.5, 0]
    layer = NameLayer(Saying(nhs=likely, norfolk=likely))
    (message,) = layer.read([TokenizedMessage.read(text)])
    assert layer.removes(message) == removed


def test_a_message_that_was_not_read_is_refused():
    with pytest.raises(ValueError, match="not read"):
        NameLayer(Saying()).removes(TokenizedMessage.read("so tired"))


@pytest.mark.parametrize("content", [b"", b"no weights", WEIGHTS_FILE.read_bytes()[:5000]])
def test_damaged_weights_are_refused(content, tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    with pytest.raises(ScrubError, match=r"^TAGGER_UNREADABLE$"):
        read_weights(path)
    with pytest.raises(ScrubError, match=r"^TAGGER_UNREADABLE$"):
        weights_digest(tmp_path / "none")


def test_weights_of_another_shape_are_refused(tmp_path):
    import torch

    from assets.restricted.scrubbing.name_tagger.weights import write_weights

    path = tmp_path / "weights.safetensors"
    head = {"linear.weight": torch.zeros(3, 384), "linear.bias": torch.zeros(3)}
    write_weights(head, path)
    for build in (build_tagger_file, tagger_module):
        with pytest.raises(ScrubError, match=r"^TAGGER_UNREADABLE$"):
            build(model_folder(), path)


def test_a_tagger_of_fewer_layers_is_served(tmp_path, exact_tagger):
    from assets.restricted.scrubbing.name_tagger.weights import HEAD, LAYERS, write_weights

    weights, file = tmp_path / "weights.safetensors", tmp_path / "name_tagger.onnx"
    one = {
        name: tensor
        for name, tensor in read_weights().items()
        if name.startswith((HEAD, f"{LAYERS}0."))
    }
    write_weights(one, weights)
    digest = build_tagger_file(
        model_folder(), weights, file, eight_bits=False, digests=tmp_path / "digests.json"
    )
    tagger = NameTagger(file, sha256=digest)
    assert weights_digest(weights) in (tmp_path / "digests.json").read_text("utf-8")
    said = tagger.probabilities([["ada", "is", "late"]])[0]
    assert np.abs(said - exact_tagger.probabilities([["ada", "is", "late"]])[0]).max() > 0.001
    import torch

    ids = np.random.default_rng(0).integers(1000, 20_000, (2, 9))
    with torch.inference_mode():
        torch_says = tagger_module(model_folder(), weights)(torch.tensor(ids), torch.ones(2, 9))
    served = np.stack(tagger._model.run(ids.tolist(), [range(9)] * 2))
    assert np.abs(torch_says.softmax(-1).numpy() - served).max() < 1e-3
