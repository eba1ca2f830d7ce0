"""Importing the public location loads nothing from left of the wall, whatever imports what.

`.importlinter` holds the arrows; this asks a process which of the modules that lie on the
restricted side on disk it has loaded, and which of the libraries that only they need.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import assets

PROJECT = Path(assets.__file__).resolve().parents[1]
SEEN_BY_PUBLIC_CODE = ("resources.base", "resources.stores.published", "resources.stores.study")
LIBRARIES_OF_THE_RESTRICTED = ("onnxruntime", "opendp", "presidio_analyzer", "pyrage", "torch")
SCRIPT = """
import json, sys
from orchestration.public import public_definitions
from resources.base.home import load_home
definitions = public_definitions(load_home())
definitions.resolve_job_def("publish")
print(json.dumps(sorted(sys.modules)))
"""


def _within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in packages)


@pytest.mark.slow
def test_the_public_location_loads_nothing_from_left_of_the_wall(session) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=PROJECT,
        env={**os.environ, **session.environment()},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert "orchestration.public" in loaded
    assert "resources.stores.published.published_values" in loaded
    left = ("assets.restricted", "evaluation", "simulation", *LIBRARIES_OF_THE_RESTRICTED)
    # A package of ours that is not named here counts as restricted.
    ours = [
        one
        for one in loaded
        if one.startswith("resources.")
        and one != "resources.stores"
        and not _within(one, SEEN_BY_PUBLIC_CODE)
    ]
    assert [one for one in loaded if _within(one, left)] + ours == []
