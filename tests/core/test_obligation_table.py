"""The obligations name files and tests that are there, and the page is what their data make."""

import ast
from collections import Counter
from collections.abc import Iterable

import pytest

from assets.core.obligation_table import (
    PAGE,
    PROJECT,
    Obligations,
    obligation_table,
    read_obligations,
)

OBLIGATIONS = 64
MOST_THAT_DO_NOT_APPLY = 3
SENTENCES, WILLS = 27, 54
"""Of the notice and the policy, counted by hand; both are texts of others and not kept here."""


@pytest.fixture(scope="module")
def data() -> Obligations:
    return read_obligations()


def not_there(tests: Iterable[str]) -> set[str]:
    """Which of these ids name no test that pytest would collect."""
    by_file: dict[str, set[str]] = {}
    for one in tests:
        file, _, name = one.partition("::")
        by_file.setdefault(file, set()).add(name)
    return {
        f"{file}::{name}" for file, names in by_file.items() for name in names - functions(file)
    }


def functions(file: str) -> set[str]:
    path = PROJECT / file
    if not (file.startswith("tests/") and path.name.startswith("test_") and path.is_file()):
        return set()
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def test_the_page_is_its_data(data: Obligations) -> None:
    assert PAGE.read_text("utf-8") == obligation_table(data)


def test_every_row_is_there_once(data: Obligations) -> None:
    for rows, many in (
        (data.obligations, OBLIGATIONS),
        (data.notice_sentences, SENTENCES),
        (data.policy_wills, WILLS),
    ):
        assert [one.number for one in rows] == list(range(1, many + 1))


def test_every_test_that_is_named_exists(data: Obligations) -> None:
    named = [one for row in (*data.obligations, *data.principles) for one in row.tests]
    assert not_there(named) == set()
    there = "tests/core/test_obligation_table.py::test_the_page_is_its_data"
    invented = {
        "tests/core/test_obligation_table.py::test_of_nothing",
        "tests/core/test_obligation_table.py::functions",
        "tests/core/test_nothing.py::test_the_page_is_its_data",
        "assets/core/obligation_table.py::obligation_table",
        "test_obligation_table::test_the_page_is_its_data",
    }
    assert not_there([there, *invented]) == invented


def test_every_file_that_is_named_exists(data: Obligations) -> None:
    named = {one for row in (*data.obligations, *data.principles) for one in row.controls}
    assert [one for one in sorted(named) if not (PROJECT / one).is_file()] == []
    # A control is not its own proof.
    assert [one for one in named if one.startswith("tests/")] == []


NEEDED = {
    "enforced": ("controls", "tests"),
    "evidenced": ("tests", "record"),
    "partly": ("controls", "tests", "falls_short"),
    "missing": (),
    "does not apply": ("why", "tests"),
}


def test_a_status_has_what_it_means(data: Obligations) -> None:
    for row in data.obligations:
        lacking = [one for one in NEEDED[row.status] if not getattr(row, one)]
        assert lacking == [], row.number
        assert (row.why is None) is (row.status != "does not apply"), row.number
        assert row.status != "missing" or row.waits_for or row.falls_short, row.number
    statuses = Counter(row.status for row in data.obligations)
    assert statuses["does not apply"] <= MOST_THAT_DO_NOT_APPLY


def test_every_principle_has_a_control_and_a_test(data: Obligations) -> None:
    articles = [f"5(1)({letter})" for letter in "abcdef"] + ["5(2)"]
    assert [row.article for row in data.principles] == articles
