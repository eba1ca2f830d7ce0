"""`tideline release`: correcting what was published, by people who are known."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from assets.core.errors import PartitionError, ReleaseError, StorageError
from assets.core.study_entries import Action
from assets.released.budget import MONTH_CAP, YEAR_CAP
from orchestration.cli import pass_phrase, release_budget, release_method, release_rebuild
from orchestration.cli.console import screen, table
from orchestration.cli.session import Session, open_session, open_session_to_read
from resources.containment.guard import without_text
from resources.stores.release.corrections import Corrections, Retracted, RetractionReason
from resources.stores.release.release_ledger import ReleaseLedger
from resources.stores.release.release_methods import ReleaseMethods
from resources.stores.release.release_people import ReleasePeople
from resources.stores.release.release_requests import ReleaseRequests

app = typer.Typer(
    help="Correct what was published, change the release method, and see the privacy budget.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="release")


app.add_typer(release_method.app, name="method")
release_method.add_to(app)
release_budget.add_to(app)
release_rebuild.add_to(app)

_REGION = Annotated[str, typer.Option("--region", help="Region key, such as greater_london.")]
_REASON = Annotated[RetractionReason, typer.Option("--reason", help="Public reason.")]
_BY = Annotated[str, typer.Option("--by", help="Who does it; the pass phrase is asked for.")]


@app.callback()
def release() -> None:
    """Correct what was published, change the release method, and see the privacy budget.

    Whoever corrects is registered by name (`tideline release person`) with a pass phrase, which is
    asked for without showing it or read as a line of standard input; never give it as an argument.
    """


@app.command("person")
def person(
    name: Annotated[str, typer.Argument(help="A short name in lower case, such as initials.")],
    remove: Annotated[bool, typer.Option("--remove", help="Remove this person.")] = False,
    by: Annotated[
        str | None,
        typer.Option("--by", help="With --remove: who removes; without it, the person themselves."),
    ] = None,
) -> None:
    """Register a person who may correct releases, or give one another pass phrase.

    The pass phrase has at least 12 characters and is asked for twice, or read as two lines of
    standard input. Someone who is registered gives the present one first. To remove a person takes
    their own phrase or that of another (`--remove --by OTHER`).
    """
    session = open_session()
    people, now = ReleasePeople(session.database), session.clock.now()
    if remove:
        people.remove(name, by or name, pass_phrase.asked(by or name), now)
        screen().print(f"Removed {name}. What they did stays on record.", markup=False)
        return
    if by is not None:
        raise typer.BadParameter("goes with --remove only", param_hint="--by")
    present = pass_phrase.asked(name) if name in people.since() else None
    people.register(name, pass_phrase.asked_twice(name), now, present_phrase=present)
    screen().print(f"Registered {name}.", markup=False)


@app.command("people")
def people() -> None:
    """List who may correct releases, and since when their present pass phrase holds."""
    rows = table("person", "since")
    for name, since in ReleasePeople(open_session().database).since().items():
        rows.add_row(name, f"{since:%Y-%m-%d %H:%M}")
    screen().print(rows)


@app.command("retract")
def retract(
    region: _REGION,
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day to take back.")
    ],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")],
    reason: _REASON,
    by: _BY,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Take back published days, with a public reason. This can't be undone.

    Pooled values of the 6 (or 27) days after them hold what is taken back, so those go as well. One
    person is enough, for nothing new is published. A day can be drawn again by `revise`.
    """
    # Asks for no study register: what is published can always be taken back.
    session = open_session()
    _require_region(session, region)
    if last < first:
        raise PartitionError("DAYS_REVERSED")
    corrections = Corrections(session.database)
    days = (
        max(first.date(), session.home.config.first_day),
        min(last.date(), session.clock.today()),
    )
    _confirm(session, by)
    out = screen()
    planned = corrections.would_retract(region, *days)
    if not planned.closed:
        out.print("These days are retracted already; nothing was done.")
        # Perhaps it could not be written when they were.
        _write_page(session)
        return
    out.print(_retracted_table(planned))
    if not yes:
        typer.confirm("Take these values back? It can't be undone.", abort=True)
    done = corrections.retract(region, *days, reason, by, session.clock.now())
    if done != planned:
        out.print(_retracted_table(done))
    out.print(f"Retracted for good, with the public reason {reason.value}.", markup=False)
    if len(done.closed) < (days[1] - days[0]).days + 1:
        out.print(
            "Days of this range that have not closed are not taken back: they will be released."
            " Before that, withdraw the consent or rescore them.",
            markup=False,
        )
    _write_page(session)


