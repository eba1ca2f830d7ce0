"""`tideline requests`: what members complain of or ask, with deadlines and without names.

Objections are not among them: the next reading acts on those, and nobody is told that there are
any.
"""

import sys
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

import typer

from assets.core.errors import ConsentError
from orchestration.cli.console import screen, table
from orchestration.cli.session import Session, open_session
from resources.base.keys.long_lived_keys import load_identity
from resources.stores.requests.member_request import Asks
from resources.stores.requests.receipts import Answer, Stands
from resources.stores.requests.request_book import Opened, RequestBook, dropped
from resources.wiring.ways_out import WaysOut

app = typer.Typer(
    help="Complaints and questions of members that wait, with deadlines; show and answer one.",
    rich_markup_mode=None,
)

DAYS_TO_ANSWER = {
    # Acknowledged at once by the receipt's page; DPA 2018 s.164A gives 30 days for that, and asks
    # for the rest without undue delay.
    Asks.COMPLAIN: timedelta(days=30),
    # A month (UK GDPR article 12(3)), of which the shortest has 28 days.
    Asks.QUESTION: timedelta(days=28),
}
_SHOWN_AS = {Asks.COMPLAIN: "complaint", Asks.QUESTION: "question"}


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="requests")


_REF = Annotated[str, typer.Argument(help="Reference, such as q-1b2c3d4e.")]


@dataclass(frozen=True)
class Waiting:
    """A complaint or a question without an answer.

    Attributes:
        ref: made of the digest of its receipt code.
        due: the day by which it is to be answered.
        opened: what it says.
    """

    ref: str
    due: date
    opened: Opened


@app.callback(invoke_without_command=True)
def requests(context: typer.Context) -> None:
    """List complaints and questions of members that wait, the most urgent first.

    They are opened in memory for this. No names, no groups: they may say who they are in the text.
    """
    if context.invoked_subcommand is None:
        _show_list()


@app.command("list")
def lists() -> None:
    """List what waits, as `tideline requests` does."""
    _show_list()


@app.command("show")
def shows(ref: _REF) -> None:
    """Show what one says, on this screen alone: it is nowhere kept in clear."""
    if not sys.stdout.isatty():
        raise ConsentError("REQUEST_FOR_A_SCREEN")
    session = open_session()
    one = _waiting(session, ref)
    out = screen()
    request = one.opened.request
    out.print(f"{ref}, {_SHOWN_AS[request.asks]}, to be answered by {one.due}")
    out.print(_on_a_screen(request.text))
    if request.contact:
        out.print(f"An answer may go to: {_on_a_screen(request.contact)}")
    out.print(f"Then: tideline requests answer {ref}")


@app.command("answer")
def answers(ref: _REF) -> None:
    """Close one, with the words that its sender's receipt page is to show.

    They are asked for, or read from standard input; empty ones say that the answer went elsewhere.
    Only the receipt code opens them.
    """
    session = open_session()
    one = _waiting(session, ref)
    if sys.stdin.isatty():
        written = typer.prompt("Answer (empty: given elsewhere)", default="", show_default=False)
    else:
        written = sys.stdin.read()
    answer = Answer(Stands.ANSWERED, session.clock.today(), written.strip())
    _book(session).answer(one.opened, answer)
    screen().print(f"Answered: {ref}.")


def waiting(session: Session) -> list[Waiting]:
    """Complaints and questions without an answer, the most urgent first.

    Raises:
        SetupError: `INBOX_IDENTITY_MISSING`.
    """
    book = _book(session)
    asked = [one for one in book.opened() if one.request.asks in DAYS_TO_ANSWER]
    answers = book.answers_to(asked)
    found = [
        Waiting(f"q-{one.receipt[:8]}", one.received_on + DAYS_TO_ANSWER[one.request.asks], one)
        for one in asked
        if answers[one.receipt].stands is not Stands.ANSWERED
    ]
    return sorted(found, key=lambda one: (one.due, one.ref))


def _book(session: Session) -> RequestBook:
    inbox = WaysOut(session.home, session.database, load_identity(session.home.secrets)).inbox
    return RequestBook(session.database, inbox.opened, session.clock.now)


def _show_list() -> None:
    session = open_session()
    today = session.clock.today()
    rows = table("reference", "what", "came", "answer by", "days left")
    found = waiting(session)
    for one in found:
        left = (one.due - today).days
        rows.add_row(
            one.ref,
            _SHOWN_AS[one.opened.request.asks],
            str(one.opened.received_on),
            str(one.due),
            str(left) if left >= 0 else f"{-left} late",
        )
    if found:
        screen().print(rows)
    else:
        screen().print("No complaint and no question waits.")
    count = dropped(session.database)
    if count:
        screen().print(f"Dropped so far, for they could not be opened or read: {count}.")


def _waiting(session: Session, ref: str) -> Waiting:
    found = [one for one in waiting(session) if one.ref == ref]
    if len(found) != 1:
        raise ConsentError("REQUEST_UNKNOWN")
    return found[0]


def _on_a_screen(text: str) -> str:
    """Without what would steer a terminal: anybody may have written it."""
    return "".join(one for one in text if one == "\n" or one.isprintable())
