"""Coverage by probes in the program's bytecode, judged by coverage.py: TIDELINE_TEST_COVERAGE=95.

Up to Python 3.11 coverage.py's tracer is called for each line of every library, a third of the
tests' time. SlipCover's probes stand only in our modules, which are compiled with them when they
are imported. What they saw goes to coverage.py, which says what a line and a branch is, reports,
and fails the run below the percentage asked for.
"""

import ast
import hashlib
import io
import marshal
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

_WANTED = os.environ.get("TIDELINE_TEST_COVERAGE")
_ROOT = Path(__file__).parents[1]
_NEVER_TAKEN_OUT = 2**31 - 1
"""Probes stay where they are: taking them out again swaps the code of functions that run."""

_KEPT = Path(__file__).parent / "__pycache__"
_READY_FOR = f"{sys.version} {version('slipcover')}".encode()
"""What was prepared by another Python or SlipCover is not used."""

_EXIT = 0
"""What SlipCover calls the end of a function, for which coverage.py has a negative line."""

Pairs = Collection[tuple[int, int]]
Seen = dict[str, tuple[list[int], list[tuple[int, int]], list[tuple[int, int]]]]
"""By file: lines that ran; branches taken and not taken, each from a line to a line."""


class Probes:
    """Stand in modules of the folders that `[tool.coverage.run]` names."""

    def __init__(self) -> None:
        import coverage
        from slipcover import Slipcover, branch

        self._sources = coverage.Coverage().config.source or []
        self._folders = tuple(f"{_ROOT / source}{os.sep}" for source in self._sources)
        self._slipcover: Any = Slipcover(branch=True, d_miss_threshold=_NEVER_TAKEN_OUT)
        self._prepare = branch.preinstrument

    def begin(self) -> None:
        """Put them into whatever is imported from now on."""
        real = SourceFileLoader.get_code

        def get_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
            path = str(Path(loader.path).absolute())
            return self.compiled(path) if path.startswith(self._folders) else real(loader, fullname)

        SourceFileLoader.get_code = get_code

    def compiled(self, path: str) -> CodeType:
        """A file's code with probes."""
        return self._slipcover.instrument(self._prepared(path, Path(path).read_bytes()))

    def _prepared(self, path: str, source: bytes) -> CodeType:
        """Code that is ready for probes; half of the work, which one process does for all."""
        name = hashlib.sha256(b"\0".join([_READY_FOR, path.encode(), source])).hexdigest()
        kept = _KEPT / f"probed-{name}"
        with suppress(OSError, ValueError, EOFError):
            return marshal.loads(kept.read_bytes())
        code = compile(self._prepare(ast.parse(source)), path, "exec", dont_inherit=True)
        # May fail, as where Python keeps its own: what is imported behind the audit hook can write
        # nothing. Whole or not at all, since others read while this is written.
        with suppress(OSError):
            _KEPT.mkdir(exist_ok=True)
            partial = kept.with_name(f"{kept.name}.{os.getpid()}")
            partial.write_bytes(marshal.dumps(code))
            partial.replace(kept)
        return code

    def seen(self) -> Seen:
        """Of this process."""
        files = self._slipcover.get_coverage()["files"]
        return {
            str(Path(path).absolute()): (
                one["executed_lines"],
                one["executed_branches"],
                one["missing_branches"],
            )
            for path, one in files.items()
        }

    def all_files(self) -> Iterator[str]:
        """Also those that nothing imported."""
        for source in self._sources:
            yield from map(str, (_ROOT / source).rglob("*.py"))


class ProbedCoverage:
    """Sends what a worker saw to the process that started it, which judges."""

    def __init__(self, probes: Probes, wanted: float) -> None:
        self._probes = probes
        self._wanted = wanted
        self._lines: defaultdict[str, set[int]] = defaultdict(set)
        self._taken: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
        self._known: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
        self._report = ""

    def _add(self, seen: Mapping[str, Any]) -> None:
        for path, (lines, taken, not_taken) in seen.items():
            self._lines[path].update(lines)
            self._taken[path].update(map(tuple, taken))
            self._known[path].update(map(tuple, [*taken, *not_taken]))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._add(getattr(node, "workeroutput", {}).get("seen", {}))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Any:
        result = yield
        if session.config.option.collectonly:
            return result
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["seen"] = self._probes.seen()  # pyright: ignore
            return result
        self._add(self._probes.seen())
        if self._judged() < self._wanted:
            session.testsfailed += 1
        return result

    def _judged(self) -> float:
        import coverage

        told: Any = coverage.Coverage(data_file=None)
        # It would read every file again for the report, half of what judging takes.
        told._get_file_reporter = cache(told._get_file_reporter)
        data = told.get_data()
        for path in self._probes.all_files():
            possible = told._get_file_reporter(path).arcs()
            lines = self._lines[path]
            branches = arcs_taken(possible, lines, self._taken[path], self._known[path])
            data.add_arcs({path: {(line, line) for line in lines} | branches})
            data.touch_file(path)
        written = io.StringIO()
        total = told.report(file=written, skip_covered=True)
        self._report = written.getvalue()
        return total

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._report:
            terminalreporter.section(f"coverage, at least {self._wanted} %")
            terminalreporter.write(self._report)


def arcs_taken(
    possible: Pairs, lines: Collection[int], taken: Pairs, known: Pairs
) -> set[tuple[int, int]]:
    """Those of coverage.py's possible arcs that were taken for sure.

    The two name a branch alike where it leads to a line inside. Where it leads out, they may name
    different lines (at the end of a `with`, of a function): then it is the one way out of its line
    that both know under another name. An arc to a line that nothing else leads to was taken if the
    line ran, as from `case` to `case`.

    Args:
        possible: arcs that the source allows; to a negative line is out of the function.
        lines: lines that ran.
        taken: branches that the probes saw, with 0 for out of the function.
        known: all branches that have probes.
    """
    ways_in = Counter(end for _, end in possible)
    ways_out, named = defaultdict(set), defaultdict(set)
    for start, end in possible:
        ways_out[start].add(end)
    for start, end in known:
        named[start].add(end)
    found = {
        (start, end)
        for start, end in possible
        if end in lines and start in lines and ways_in[end] == 1
    }
    for start, end in taken:
        line, others = start, named[start] - {end}
        # From a `match` coverage.py goes by way of each `case`.
        for _ in named[start]:
            ends = ways_out[line] - others
            if len(ways_out[start]) > 1 or len(ends) != 1 or end in ends or max(ends) < 0:
                break
            (line,) = ends
        ends = ends & {end} or ends
        if len(ends) == 1:
            found.add((line, *ends))
    return found


def pytest_configure(config: pytest.Config) -> None:
    if _PROBES is not None:
        config.pluginmanager.register(
            ProbedCoverage(_PROBES, float(_WANTED or 0)), "probed-coverage"
        )


_PROBES = Probes() if _WANTED else None
if _PROBES is not None:
    # As soon as this is imported, for a folder's own conftest.py imports the program.
    _PROBES.begin()
