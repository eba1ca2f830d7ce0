"""`tideline member`: what members say about being read."""

from typing import Annotated

import typer

from assets.core.errors import ConsentError
from assets.restricted.consent.sentences import (
    OBJECTION_SENTENCE,
    OPT_IN_SENTENCE,
    PULSE_SENTENCES,
)
from orchestration.cli.console import screen
from orchestration.cli.hidden import hidden
from orchestration.cli.session import open_session
from resources.stores.consent.consent_terms import Scope
from resources.stores.members.identity import Identity, identity_of, number_of
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource
from resources.stores.requests.matching import group_code

app = typer.Typer(
    help="Record what members say about being read.", no_args_is_help=True, rich_markup_mode=None
)


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="member")


_GROUP = Annotated[str, typer.Argument(help="Group reference, such as g-7f3a91c2.")]
_NAME = Annotated[
    bool, typer.Option("--name", help="Ask for the name, as the exporting phone shows it.")
]
_NUMBER = Annotated[bool, typer.Option("--number", help="Ask for the telephone number.")]


@app.callback()
def member() -> None:
    """Record what members say about being read.

    Names and numbers are asked for without showing them, or read from standard input, a line each
    (the name first); never give one as an argument. Keyed digests of them are kept, nothing else.
    """


@app.command("object")
def objects(group: _GROUP, name: _NAME = False, number: _NUMBER = False) -> None:
    """Record that a member objects: nothing of theirs is read from now on."""
    _record(group, Saying.OBJECTED, _asked(name=name, number=number))


@app.command("opt-in")
def opts_in(group: _GROUP, name: _NAME = False, number: _NUMBER = False) -> None:
    """Record that a member may be read; it lifts an earlier objection given in the same way."""
    _record(group, Saying.OPTED_IN, _asked(name=name, number=number))


@app.command("withdraw")
def withdraws(group: _GROUP, name: _NAME = False, number: _NUMBER = False) -> None:
    """Record that a member who opted in no longer wants to be read."""
    _record(group, Saying.WITHDRAWN, _asked(name=name, number=number))


@app.command("code")
def code(group: _GROUP) -> None:
    """Show the code of a group's notice: by it members object at the portal, unseen.

    It is for the group's members alone: put it into their notice, as a link and as a QR code of it.
    """
    from resources.stores.study.gate import stops_pulse  # noqa: PLC0415  (help needs none of it)

    session = open_session()
    consent = session.register.consent(group)
    shown = group_code(session.members.marker(group))
    out = screen()
    out.print(shown)
    out.print(f"Its page is the portal's address and /m/{shown.replace('-', '')}")
    if Scope.PULSE in consent.scopes and not stops_pulse(session.home, session.clock.today()):
        out.print("Its consent names the pulse. Sentences for the notice:")
        out.print(f"  {PULSE_SENTENCES}", markup=False)


@app.command("sentence")
def sentence() -> None:
    """Show the sentences by which members speak for themselves in the chat."""
    out = screen()
    out.print("Posted as a whole message in the chat:")
    out.print(f"  {OBJECTION_SENTENCE}", markup=False)
    out.print("      nothing of its sender is read, earlier messages included")
    out.print(f"  {OPT_IN_SENTENCE}", markup=False)
    out.print("      its sender may be read, unless they objected on that day or later")


def _record(group_ref: str, saying: Saying, identity: Identity) -> None:
    session = open_session()
    session.register.consent(group_ref)
    if identity.empty:
        raise ConsentError("MEMBER_UNNAMED")
    members = session.members
    event = MemberEvent(
        saying,
        SayingSource.COMMAND,
        session.clock.today(),
        members.marker(group_ref).marks(identity),
    )
    members.record(group_ref, event, session.clock.now())
    out = screen()
    out.print(f"Recorded for {group_ref}: {saying.value.replace('_', ' ')}.", markup=False)
    out.print("It acts on every day that has not been scored yet, from the next run on.")


def _asked(*, name: bool, number: bool) -> Identity:
    """The identity that was typed or piped; whichever is asked for, or either in one line."""
    if not name and not number:
        return identity_of(hidden("Name, number or both"))
    written = hidden("Name") if name else ""
    digits = hidden("Number") if number else ""
    named = identity_of(written)
    if number and number_of(digits) is None:
        raise ConsentError("MEMBER_UNNAMED")
    return Identity(named.parts, named.joined, number_of(digits) or named.number)
