"""`tideline lifetimes` and `tideline journal`."""

import time
from typing import Annotated

import typer

from assets.core.errors import StorageError, TidelineError
from orchestration.cli.console import complain, screen
from orchestration.cli.gone import say_what_is_gone
from orchestration.cli.session import Session, open_session
from resources.stores.leaving.leaving import Gone
from resources.stores.portal.floods import refuse_flood

journal_app = typer.Typer(
    help="The journals of who left and what was drawn, beside the database.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(journal_app, name="journal")

    @app.command("lifetimes")
    def lifetimes(
        every: Annotated[
            int | None,
            typer.Option(
                min=5,
                max=3600,
                help="Do it again every so many seconds, until Ctrl+C; what fails is told and"
                " tried again.",
            ),
        ] = None,
    ) -> None:
        """Delete what is past its time, and what groups that left have left behind.

        The job of the same name does so every hour under `tideline dev`; with --every a process of
        its own does, whether or not Dagster runs, so that what a group withdrew on the portal is
        gone within so many seconds. What was answered there comes into the register, too. Exits
        with a code if something is kept longer than promised, or if somebody floods the portal.
        """
        session = open_session()
        if every is None:
            _once(session)
            return
        while True:
            # A database that starts again must not end what deletes within the minute.
            try:
                _once(session)
            except TidelineError as error:
                complain(error)
            except Exception:  # noqa: BLE001  (its words may be anybody's, and the rest goes on)
                complain(StorageError("LIFETIME_PART_BROKEN"))
            time.sleep(every)


def _once(session: Session) -> None:
    ways_out = session.ways_out
    gone = ways_out.lifetimes.sweep(session.clock.now())
    say_what_is_gone(Gone(gone.counts))
    if gone.failures:
        raise StorageError(gone.failures[0])
    ways_out.inbox.refuse_versioned()
    ways_out.taking_over.run_if_whole(session.clock.now())
    screen().print("All that was due is deleted; the ledger has the counts.")
    refuse_flood(session.database, session.clock.now())


@journal_app.callback()
def journal() -> None:
    """The journals of who left and what was drawn, beside the database."""


@journal_app.command("rebuild")
def rebuild(
    yes: Annotated[
        bool, typer.Option("--yes", help="The newest copies are lost for good: write them anew.")
    ] = False,
) -> None:
    """Write the journals anew from the database, where their newest copies are truly lost.

    Put back the newest copies instead if there are any. What was withdrawn, objected to or drawn
    after the database's backup was made is forgotten by this: those people may be read again, and
    those days drawn again. Ask the groups and the coordinators before anything is read.
    """
    session = open_session()
    out = screen()
    if not yes:
        out.print("Withdrawals, objections and draws that only the lost journals knew of would be")
        out.print("forgotten for good. Put back the newest copies of HOME/leaving-journal and")
        out.print("HOME/release-journal; only if there are none, give --yes.")
        raise typer.Exit(2)
    reconciliation, now = session.ways_out.reconciliation, session.clock.now()
    reconciliation.put_back(now)
    rebuilt = reconciliation.rebuild(now)
    # Of the leaving journal no count, which would tell that somebody objected.
    out.print(
        f"Written anew: the leaving journal, and {rebuilt.draws} draws. What the journals still had"
        " is in the database again.",
        markup=False,
    )
    out.print(
        "What was withdrawn, objected to or drawn since the database's backup is forgotten: ask the"
        " groups before the next run."
    )
