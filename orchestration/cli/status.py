"""`tideline status`: each region-day, and each group reference with what to do next."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from assets.core.errors import CATALOGUE
from assets.core.modes import may_publish
from assets.restricted.release.closing import may_close
from orchestration.cli.connectors_status import connectors_table
from orchestration.cli.consent import state
from orchestration.cli.console import pasteable, say, screen, table
from orchestration.cli.session import Session, open_session
from orchestration.cli.study_words import register_lines, when_due
from orchestration.partitions import days_between
from resources.base.home import HomeConfig
from resources.containment.swap import swap_may_keep_text
from resources.stores.inbox.collection_records import CollectionRecords
from resources.stores.inbox.day_notices import DayNotices
from resources.stores.release.release_store import ReleaseStore
from resources.wiring.commands import inbox_of


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("status")
    def status(
        days: Annotated[int, typer.Option(min=1, max=3660, help="How many days back.")] = 21,
        group: Annotated[
            str | None,
            typer.Option(help="Why something of this group was refused; its reference or start."),
        ] = None,
        day: Annotated[
            datetime | None,
            typer.Option(formats=["%Y-%m-%d"], help="With --group: of this day alone."),
        ] = None,
        scrubbing: Annotated[
            bool,
            typer.Option("--scrubbing", help="Count words removed, and messages lost by language."),
        ] = False,
    ) -> None:
        """Show each region-day (open, closed, published or why not) and each group's state.

        For data engineers and study coordinators: the reasons are restricted.
        """
        session = open_session()
        out = screen()
        if group is not None or scrubbing:
            _tell_of_scrubbing(session, group, day.date() if day else None, days)
            return
        say(f"Home {pasteable(session.home.root)}, mode {session.home.config.mode.value}")
        for line in register_lines(session.home, session.clock.today()):
            say(line)
        if session.ways_out.incidents.standing() is not None:
            out.print(f"INCIDENT_OPEN: {CATALOGUE['INCIDENT_OPEN'].happened}", markup=False)
            out.print(CATALOGUE["INCIDENT_OPEN"].next_step, markup=False)
        for region in session.home.regions:
            out.print(region_days_table(session, region, days))
        out.print(groups_table(session))
        collected = connectors_table(session)
        if collected is not None:
            out.print(collected)
        # Of runs Dagster tells, which takes seconds to load.
        from orchestration.cli.runs_status import runs_report  # noqa: PLC0415

        for part in runs_report(session):
            out.print(part)
        if session.home.config.swap != "encrypted" and swap_may_keep_text():
            out.print(f"SWAP_ACTIVE: {CATALOGUE['SWAP_ACTIVE'].happened}", markup=False)
            out.print(CATALOGUE["SWAP_ACTIVE"].next_step, markup=False)


def _tell_of_scrubbing(session: Session, group: str | None, day: date | None, days: int) -> None:
    # The vocabulary and what reads it, of which nothing else here tells.
    from orchestration.cli.scrubbing_status import (  # noqa: PLC0415
        group_report,
        scrubbing_tables,
    )

    out = screen()
    if group is not None:
        for part in group_report(session, group, day):
            out.print(part)
        return
    for region in session.home.regions:
        for part in scrubbing_tables(session, region, days):
            out.print(part)


def region_days_table(session: Session, region: str, days: int) -> Table:
    """What became of the region's last days, newest last."""
    config = session.home.config
    outcomes = ReleaseStore(session.database).outcomes(region)
    today = session.clock.today()
    newest = max([*outcomes, today - timedelta(days=1)])
    first = max(config.first_day, newest - timedelta(days=days - 1))
    due = when_due(session.home, today)
    rows = table("day", "state", "why", title=config.regions[region])
    for day in days_between(first, newest):
        rows.add_row(day.isoformat(), *_state_of(day, outcomes, today, config, due))
    return rows


def _state_of(
    day: date,
    outcomes: Mapping[date, tuple[str, str | None]],
    today: date,
    config: HomeConfig,
    due: str,
) -> tuple[str, str]:
    if day in outcomes:
        status, reason = outcomes[day]
        why = CATALOGUE[reason].happened if reason else ""
        return f"closed, {status.replace('_', ' ')}", why
    closes = day + timedelta(days=config.close_after_days)
    if may_close(day, today, config.close_after_days):
        if not may_publish(config.mode):
            return "open", CATALOGUE["MODE_NEVER_PUBLISHES"].happened
        return "open", due
    return "open", f"may close on {closes.isoformat()}"


def groups_table(session: Session) -> Table:
    """Each group reference with its consent, last file, last error code, notices and next step."""
    records = CollectionRecords(session.database, session.home.config.mode)
    reports, faults = records.last_reports(), records.last_faults()
    inbox = inbox_of(session.home, with_identity=False)
    today = session.clock.today()
    first = today - timedelta(days=session.home.config.score_lifetime_days)
    notices = DayNotices(session.database).since(first)
    rows = table("group", "region", "consent", "last file", "last error", "notices", "next step")
    for group_ref, consent in session.register.consents().items():
        files = inbox.list(group_ref)
        last_file = max((one.arrived_at for one in files), default=None)
        if last_file is None and group_ref in reports:
            last_file = reports[group_ref][0]
        code = faults[group_ref][1] if group_ref in faults else ""
        # A readable file that came after the fault has mended it.
        if code and group_ref in reports:
            arrived, refused = reports[group_ref]
            if refused is None and arrived > faults[group_ref][0]:
                code = ""
        rows.add_row(
            group_ref,
            consent.region,
            state(consent, today),
            last_file.strftime("%Y-%m-%d %H:%M") if last_file else "none",
            code,
            _told(notices.get(group_ref, [])),
            _next_step(state(consent, today), has_file=last_file is not None, code=code),
        )
    return rows


def _told(notices: Sequence[tuple[date, str]]) -> str:
    """Each code with the last day it was seen on, and on how many."""
    days: dict[str, list[date]] = {}
    for day, code in notices:
        days.setdefault(code, []).append(day)
    return ", ".join(
        f"{code} {seen[-1].isoformat()}" + (f" and {len(seen) - 1} more" if seen[1:] else "")
        for code, seen in sorted(days.items())
    )


def _next_step(consent: str, *, has_file: bool, code: str) -> str:
    if consent == "withdrawn":
        return CATALOGUE["CONSENT_WITHDRAWN"].next_step
    if consent == "ended":
        return CATALOGUE["CONSENT_EXPIRED"].next_step
    if "lack" in consent:
        return CATALOGUE["CONSENT_TO_RENEW"].next_step
    if code:
        return CATALOGUE[code].next_step
    if not has_file:
        return "Deliver an export with `tideline inbox add`."
    return "Nothing to do."
