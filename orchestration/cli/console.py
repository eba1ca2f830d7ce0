"""What the commands print, and to where."""

import math
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from assets.core.errors import TidelineError
from resources.base.share_done import Tell

PIPED_WIDTH = 180
"""Columns where the output is no terminal, wide enough that a line can be searched for."""

SECONDS_BETWEEN_LINES = 30.0
"""On long work, where the output is no terminal."""


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
def progress(title: str) -> Iterator[Tell]:
    """Show that long work goes on, what it took, and once it is told, its share done and time left.

    Where the output is no terminal, that is a line at the start, and one now and then.
    """
    console = screen()
    if not console.is_terminal:
        console.print(f"{title} ...", soft_wrap=True)
        yield _Lines(console, title).tell
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


class _Lines:
    """A line on long work now and then."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._began = self._said = time.monotonic()

    def tell(self, done: int, of: int) -> None:
        """Say the share done and the time left, if the last line is a while ago."""
        now = time.monotonic()
        if now - self._said < SECONDS_BETWEEN_LINES or not 0 < done < of:
            return
        self._said = now
        left = (now - self._began) * (of - done) / done
        minutes = f"about {math.ceil(left / 60)} min left"
        self._console.print(f"{self._title}: {done / of:.0%} done, {minutes}", soft_wrap=True)
