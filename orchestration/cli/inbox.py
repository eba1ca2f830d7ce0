"""`tideline inbox`."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from orchestration.cli.confirm import confirm
from orchestration.cli.console import say, screen, table
from orchestration.cli.delivering import deliver
from orchestration.cli.delivery_words import (
    said_of,
    said_of_count,
    said_of_lifetime,
    said_of_members,
    said_of_nameless,
    said_of_reading,
)
from orchestration.cli.gone import say_what_is_gone
from orchestration.cli.hidden import hidden
from orchestration.cli.next_reading import next_reading
from orchestration.cli.session import Session, open_session, open_session_to_read
from resources.stores.inbox.arrival_counts import ArrivalCounts
from resources.stores.inbox.collection_records import CollectionRecords
from resources.stores.inbox.inbox import SealedExport
from resources.stores.leaving.leaving import Gone
from resources.stores.ledger import Kind
from resources.wiring.commands import inbox_of

_GROUP = Annotated[str, typer.Argument(help="Group reference, such as g-7f3a91c2.")]

app = typer.Typer(
    help="Deliver exports, look at them from outside, delete them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="inbox")


@app.callback()
def inbox() -> None:
    """Deliver exports, look at them from outside, delete them.

    A file is sealed on receipt; only the collect step can open it.
    """


@app.command("add")
def add(
    group: _GROUP,
    file: Annotated[
        Path, typer.Argument(help="The export as the platform made it (.txt, .json, .jsonl, .zip).")
    ],
    you: Annotated[
        bool, typer.Option("--you", help='Ask who exported it: the file says "You" of them.')
    ] = False,
) -> None:
    """Look at a group's export, seal it into the inbox, and say what the next run will do.

    A file that could not be read is refused now, while you have the original, and nothing of it is
    kept. The file itself stays where it is: delete it after.

    WhatsApp Web and Desktop write "You" in place of the name of whoever exported. Their messages
    are read only if you say who it is, as the group's other members see them (--you): it is asked
    for without showing it, or read from standard input. Keyed digests of it are sealed with the
    file, nothing else.
    """
    session = open_session_to_read()
    exporter = hidden("Who exported it: name, number or both") if you else None
    delivered = deliver(session, group, file, exporter=exporter)
    consent = session.register.consent(group)
    look = delivered.look
    say(said_of(look))
    say(f"Delivered for {group}. {said_of_lifetime(delivered.sealed, session.home.config)}")
    if delivered.counted is not None:
        say(said_of_count(delivered.counted, ArrivalCounts(session.database).left()))
    for line in said_of_reading(next_reading(session, consent, delivered), look, consent):
        say(line)
    for line in said_of_members(look, consent):
        say(line)
    for line in said_of_nameless(look, exporter_told=you):
        say(line)
    say("Next: delete your own copy of the file. The next run reads it; or `tideline run`.")


@app.command("list")
def list_files(group: _GROUP) -> None:
    """Show a group's files: arrival, sealed size, how reading went, days left. Opens none."""
    session = open_session()
    session.register.consent(group)
    out = screen()
    out.print(files_table(session, group))
    spent = session.ways_out.spent_exports.deleted(group)
    if spent:
        out.print(
            f"Exports destroyed before, as every day that they could supply had settled: {spent}.",
            markup=False,
        )
    strays = inbox_of(session.home, with_identity=False).strays(group)
    if strays:
        out.print(
            f"Files that were not delivered by `tideline inbox add`: {strays}. They are never read,"
            f" and deleted {session.home.config.inbox_lifetime_days} days after their last change.",
            markup=False,
        )


@app.command("purge")
def purge(
    group: _GROUP,
    yes: Annotated[
        bool, typer.Option("--yes", help="Don't count and ask; delete them now.")
    ] = False,
) -> None:
    """Delete all files of a group now, strays too. What was scored before stays.

    It is recorded first, and from then on none of them is read. What can't be deleted now is by
    `tideline lifetimes`, which also runs every hour. It says how many there are, and asks on a
    terminal; elsewhere give --yes.
    """
    session = open_session()
    session.register.consent(group)
    out = screen()
    if not yes:
        inbox = inbox_of(session.home, with_identity=False)
        count = len(inbox.list(group)) + inbox.strays(group)
        out.print(f"{group} has {count} files in the inbox.", markup=False)
        confirm("Delete them for good?", yes=yes)
    gone = session.ways_out.leaving.purge(group, session.clock.now())
    deleted = gone.counts[Kind.EXPORT_PURGED]
    out.print(f"Deleted {deleted} files of {group}; the ledger has the count.", markup=False)
    say_what_is_gone(Gone(failures=gone.failures))


def files_table(session: Session, group_ref: str) -> Table:
    """The group's files, oldest first."""
    inbox = inbox_of(session.home, with_identity=False)
    outcomes = CollectionRecords(session.database, session.home.config.mode).outcomes(group_ref)
    now = session.clock.now()
    rows = table("arrived (UTC)", "sealed bytes", "state", "days left")
    for export in inbox.list(group_ref):
        size = inbox.size(export)
        rows.add_row(
            export.arrived_at.strftime("%Y-%m-%d %H:%M"),
            "gone" if size is None else f"{size:,}",
            _state(export, outcomes),
            str(_days_left(export.arrived_at + inbox.lifetime, now)),
        )
    return rows


def _state(export: SealedExport, outcomes: Mapping[str, str | None]) -> str:
    if export.digest not in outcomes:
        return "not yet read"
    return outcomes[export.digest] or "readable"


def _days_left(until: datetime, now: datetime) -> int:
    """Days begun until a file goes; 0 for one that the next run of `lifetimes` deletes."""
    return max(0, math.ceil((until - now) / timedelta(days=1)))
