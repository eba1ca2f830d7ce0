"""Messages by many hands: read whole, weighed as they should be, and left out whole."""

import json
from pathlib import Path

import numpy as np
import pytest

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.corpora import CONSTRUCT_CHAT, Labelled
from assets.restricted.scoring.construct_model.lessons import (
    ANGER,
    ANGER_WEIGHT,
    APART,
    CHAT,
    COMMENTS,
    GUIDED,
    KINDS,
    OWN,
    SEEDS,
    TAUGHT_BY,
    UNIT,
    WEIGHTS,
    WRITERS,
    Lessons,
    Source,
)
from assets.restricted.scoring.construct_model.training import left_out, rows_by_rarity
from assets.restricted.scoring.construct_model.writers import (
    PUBLIC_BY_GUIDE,
    Written,
    _digest,
    read_care_messages,
    read_controls,
    read_guided,
    read_writers,
)
from resources.models.embedded import PLACES, Embedded

WRITTEN = read_writers()


def test_fourteen_writers_with_two_readings_each() -> None:
    names, many = np.unique(WRITTEN.writer, return_counts=True)
    assert len(names) == 14
    assert many.min() >= 300
    assert WRITTEN.readings.shape == (len(WRITTEN.texts), 2, len(CONSTRUCTS))
    assert set(np.unique(WRITTEN.readings)) == {0, 1, 2, 3}
    # No mark of what identifies is left in a text.
    assert not any("|PER" in text or "[" in text for text in WRITTEN.texts)
    for construct in CONSTRUCTS:
        assert 0.05 < WRITTEN.shows(construct).mean() < 0.25


def test_a_level_is_the_mean_of_what_there_is() -> None:
    readings = np.array([[[0, 1, 3], [1, 1, 3]], [[0, 2, 1], [-1, -1, -1]]])
    written = Written(["a", "b"], np.array(["one", "two"]), readings)
    assert written.levels.tolist() == [[0.5, 1, 3], [0, 2, 1]]
    assert written.shows("burnout").tolist() == [True, False]
    first, second = written.both_readers("burnout")
    assert (first.tolist(), second.tolist()) == ([0], [1])
    assert written.of(written.writer == "two").texts == ["b"]


def test_sets_that_are_not_committed_are_read_where_they_lie(tmp_path: Path) -> None:
    folder = tmp_path / "care_messages"
    folder.mkdir()
    row = dict.fromkeys(CONSTRUCTS, 2)
    for name in ("care_a", "care_b"):
        lines = [json.dumps({"id": f"{name}{n}", "text": f"{name} {n}", **row}) for n in range(2)]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / "second_rater.csv").write_text(f"id,{','.join(CONSTRUCTS)}\ncare_b1,0,1,3\n", "utf-8")
    found = read_care_messages(tmp_path)
    assert found.texts == ["care_a 0", "care_a 1", "care_b 0", "care_b 1"]
    assert found.levels.tolist() == [[2, 2, 2]] * 3 + [[1, 1.5, 2.5]]


def test_comments_are_found_by_their_digest_and_no_text_is_committed() -> None:
    digest, *levels = PUBLIC_BY_GUIDE.read_text("utf-8").splitlines()[1].split(",")[1:]
    assert len(digest) == 24
    assert [int(level) for level in levels]
    none = Labelled("goemotions", ["nothing of the kind"], {})
    assert read_guided([none]).texts == []
    assert _digest("So  TIRED\n") == _digest("so tired")


def test_controls_are_of_six_topics_and_are_learnt_nowhere() -> None:
    controls = read_controls()
    assert len(controls) >= 6
    assert min(map(len, controls.values())) >= 25
    texts = {text.casefold() for own in controls.values() for text in own}
    learnt = {text.casefold() for text in WRITTEN.texts}
    for file in CONSTRUCT_CHAT.glob("*.csv"):
        if file.name not in {"controls.csv", "public_by_guide.csv"}:
            learnt |= {line.casefold() for line in file.read_text("utf-8").splitlines()}
    # Replies of a word or two are anybody's.
    assert not {text for text in texts & learnt if len(text.split()) > 2}


