"""`tideline consent`."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from assets.governance.errors import SetupError
from orchestration.cli.confirm import confirm
from orchestration.cli.console import screen, table
from orchestration.cli.gone import say_what_is_gone, say_what_would_go
from orchestration.cli.session import Session, open_session
from resources.consent_register import Consent, ConsentTerms, MemberBasis
from resources.of_group import stored_of

app = typer.Typer(
    help="Record and look up the consents of groups.", no_args_is_help=True, rich_markup_mode=None
)
DAYS_OF_CONSENT = 365

_REGION = Annotated[str, typer.Option(help="Region key, such as greater_london.")]
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


def _terms(session: Session, **given: object) -> ConsentTerms:
    evidence = given.pop("evidence")
    assert isinstance(evidence, Path)  # noqa: S101
    try:
        content = evidence.read_bytes()
    except OSError:
        content = None
    if content is None:
        raise SetupError("FILE_NOT_FOUND")
    start, end, today = given.pop("valid_from"), given.pop("valid_until"), session.clock.today()
    first = start.date() if isinstance(start, datetime) else given.pop("runs_since", today)
    assert isinstance(first, date)  # noqa: S101
    given.pop("runs_since", None)
    year_on = max(first, today) + timedelta(days=DAYS_OF_CONSENT)
    last = end.date() if isinstance(end, datetime) else year_on
    return ConsentTerms(evidence=content, valid_from=first, valid_until=last, **given)  # type: ignore[arg-type]


@app.command("grant")
def grant(
    region: _REGION,
    informed_on: _INFORMED,
    notice_version: _NOTICE,
    evidence: _EVIDENCE,
    ethics_reference: _ETHICS = "",
    adults_at_work: _ADULTS = False,
    platform: _PLATFORM = "whatsapp",
    valid_from: _FROM = None,
    valid_until: _UNTIL = None,
    member_basis: _BASIS = MemberBasis.NOTICE_WITH_OBJECTION,
    employer: _EMPLOYER = None,
) -> None:
    """Record a new group's consent and print the random reference that stands for the group."""
    session = open_session()
    terms = _terms(
        session,
        region=region,
        platform=platform,
        member_basis=member_basis,
        ethics_reference=ethics_reference,
        informed_on=informed_on.date(),
        notice_version=notice_version,
        adult_workplace=adults_at_work,
        evidence=evidence,
        valid_from=valid_from,
        valid_until=valid_until,
        employer_ref=employer,
    )
    group_ref = session.register.grant(terms, session.clock.now())
    screen().print(group_ref, markup=False)


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
    terms = _terms(
        session,
        region=known.region,
        platform=platform or known.platform,
        member_basis=member_basis,
        ethics_reference=ethics_reference,
        informed_on=informed_on.date(),
        notice_version=notice_version,
        adult_workplace=adults_at_work,
        evidence=evidence,
        valid_from=valid_from,
        valid_until=valid_until,
        runs_since=known.valid_from if known.runs_on(today) else today,
        employer_ref=known.employer_ref,
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
