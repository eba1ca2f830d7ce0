"""The threat model names tests that exist, and every numbered path."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "threat-model.md"
_ROW = re.compile(r"^\| (?P<path>\d+) \|(?P<cells>.*)\|$", re.MULTILINE)
_TEST = re.compile(r"`(?P<module>test_\w+)(?:::(?P<name>test_\w+))?`")


def rows(page: str) -> list[tuple[int, list[str]]]:
    """Number and cells of each path."""
    return [
        (int(one["path"]), [cell.strip() for cell in one["cells"].split("|")])
        for one in _ROW.finditer(page)
    ]


def missing(page: str) -> set[str]:
    """The tests that a page names and that are not there."""
    return {
        found[0].strip("`")
        for found in _TEST.finditer(page)
        if not _is_there(found["module"], found["name"])
    }


def _is_there(module: str, name: str | None) -> bool:
    files = list(TESTS.rglob(f"{module}.py"))
    if len(files) != 1:
        return False
    tree = ast.parse(files[0].read_text("utf-8"))
    return name is None or name in {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef)
    }


def test_every_test_that_is_named_exists():
    assert missing(PAGE.read_text("utf-8")) == set()


def test_every_path_has_a_row_with_a_test():
    found = rows(PAGE.read_text("utf-8"))
    assert {path for path, _ in found} == set(range(31))
    numbered = [path for path, _ in found if path]
    assert numbered == list(range(1, 31))
    for _, cells in found:
        assert len(cells) == 3
        assert _TEST.search(cells[-1]), cells[0]


@pytest.mark.parametrize(
    "named",
    ["`test_threat_model::test_of_nothing`", "`test_nothing::test_swap`", "`test_nothing`"],
)
def test_a_test_that_is_not_there_is_missed(named):
    there = "`test_threat_model::test_a_test_that_is_not_there_is_missed` and `test_swap`"
    assert missing(f"{there} {named}") == {named.strip("`")}
