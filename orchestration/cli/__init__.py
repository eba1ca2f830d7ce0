"""The command line `tideline`: one module for each command or family of commands."""

import sys
from typing import Annotated

import typer

from assets.core.errors import StorageError, TidelineError
from orchestration.cli.on_demand import OnDemandGroup
from orchestration.cli.streams import standard_streams
from resources.base.credentials import take_credentials
from resources.base.files import code_of, private_files
from resources.containment.guard import without_text
from resources.containment.hardening import harden


class Commands(OnDemandGroup):
    """Every command, none of which is loaded before it is called. A test holds the lines true."""

    # An installation without connectors shows no trace of them (docs/connectors.md).
    unlisted = frozenset({"connect"})

    lines = {  # noqa: RUF012  (declared a class variable there)
        "init": {"init": "Make a home at TIDELINE_HOME."},
        "study": {"study": "The study register: write it, check it, approve it."},
        "demo": {
            "demo": "Make up care workers' chats, run the whole platform on them, and write the"
            " page."
        },
        "migrate": {
            "migrate": "Bring a home of an older version to this one: its database, its keys, its"
            " journals."
        },
        "upgrade": {
            "upgrade": "Bring a home to this version: rehearsed, backed up, looked at, with a way"
            " back."
        },
        "backup": {
            "backup": "Write all of the home that must last into one file, while the home is at"
            " work.",
            "restore": "Make a home at TIDELINE_HOME of a backup: in an empty folder and an empty"
            " database.",
        },
        "run": {
            "run": "Collect, release and publish a range of days, closing every day that may close."
        },
        "readiness": {
            "readiness": "Tell what each region can publish: daily values, a 7-day or a 4-weekly"
            " line, or nothing."
        },
        "remind": {
            "remind": "Remind of exports that are due, two days before a day closes and every day"
            " from then."
        },
        "rescore": {
            "rescore": "Score an open day again with the model in use, from its stored vectors."
        },
        "status": {
            "status": "Show each region-day (open, closed, published or why not) and each group's"
            " state."
        },
        "doctor": {
            "doctor": "Look at the home, its machine and its database, and say what is wrong and"
            " what to do."
        },
        "verify": {"verify": "Look whether all that was recorded is as it was."},
        "lifetimes": {
            "lifetimes": "Delete what is past its time, and what groups that left have left"
            " behind.",
            "journal": "The journals of who left and what was drawn, beside the database.",
        },
        "dev": {
            "dev": "Run Dagster's web UI and daemon on the home: sensor, morning schedules, runs.",
            "dashboard": "Write the public page and data file anew from what is published, and say"
            " where.",
        },
        "serve": {
            "serve": "Run one of Dagster's processes with what it reads and no more: see"
            " deploy/README.md."
        },
        "keys": {"keys": "Back up the keys that a home has for life, and put them back."},
        "leaver": {
            "leaver": "Take away what somebody who leaves the team could do, and say what is left"
            " to be done."
        },
        "incident": {"incident": "Stop all reading, and keep the 72-hour record of what happened."},
        "consent": {"consent": "Record and look up the consents of groups."},
        "portal": {
            "portal": "Serve pages: admins consent, deliver and withdraw; members object, ask,"
            " answer the pulse."
        },
        "connect": {
            "connect": "Collect by itself, where a platform and a group let a program of yours read"
            " along."
        },
        "member": {"member": "Record what members say about being read."},
        "requests": {
            "requests": "Complaints and questions of members that wait, with deadlines; show and"
            " answer one."
        },
        "inbox": {"inbox": "Deliver exports, look at them from outside, delete them."},
        "release": {
            "release": "Correct what was published, change the release method, and see the privacy"
            " budget."
        },
        "survey": {
            "survey": "Keep what groups say of themselves in pulse surveys, to compare scores with."
        },
        "audit": {
            "audit": "Look at runs, lineage and evidence, and rehearse, without changing anything."
        },
        "train": {
            "train": "Rebuild committed word lists and models from the corpora at TIDELINE_CORPORA."
        },
    }


app = typer.Typer(
    name="tideline",
    cls=Commands,
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
        from importlib.metadata import version  # noqa: PLC0415  (loads what reads e-mails)

        typer.echo(f"tideline {version('tideline')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version."),
    ] = False,
) -> None:
    pass


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
        take_credentials()
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
    from orchestration.cli.console import complain  # noqa: PLC0415  (loads rich)

    complain(failure)
    return failure.entry.exit_status
