"""Commands as from a shell, in the test's own process."""

import sys
from typing import Any

import pytest

from orchestration.cli import main
from orchestration.cli.session import Session


def exit_status(patch: pytest.MonkeyPatch, *words: str) -> int:
    """Run `tideline` with these words. Returns what it exits with."""
    patch.setattr(sys, "argv", ["tideline", *words])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


class Shell:
    """Commands on a home, in this process; each returns what it exits with and all it said."""

    def __init__(self, session: Session, patch: pytest.MonkeyPatch, capsys: Any) -> None:
        self._patch, self._capsys = patch, capsys
        patch.setenv("TIDELINE_HOME", str(session.home.root))

    def __call__(self, *arguments: str) -> tuple[int, str]:
        status = exit_status(self._patch, *arguments)
        said = self._capsys.readouterr()
        return status, said.out + said.err
