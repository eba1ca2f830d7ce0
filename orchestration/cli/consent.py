"""`tideline consent`."""

import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from assets.core.errors import CATALOGUE, ConsentError, SetupError
from orchestration.cli import consent_portal, terms_options
from orchestration.cli.confirm import confirm
from orchestration.cli.consent_terms import (
    Given,
    TermsFault,
    content_of,
    faults_of,
    rows_of,
    terms_of,
)
from orchestration.cli.console import say, screen, table
from orchestration.cli.gone import say_what_is_gone, say_what_would_go
from orchestration.cli.hidden import hidden, hidden_lines
from orchestration.cli.session import open_session
from resources.stores.consent.consent_state import Consent
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.leaving.held_of_group import stored_of

app = typer.Typer(
    help="Record and look up the consents of groups.", no_args_is_help=True, rich_markup_mode=None
)
consent_portal.add_to(app)


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="consent")


MOST_SHOWN = 50


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
    notice: Annotated[
        Path | None,
        typer.Option(help="The text that they were given; its digest is kept, not the file."),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(help="The signed form or message; its digest is kept, not the file."),
    ] = None,
    member_basis: terms_options.BASIS = None,
    ethics_reference: terms_options.ETHICS = "",
    departure_approved: terms_options.DEPARTURE = False,
    adults_at_work: terms_options.ADULTS = False,
    employer: terms_options.EMPLOYER = "",
    sector: terms_options.SECTOR = None,
    scopes: terms_options.SCOPES = None,
    rhythm: terms_options.RHYTHM = None,
    platform: terms_options.PLATFORM = "whatsapp",
    valid_from: terms_options.FROM = None,
    valid_until: terms_options.UNTIL = None,
    review_by: terms_options.REVIEW = None,
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
        informed_on=_day(informed_on),
        notice_version=notice_version or "",
        notice=notice,
        evidence=evidence,
        member_basis=member_basis,
        ethics_reference=ethics_reference,
        departure_approved=departure_approved,
        adults_at_work=adults_at_work,
        employer=employer,
        sector=sector,
        scopes=frozenset(scopes or ()),
        rhythm=rhythm,
        platform=platform,
        valid_from=_day(valid_from),
        valid_until=_day(valid_until),
        review_by=_day(review_by),
    )
    _refuse(faults_of(given, session.register, today))
    terms = terms_of(given, session.register, today)
    screen().print(session.register.grant(terms, now), markup=False)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


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
    informed_on: terms_options.INFORMED,
    notice_version: terms_options.NOTICE_VERSION,
    notice: terms_options.NOTICE,
    evidence: terms_options.EVIDENCE,
    member_basis: Annotated[
        MemberBasis | None, typer.Option(help="On what basis (default: as recorded before).")
    ] = None,
    ethics_reference: terms_options.ETHICS = "",
    departure_approved: terms_options.DEPARTURE = False,
    adults_at_work: terms_options.ADULTS = False,
    employer: Annotated[
        str,
        typer.Option(
            help="As for `grant`; needed where nobody was asked before (an employer reference of"
            " its own is an answer)."
        ),
    ] = "",
    sector: terms_options.SECTOR = None,
    scopes: terms_options.SCOPES = None,
    rhythm: terms_options.RHYTHM = None,
    platform: Annotated[
        str | None, typer.Option(help="Where the chat is (default: as recorded before).")
    ] = None,
    valid_from: terms_options.FROM = None,
    valid_until: terms_options.UNTIL = None,
    review_by: terms_options.REVIEW = None,
) -> None:
    """Record that a group's consent runs on, also after it ended or was withdrawn.

    Sector, scopes and rhythm are as recorded before where they are not given; what an earlier
    version did not ask for has to be. Without --valid-from a consent that still runs goes on from
    its own first day, so that no day is left out; one that ended begins anew, and the group waits
    for a joining batch.
    """
    session = open_session()
    # By a database from a backup, a consent that was withdrawn would seem to run on.
    session.ways_out.reconciliation.require(session.clock.now())
    register = session.register
    known = register.consent(group)
    today = session.clock.today()
    given = Given(
        region=known.region,
        informed_on=informed_on.date(),
        notice_version=notice_version,
        notice=notice,
        evidence=evidence,
        member_basis=member_basis or known.member_basis,
        ethics_reference=ethics_reference,
        departure_approved=departure_approved,
        adults_at_work=adults_at_work,
        employer=employer,
        sector=sector or known.sector,
        scopes=frozenset(scopes or (() if known.rhythm is None else known.scopes)),
        rhythm=rhythm or known.rhythm,
        platform=platform or known.platform,
        valid_from=_day(valid_from),
        valid_until=_day(valid_until),
        review_by=_day(review_by),
    )
    told_apart = None if "employer" in known.lacks else known.employer_ref
    since = known.valid_from if known.runs_on(today) else None
    _refuse(faults_of(given, register, today, employer_ref=told_apart, runs_since=since))
    terms = terms_of(given, register, today, employer_ref=told_apart, runs_since=since)
    register.renew(group, terms, session.clock.now())
    screen().print(
        f"Renewed {group} until {terms.valid_until}; to be looked at again by {terms.review_by}.",
        markup=False,
    )


