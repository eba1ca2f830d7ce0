"""What a wheel holds: all that lies in the packages; the demo beside this file runs from it."""

from typing import Any
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.slow


def test_a_wheel_holds_every_file_of_the_packages(installed: Any) -> None:
    lies_there = {
        path.relative_to(package.parent).as_posix()
        for package in installed.packages
        for path in package.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    with ZipFile(installed.wheel) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert {path.partition("/")[0] for path in lies_there} >= {"assets", "orchestration"}
    assert packed == lies_there
