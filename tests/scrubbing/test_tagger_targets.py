import json
import random

import pytest

from assets.restricted.scrubbing.name_tagger import targets as lessons
from assets.restricted.scrubbing.name_tagger.corpora import (
    LABELS,
    as_words,
    from_tagged,
    read_care_chat,
    read_public,
)
from assets.restricted.scrubbing.name_tagger.ready_file import build_tagger_file
from assets.restricted.scrubbing.name_tagger.serving import NameTagger
from assets.restricted.scrubbing.name_tagger.substitution import PARTICLES, NamesByOrigin
from assets.restricted.scrubbing.name_tagger.targets import (
    Untagged,
    is_development,
    read_lessons,
    read_third_lesson,
)
from assets.restricted.scrubbing.name_tagger.training import Plan
from assets.restricted.scrubbing.name_tagger.weights import (
    WEIGHTS_FILE,
    read_weights,
    weights_digest,
)
from assets.restricted.scrubbing.tagged_text import read_tagged
from resources.models.minilm import model_folder


@pytest.fixture
def corpora(tmp_path):
    """The public corpora's layout with a few lines in each."""
    conll = "-DOCSTART- -X- O\n\nhi O\n@ O\nAda B-person\nObi I-person\n\n:) O\nMario B-product\n"
    for name in ("broad_twitter_corpus/{}.conll", "wnut17/{}.conll", "tweebank_ner/{}.bio"):
        for part in ("train", "dev"):
            path = tmp_path / "ner" / name.format(part)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(conll, encoding="utf-8")
    made_up = [
        {
            "full_text": "I am Ada of Ely",
            "spans": [
                {"entity_type": "GPE", "start_position": 12, "end_position": 15},
                {"entity_type": "AGE", "start_position": 0, "end_position": 1},
            ],
        }
    ]
    path = tmp_path / "ner/presidio_synth_v2/train.json"
    path.parent.mkdir()
    path.write_text(json.dumps(made_up), encoding="utf-8")
    return tmp_path


def test_public_corpora_are_cut_as_the_tagger_cuts(corpora):
    read = read_public(corpora, "train")
    assert read["wnut17"][0].words == ("hi", "@", "Ada", "Obi")
    assert read["wnut17"][0].labels == ("O", "O", "PER", "PER")
    assert read["tweebank"][1].words == (":", ")", "Mario")
    assert read["tweebank"][1].labels == ("O", "O", "MISC")
    assert read["presidio_synth"][0].labels == ("O", "O", "O", "O", "LOC")
    assert "presidio_synth" not in read_public(corpora, "dev")


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        ("[Ada's|PER:igbo] tea, room", "PER O O O"),
        ("in [room 4|ADDRESS] at [14 Mill Lane|ADDRESS]", "O O O O LOC LOC LOC"),
        ("cheers,[evan|PER:english]@[Oak\\nHouse|ORG] [7am|TIME]", "O O PER O ORG ORG O"),
        ("[\ufb01nn|PER:english] hi", "PER O"),
    ],
)
def test_own_messages_keep_their_labels_through_normalising(line, labels):
    tagged = from_tagged(read_tagged(line))
    assert tagged.labels == tuple(labels.split())
    assert len(tagged.words) == len(tagged.labels)


def test_a_token_that_is_cut_gives_each_piece_its_label():
    assert as_words(["Al-Amin"], ["PER"]).labels == ("PER", "PER", "PER")


def test_names_are_put_in_where_names_were_and_nothing_else_moves():
    messages = [read_tagged("ask [ada obi|PER:igbo] or [GRACE|PER:word] in [Ely|LOC] at [7|TIME]"),
                read_tagged("[Diss|LOC] [Oaks|ORG]")]  # fmt: skip
    names = NamesByOrigin(messages)
    seen = set()
    for seed in range(40):
        chance = random.Random(seed)
        filled = names.put_into(messages[0], chance)
        parts = [filled.text[s.start : s.end] for s in filled.spans]
        seen.add(parts[0])
        assert [s.kind for s in filled.spans] == ["PER", "PER", "LOC", "TIME"]
        assert parts[0].islower()
        assert parts[1].upper() == parts[1]
        assert parts[2] in {"Ely", "Diss"} or len(parts[2]) < 10
        assert parts[3] == "7"
        bare = filled.text
        for part in parts:
            bare = bare.replace(part, "*", 1)
        assert bare == "ask * or * in * at *"
    assert len(seen) > 30
    assert names.put_into(messages[0], random.Random(1)) == names.put_into(
        messages[0], random.Random(1)
    )


