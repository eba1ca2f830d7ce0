"""What documents say is proven by a test, is: the tests that they name are there."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
NAMED = re.compile(r"\b(test_\w+)(?:\.py)?::(test_\w+)")


@pytest.fixture(scope="module")
def defined() -> set[tuple[str, str]]:
    return {
        (path.stem, name)
        for path in (PROJECT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }


def missing(text: str, defined: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return set(NAMED.findall(text)) - defined


@pytest.mark.parametrize(
    "page", sorted((PROJECT / "docs").rglob("*.md")), ids=lambda page: page.name
)
def test_each_test_that_a_document_names_is_there(
    page: Path, defined: set[tuple[str, str]]
) -> None:
    assert missing(page.read_text("utf-8"), defined) == set()


def test_one_that_is_not_there_is_found(defined: set[tuple[str, str]]) -> None:
    own = "tests/core/test_named_tests.py::test_one_that_is_not_there_is_found"
    assert missing(f"`{own}`", defined) == set()
    assert missing("`test_named_tests::test_of_nothing`", defined) == {
        ("test_named_tests", "test_of_nothing")
    }
