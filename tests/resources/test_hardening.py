"""What a process that may hold text has done at its start, each tried in a process of its own."""

import json
import os
import resource
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from assets.core.errors import SealError
from assets.core.modes import Mode
from resources.base.home import HomeConfig
from resources.containment import hardening
from resources.containment.hardening import refuse_exposed

PROJECT = Path(__file__).parents[2]
TEXT = "margaret rang from 07700 900123"
LINUX = sys.platform == "linux"


def _run(script: str, *switches: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_"))}
    return subprocess.run(
        [sys.executable, *switches, "-c", script],
        env={**kept, "PYTHONPATH": str(PROJECT), **environment},
        capture_output=True,
        check=False,
        cwd=PROJECT,
    )


def _config(mode: Mode, **more: str) -> HomeConfig:
    return HomeConfig(
        home_id="0" * 32,
        mode=mode,
        first_day=date(2026, 9, 1),
        inbox="inbox",
        inbox_recipient="age1made0up",
        **more,  # type: ignore[arg-type]
    )


REPORT = """
import ctypes, faulthandler, json, resource, tracemalloc
limits = resource.getrlimit(resource.RLIMIT_CORE)
prctl = getattr(ctypes.CDLL(None), "prctl", None)
try:
    (line,) = [one for one in open("/proc/self/limits") if one.startswith("Max core file size")]
    assert line.split()[4] == ("unlimited" if limits[0] == -1 else str(limits[0]))
except FileNotFoundError:
    pass
print(json.dumps({
    "core": limits,
    "dumpable": prctl(3, 0, 0, 0, 0) if prctl else 0,
    "faulthandler": faulthandler.is_enabled(),
    "tracemalloc": tracemalloc.is_tracing(),
}))
"""
HARDEN = "from resources.containment.hardening import harden; harden()\n"
NOTHING = {"core": [0, 0], "dumpable": 0, "faulthandler": False, "tracemalloc": False}


def test_a_hardened_process_leaves_no_core_and_can_not_be_looked_into():
    switches = {"PYTHONFAULTHANDLER": "1", "PYTHONTRACEMALLOC": "1"}
    as_started = json.loads(_run(REPORT, **switches).stdout)
    assert as_started == {
        "core": list(resource.getrlimit(resource.RLIMIT_CORE)),
        "dumpable": 1 if LINUX else 0,
        "faulthandler": True,
        "tracemalloc": True,
    }
    assert json.loads(_run(HARDEN + REPORT, **switches).stdout) == NOTHING


def test_a_crash_dumps_no_core(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", f"{HARDEN}import os; os.abort()"],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )
    _, status = os.waitpid(process.pid, 0)
    process.returncode = status
    assert os.WTERMSIG(status) == signal.SIGABRT
    assert not os.WCOREDUMP(status)
    assert list(tmp_path.iterdir()) == []


ENDS = {
    "main thread": f"raise ValueError({TEXT!r})",
    "thread": f"""
import threading
def fail(): raise ValueError({TEXT!r})
one = threading.Thread(target=fail); one.start(); one.join()
""",
    "deletion": f"""
class Told:
    def __del__(self): raise ValueError({TEXT!r})
Told()
""",
    "loop": f"""
import asyncio, gc
async def fail(): raise ValueError({TEXT!r})
async def main(): asyncio.create_task(fail()); await asyncio.sleep(0)
asyncio.run(main()); gc.collect()
""",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_what_nobody_catches_is_told_without_text(end):
    assert b"margaret" in _run(end).stderr
    told = _run(HARDEN + end)
    assert b"margaret" not in told.stderr + told.stdout
    assert told.stderr.decode().strip() in {"", "STEP_BROKEN ValueError@elsewhere:0"}


def test_the_command_line_hardens_itself_and_tells_no_text_of_an_error_it_does_not_foresee():
    script = f"""
import sys
from orchestration import cli
@cli.app.command("told")
def told() -> None:
    {REPORT.strip().replace(chr(10), chr(10) + "    ")}
    raise ValueError({TEXT!r})
sys.argv = ["tideline", "told"]
cli.main()
"""
    done = _run(script)
    assert json.loads(done.stdout) == NOTHING
    assert done.returncode == 11
    assert b"STEP_BROKEN ValueError@orchestration/cli/__init__.py:" in done.stderr
    assert b"margaret" not in done.stderr


def test_the_restricted_location_hardens_the_process_that_loads_it():
    script = f"""
from assets.core.errors import SetupError
from orchestration.restricted import defs
try:
    getattr(defs, "load_fn", defs)()
except SetupError as error:
    assert error.code == "HOME_NOT_FOUND"
import os
from resources.base.silent_dependencies import environment
assert environment().items() <= os.environ.items()
{REPORT}
"""
    done = _run(script, TIDELINE_HOME="/nowhere")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == NOTHING


WATCHED = "from resources.containment.hardening import is_watched; print(is_watched())"


@pytest.mark.parametrize(
    ("switches", "environment", "watched"),
    [
        ([], {}, False),
        (["-X", "dev"], {}, True),
        ([], {"PYTHONDEVMODE": "1"}, True),
        ([], {"PYTHONINSPECT": "1"}, True),
        ([], {"PYTHONFAULTHANDLER": "1", "PYTHONTRACEMALLOC": "1"}, False),
    ],
)
def test_switches_of_python(switches, environment, watched):
    assert _run(WATCHED, *switches, **environment).stdout.strip() == str(watched).encode()


def test_a_debugger_in_the_process():
    script = f"import sys; sys.settrace(lambda *_: None)\n{WATCHED}"
    assert _run(script).stdout.strip() == b"True"
    script = f"import sys, types; sys.modules['debugpy'] = types.ModuleType('debugpy')\n{WATCHED}"
    assert _run(script).stdout.strip() == b"True"


@pytest.mark.parametrize(("tracer", "watched"), [("0", False), ("4711", True)])
def test_a_tracer_from_outside(tmp_path, tracer, watched):
    status = tmp_path / "status"
    status.write_text(f"Name:\tpython\nTracerPid:\t{tracer}\nUid:\t0\n")
    script = f"""
from pathlib import Path
from resources.containment import hardening
hardening.STATUS = Path({str(status)!r})
print(hardening.is_watched())
"""
    assert _run(script).stdout.strip() == str(watched).encode()


@pytest.mark.parametrize("mode", [Mode.DISCOVERY, Mode.STUDY])
def test_real_messages_are_not_read_where_they_could_be_seen(monkeypatch, mode):
    watched, swapped = False, False
    monkeypatch.setattr(hardening, "is_watched", lambda: watched)
    monkeypatch.setattr(hardening, "swap_may_keep_text", lambda: swapped)
    refuse_exposed(_config(mode))
    swapped = True
    with pytest.raises(SealError, match=r"^SWAP_ACTIVE$"):
        refuse_exposed(_config(mode))
    refuse_exposed(_config(mode, swap="encrypted"))
    watched = True
    with pytest.raises(SealError, match=r"^PROCESS_WATCHED$"):
        refuse_exposed(_config(mode, swap="encrypted"))


def test_made_up_messages_are_read_anywhere(monkeypatch):
    monkeypatch.setattr(hardening, "is_watched", lambda: True)
    monkeypatch.setattr(hardening, "swap_may_keep_text", lambda: True)
    refuse_exposed(_config(Mode.SYNTHETIC))