def source(level: list[int], at: float, names: tuple[str, ...] = CONSTRUCTS) -> Source:
    many = len(level) * 5
    levels = dict.fromkeys(names, np.array(level * 5))
    read = Embedded(np.full((many, 2), at), [np.unique([int(at), 9])] * many)
    return Source(read, levels, np.arange(many) == 0)


@pytest.fixture
def lessons() -> Lessons:
    level = [0, 1, 2, 3]
    written = Written(
        ["x"] * 20,
        np.repeat(["w1", "w2"], 10),
        np.repeat(np.array(level * 5)[:, None, None], 2, axis=1).repeat(3, axis=2),
    )
    sources = {name: source(level, place) for place, name in enumerate((WRITERS, OWN, GUIDED))}
    for name in (*dict.fromkeys(n for own in TAUGHT_BY.values() for n in own), SEEDS):
        sources[name] = source([0, 1], 7)
    return Lessons(written, {**sources, ANGER: source([0, 1], 9, ("resistance",))})


@pytest.mark.parametrize("construct", CONSTRUCTS)
@pytest.mark.parametrize("kind", [CHAT, APART])
def test_each_source_weighs_what_it_should(lessons: Lessons, kind: str, construct: str) -> None:
    taught = lessons.of(construct, kind)
    for place, name in enumerate((WRITERS, OWN, GUIDED)):
        own = taught.embedded.vectors[:, 0] == place
        weight = WEIGHTS[kind].get(name, 0) * UNIT
        # One of twenty is empty.
        assert own.sum() == (19 if weight else 0)
        assert taught.weight[own].sum() == pytest.approx(weight, rel=0.2)
        assert taught.weight[own & ~taught.shows].sum() == pytest.approx(weight / 2, rel=0.2)


def test_anger_is_no_resistance(lessons: Lessons) -> None:
    taught = lessons.of("resistance", COMMENTS)
    angry = taught.embedded.vectors[:, 0] == 9
    assert not taught.shows[angry].any()
    assert taught.weight[angry].sum() == pytest.approx(ANGER_WEIGHT * UNIT)
    assert not (lessons.of("burnout", COMMENTS).embedded.vectors[:, 0] == 9).any()


def test_kinds_of_talk_weigh_alike(lessons: Lessons) -> None:
    taught = lessons.kinds()
    for place in range(len(KINDS)):
        assert taught.weight[taught.shows == place].sum() == pytest.approx(UNIT)


def test_a_writer_is_left_out_whole(lessons: Lessons) -> None:
    fewer = lessons.without(lessons.written.writer == "w1")
    assert set(fewer.written.writer) == {"w2"}
    assert len(fewer.sources[WRITERS].embedded) == len(fewer.written.texts) == 10
    assert len(lessons.sources[WRITERS].embedded) == 20


def test_neighbours_are_left_out_together() -> None:
    sets = left_out([*WRITTEN.writer, "care_a", "care_b"])
    assert len(sets) == 9
    assert frozenset({"writer_01", "writer_02"}) in sets
    assert frozenset({"care_a"}) in sets
    assert sorted(name for one in sets for name in one) == sorted(
        {*WRITTEN.writer, "care_a", "care_b"}
    )


def test_rarity_is_of_what_writers_did_not_write(lessons: Lessons) -> None:
    rarity = lessons.rarity
    assert rarity.shape == (PLACES,)
    # Place 0 is held by the writers' messages alone, 9 by all, 1 by one source of seven.
    assert rarity[0] == rarity.max()
    assert rarity[9] == 0 < rarity[1] < rarity[0]
    fewer = lessons.without(lessons.written.writer == "w1")
    assert (fewer.rarity == rarity).all()


def test_rows_by_rarity_are_of_unit_length_or_nothing() -> None:
    rarity = np.zeros(PLACES)
    rarity[:3] = [3, 4, 0]
    read = Embedded(np.zeros((3, 2)), [np.array([0, 1]), np.array([2]), np.empty(0, np.int64)])
    rows = rows_by_rarity(read, rarity)
    assert rows.shape == (3, PLACES)
    assert rows.toarray()[:, :3] == pytest.approx(np.array([[0.6, 0.8, 0], [0, 0, 0], [0, 0, 0]]))
