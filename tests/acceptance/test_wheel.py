"""What a wheel holds: all that lies in the packages; the demo beside this file runs from it."""

import re
import subprocess
from typing import Any
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.slow

FOR_TRAINING = {"assets/restricted/scrubbing/name_tagger/name_tagger.safetensors"}
"""What the served tagger was built from; only training starts from it."""


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
    assert packed == lies_there - FOR_TRAINING
    assert {f"resources/models/{one}.onnx" for one in ("name_tagger", "sentence_encoder")} <= packed


def test_what_is_installed_tells_where_an_error_arose_in_it_and_of_no_library(
    installed: Any,
) -> None:
    code = """
import yaml
from assets.core.errors import TidelineError
from resources.containment.sealed_errors import chain
for fails in (lambda: TidelineError("none"), lambda: yaml.safe_load("[")):
    try:
        fails()
    except Exception as error:
        print(chain(error))
"""
    ran = subprocess.run(
        [installed.command.with_name("python"), "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=installed.wheel.parent,
        env=installed.environment,
    )
    ours, library = ran.stdout.splitlines()
    assert re.fullmatch(r"KeyError@assets/core/errors\.py:[0-9]+", ours)
    assert library == "ParserError@elsewhere:0"
