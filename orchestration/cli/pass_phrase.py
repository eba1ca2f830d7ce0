"""Asking for a pass phrase: hidden on a terminal, else a line of standard input."""

import sys

import typer

from assets.core.errors import ReleaseError


def asked(person: str) -> str:
    """The pass phrase that a person holds; never an argument, which a process list would show."""
    if sys.stdin.isatty():
        return typer.prompt(f"Pass phrase of {person}", hide_input=True)
    return _line()


def asked_twice(person: str) -> str:
    """A new pass phrase.

    Raises:
        ReleaseError: `PHRASE_NOT_REPEATED`.
    """
    if sys.stdin.isatty():
        return typer.prompt(
            f"New pass phrase of {person}", hide_input=True, confirmation_prompt=True
        )
    phrase = _line()
    if _line() != phrase:
        raise ReleaseError("PHRASE_NOT_REPEATED")
    return phrase


def _line() -> str:
    return sys.stdin.readline().rstrip("\r\n")