def test_names_can_be_put_in_with_particles():
    names = NamesByOrigin([], with_particles=True)
    grown = [names.person(2, random.Random(seed)).split() for seed in range(40)]
    assert all(len(one) >= 3 and one[-2] in PARTICLES for one in grown)
    alone = [names.person(1, random.Random(seed)).split() for seed in range(40)]
    assert 8 < sum(len(one) > 1 for one in alone) < 25


def test_what_is_kept_for_development_or_unseen_is_never_learnt(corpora, monkeypatch):
    monkeypatch.setattr(lessons, "DEVELOPMENT", 2)
    learnt = read_lessons(corpora)
    own = {one.words for one in learnt.own}
    kept = [from_tagged(one) for one in read_care_chat() if is_development(one)]
    common = {from_tagged(one).words for one in read_care_chat() if not is_development(one)}
    assert 200 < len(kept) < 500
    assert not {one.words for one in kept if one.words not in common} & own
    assert not any(one.is_unseen_tenth for one in learnt.public)
    assert {label for one in learnt.own for label in one.labels} == set(LABELS)
    assert read_lessons(corpora).own == learnt.own


def test_about_a_tenth_is_unseen():
    words = [as_words([f"message{i}"], ["O"]) for i in range(4000)]
    assert 0.08 < sum(one.is_unseen_tenth for one in words) / 4000 < 0.12


UNTAGGED = Untagged(["so tired today"] * 3, ["[NAME] is great", "no one came"])


def test_the_third_lesson_learns_nothing_kept_and_takes_each_own_message_with_many_names(
    corpora,
):
    third = read_third_lesson(corpora, UNTAGGED)
    learnt = {words for words, _ in third.learnt}
    common = {from_tagged(one).words for one in read_care_chat() if not is_development(one)}
    kept = {from_tagged(one).words for one in read_care_chat() if is_development(one)}
    assert kept <= {words for words, _ in third.development}
    assert not (kept - common) & learnt
    assert len(third.learnt) > 3 * len(common)
    assert [words for words, labels in third.learnt if labels is None and "[" in words] == []
    assert sum(labels is None for _, labels in third.learnt) == 5
    assert read_third_lesson(corpora, UNTAGGED).learnt == third.learnt


# Flair 0.15.1 calls PyTorch 2.13 by names that it is giving up.
@pytest.mark.filterwarnings("ignore:`torch.cuda.amp.GradScaler")
@pytest.mark.filterwarnings("ignore:`torch.cuda.amp.autocast")
@pytest.mark.slow
def test_all_lessons_are_given_and_the_weights_written(corpora, monkeypatch, tmp_path):
    plan = Plan(epochs=1, batch=8)
    monkeypatch.setattr(lessons, "DEVELOPMENT", 2)
    monkeypatch.setattr(lessons, "COPIES", 1)
    monkeypatch.setattr(lessons, "MORE_COPIES", 1)
    monkeypatch.setattr(lessons, "PARTICLE_COPIES", 1)
    monkeypatch.setattr(lessons, "FIRST", plan)
    monkeypatch.setattr(lessons, "SECOND", plan)
    own = read_care_chat()[:20]
    assert any(map(is_development, own))
    monkeypatch.setattr(lessons, "read_care_chat", lambda: own)
    told = []
    path = tmp_path / "tagger.safetensors"
    digest = lessons.train_from(corpora, model_folder(), path, untagged=UNTAGGED, tell=told.append)
    assert digest == weights_digest(path)
    assert [line.split(":")[0] for line in told if "lesson" in line] == [
        "first lesson",
        "second lesson",
        "third lesson",
    ]
    assert set(read_weights(path)) == set(read_weights(WEIGHTS_FILE))
    file = tmp_path / "name_tagger.onnx"
    tagger = NameTagger(file, sha256=build_tagger_file(model_folder(), path, file, digests=None))
    assert tagger.probabilities([["ada", "is", "late"]])[0].shape == (3, len(LABELS))