@app.command("notice")
def notice(
    group: Annotated[str, typer.Argument(help="Group reference.")],
    informed_on: terms_options.INFORMED,
    notice_version: terms_options.NOTICE_VERSION,
    notice: terms_options.NOTICE,
) -> None:
    """Record that the members were told again, so that those who came since can be read."""
    session = open_session()
    day = informed_on.date()
    session.register.notice(group, day, notice_version, content_of(notice), session.clock.now())
    reads = day + session.home.config.cooling_off
    screen().print(
        f"Recorded for {group}. Members first seen by {day} are read from {reads} on, unless they"
        " object.",
        markup=False,
    )


@app.command("told")
def told(
    group: Annotated[str, typer.Argument(help="Group reference.")],
    informed_on: terms_options.INFORMED_OR_NOT = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Take names back; all of them where none is given.")
    ] = False,
) -> None:
    """Record by name who was in the group when it was given a notice, where no export shows it.

    Exports that begin after the notice show nobody who was told by it, but the group's admin knows
    who was there. Asks for their names, as the chat shows them, without showing them, until
    one is left empty; or reads them from standard input, one a line. Never give one as an argument.
    Keyed digests of them are kept, nothing else. A name counts for the one sender who came under
    it; once two have borne it, for neither, for good. Whoever came under another name first is not
    read for taking it on. With --forget it does not count from the next reading on.
    """
    if forget == (informed_on is not None):
        raise typer.BadParameter("give one of --informed-on and --forget")
    session = open_session()
    consent = session.register.consent(group)
    if informed_on is None:
        count = session.members.forget_told(group, hidden_lines("Name"))
        say(f"Forgotten for {group}: {count} names. What was read already stays as it is.")
        return
    day = informed_on.date()
    if day not in {one.informed_on for one in consent.notices}:
        raise ConsentError("NOTICE_NOT_RECORDED")
    count = session.members.record_told(group, hidden_lines("Name"), day)
    reads = day + session.home.config.cooling_off
    say(f"Recorded for {group}: {count} names, told on {day}.")
    if consent.member_basis is MemberBasis.OPT_IN:
        say("In this group only those are read who opt in; nothing follows for the others.")
    else:
        say(
            f"They are read from {reads} on at the latest, unless they object, or somebody else"
            " has borne the name."
        )


@app.command("chat")
def chat(group: Annotated[str, typer.Argument(help="Group reference.")]) -> None:
    """Record which chat is the group's, for exports that may hold several.

    Asks for the chat's title or its id, as the platform shows it, without showing it, or reads it
    from standard input; never give it as an argument. A keyed digest of it is kept, nothing else.
    From then on only that chat is read, and a file without it is refused.
    """
    session = open_session()
    session.register.consent(group)
    session.members.record_chat(group, hidden("Title or id of the chat"), session.clock.now())
    screen().print(
        f"Recorded for {group}. Of a file with several chats, this one is read.", markup=False
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


@app.command("address")
def address(
    group: Annotated[str, typer.Argument(help="Group reference.")],
    forget: Annotated[bool, typer.Option("--forget", help="Delete the group's address.")] = False,
) -> None:
    """Record where the group's admin is reminded of exports that are due.

    The address is asked for, or read from standard input. It is kept in a file beside the keys,
    never in the database or a backup, and goes when the group withdraws.
    """
    session = open_session()
    session.register.consent(group)
    addresses = session.ways_out.addresses
    if forget:
        addresses.forget([group])
        screen().print(f"{group} has no address now.", markup=False)
        return
    asked = typer.prompt("E-mail address") if sys.stdin.isatty() else sys.stdin.readline()
    addresses.record(group, asked.strip())
    screen().print(f"Recorded for {group}.", markup=False)


@app.command("list")
def list_consents() -> None:
    """List groups by reference, with region, days and state. There are no names to list."""
    session = open_session()
    today = session.clock.today()
    rows = table(
        "group", "region", "platform", "employer", "members", "delivers", "from", "until", "state"
    )
    for one in session.register.consents().values():
        rows.add_row(
            one.group_ref,
            one.region,
            one.platform,
            one.employer_ref,
            one.member_basis.value,
            one.rhythm.value if one.rhythm else "not agreed",
            one.valid_from.isoformat(),
            one.valid_until.isoformat(),
            state(one, today),
        )
    screen().print(rows)
    _say_what_is_lacking(session.register.consents().values())


def state(consent: Consent, today: date) -> str:
    """The consent's state in a word or two."""
    if not consent.active:
        return "withdrawn"
    if today > consent.valid_until:
        return "ended"
    if consent.review_by is not None and today > consent.review_by:
        return f"to be looked at since {consent.review_by.isoformat()}"
    if consent.renew_by is None:
        return "valid" if today >= consent.valid_from else "not yet"
    if today > consent.renew_by:
        return "to renew"
    return f"valid, renew by {consent.renew_by.isoformat()}"


def _say_what_is_lacking(consents: Iterable[Consent]) -> None:
    """What earlier versions recorded groups without, by group; nothing is made up for it."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in consents:
        if one.active and one.lacks:
            groups[one.lacks].append(one.group_ref)
    for lacks, refs in groups.items():
        say(f"Lacks {', '.join(lacks)}: {', '.join(refs)}")
