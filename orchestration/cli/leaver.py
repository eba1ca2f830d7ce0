"""`tideline leaver`: what somebody who leaves the team could do is taken away."""

from collections.abc import Iterator
from typing import Annotated

import typer

from assets.core.errors import SetupError, StudyError
from orchestration.cli import pass_phrase
from orchestration.cli.console import say
from orchestration.cli.session import Session, open_session
from orchestration.key_rotation import rotate_inbox
from resources.stores.portal.of_home import PortalOfHome
from resources.stores.release.release_people import ReleasePeople
from resources.stores.study.entry_forms import Roles
from resources.stores.study.register import file_of, read_register


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("leaver")
    def leaver(
        name: Annotated[str, typer.Argument(help="Short name of who leaves.")],
        by: Annotated[str, typer.Option("--by", help="Somebody else who may correct releases.")],
    ) -> None:
        """Take away what somebody who leaves the team could do, and say what is left to be done.

        They correct no release any more (asks for the pass phrase of --by), and files that come
        from now on are sealed to another key of the inbox. docs/incidents.md has the whole list.
        """
        if name == by:
            raise typer.BadParameter("goes by somebody else", param_hint="--by")
        session = open_session()
        for line in (
            _corrects_no_more(session, name, by),
            _inbox_rotated(session),
            *_left_to_do(session, name),
        ):
            say(line)


def _corrects_no_more(session: Session, name: str, by: str) -> str:
    people = ReleasePeople(session.database)
    if name not in people.since():
        return f"{name} is not registered to correct releases."
    people.remove(name, by, pass_phrase.asked(by), session.clock.now())
    return f"{name} corrects no release any more; what they did stays on record."


def _inbox_rotated(session: Session) -> str:
    try:
        rotate_inbox(session.home, session.clock.now())
    except SetupError as error:
        if error.code != "KEY_IN_ENVIRONMENT":
            raise
        return "The inbox's key comes from the environment: put another one there."
    days = session.home.config.inbox_lifetime_days
    return (
        "New files are sealed to another key of the inbox. Write a new `tideline keys backup` and"
        " destroy the earlier ones; give whoever delivers by other means the new home.yaml; in"
        f" {days} days: `tideline keys rotate --drop-earlier`."
    )


def _left_to_do(session: Session, name: str) -> Iterator[str]:
    try:
        people = read_register(file_of(session.home)).entry(Roles).people
    except StudyError:
        people = {}
    if name in people:
        yield (
            f"study.yaml names {name} under `roles`: put somebody else there, and have the entry"
            " approved anew by two who stay. Until then nothing is read."
        )
    notify = session.home.config.notify
    if notify is not None:
        yield "home.yaml sends notices: take their address out, and change the secrets it names."
    if PortalOfHome(session.home.portal).is_there():
        yield (
            "The home has a portal: where they could copy the key that signs invitations,"
            " `tideline consent revoke-links`."
        )
    yield (
        "End their login on the machine and the database, and have their list of which group is"
        " which reference handed over. Where they could copy the master key: `tideline keys rotate"
        " master`. Where they could copy keys and vectors of the home as well, first `tideline"
        " incident open --cause wrong_access --destroy-waiting-keys`."
    )
