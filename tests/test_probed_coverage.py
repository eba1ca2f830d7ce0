"""Probes see what coverage.py's tracer sees, and coverage.py is told all of it and no more."""

import sys
from pathlib import Path

import coverage
import probed_coverage
import pytest
from coverage.python import PythonFileReporter
from probed_coverage import Probes, arcs_taken

from resources.containment import audit_hook

SOURCE = """
from contextlib import nullcontext

def told(number):
    for one in range(number):
        with nullcontext():
            if one == 1:
                number += 1
    while number > 7:
        number -= 1
        if number == 100:
            break
    else:
        number += 1
    if number > 5:
        number -= 1
    elif number == 3:
        return 0
    try:
        if number:
            number = 9 // (number - 2)
    except ZeroDivisionError:
        if number:
            pass
    finally:
        number += 1
    match number:
        case 1:
            number = 2
        case 3 if number:
            number = 4
        case [_, *_] | "x":
            number = 5
    if number: number = 6
    if (
        number
        and number > 1
    ):
        return [one for one in range(number) if one]

class Kept:
    if SHOWN:
        shown = 1
    def never(self):
        if self:
            return 1
"""


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where prepared code is kept; a file that is tested with isn't prepared for a later run."""
    folder = tmp_path / "kept"
    monkeypatch.setattr(probed_coverage, "_KEPT", folder)
    return folder


def test_what_is_prepared_is_kept_where_it_may_be(tmp_path: Path, kept: Path):
    """A module that is imported first behind the audit hook gets its probes all the same."""
    file = tmp_path / "one.py"
    file.write_text(SOURCE, "utf-8")
    with audit_hook.closed():
        exec(Probes().compiled(str(file)), {"SHOWN": True})
    assert not list(kept.rglob("probed-*"))

    for _ in range(2):
        exec(Probes().compiled(str(file)), {"SHOWN": True})
        assert len(list(kept.iterdir())) == 1


@pytest.mark.parametrize("number", [0, 1, 2, 3, 6, 9])
@pytest.mark.parametrize("shown", [True, False])
def test_lines_and_branches_are_those_of_the_tracer(tmp_path: Path, number: int, shown: bool):
    file = str(tmp_path / "one.py")
    Path(file).write_text(SOURCE, "utf-8")
    traced = coverage.Coverage(None, branch=True, source=[str(tmp_path)], config_file=False)
    given = {"SHOWN": shown}
    tracer = sys.gettrace()
    traced.start()
    exec(compile(SOURCE, file, "exec"), given)
    given["told"](number)
    traced.stop()
    sys.settrace(tracer)

    probes = Probes()
    given = {"SHOWN": shown}
    exec(probes.compiled(file), given)
    given["told"](number)
    lines, taken, not_taken = probes.seen()[file]

    told = coverage.Coverage(None, branch=True, config_file=False)
    possible = PythonFileReporter(file, told).arcs()
    arcs = arcs_taken(possible, lines, taken, [*taken, *not_taken])
    told.get_data().add_arcs({file: {(line, line) for line in lines} | arcs})
    assert told.analysis2(file) == traced.analysis2(file)
    seen = [sorted(one._analyze(file).executed_branch_arcs().items()) for one in (told, traced)]
    assert seen[0] == seen[1]
