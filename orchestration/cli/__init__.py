"""The command line `tideline`: one module for each command or family of commands."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from assets.core.errors import StorageError, TidelineError
from orchestration.cli import (
    backup,
    consent,
    demo,
    dev,
    inbox,
    init,
    keys,
    lifetimes,
    member,
    migrate,
    readiness,
    release,
    rescore,
    run,
    status,
    survey,
    train,
)
from orchestration.cli.console import complain, say
from orchestration.cli.streams import standard_streams
from resources.base.files import code_of, private_files
from resources.containment.guard import without_text
from resources.containment.hardening import harden

app = typer.Typer(
    name="tideline",
    help=(
        "Regional trend lines of how care workers are doing, without anyone reading a word they"
        " wrote.\n\nA home (the folder TIDELINE_HOME) holds one study. Start with `tideline demo`,"
        " which makes one with made-up data; a real one goes: init, consent grant, inbox add, run."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        say(f"tideline {version('tideline')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version."),
    ] = False,
) -> None:
    pass


init.add_to(app)
demo.add_to(app)
migrate.add_to(app)
backup.add_to(app)
app.add_typer(keys.app, name="keys")
app.add_typer(consent.app, name="consent")
app.add_typer(member.app, name="member")
app.add_typer(inbox.app, name="inbox")
run.add_to(app)
readiness.add_to(app)
rescore.add_to(app)
app.add_typer(release.app, name="release")
status.add_to(app)
lifetimes.add_to(app)
dev.add_to(app)
app.add_typer(survey.app, name="survey")
app.add_typer(train.app, name="train")


def main() -> None:
    """Run the command line; exit statuses are those of `docs/errors.md`.

    An error that no command foresees leaves with classes and places in our files only.
    """
    harden()
    with private_files(), standard_streams() as is_lost:
        status = _status_of_command()
        if not status and is_lost():
            status = _told(StorageError("OUTPUT_NOT_WRITTEN"))
    sys.exit(status)


def _status_of_command() -> int:
    failure = None
    try:
        app()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 0
    except OSError as error:
        code = code_of(error)
        failure = StorageError(code) if code else without_text(error)
    except Exception as error:  # noqa: BLE001  (its words may be a message's)
        failure = without_text(error)
    return _told(failure) if isinstance(failure, TidelineError) else 0


def _told(failure: TidelineError) -> int:
    complain(failure)
    return failure.entry.exit_status
