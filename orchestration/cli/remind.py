"""`tideline remind`: who has to deliver before a day closes."""

from collections.abc import Iterator
from typing import Annotated

import typer

from assets.core.errors import SetupError
from orchestration.cli.connectors_status import connector_notifications
from orchestration.cli.console import say, screen, table
from orchestration.cli.session import Session, open_session
from orchestration.deliveries_due import DeliveryDue, delivery_due
from orchestration.open_days import open_days
from resources.base.notifier import Notification, Notifier
from resources.stores.region_days import RegionDays


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("remind")
    def remind(
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Say who would be reminded; send nothing.")
        ] = False,
    ) -> None:
        """Remind of exports that are due, two days before a day closes and every day from then.

        Run it once a day by a timer. The coordinator gets every group that is due, by e-mail and
        webhook as home.yaml says (`notify`); an admin whose address was recorded (`tideline consent
        address`) gets their own group. Counts, days, codes and references only. It opens no file.
        """
        session = open_session()
        due = list(deliveries_due(session))
        rows = table("group", "region", "days without an export", "first closes on")
        for one in due:
            rows.add_row(one.group_ref, one.region, str(one.days), one.closes_on.isoformat())
        screen().print(rows)
        of_connectors = connector_notifications(session)
        for one in of_connectors:
            say(f"{one.code}: {len(one.facts)} of what is collected by itself.")
        if dry_run or not (due or of_connectors):
            say("Sent nothing." if due or of_connectors else "No export is due.")
            return
        config = session.home.config.notify
        if config is None:
            raise SetupError("NOTIFY_NOT_CONFIGURED")
        notifier = Notifier(config)
        sent = notifier.to_coordinator(_notification(due)) if due else 0
        sent += sum(map(notifier.to_coordinator, of_connectors))
        addresses = session.ways_out.addresses
        admins = 0
        for one in due:
            address = addresses.of(one.group_ref)
            if address is not None:
                admins += notifier.to_address(address, _notification([one]))
        say(f"Sent {sent} to the coordinator, {admins} to admins.")


def deliveries_due(session: Session) -> Iterator[DeliveryDue]:
    """Every group of which an export is due, by region and reference."""
    config, today = session.home.config, session.clock.today()
    locks = RegionDays(session.database)
    for region in session.home.regions:
        days = open_days(region, today, config, locks)
        settled = session.ways_out.scores.settled(region, days)
        for ref, consent in sorted(session.register.consents(region).items()):
            covered = [day for day in days if consent.refusal(day, today, config.mode) is None]
            arrivals = [one.arrived_at for one in session.ways_out.inbox.list(ref)]
            done = {day for day, group_ref in settled if group_ref == ref}
            found = delivery_due(
                ref, region, covered, done, arrivals, today, config.close_after_days
            )
            if found is not None:
                yield found


def _notification(due: list[DeliveryDue]) -> Notification:
    return Notification(
        "DELIVERY_DUE",
        [
            {
                "group": one.group_ref,
                "region": one.region,
                "days": one.days,
                "closes": one.closes_on.isoformat(),
            }
            for one in due
        ],
    )
