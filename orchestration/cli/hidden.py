"""Asking for a name or a number without showing it."""

import sys

import typer


def hidden(what: str) -> str:
    """What is typed, twice, without being shown; or the next line of standard input."""
    if sys.stdin.isatty():
        # Twice, for a slip of the hand would be about nobody.
        return typer.prompt(what, hide_input=True, confirmation_prompt=True)
    return sys.stdin.readline().strip()
