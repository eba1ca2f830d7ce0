"""Commands as from a shell, in the test's own process."""

import sys

import pytest

from orchestration.cli import main


def exit_status(patch: pytest.MonkeyPatch, *words: str) -> int:
    """Run `tideline` with these words. Returns what it exits with."""
    patch.setattr(sys, "argv", ["tideline", *words])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0
