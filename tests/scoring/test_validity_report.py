import json
import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import SetupError
from evaluation.roc_auc import Estimate
from evaluation.validity.accuracy import measure_accuracy
from evaluation.validity.baselines import fit_words, length
from evaluation.validity.convergence import Convergence
from evaluation.validity.limits import falls_short, not_yet_shown
from evaluation.validity.models_in_use import ModelsInUse, models_in_use
from evaluation.validity.page import render_report
from evaluation.validity.report import (
    Measured,
    Part,
    ValidityReport,
    as_json,
    flat_table,
    load_report,
)
from evaluation.validity.targets import OWN, Bar, bar_results

MODELS = ModelsInUse("a" * 64, "b" * 64)
MEASURED = Measured("tideline train validity", MODELS)


@dataclass(frozen=True)
class Row:
    construct: str
    found: Estimate
    share: float | None
    groups: int


@pytest.fixture(scope="module")
def report(made_examples, stand_in) -> ValidityReport:
    own, learnt = made_examples(), made_examples("learnt", seed=9)
    accuracy = measure_accuracy(
        stand_in,
        [own, replace(made_examples("goemotions", seed=3))],
        {"length": length, "words": fit_words([learnt])},
        lambda texts: np.arange(len(texts)) % 7 / 7,
        own=OWN,
        draws=30,
    )
    rows = [Row("burnout", Estimate(0.5, 0.4, None), float("nan"), 10)]
    part = Part(
        "power", "Power <of> it", ("Read & weep.",), (flat_table("A table", rows),), MEASURED
    )
    return ValidityReport(accuracy, MEASURED, (part,))


