"""`tideline run`."""

from datetime import date, datetime
from typing import Annotated

import typer

from assets.core.modes import may_publish
from assets.core.shards import WHOLE, Shard, written_shard
from assets.core.study_entries import Action
from orchestration.cli.console import progress, screen, table
from orchestration.cli.session import Session, open_session, open_session_to_read
from orchestration.partitions import check_range, days_between
from orchestration.public import public_definitions
from orchestration.range_run import RangeOutcome, run_range
from orchestration.restricted import restricted_definitions
from orchestration.runs import raise_for
from resources.stores.region_days import RegionDays
from resources.wiring.commands import inbox_of


def run_session(session: Session, first: date, last: date, shard: Shard = WHOLE) -> RangeOutcome:
    """Run the three jobs over a range of the session's home.

    Raises:
        PartitionError: see `check_range`.
        SealError: see `Session.instance`.
    """
    home, today = session.home, session.clock.today()
    check_range(first, last, first_partition=home.config.first_day, today=today)
    with session.instance() as instance:
        definitions = {
            "restricted": restricted_definitions(home, session.clock),
            "public": public_definitions(home, session.clock),
        }
        return run_range(
            home,
            definitions,
            instance,
            first=first,
            last=last,
            today=today,
            progress=progress,
            shard=shard,
        )


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("run")
    def run(
        from_: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
        to: Annotated[
            datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, before today.")
        ],
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Say what would be read; read nothing.")
        ] = False,
        shard: Annotated[
            str,
            typer.Option(
                metavar="NUMBER/OF",
                help="Collect the groups of one shard, release nothing: docs/scale-out.md.",
            ),
        ] = str(WHOLE),
    ) -> None:
        """Collect, release and publish a range of days, closing every day that may close.

        Days that have closed are left as they are. A group that can't be read is reported by
        reference and code; the others go on, and the command exits with that code's status.
        """
        part = written_shard(shard)
        # What was collected may be released while the register stops collection.
        session = open_session() if dry_run else open_session_to_read(*Action)
        first, last = from_.date(), to.date()
        if dry_run:
            check_range(
                first,
                last,
                first_partition=session.home.config.first_day,
                today=session.clock.today(),
            )
            _say_what_would_be_read(session, first, last)
            return
        outcome = run_session(session, first, last, part)
        out = screen()
        for (job, region), code in outcome.codes.items():
            out.print(f"{job} of {region}: {code}", markup=False)
        if part != WHOLE:
            out.print(f"Collected shard {part} alone; nothing is released.", markup=False)
        elif not may_publish(session.home.config.mode):
            out.print("Collected. A home of mode discovery releases and publishes nothing.")
        elif outcome.last_due is None:
            out.print("No day of the range may close yet, so nothing is released.")
        out.print("See what came of each day and group with `tideline status`.")
        raise_for(outcome.first_code)


def _say_what_would_be_read(session: Session, first: date, last: date) -> None:
    """Print, by region, the open days and the consented groups with files; opens no file."""
    home, today = session.home, session.clock.today()
    inbox = inbox_of(home, with_identity=False)
    days, locks = days_between(first, last), RegionDays(session.database)
    rows = table("region", "days", "open", "groups to read", "files", "groups left out")
    for region in home.regions:
        closed = locks.closed(region, days)
        readable, files, left_out = 0, 0, 0
        for group_ref, consent in session.register.consents(region).items():
            if all(consent.refusal(day, today, home.config.mode) for day in days):
                left_out += 1
            else:
                readable += 1
                files += len(inbox.list(group_ref))
        counts = (len(days), len(days) - len(closed), readable, files, left_out)
        rows.add_row(region, *map(str, counts))
    screen().print(rows)
