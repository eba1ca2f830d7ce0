"""What is put off is loaded once it is used, and is then as it always was."""

import json
import subprocess
import sys

import pytest

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
print(json.dumps([found, before, [one in sys.modules for one in parts], used, len(sys.meta_path)]))
print(json.dumps(len(sys.meta_path)))
"""
"""In a process of its own, where nothing else has loaded them."""


@pytest.mark.slow
def test_the_suite_loads_no_pictures_and_no_distributions() -> None:
    told = subprocess.run([sys.executable, "-c", SUITE], capture_output=True, check=True)
    found, before, after, used, _ = json.loads(told.stdout.splitlines()[0])
    assert found == [[], ["share"]]
    assert before == [False, False]
    assert after == [True, True]
    assert used == [pytest.approx(0.6931471805599453), "Chart"]


def test_a_module_runs_once_something_of_it_is_asked_for(tmp_path, monkeypatch) -> None:
    (tmp_path / "put_off_module.py").write_text(
        "import sys\nsys.put_off_module_ran = True\nanswer = 42\n"
    )
    code = (
        "import sys\n"
        "from assets.core.imports_put_off import put_off\n"
        "finders = list(sys.meta_path)\n"
        "with put_off('put_off_module', 'no_such_module'):\n"
        "    import put_off_module\n"
        "    try:\n"
        "        import no_such_module\n"
        "    except ModuleNotFoundError as missing:\n"
        "        assert missing.name == 'no_such_module'\n"
        "assert sys.meta_path == finders\n"
        "assert not hasattr(sys, 'put_off_module_ran')\n"
        "assert put_off_module.answer == 42\n"
        "assert sys.put_off_module_ran\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    try:
        exec(compile(code, "put_off", "exec"), {})
    finally:
        for name in ("put_off_module",):
            if name not in before:
                sys.modules.pop(name, None)
        if hasattr(sys, "put_off_module_ran"):
            del sys.put_off_module_ran
