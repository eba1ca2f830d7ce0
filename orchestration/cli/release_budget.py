"""`tideline release budget`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from assets.core.errors import PartitionError
from orchestration.cli.console import screen, table
from orchestration.cli.session import open_session
from resources.stores.release.budget_use import BudgetUse, budget_use


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("budget")
    def budget(
        region: Annotated[
            str | None, typer.Option("--region", help="One region; without it, every one.")
        ] = None,
        month: Annotated[
            datetime | None,
            typer.Option("--month", formats=["%Y-%m"], help="This month and its year alone."),
        ] = None,
    ) -> None:
        """Show what each region has spent of its privacy budget, by month and year of the data day.

        In millionths of rho. The caps (a full draw on each day) hold over all methods, shadows and
        revisions together; the pulse has caps of its own, a draw for each fortnight. A burned
        draw was paid for and lost when the program stopped.
        """
        session = open_session()
        if region is not None and region not in session.home.regions:
            raise PartitionError("REGION_UNKNOWN")
        day = month.date() if month else session.clock.today()
        regions = (region,) if region else session.home.regions
        for of_pulse in (False, True):
            used = [
                one
                for one in budget_use(
                    session.database, regions, (day.year, day.month), of_pulse=of_pulse
                )
                if not month or (one.year == day.year and one.month in {None, day.month})
            ]
            if of_pulse and used:
                screen().print("Of the pulse, by its own caps:")
            if used:
                screen().print(_table(used))


def _table(used: Sequence[BudgetUse]) -> Table:
    rows = table("region", "data days of", "spent", "left", "spent of cap", "draws", "burned draws")
    for one in used:
        rows.add_row(
            one.region,
            f"{one.year}-{one.month:02d}" if one.month else str(one.year),
            f"{one.micro_rho:,}",
            f"{one.cap - one.micro_rho:,}",
            f"{one.micro_rho / one.cap:.0%}",
            str(one.draws),
            str(one.burned),
        )
    return rows
