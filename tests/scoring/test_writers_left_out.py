"""Writers left out are not learnt from, and lines move as people do."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model import lessons as own_lessons
from assets.restricted.scoring.construct_model import training
from assets.restricted.scoring.construct_model.day_curves import AVERAGE, SHOWING, day_curve
from assets.restricted.scoring.construct_model.lessons import WRITERS, Lessons, Source
from assets.restricted.scoring.construct_model.model import read_model, write_model
from assets.restricted.scoring.construct_model.writers import Written
from evaluation.roc_auc import area
from evaluation.validity.models_in_use import ModelsInUse
from evaluation.validity.report import Measured
from evaluation.writers.left_out import leave_out, mean_areas, second_reader_area, writer_rows
from evaluation.writers.level import CONTROL_BAR, LOUDER, MORE, QUIETER, Pool, ends, moves
from evaluation.writers.writers_part import ANCHORED_AT, writers_parts
from resources.models.embedded import Embedded
from resources.models.narrow_encoder import read_narrowing, write_narrowing

WIDTH = 6


def read(vectors: np.ndarray) -> Embedded:
    """Messages of whom only the vectors tell anything: all hold the same word."""
    return Embedded(vectors, [np.array([7])] * len(vectors))


def labelled(chance: np.random.Generator, many: int) -> tuple[np.ndarray, np.ndarray]:
    shows = (chance.random((many, len(CONSTRUCTS))) < 0.3).astype(int)
    vectors = chance.normal(size=(many, WIDTH)) * 0.7
    vectors[:, : len(CONSTRUCTS)] += 2 * shows
    return vectors, shows


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    """Four writers; what the last one shows points the other way."""
    chance = np.random.default_rng(4)
    vectors, shows = labelled(chance, 480)
    writer = np.repeat(["w1", "w2", "w3", "odd"], 120)
    odd = writer == "odd"
    vectors[odd, : len(CONSTRUCTS)] *= -1
    written = Written(["x"] * 480, writer, np.stack([shows, shows], axis=1) * 2)
    sources = {
        WRITERS: Source(
            read(vectors),
            {c: 2.0 * shows[:, i] for i, c in enumerate(CONSTRUCTS)},
            np.zeros(480, bool),
        )
    }
    names = {n for own in own_lessons.TAUGHT_BY.values() for n in own}
    for name in {*names, own_lessons.OWN, own_lessons.GUIDED, own_lessons.SEEDS, own_lessons.ANGER}:
        more, said = labelled(chance, 60)
        sources[name] = Source(
            read(more), {c: said[:, i] for i, c in enumerate(CONSTRUCTS)}, np.zeros(60, bool)
        )
    return Lessons(written, sources)


def test_a_writer_unlike_the_others_is_scored_by_the_others_alone(lessons: Lessons) -> None:
    found = leave_out(lessons, {"nothing": read(np.zeros((5, WIDTH)))})
    rows = writer_rows(found, draws=20)
    area = {(one.writer, one.construct): one.area.value or 0 for one in rows}
    for construct in CONSTRUCTS:
        assert area["w1", construct] > 0.85
        # Had it been learnt from, it would have been met half-way.
        assert area["odd", construct] < 0.2
    means = mean_areas(rows, ["w1", "w2", "w3"])
    assert min(means.values()) > 0.85
    assert found.controls["nothing"].shape == (5 * 4, len(CONSTRUCTS))
    assert ((found.scores >= 0) & (found.scores <= 1)).all()


def test_the_second_reader_is_measured_both_ways_where_both_read_everything() -> None:
    first, second = np.array([0] * 6 + [1] * 6), np.array([0] * 5 + [1, 0] + [2] * 5)
    both = np.stack([first, second], axis=1)[:, :, None].repeat(3, axis=2)
    written = Written(["x"] * 12, np.array(["w"] * 12), both)
    # By hand: the second tells the first's 1 from 0 in 32.5 of 36 pairs, the first the second's
    # in 30 of 36.
    assert second_reader_area(written, "burnout") == pytest.approx((32.5 + 30) / 72, abs=1e-9)
    few = written.of(np.arange(12) < 8)
    assert second_reader_area(few, "burnout") is None


def test_what_is_served_says_what_was_trained(
    lessons: Lessons, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "narrowing.safetensors", tmp_path / "construct_model.safetensors"
    monkeypatch.setattr(training, "write_narrowing", partial(write_narrowing, path=files[0]))
    monkeypatch.setattr(training, "write_model", partial(write_model, path=files[1]))
    told: list[str] = []
    version = training.train_from(lessons, tell=told.append)
    model = read_model(files[1])
    assert (model.version, len(told)) == (version, 2)
    own = lessons.written.writer != "odd"
    stored = read_narrowing(files[0]).of(lessons.sources[WRITERS].embedded.of(own))
    scores = model.score(stored)
    for construct in CONSTRUCTS:
        shows = lessons.written.shows(construct)[own]
        assert area(scores[construct], shows) > 0.8
        assert model.base_rate[construct] < np.median(scores[construct])


def test_the_report_says_what_is_missed_and_for_whom(lessons: Lessons) -> None:
    measured = Measured("x", ModelsInUse("a" * 64, "b" * 64))
    found = leave_out(lessons, {"nothing": read(np.zeros((5, WIDTH)))})
    by_writer, level = writers_parts(found, ["w1", "w2", "w3"], measured, draws=5)
    rows = by_writer.tables[0].rows
    assert len(rows) == 4 * len(CONSTRUCTS)
    assert {row["writer"] for row in rows if float(row["below"] or 0) > 0.5} == {"odd"}
    assert "agreement with readers" in " ".join(by_writer.reading)
    anchors, moved = level.tables
    assert len(anchors.rows) == len(ANCHORED_AT) * len(CONSTRUCTS)
    for construct in CONSTRUCTS:
        means = [float(r["mean_score"] or 0) for r in anchors.rows if r["construct"] == construct]
        assert means == sorted(means)
    missed = [row for row in moved.rows if not row["reached"]]
    assert all(str(row["change"]) in level.reading[-1] for row in missed)
    assert {"nothing", LOUDER, QUIETER, MORE} <= {row["change"] for row in moved.rows}


@pytest.fixture(scope="module")
def pool() -> Pool:
    chance = np.random.default_rng(6)
    shows = np.tile([True, False, False, False], 200)
    scores = np.clip(np.where(shows, 0.8, 0.1) + chance.normal(size=800) * 0.05, 0, 1)
    writer = np.repeat(["w1", "w2"], 400)
    return Pool(
        scores,
        shows,
        writer,
        {"like any": np.full(9, 0.1), "taken for it": np.full(9, 0.8)},
        {name: day_curve(scores, shows, writer) for name in ("w1", "w2")},
    )


def test_a_planted_share_moves_the_line_and_controls_do_not(pool: Pool) -> None:
    found = {one.change: one for one in moves(pool, people=4000)}
    whole, half = (one for name, one in found.items() if name.startswith("+"))
    assert whole.move == pytest.approx(0.085, abs=0.01)
    assert whole.reached
    assert half.move < whole.move
    assert abs(found["like any"].move) <= CONTROL_BAR
    assert not found["taken for it"].reached
    assert found["taken for it"].move > 0.04
    for name in (LOUDER, QUIETER):
        assert abs(found[name].move) < 0.005
    # One more message that shows nothing waters down what a person showed.
    assert -0.06 < found[MORE].move < 0


def test_people_who_write_much_and_little_have_the_same_mean(pool: Pool) -> None:
    curve = day_curve(pool.scores, pool.shows, pool.writer)
    chance = np.random.default_rng(1)
    for messages in range(1, len(curve.at) + 1):
        shows = chance.random((20_000, 1)) < SHOWING
        own = np.where(
            shows,
            chance.choice(pool.scores[pool.shows], (20_000, messages)),
            chance.choice(pool.scores[~pool.shows], (20_000, messages)),
        )
        scores = curve.score(own.mean(axis=1), np.full(20_000, messages))
        assert scores.mean() == pytest.approx(AVERAGE, abs=0.01)


def test_a_curve_wants_a_writer_with_messages_of_either_kind() -> None:
    writer = np.array(["w1"] * 4 + ["w2"] * 4)
    with pytest.raises(ValueError, match=r"^$"):
        day_curve(np.full(8, 0.5), writer == "w1", writer)


def test_the_ends_of_the_line_are_where_nobody_and_everybody_shows_it(pool: Pool) -> None:
    low, high = ends(pool, people=4000)
    assert (low, high) == pytest.approx((0.13, 0.99), abs=0.02)
    (planted, *_) = moves(pool, people=4000)
    assert planted.move == pytest.approx((high - low) / 10, abs=0.01)


def test_the_same_seed_gives_the_same_moves(pool: Pool) -> None:
    assert moves(pool, people=500) == moves(pool, people=500)
    assert moves(pool, people=500) != moves(pool, people=500, seed=1)
