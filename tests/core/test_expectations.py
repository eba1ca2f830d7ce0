"""Each limit is held by the gate in NumPy and by the suite of Great Expectations, apart."""

import math
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from assets.core import expectations
from assets.core.expectations import judge, out_of_range, suite

LIMITS = {"none": (0, 0), "share": (0.25, 0.75)}


@dataclass(frozen=True)
class Row:
    none: object = 0
    share: object = 0.5


FAULTS = [
    (Row(none=1), "none"),
    (Row(none=-1), "none"),
    (Row(none=1e-9), "none"),
    (Row(none=None), "none"),
    (Row(none="0"), "none"),
    (Row(none=math.nan), "none"),
    (Row(share=0.7500001), "share"),
    (Row(share=0.2499999), "share"),
    (Row(share=math.inf), "share"),
    (Row(share=-math.inf), "share"),
]
RIGHT = [Row(), Row(share=0.25), Row(share=0.75), Row(none=False), Row(none=np.int64(0))]


@pytest.mark.parametrize(("row", "column"), FAULTS)
def test_the_gate_finds_each_fault(row: Row, column: str) -> None:
    assert out_of_range([Row(), row], LIMITS) == [frozenset(), {column}]


@pytest.mark.slow
@pytest.mark.parametrize(("row", "column"), FAULTS)
def test_the_suite_finds_each_fault(row: Row, column: str) -> None:
    assert suite(LIMITS)([Row(), row]) == {column}


@pytest.mark.slow
def test_what_is_right_passes_both() -> None:
    assert out_of_range(RIGHT, LIMITS) == [frozenset()] * len(RIGHT)
    assert judge(LIMITS)(RIGHT) == [frozenset()] * len(RIGHT)
    assert judge(LIMITS)([]) == []


@pytest.mark.slow
def test_what_only_the_suite_finds_is_held_against_every_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expectations, "out_of_range", lambda rows, _: [frozenset()] * len(rows))
    assert judge(LIMITS)([Row(), Row(none=3)]) == [{"none"}, {"none"}]


@pytest.mark.parametrize(
    ("rows", "asked"),
    [
        ([Row()], [4]),
        ([Row(none=1)], [4, 2, 2]),
        ([Row(none=n % 2) for n in range(365)], [1460, 730, 730]),
    ],
    ids=["right", "wrong", "many wrong"],
)
def test_the_suite_is_asked_once_and_for_each_column_where_any_fails(
    rows, asked, monkeypatch
) -> None:
    seen = []
    monkeypatch.setattr(
        expectations,
        "_passes",
        lambda table: seen.append(len(table)) or bool(table.eval("at_least >= this").all()),
    )
    judge(LIMITS)(rows)
    assert seen == asked


@pytest.mark.slow
def test_a_fault_that_no_column_shows_alone_is_held_against_all(monkeypatch) -> None:
    monkeypatch.setattr(expectations, "_passes", lambda table: len(table) == 2)
    assert suite(LIMITS)([Row()]) == {"none", "share"}


def test_great_expectations_is_loaded_when_it_is_first_asked() -> None:
    loaded = (
        "import sys, orchestration.restricted, assets.restricted.scrubbing.gate as gate\n"
        "import pandas as pd\n"
        "frame = pd.DataFrame([('g', 'so', 'kept')], columns=['group_day', 'text', 'outcome'])\n"
        "gate.check_group_days(frame, frozenset({'so'}), {})\n"
        "print('great_expectations' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True)
    assert told.stdout == b"False\n"
