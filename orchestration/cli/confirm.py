"""Asking before something is deleted for good: a question on a terminal, elsewhere --yes."""

import sys

import typer

from assets.core.errors import SetupError


def confirm(question: str, *, yes: bool) -> None:
    """Go on only if somebody said so. Never waits where nobody can answer.

    Raises:
        SetupError: `NOT_CONFIRMED`.
    """
    if yes or (on_terminal() and typer.confirm(question)):
        return
    raise SetupError("NOT_CONFIRMED")


def on_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()
