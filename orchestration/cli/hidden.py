"""Asking for names and numbers without showing them."""

import sys
from collections.abc import Iterator

import typer


def hidden(what: str) -> str:
    """What is typed, twice, without being shown; or the next line of standard input."""
    if sys.stdin.isatty():
        # Twice, for a slip of the hand would be about nobody.
        return typer.prompt(what, hide_input=True, confirmation_prompt=True)
    return sys.stdin.readline().strip()


def hidden_lines(what: str) -> Iterator[str]:
    """What is typed, each twice, without being shown, until nothing is; or all of standard input.

    Empty lines are left out.
    """
    if not sys.stdin.isatty():
        yield from filter(None, map(str.strip, sys.stdin))
        return
    while one := typer.prompt(
        what, hide_input=True, confirmation_prompt=True, default="", show_default=False
    ):
        yield one
