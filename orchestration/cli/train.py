"""`tideline train`: rebuild what was trained or counted, and is committed."""

import os
from contextlib import suppress
from pathlib import Path

import typer

from assets.governance.errors import SetupError
from orchestration.cli.console import progress, screen

app = typer.Typer(
    help="Rebuild committed word lists and models from the corpora at TIDELINE_CORPORA.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def train() -> None:
    """Rebuild committed word lists and models. Needs the extra `train` (see README.md)."""


@app.command("vocabulary")
def vocabulary() -> None:
    """Rebuild the closed vocabulary in place; review the change as docs/vocabulary.md says."""
    from assets.scrubbing.vocabulary import VOCABULARY_FILE  # noqa: PLC0415
    from assets.scrubbing.vocabulary_build import (  # noqa: PLC0415  (needs the extra)
        build_vocabulary,
        write_vocabulary,
    )

    corpora = os.environ.get("TIDELINE_CORPORA")
    words = None
    with progress("counting words"), suppress(FileNotFoundError, ModuleNotFoundError):
        words = build_vocabulary(
            Path(corpora or "corpora"),
            VOCABULARY_FILE.with_name("vocabulary_added.txt"),
            VOCABULARY_FILE.with_name("vocabulary_removed.txt"),
        )
    if words is None:
        raise SetupError("CORPORA_MISSING")
    write_vocabulary(words, VOCABULARY_FILE)
    screen().print(f"{len(words)} words. Next: look at `git diff` word by word.", markup=False)
