"""What the page says that a number means is what the validity report measured."""

import json
from pathlib import Path

import pytest

import evaluation.validity
from assets.core.constructs import CONSTRUCTS
from assets.released.score_anchors import ANCHORS, MESSAGES, SHARES
from evaluation.writers.writers_part import ANCHORS_TITLE

REPORT = json.loads((Path(evaluation.validity.__file__).parent / "validity.json").read_text())
ROWS = [
    row
    for part in REPORT["parts"]
    for table in part["tables"]
    if table["caption"] == ANCHORS_TITLE
    for row in table["rows"]
]


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_anchors_are_the_report_s(construct):
    found = {round(100 * one["prevalence"]): one for one in ROWS if one["construct"] == construct}
    means = tuple(round(found[share]["mean_score"], 3) for share in SHARES)
    assert ANCHORS[construct].means == means
    assert ANCHORS[construct].error == round(found[SHARES[-1]]["error"], 3)


def test_so_many_messages_were_labelled():
    assert {row["messages"] for row in ROWS} == {MESSAGES}
