"""`tideline consent`."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from assets.core.errors import CATALOGUE, ConsentError, SetupError
from orchestration.cli.confirm import confirm
from orchestration.cli.consent_terms import Given, TermsFault, faults_of, rows_of, terms_of
from orchestration.cli.console import screen, table
from orchestration.cli.gone import say_what_is_gone, say_what_would_go
from orchestration.cli.session import open_session
from resources.stores.consent.consent_register import Consent, MemberBasis
from resources.stores.leaving.held_of_group import stored_of

app = typer.Typer(
    help="Record and look up the consents of groups.", no_args_is_help=True, rich_markup_mode=None
)


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="consent")


MOST_SHOWN = 50

_PLATFORM = Annotated[str, typer.Option(help="Where the chat is.")]
_INFORMED = Annotated[
    datetime,
    typer.Option(formats=["%Y-%m-%d"], help="Day on which the members were informed."),
]
_NOTICE = Annotated[str, typer.Option(help="Version of the notice that they were given.")]
_ETHICS = Annotated[
    str,
    typer.Option(
        help="Reference of the ethics approval, needed unless members opt in; a digest is kept."
    ),
]
_ADULTS = Annotated[
    bool,
    typer.Option("--adults-at-work", help="The admin attests: a group of adults about their work."),
]
_EVIDENCE = Annotated[
    Path, typer.Option(help="The signed form or message; its digest is kept, not the file.")
]
_FROM = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="First day that may be read (default: today)."),
]
_UNTIL = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Last day that may be read (default: a year on)."),
]
_BASIS = Annotated[MemberBasis, typer.Option(help="On what basis members are read.")]
_EMPLOYER = Annotated[
    str | None,
    typer.Option(help="Employer reference of another group of the same employer."),
]


@app.command("grant")
def grant(
    context: typer.Context,
    region: Annotated[str | None, typer.Option(help="Region key, such as greater_london.")] = None,
    informed_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day on which the members were informed."),
    ] = None,
    notice_version: Annotated[
        str | None, typer.Option(help="Version of the notice that they were given.")
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(help="The signed form or message; its digest is kept, not the file."),
    ] = None,
    ethics_reference: _ETHICS = "",
    adults_at_work: _ADULTS = False,
    platform: _PLATFORM = "whatsapp",
    valid_from: _FROM = None,
    valid_until: _UNTIL = None,
    member_basis: _BASIS = MemberBasis.NOTICE_WITH_OBJECTION,
    employer: _EMPLOYER = None,
    from_csv: Annotated[
        Path | None,
        typer.Option(
            "--from-csv",
            help="A CSV with a row for each group and these options as columns (informed_on, ...).",
        ),
    ] = None,
) -> None:
    """Record a new group's consent and print the random reference that stands for the group.

    What is missing is named all at once. With --from-csv many groups are recorded, all or none;
    columns other than the options are refused, so leave names out.
    """
    session = open_session()
    today, now = session.clock.today(), session.clock.now()
    if from_csv is not None:
        others = context.params.keys() - {"from_csv"}
        sources = [context.get_parameter_source(one) for one in others]
        if any(source is not None and source.name == "COMMANDLINE" for source in sources):
            raise typer.BadParameter("takes no other option", param_hint="--from-csv")
        many, faults = rows_of(from_csv, session.register, today)
        _refuse(faults)
        refs = session.register.grant_all(many, now)
        rows = table("row", "group", "region")
        for row, (ref, terms) in enumerate(zip(refs, many, strict=True), start=2):
            rows.add_row(str(row), ref, terms.region)
        screen().print(rows)
        return
    given = Given(
        region=region or "",
        informed_on=informed_on.date() if informed_on else None,
        notice_version=notice_version or "",
        evidence=evidence,
        ethics_reference=ethics_reference,
        adults_at_work=adults_at_work,
        platform=platform,
        valid_from=valid_from.date() if valid_from else None,
        valid_until=valid_until.date() if valid_until else None,
        member_basis=member_basis,
        employer=employer,
    )
    _refuse(faults_of(given, session.register, today))
    screen().print(session.register.grant(terms_of(given, today), now), markup=False)


def _refuse(faults: list[TermsFault]) -> None:
    """Show all that is missing or wrong, and end with the first of it.

    Raises:
        ConsentError, SetupError: unless there is nothing.
    """
    if not faults:
        return
    of_file = any(fault.row for fault in faults)
    if of_file or faults[1:]:
        place = ("row", "column") if of_file else ("option",)
        rows = table(*place, "code", "what to do")
        for fault in faults[:MOST_SHOWN]:
            option = f"--{fault.column.replace('_', '-')}"
            where = [str(fault.row), fault.column] if of_file else [option]
            rows.add_row(*where, fault.code, CATALOGUE[fault.code].next_step)
        screen().print(rows)
        if faults[MOST_SHOWN:]:
            screen().print(f"... and {len(faults) - MOST_SHOWN} more.", markup=False)
    code = faults[0].code
    raise SetupError(code) if code == "FILE_NOT_FOUND" else ConsentError(code)


@app.command("renew")
def renew(
    group: Annotated[str, typer.Argument(help="Group reference.")],
    informed_on: _INFORMED,
    notice_version: _NOTICE,
    evidence: _EVIDENCE,
    ethics_reference: _ETHICS = "",
    adults_at_work: _ADULTS = False,
    platform: Annotated[
        str | None, typer.Option(help="Where the chat is (default: as recorded before).")
    ] = None,
    valid_from: _FROM = None,
    valid_until: _UNTIL = None,
    member_basis: _BASIS = MemberBasis.NOTICE_WITH_OBJECTION,
) -> None:
    """Record that a group's consent runs on, also after it ended or was withdrawn.

    Without --valid-from a consent that still runs goes on from its own first day, so that no day is
    left out; one that ended begins anew today, and the group waits for a joining batch.
    """
    session = open_session()
    # By a database from a backup, a consent that was withdrawn would seem to run on.
    session.ways_out.reconciliation.require(session.clock.now())
    known = session.register.consent(group)
    today = session.clock.today()
    given = Given(
        region=known.region,
        informed_on=informed_on.date(),
        notice_version=notice_version,
        evidence=evidence,
        ethics_reference=ethics_reference,
        adults_at_work=adults_at_work,
        platform=platform or known.platform,
        valid_from=valid_from.date() if valid_from else None,
        valid_until=valid_until.date() if valid_until else None,
        member_basis=member_basis,
    )
    terms = terms_of(
        given,
        today,
        employer_ref=known.employer_ref,
        runs_since=known.valid_from if known.runs_on(today) else today,
    )
    session.register.renew(group, terms, session.clock.now())
    screen().print(f"Renewed {group} until {terms.valid_until}.", markup=False)


@app.command("notice")
def notice(
    group: Annotated[str, typer.Argument(help="Group reference.")],
    informed_on: _INFORMED,
    notice_version: _NOTICE,
) -> None:
    """Record that the members were told again, so that those who came since can be read."""
    session = open_session()
    day = informed_on.date()
    session.register.notice(group, day, notice_version, session.clock.now())
    reads = day + session.home.config.cooling_off
    screen().print(
        f"Recorded for {group}. Members first seen by {day} are read from {reads} on, unless they"
        " object.",
        markup=False,
    )


@app.command("withdraw")
def withdraw(
    group: Annotated[str, typer.Argument(help="Group reference.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't count and ask; withdraw now.")] = False,
) -> None:
    """Withdraw a group's consent. It acts at once; what was published stays as it is.

    What is the group's is deleted: exports, vectors and scores with their keys, surveys, digests of
    senders. What can't be deleted now is by `tideline lifetimes`, which also runs every hour.
    It says how much that is, and asks on a terminal; elsewhere give --yes.
    """
    session = open_session()
    if not yes:
        session.register.consent(group)
        say_what_would_go(stored_of(session.ways_out.leaving, group))
        confirm(f"Withdraw {group} and delete this for good?", yes=yes)
    gone = session.ways_out.leaving.withdraw(group, session.clock.now())
    screen().print(
        f"Withdrawn {group}. Nothing more is read of it, and days not yet released leave it out.",
        markup=False,
    )
    say_what_is_gone(gone)


@app.command("list")
def list_consents() -> None:
    """List groups by reference, with region, days and state. There are no names to list."""
    session = open_session()
    today = session.clock.today()
    rows = table("group", "region", "platform", "employer", "members", "from", "until", "state")
    for one in session.register.consents().values():
        rows.add_row(
            one.group_ref,
            one.region,
            one.platform,
            one.employer_ref,
            one.member_basis.value,
            one.valid_from.isoformat(),
            one.valid_until.isoformat(),
            state(one, today),
        )
    screen().print(rows)


def state(consent: Consent, today: date) -> str:
    """The consent's state in a word, or what it lacks."""
    if not consent.active:
        return "withdrawn"
    if today > consent.valid_until:
        return "ended"
    if consent.renew_by is None:
        return "valid" if today >= consent.valid_from else "not yet"
    lacks = " and ".join(consent.lacks)
    if today > consent.renew_by:
        return f"to renew, lacks {lacks}"
    return f"valid, lacks {lacks}: renew by {consent.renew_by.isoformat()}"
