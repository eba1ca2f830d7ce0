"""What is put off is loaded once it is used, and is then as it always was."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from assets.core.imports_put_off import put_off

SUITE = """
import json, sys
from types import SimpleNamespace
from assets.core.expectations import suite
failed = suite({"share": (0, 1)})
found = [sorted(failed([SimpleNamespace(share=one)])) for one in (0.5, 2.0)]
parts = ["altair.vegalite", "scipy.stats._stats_py"]
before = [one in sys.modules for one in parts]
import altair, scipy.stats
used = [scipy.stats.entropy([0.5, 0.5]), altair.Chart.__name__]
print(json.dumps([found, before, used, [one in sys.modules for one in parts]]))
"""
"""In a process of its own, where nothing else has loaded them."""

NAME = "tried_put_off"


@pytest.mark.slow
def test_the_suite_loads_no_pictures_and_no_distributions() -> None:
    told = subprocess.run([sys.executable, "-c", SUITE], capture_output=True, check=True)
    assert json.loads(told.stdout.splitlines()[-1]) == [
        [[], ["share"]],
        [False, False],
        [pytest.approx(0.6931471805599453), "Chart"],
        [True, True],
    ]


def test_a_module_runs_once_something_of_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{NAME}.py").write_text(
        "from pathlib import Path\nPath(__file__).with_suffix('.ran').touch()\nanswer = 42\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    try:
        with put_off(NAME, "nowhere_to_be_found"):
            module = importlib.import_module(NAME)
            with pytest.raises(ModuleNotFoundError):
                importlib.import_module("nowhere_to_be_found")
        assert sys.meta_path == finders
        ran = tmp_path / f"{NAME}.ran"
        assert not ran.exists()
        assert module.answer == 42
        assert ran.exists()
    finally:
        sys.modules.pop(NAME, None)
