"""The suite's table and plots are what its figures say."""

from pathlib import Path

import pytest

from bench.suite.figures import OURS, Growth, Part, Stage, Way, read_parts, write_parts
from bench.suite.report import BEGIN, END, table, write_plots, write_table

STAGE = Stage(
    "reading",
    "message",
    1000,
    [
        Way(OURS, 0.002, largest_mib=120.4),
        Way("another", 0.005, seconds=1.0),
        Way("the least", 0.0005, is_limit=True),
    ],
)
GROWTH = Growth("reading", "messages", [10, 20, 30], [3.0, 5.0, 7.0])
PARTS = {"reading": Part("2026-11-30", "a machine", [STAGE], [GROWTH], ["a third"])}


def test_figures_come_back_as_they_were_kept(tmp_path: Path) -> None:
    file = tmp_path / "made" / "figures.json"
    assert read_parts(file) == {}
    write_parts(file, PARTS)
    assert read_parts(file) == PARTS


@pytest.mark.parametrize(
    ("spent", "fit"),
    [([3.0, 5.0, 7.0], (0.2, 1.0, 1.0)), ([3.0, 8.0, 7.0], (0.2, 2.0, 4 / 7))],
)
def test_a_straight_line_is_fitted(spent: list[float], fit: tuple[float, ...]) -> None:
    assert Growth("", "messages", [10, 20, 30], spent).fit == pytest.approx(fit)


def test_the_table_holds_ratios_limits_and_what_is_left_out(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BEGIN}old\n{END}after\n", "utf-8")
    write_table(page, PARTS)
    written = page.read_text("utf-8")
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "old" not in written
    for row in (
        "| reading | Tideline | 2 | 1,000 messages |  | 120 |",
        "| reading | another | 5 | 1,000 messages | 2.5 |  |",
        "| reading | *the least* | 0.5 | 1,000 messages | 0.25 |  |",
        "| reading | messages | 10: 3, 20: 5, 30: 7 | 200 ms | 1.0000 |",
    ):
        assert row in written
    assert "left out, for they were not installed: a third" in written
    write_table(page, PARTS)
    assert page.read_text("utf-8") == written
    assert table(PARTS) in written


def test_the_same_figures_make_the_same_plot(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_plots(tmp_path / name, PARTS)
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["messages.svg"]
    first, second = ((tmp_path / name / "messages.svg").read_bytes() for name in ("one", "two"))
    assert first == second
