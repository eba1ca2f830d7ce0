import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.core import errors
from assets.core.errors import CATALOGUE, StepFailed, TidelineError
from assets.restricted.release.unread_groups import FAULTS

PROJECT = Path(errors.__file__).resolve().parents[2]
CODE = re.compile(r"^[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+$")
CLASSES = sorted(
    (
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, TidelineError)
    ),
    key=lambda one: one.__name__,
)


def codes_raised() -> Iterator[tuple[str, str]]:
    """(file, code) of every error made with a literal code in the project."""
    names = {one.__name__ for one in CLASSES}
    for package in ("assets", "resources", "orchestration"):
        for path in (PROJECT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", None) in names:
                    for one in node.args:
                        if isinstance(one, ast.Constant):
                            yield path.relative_to(PROJECT).as_posix(), str(one.value)


def test_every_code_raised_is_in_the_catalogue() -> None:
    raised = list(codes_raised())
    assert len(raised) > 40
    assert [(file, code) for file, code in raised if code not in CATALOGUE] == []


@pytest.mark.parametrize("code", sorted(FAULTS | {"GROUPS_REFUSED", "RUN_DIED"}))
def test_what_a_step_says_of_a_group_is_of_the_step_or_its_export(code: str) -> None:
    of_a_step, of_an_export = CATALOGUE["STEP_BROKEN"], CATALOGUE["EXPORT_EMPTY"]
    wanted = of_an_export if code.startswith("EXPORT_") else of_a_step
    assert CATALOGUE[code].exit_status == wanted.exit_status


def test_an_entry_says_what_to_do() -> None:
    for code, entry in CATALOGUE.items():
        assert CODE.match(code), code
        assert len(code) <= 40, code  # the column that stores it
        assert 3 <= entry.exit_status <= 14, code
        assert entry.happened.endswith("."), code
        assert entry.next_step.endswith("."), code


@pytest.mark.parametrize("kind", CLASSES, ids=lambda one: one.__name__)
def test_an_error_carries_its_code_and_nothing_else(kind: type[TidelineError]) -> None:
    error = kind("DISK_FULL")
    assert str(error) == "DISK_FULL"
    assert error.args == ("DISK_FULL",)
    with pytest.raises(KeyError):
        kind("Ama is off sick today")


def test_a_failed_step_keeps_its_origin() -> None:
    error = StepFailed("STEP_BROKEN", "KeyError@assets/x.py:3")
    assert (error.code, str(error)) == ("STEP_BROKEN", "STEP_BROKEN KeyError@assets/x.py:3")