@app.command("revise")
def revise(
    region: _REGION,
    day: Annotated[
        datetime, typer.Option("--day", formats=["%Y-%m-%d"], help="A day that is closed.")
    ],
    reason: _REASON,
    by: _BY,
) -> None:
    """Ask that a closed day be drawn again, from the scores that are stored now.

    It needs a second person (`tideline release approve`) within 14 days, and costs the region as
    much privacy budget as a new draw. Nothing is drawn or paid before that.
    """
    session = open_session_to_read(Action.PUBLISH)
    _require_region(session, region)
    of_day = day.date()
    _confirm(session, by)
    cost = ReleaseMethods(session.database).plan(of_day).micro_rho
    spent = ReleaseLedger(session.database).spent(region, of_day)
    if not spent.allows(cost):
        raise ReleaseError("BUDGET_SPENT")
    ref = Corrections(session.database).ask_revision(
        region, of_day, reason, by, session.clock.now()
    )
    out = screen()
    out.print(
        f"{ref}: a revision of {region} on {of_day} costs {cost:,} micro-rho, of"
        f" {MONTH_CAP - spent.in_month:,} left in {of_day:%Y-%m} and"
        f" {YEAR_CAP - spent.in_year:,} in {of_day:%Y}.",
        markup=False,
    )
    out.print("Nothing was drawn. Within 14 days another person runs:")
    out.print(f"  tideline release approve {ref} --by OTHER", markup=False)


@app.command("approve")
def approve(
    ref: Annotated[str, typer.Argument(help="Reference of the request, such as r-7f3a91c2.")],
    by: _BY,
) -> None:
    """Approve what another person asked for (`revise`, `method adopt`), and do it at once.

    Who approves is not who asked. First it shows what was asked for; the pass phrase agrees to it.
    """
    # Dagster, which nothing else of this family needs.
    from orchestration.cli.release_approval import carry_out, in_words  # noqa: PLC0415

    session = open_session_to_read(Action.PUBLISH)
    requests, now = ReleaseRequests(session.database), session.clock.now()
    out = screen()
    out.print(in_words(requests.to_approve(ref, now)), markup=False)
    _confirm(session, by)
    registered = ReleasePeople(session.database).since()
    request = requests.for_second_person(ref, by, registered, now)
    out.print(
        carry_out(session, request, lambda: requests.record_approval(ref, by, now)), markup=False
    )


def _write_page(session: Session) -> None:
    """Write the public page anew, or at least take out of it what was taken back.

    Raises:
        StorageError: `PAGE_NOT_WRITTEN`: it may still show that; what was done stays done.
    """
    # pandas and Plotly, which nothing else of this family needs.
    from orchestration.cli import public_page  # noqa: PLC0415

    out = screen()
    try:
        public_page.write_page(session)
    except Exception as error:  # noqa: BLE001  (whatever it is, the page may show them)
        out.print(f"The public page: {without_text(error)}", markup=False)
    else:
        out.print("The public page is written without them, and without forecasts made with them.")
        return
    with suppress(Exception):
        if public_page.nothing_left(session):
            out.print(public_page.what_stands(session), markup=False)
            return
    raise StorageError("PAGE_NOT_WRITTEN")


def _confirm(session: Session, name: str) -> None:
    """Ask for a person's pass phrase.

    Raises:
        ReleaseError: `PERSON_NOT_CONFIRMED`.
    """
    ReleasePeople(session.database).confirm(name, pass_phrase.asked(name))


def _require_region(session: Session, region: str) -> None:
    if region not in session.home.regions:
        raise PartitionError("REGION_UNKNOWN")


def _retracted_table(done: Retracted) -> Table:
    rows = table("what is taken back", "days", "which")
    for what, days in (
        ("days with all their values", done.published),
        ("7-day values", done.value_7d),
        ("28-day values", done.value_28d),
        ("days that showed nothing", tuple(sorted({*done.closed} - {*done.published}))),
    ):
        which = f"{min(days)} to {max(days)}" if days else ""
        rows.add_row(what, str(len(days)), which)
    return rows
