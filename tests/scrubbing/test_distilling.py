import random

import numpy as np
import pytest

from assets.restricted.scrubbing.name_tagger.corpora import LABELS, from_tagged, read_care_chat
from assets.restricted.scrubbing.name_tagger.distilling import (
    Distillation,
    distil,
    shown_by_teacher,
)
from assets.restricted.scrubbing.name_tagger.ready_file import build_tagger_file
from assets.restricted.scrubbing.name_tagger.serving import NameTagger
from assets.restricted.scrubbing.name_tagger.substitution import NamesByOrigin
from assets.restricted.scrubbing.name_tagger.unlabelled import with_names
from assets.restricted.scrubbing.name_tagger.weights import (
    WEIGHTS_FILE,
    layers_of,
    read_weights,
    write_weights,
)
from resources.models.minilm import model_folder

NAMES = NamesByOrigin(read_care_chat()[:50])
MESSAGES = [
    (one.words, one.labels) for one in map(from_tagged, read_care_chat()[:300:6]) if one.words
]


def test_a_name_is_put_into_some_texts_and_nothing_else_changes():
    text = "so tired of this rota"
    filled = with_names([text] * 200, NAMES, random.Random(1))
    plain = tuple(text.split())
    grown = [words for words in filled if words != plain]
    assert 60 < len(grown) < 140
    for words in grown:
        rest = list(words)
        own = [rest.pop(rest.index(word)) for word in plain]
        assert tuple(own) == plain
        assert rest
        assert all(word.islower() or not word.isalpha() for word in rest)
    assert len({words for words in grown if words[0] != "so"}) > 10
    assert len({words for words in grown if words[-1] != "rota"}) > 10
    assert filled == with_names([text] * 200, NAMES, random.Random(1))


def test_a_mask_gives_way_to_a_name():
    for words in with_names(["thank you [NAME] , [RELIGION] or not"] * 30, NAMES, random.Random(2)):
        assert words[:2] == ("thank", "you")
        assert "NAME" not in words
        assert "[" not in words
        assert words[-4:] == (",", "christian", "or", "not")


@pytest.mark.parametrize(
    ("names", "layers"),
    [
        (["encoder.layer.2.a", "encoder.layer.5.b", "linear.weight"], 6),
        (["encoder.layer.0.a", "encoder.layer.1.b"], 2),
        (["linear.weight"], 0),
    ],
)
def test_the_weights_say_how_many_layers_there_are(names, layers):
    assert layers_of(names) == layers


@pytest.fixture(scope="module")
def single_precision(tmp_path_factory):
    """The tagger of some weights without rounding."""

    def serve(weights):
        file = tmp_path_factory.mktemp("served") / "single.onnx"
        digest = build_tagger_file(model_folder(), weights, file, eight_bits=False, digests=None)
        return NameTagger(file, sha256=digest)

    return serve


@pytest.fixture(scope="module")
def as_served(single_precision):
    return single_precision(WEIGHTS_FILE)


@pytest.fixture(scope="module")
def as_shown():
    """What the teacher shows of the messages, and of one that nobody labelled."""
    return shown_by_teacher([*MESSAGES, (("so", "tired"), None)], model_folder(), WEIGHTS_FILE)


@pytest.mark.slow
def test_what_is_shown_is_what_the_tagger_serves_in_single_precision(as_served, as_shown):
    served = as_served.probabilities([words for words, _ in MESSAGES])
    for one, row, (_, labels) in zip(as_shown[:-1], served, MESSAGES, strict=True):
        raised = np.exp(one.logits.astype(np.float64))
        assert np.abs(raised / raised.sum(axis=1, keepdims=True) - row).max() < 5e-3
        assert [LABELS[label] for label in one.labels] == list(labels)
    assert set(as_shown[-1].labels) == {-1}


@pytest.mark.slow
def test_a_small_tagger_comes_to_say_what_the_large_one_says(
    tmp_path, single_precision, as_served, as_shown
):
    shown = as_shown[:-1]
    taught = [words for words, _ in MESSAGES]
    meant = np.vstack(as_served.probabilities(taught))
    distance = []
    for epochs in (1, 8):
        plan = Distillation(layers=(0,), epochs=epochs, learning_rate=1e-3, batch=8)
        told = []
        path = tmp_path / f"{epochs}.safetensors"
        write_weights(
            distil(shown, shown, model_folder(), WEIGHTS_FILE, plan, tell=told.append), path
        )
        assert len(told) == epochs
        assert layers_of(read_weights(path)) == 1
        said = np.vstack(single_precision(path).probabilities(taught))
        distance.append(np.abs(said - meant).mean())
    assert distance[1] < 0.6 * distance[0]
