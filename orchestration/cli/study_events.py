"""`tideline study events`: public events that graphs mark, once two people have signed them."""

from typing import Annotated

import typer

from assets.core.errors import StudyError
from orchestration.cli.console import pasteable, say, screen, table
from orchestration.cli.ssh_signing import KEY, SIGNATURE, require_one, signature_over
from resources.base.home import Home, load_home
from resources.stores.study.public_events import (
    events_scope,
    file_of_events,
    read_events,
    record_signature,
    signed_events,
    who_signed,
)
from resources.stores.study.register import file_of, read_register

app = typer.Typer(
    help="Public events that graphs mark: look at them, and sign them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def events() -> None:
    """Events of `events.yaml`, which graphs mark once two people have signed the file."""


@app.command("check")
def check() -> None:
    """Show what `events.yaml` says, who has signed it as it stands, and whether it is shown."""
    home = load_home()
    found = read_events(home)
    rows = table("day", "kind", "what", "source", "regions")
    for one in found:
        rows.add_row(one.day.isoformat(), one.kind, one.words, one.source, ", ".join(one.regions))
    screen().print(rows)
    _tell(home)


@app.command("scope")
def scope() -> None:
    """Print what a signature signs: the home, and a digest of all events as they stand."""
    home = load_home()
    # As it is, for it is signed to the letter.
    typer.echo(events_scope(home, read_events(home)), nl=False)


@app.command("approve")
def approve(
    by: Annotated[str, typer.Option("--by", help="Short name of who signs, as in `roles`.")],
    key: KEY = None,
    signature: SIGNATURE = None,
) -> None:
    """Sign the events as they stand, as `tideline study approve` does. It takes two people."""
    require_one(key, signature)
    home = load_home()
    register = read_register(file_of(home))
    scope = events_scope(home, read_events(home))
    record_signature(home, register, by, signature_over(scope, key, signature))
    say(f"{by} has signed {pasteable(file_of_events(home))} as it stands.")
    _tell(home)


def _tell(home: Home) -> None:
    try:
        register = read_register(file_of(home))
    except StudyError as error:
        say(f"No event is shown: {error.code}.")
        return
    found = read_events(home)
    for name, done in who_signed(home, register, found).items():
        say(f"{name}: {'signed' if done else 'not signed as it stands'}")
    shown = len(signed_events(home, register))
    say(f"{shown} of {len(found)} events are shown, from the next release on.")
