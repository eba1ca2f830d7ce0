"""`tideline incident`: stop all reading, and the record of what was done."""

from datetime import datetime
from typing import Annotated

import typer

from assets.core.london_time import LONDON
from orchestration.cli.console import say, screen, table
from orchestration.cli.session import open_session
from resources.stores.incidents.incidents import Cause, Incident, Outcome

app = typer.Typer(
    help="Stop all reading, and keep the 72-hour record of what happened.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_BY = Annotated[str, typer.Option("--by", help="Who says so: initials, or a role such as dpo.")]
_INCIDENT = Annotated[str, typer.Argument(help="Reference of the incident, such as i-7f3a91c2.")]


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="incident")


@app.callback()
def incident() -> None:
    """Stop all reading, and keep the 72-hour record of what happened.

    While an incident is open nothing is read, scored or released, also by runs that go on now.
    Whoever leaves is kept from nothing, and what is past its lifetime goes; only counts and codes,
    by which the incident is looked into, stay until it is closed. docs/incidents.md says what to
    do.
    """


@app.command("open")
def open_(
    cause: Annotated[Cause, typer.Option(help="What happened, as far as is known.")],
    by: _BY,
    aware_since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M"],
            help="When somebody became aware, in London time (default: now); 72 hours run from"
            " then.",
        ),
    ] = None,
    destroy_waiting_keys: Annotated[
        bool,
        typer.Option(
            "--destroy-waiting-keys",
            help="Destroy every key of vectors that wait for a release. It can't be undone: days"
            " that were not scored are lost.",
        ),
    ] = False,
) -> None:
    """Stop all reading now, and begin the record."""
    session = open_session()
    now = session.clock.now()
    aware_at = aware_since.replace(tzinfo=LONDON) if aware_since else now
    incidents = session.ways_out.incidents
    opened = incidents.open(cause, by, aware_at, now)
    say(f"Opened {opened.ref}. Nothing is read, scored or released from now on.")
    if destroy_waiting_keys:
        gone = session.ways_out.vectors.destroy_waiting(now)
        incidents.keys_destroyed(opened.ref, by, gone, now)
        say(f"Destroyed {gone} keys of vectors; what they sealed can be opened by nobody.")
    say(f"Tell the regulator by {_moment(opened.tell_by)}, unless no risk to people is likely.")
    say("Next: docs/incidents.md says what the record needs; `tideline incident show` shows it.")


@app.command("show")
def show() -> None:
    """Show every incident, and how long there is to tell the regulator."""
    session = open_session()
    now = session.clock.now()
    rows = table(
        "incident", "cause", "aware", "opened", "keys destroyed", "regulator", "closed", "outcome"
    )
    for one in session.ways_out.incidents.all():
        rows.add_row(
            one.ref,
            one.cause.value,
            _moment(one.aware_at),
            f"{_moment(one.opened_at)} by {one.opened_by}",
            str(one.keys_destroyed),
            _regulator(one, now),
            _moment(one.closed_at) if one.closed_at else "open",
            one.outcome.value if one.outcome else "",
        )
    screen().print(rows)


@app.command("told")
def told(ref: _INCIDENT, by: _BY) -> None:
    """Record that the regulator was told now."""
    session = open_session()
    session.ways_out.incidents.regulator_told(ref, by, session.clock.now())
    say(f"Recorded for {ref}.")


@app.command("close")
def close(
    ref: _INCIDENT,
    by: _BY,
    outcome: Annotated[Outcome, typer.Option(help="How it ended.")],
) -> None:
    """Close an incident; reading goes on with the next run, unless another one is open."""
    session = open_session()
    incidents = session.ways_out.incidents
    incidents.close(ref, outcome, by, session.clock.now())
    still = incidents.standing()
    say(f"Closed {ref}. " + (f"{still.ref} is open still." if still else "Reading goes on."))


def _regulator(one: Incident, now: datetime) -> str:
    if one.regulator_told_at is not None:
        return f"told {_moment(one.regulator_told_at)}"
    if one.closed_at is not None:
        return "not told"
    left = (one.tell_by - now).total_seconds() / 3600
    return f"{left:.0f} hours left" if left > 0 else f"{-left:.0f} hours too late"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%Y-%m-%d %H:%M}"
