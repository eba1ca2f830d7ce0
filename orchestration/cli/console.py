"""What the commands print, and to where."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
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
        return Console(file=_terminal(), highlight=False)
    return Console(file=sys.stdout, highlight=False, width=PIPED_WIDTH)


@cache
def _terminal() -> IO[str]:
    """A way of its own to the terminal, for a quiet step points standard output elsewhere."""
    return os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding=sys.stdout.encoding, buffering=1)


def table(*columns: str, title: str | None = None) -> Table:
    """A table whose first column, the reference or day, is never cut."""
    made = Table(box=SIMPLE_HEAD, title=title, title_justify="left")
    for place, name in enumerate(columns):
        made.add_column(name, no_wrap=place == 0, overflow="fold")
    return made


def complain(error: TidelineError) -> None:
    """Say on standard error what happened and what to do."""
    console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
    console.print(f"{error}: {error.entry.happened}", markup=False)
    console.print(error.entry.next_step, markup=False)


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
        console.print(f"{title} ...", markup=False)
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
