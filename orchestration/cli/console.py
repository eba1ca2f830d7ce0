"""What the commands print, and to where."""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from assets.governance.errors import TidelineError

PIPED_WIDTH = 180
"""Columns where the output is no terminal, wide enough that a line can be searched for."""


def screen() -> Console:
    """Standard output, held onto so that a quiet step does not take it away."""
    if sys.stdout.isatty():
        return _console(_terminal())
    return _console(sys.stdout, width=PIPED_WIDTH)


def _console(file: IO[str], width: int | None = None) -> Console:
    """Prints texts as they are: a region or a folder may be called `[red]` or `:house:`."""
    return Console(file=file, highlight=False, markup=False, emoji=False, width=width)


@cache
def _terminal() -> IO[str]:
    """A way of its own to the terminal, for a quiet step points standard output elsewhere."""
    return os.fdopen(
        os.dup(sys.stdout.fileno()),
        "w",
        encoding=sys.stdout.encoding,
        errors="replace",
        buffering=1,
    )


def table(*columns: str, title: str | None = None) -> Table:
    """A table whose first column, the reference or day, is never cut."""
    made = Table(box=SIMPLE_HEAD, title=title, title_justify="left")
    for place, name in enumerate(columns):
        made.add_column(name, no_wrap=place == 0, overflow="fold")
    return made


def say(line: str) -> None:
    """Print a line whole, however long, so that what stands in it can be copied."""
    screen().print(line, soft_wrap=True)


def pasteable(path: Path | str) -> str:
    """A path as a shell takes it, in signs that standard output can carry."""
    text = str(path)
    plain = text.isprintable() and _is_carried(text)
    if plain:
        return shlex.quote(text)
    # The form of bash, ksh and zsh for any byte.
    shown = (
        chr(byte) if 0x20 <= byte < 0x7F and chr(byte) not in "'\\" else f"\\x{byte:02x}"  # noqa: PLR2004
        for byte in os.fsencode(text)
    )
    return f"$'{''.join(shown)}'"


def _is_carried(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def complain(error: TidelineError) -> None:
    """Say on standard error what happened and what to do."""
    console = _console(sys.stderr)
    console.print(f"{error}: {error.entry.happened}", soft_wrap=True)
    console.print(error.entry.next_step, soft_wrap=True)


def say_database_waits() -> None:
    """Say on standard error why a command has not begun yet."""
    console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
    console.print(
        "The home's PostgreSQL is starting or recovering; waiting for it ...", markup=False
    )


@contextmanager
def progress(title: str) -> Iterator[None]:
    """Show that long work goes on, and what it took."""
    console = screen()
    if not console.is_terminal:
        console.print(f"{title} ...", soft_wrap=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        redirect_stdout=False,
        redirect_stderr=False,
        disable=not console.is_terminal,
    ) as bar:
        bar.add_task(title, total=None)
        yield
