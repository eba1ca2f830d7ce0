import csv
from pathlib import Path

import numpy as np
import pytest

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.person_days import DayCurve
from evaluation.leaks.stored_leaks import AttackResult, LeakAudit, Opened
from evaluation.validity import other_parts
from evaluation.validity.limits import not_yet_shown
from evaluation.validity.measuring import (
    COMMAND,
    Corpora,
    Remembering,
    measure,
    read_corpora,
    scores_and_labels,
)
from evaluation.validity.models_in_use import ModelsInUse
from evaluation.validity.page import render_report
from evaluation.validity.power import power_table
from evaluation.validity.reliability import reliability_table
from evaluation.validity.report import Measured, as_json, load_report
from evaluation.validity.targets import BARS, bar_results

MODELS = ModelsInUse("a" * 64, "b" * 64)
MEASURED = Measured(COMMAND, MODELS)


def write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Public corpora of 60 rows each, in the forms of the real ones."""
    constructs = tmp_path / "constructs"
    felt = ["sadness", "optimism", "anger", "neutral"]
    acts = ["None", "Problem-Solution", "Execution"]
    hope = ["Hope_speech", "Non_hope_speech"]
    write(
        constructs / "goemotions/train.csv",
        ["text", "labels"],
        [[f"text {n} about it", felt[n % 4]] for n in range(60)],
    )
    write(
        constructs / "hopeedi_english/train.csv",
        ["text", "label"],
        [[f"hope {n} about it", hope[n % 2]] for n in range(60)],
    )
    write(
        constructs / "collective_action/train.csv",
        ["text", "label"],
        [[f"act {n} about it", acts[n % 3]] for n in range(60)],
    )
    return tmp_path


def test_corpora_are_read_scrubbed_and_drawn(folder: Path) -> None:
    read = read_corpora(folder, lambda texts: [text.lower() for text in texts], most=20)
    assert len(read.own_learnt) > len(read.own_held_out) > 100
    assert [one.name for one in read.unseen][:2] == ["own, held out", "goemotions"]
    assert "goemotions anger" in {one.name for one in read.public_unseen}
    assert "goemotions anger" not in {one.name for one in read.public_learnt}
    assert max(len(one) for one in (*read.public_learnt, *read.public_unseen)) <= 20
    for learnt in read.public_learnt:
        [unseen] = [one for one in read.public_unseen if one.name == learnt.name]
        assert not set(learnt.raw) & set(unseen.raw)
    # Every aim is about a corpus that is read.
    assert {bar.corpus for bar in BARS} <= {one.name for one in read.unseen}


def test_a_missing_corpus_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_corpora(tmp_path, list)


def test_texts_are_embedded_once(encoder) -> None:
    class Counting:
        seen: list[str] = []  # noqa: RUF012

        def encode(self, texts):
            self.seen += texts
            return encoder.encode(texts)

    counting = Counting()
    remembering = Remembering(counting)
    for texts in (["a", "b", "a"], ["b", "c"], ["a"]):
        np.testing.assert_array_equal(remembering.encode(texts), encoder.encode(texts))
    assert counting.seen == ["a", "b", "c"]


def test_a_whole_report_is_measured(made_examples, stand_in, encoder, tmp_path: Path) -> None:
    corpora = Corpora(
        made_examples("own, learnt", seed=8),
        made_examples(),
        (made_examples("goemotions", seed=9),),
        (made_examples("goemotions", seed=10), made_examples("hopeedi", seed=11)),
    )
    scores, shows = scores_and_labels(stand_in, corpora.own_held_out)
    of_days = dict.fromkeys(scores, DayCurve((0.4, 0.3), 12.0).score)
    parts = [
        other_parts.power_part(
            power_table(scores, shows, of_days, prevalences=(0.05,), groups=(5, 10), series=40),
            MEASURED,
        ),
        other_parts.reliability_part(
            reliability_table(scores, shows, of_days, people=(3, 40), cells=60), MEASURED
        ),
        other_parts.leaks_part(
            LeakAudit(
                1,
                (Opened("released", 0, 0, 3, 9),),
                (
                    AttackResult("keys live", "vectors", "retrieval", "top-1", 1.0, 0.1, 9, 99),
                    AttackResult("released", "sums", "retrieval", "top-1", 0.02, 0.1, 9, 99),
                ),
            ),
            MEASURED,
        ),
    ]
    report = measure(stand_in, corpora, encoder, MODELS, parts=parts, draws=20)
    assert {row.scorer for row in report.accuracy.areas} == {
        "model",
        "length",
        "VADER",
        "Empath",
        "nearness",
        "seeds",
        "words",
        "words, all corpora",
    }
    assert {row.corpus for row in report.accuracy.areas} == {
        "own, held out",
        "goemotions",
        "hopeedi",
    }
    outcomes = {one.bar: one.outcome for one in bar_results(report.accuracy)}
    own = {outcome for bar, outcome in outcomes.items() if bar.corpus == "own, held out"}
    assert "not measured" not in own
    assert not {"power", "reliability", "leaks"} & {words[:5] for words in not_yet_shown(report)}
    page = render_report(report)
    for words in (
        "With the live keys, before the release, 100.0%",
        "it is 2.0% with everything that is left (aim at most 1%, missed)",
        "Burnout shown in 5 % of messages, in 10 groups",
        "What a reliability of 0.8 takes",
    ):
        assert words in page
    path = tmp_path / "validity.json"
    path.write_text(as_json(report), "utf-8")
    assert as_json(load_report(MODELS, path)) == as_json(report)


def test_candidates_are_distinct_and_of_three_words(stand_in, encoder) -> None:
    texts = ["drained _ at lunch", "drained at lunch", "van", "", "the van today", "_ the _ van"]
    found = other_parts.candidates_of(texts, stand_in, encoder)
    assert found.vectors.shape == (2, 4)
    assert found.scores.shape == (2, len(CONSTRUCTS))
    assert len(found.words) == 2
