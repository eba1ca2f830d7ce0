"""What the page says that a number means is what the validity report measured."""

import json
import math
from pathlib import Path

import made_pages
import pytest

import evaluation.validity
from assets.core.constructs import CONSTRUCTS
from assets.public.page.page import render_page
from assets.public.page.page_reader import read_page
from assets.released.score_anchors import ANCHORS, MESSAGES, SHARES, WRITERS
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
    assert ANCHORS[construct].off == math.ceil(
        100 * max(found[share]["share_off"] for share in SHARES)
    )


def test_so_many_messages_were_labelled():
    assert {(row["messages"], row["writers"]) for row in ROWS} == {(MESSAGES, WRITERS)}


def test_the_page_says_why_nobody_is_not_nought():
    read = read_page(render_page(*made_pages.tables(60), made_pages.facts()))
    rows = read.tables["anchors", ""]
    assert [row[0] for row in rows[1:-1]] == [f"{share}" for share in SHARES]
    shown = [f"{ANCHORS[construct].means[0]:.2f}" for construct in CONSTRUCTS]
    assert rows[1][1:] == shown
    least = min(shown) if len(set(shown)) == 1 else f"{min(shown)} to {max(shown)}"
    assert f"without such words {least} on average" in read.sections["meaning"]
    assert rows[-1] == ["Off by"] + [f"{ANCHORS[construct].off}" for construct in CONSTRUCTS]