class Outline(HTMLParser):
    """What a page holds, for a reader who hears it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_a_report_comes_back_as_it_was_written(report, tmp_path: Path) -> None:
    path = tmp_path / "validity.json"
    path.write_text(as_json(report), "utf-8")
    again = load_report(MODELS, path)
    assert as_json(again) == as_json(report)
    assert [row.corpus for row in again.accuracy.areas] == [
        row.corpus for row in report.accuracy.areas
    ]
    value = again.accuracy.areas[0].area.value
    assert value == pytest.approx(report.accuracy.areas[0].area.value, rel=1e-5)
    assert render_report(again)


@pytest.mark.parametrize(
    "models", [ModelsInUse("c" * 64, "b" * 64), ModelsInUse("a" * 64, "c" * 64)]
)
def test_a_report_of_another_model_is_refused(report, tmp_path: Path, models) -> None:
    path = tmp_path / "validity.json"
    path.write_text(as_json(report), "utf-8")
    with pytest.raises(SetupError, match=r"^VALIDITY_STALE$"):
        load_report(models, path)


def test_a_part_of_another_model_makes_the_report_stale(report, tmp_path: Path) -> None:
    other = replace(report.parts[0], measured=Measured("x", ModelsInUse("c" * 64, "b" * 64)))
    path = tmp_path / "validity.json"
    path.write_text(as_json(replace(report, parts=(other,))), "utf-8")
    with pytest.raises(SetupError, match=r"^VALIDITY_STALE$"):
        load_report(MODELS, path)


@pytest.mark.parametrize("content", [None, "", "{}", '{"accuracy": 3}', "\x00"])
def test_no_report_and_half_a_report_are_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "validity.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SetupError, match=r"^VALIDITY_STALE$"):
        load_report(MODELS, path)


def test_every_part_names_command_and_digests(report) -> None:
    written = json.loads(as_json(report))
    for one in (written, *written["parts"]):
        assert one["measured"]["command"] == "tideline train validity"
        assert set(one["measured"]["models"].values()) == {"a" * 64, "b" * 64}
    page = render_report(report)
    tables = page.count("<table>")
    sections = re.findall(r"<section.*?</section>", page, re.DOTALL)
    with_numbers = [one for one in sections if "<table>" in one]
    assert tables > 10
    assert len(with_numbers) > 8
    for one in with_numbers:
        assert "tideline train validity" in one
        assert f'title="{"a" * 64}"' in one


def test_a_flat_table_spreads_and_has_no_nan() -> None:
    table = flat_table("t", [Row("burnout", Estimate(0.5, None, 1.0), float("nan"), 3)])
    assert table.rows == (
        {
            "construct": "burnout",
            "found value": 0.5,
            "found low": None,
            "found high": 1.0,
            "share": None,
            "groups": 3,
        },
    )


def test_the_page_stands_alone_and_reads_aloud(report) -> None:
    page = render_report(report)
    outline = Outline(page)
    assert outline.open == []
    assert page == render_report(report)
    assert not outline.all("script")
    assert not re.search(r"(?:src|href)=\"(?!#|data:)", page)
    assert "url(" not in page
    assert outline.all("html") == [{"lang": "en-GB"}]
    assert len(outline.all("h1")) == 1
    ids = [one["id"] for _, one in outline.tags if "id" in one]
    assert len(ids) == len(set(ids))
    targets = [one["href"][1:] for one in outline.all("a")]
    assert set(targets) <= set(ids)
    labelled = [one["aria-labelledby"] for _, one in outline.tags if "aria-labelledby" in one]
    assert set(labelled) <= set(ids)
    assert len(outline.all("caption")) == len(outline.all("table"))
    assert {one.get("scope") for one in outline.all("th")} == {"col", "row"}
    assert all(one["tabindex"] == "0" for one in outline.all("div"))
    assert "Power &lt;of&gt; it" in page
    assert "Read &amp; weep." in page


def test_what_falls_short_is_said_first(report) -> None:
    page = render_report(report)
    assert 0 < page.index('id="short"') < page.index('id="open"') < page.index("<table>")


BURNOUT = Bar(OWN, "burnout", "area", 0.85)


@pytest.mark.parametrize(
    ("found", "at_most", "outcome"),
    [
        (Estimate(0.90, 0.86, 0.94), False, "reached"),
        (Estimate(0.90, 0.84, 0.94), False, "reached, but not surely"),
        (Estimate(0.84, 0.80, 0.88), False, "missed"),
        (Estimate(0.80, 0.75, 0.84), True, "reached"),
        (Estimate(0.84, 0.80, 0.88), True, "reached, but not surely"),
        (Estimate(0.86, 0.84, 0.88), True, "missed"),
        (Estimate(None, None, None), False, "not measured"),
    ],
)
def test_an_aim_is_reached_or_not(report, found, at_most: bool, outcome: str) -> None:
    rows = tuple(
        replace(row, area=found)
        if (row.corpus, row.construct, row.scorer) == (OWN, "burnout", "model")
        else row
        for row in report.accuracy.areas
    )
    accuracy = replace(report.accuracy, areas=rows)
    [result] = bar_results(accuracy, [replace(BURNOUT, at_most=at_most)])
    assert (result.found, result.outcome) == (found, outcome)
    said = [one for one in falls_short([result], accuracy) if one.startswith("Burnout on own")]
    assert any("0.85" in one for one in said) is (outcome not in {"reached", "not measured"})


def test_a_loss_is_a_gain_turned_round(report) -> None:
    bar = Bar("goemotions", "burnout", "loss by scrubbing", 0.03, at_most=True)
    [result] = bar_results(report.accuracy, [bar])
    [row] = [
        one
        for one in report.accuracy.scrubbing
        if (one.corpus, one.construct) == ("goemotions", "burnout")
    ]
    assert result.found == Estimate(-row.gain.value, -row.gain.high, -row.gain.low)
    assert result.outcome == "reached"


def test_being_no_better_than_counted_words_falls_short(report) -> None:
    said = " ".join(falls_short([], report.accuracy))
    assert "not surely better than words" in said
    assert "better than length" not in said
    [first, *_] = report.accuracy.gains
    worse = replace(first, over="words", gain=Estimate(-0.2, -0.3, -0.1))
    said_of = falls_short([], replace(report.accuracy, gains=(worse,)))
    assert any("is worse than words: gain −0.200" in one for one in said_of)
    assert "the words of messages alone reach" in said


def test_what_is_not_yet_shown_depends_on_what_there_is(report) -> None:
    def said(one: ValidityReport) -> str:
        return " ".join(not_yet_shown(one))

    assert "pulse survey" in said(report)
    assert "before and after release" in said(report)
    assert "told from chance" not in said(report)
    shown = [Convergence("greater_london", one, 9, 0.5, -0.1, 0.8) for one in CONSTRUCTS]
    assert "pulse survey" not in said(report.with_survey(shown, 27))
    hidden = [Convergence("greater_london", one, 3, None, None, None) for one in CONSTRUCTS]
    assert "pulse survey" in said(report.with_survey(hidden, 9))
    assert "not from care workers' chats" in said(report)
    for one, words in ((shown, "+0.500 (−0.100 to +0.800)"), (hidden, "not yet shown")):
        assert words in render_report(report.with_survey(one, 9))


def test_the_models_in_use_are_named_by_whole_digests() -> None:
    models = models_in_use()
    for digest in (models.construct_model, models.encoder):
        assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert models == models_in_use()
