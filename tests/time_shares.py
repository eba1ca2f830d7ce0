"""Says at the end how long each folder's tests took, and their share of the whole."""

from collections import Counter
from pathlib import PurePosixPath

import pytest

_LEAST_SECONDS = 60
"""Shorter runs are of a few tests, whose shares say nothing."""


def folder_of(nodeid: str) -> str:
    """`tests/leak` of `tests/leak/test_backup.py::test_a`."""
    return "/".join(PurePosixPath(nodeid.partition("::")[0]).parts[:2])


class TimeShares:
    """Adds up the seconds of set-up, test and tear-down; processes side by side all count."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.tests: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        folder = folder_of(report.nodeid)
        self.seconds[folder] += report.duration
        self.tests[folder] += report.when == "call"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        total = sum(self.seconds.values())
        if total < _LEAST_SECONDS:
            return
        terminalreporter.section("time by folder")
        for folder, seconds in self.seconds.most_common():
            terminalreporter.write_line(
                f"{seconds:7.0f} s {seconds / total:5.1%} {self.tests[folder]:6d} tests  {folder}"
            )


def pytest_configure(config: pytest.Config) -> None:
    # A worker's reports reach the process that started it, which adds them up.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(TimeShares(), "time-shares-of-folders")
