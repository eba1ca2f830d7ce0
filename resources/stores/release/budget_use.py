"""What each region has spent of its privacy budget, by month and year of the data day."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import sqlalchemy as sa

from assets.released.budget import OF_PULSE, OF_RELEASE
from assets.released.method import PULSE_1
from resources.base.database.connection import Database
from resources.base.database.tables import release_steps
from resources.stores.release.release_ledger import Step


@dataclass(frozen=True)
class BudgetUse:
    """What a region spent in a month, or in a year.

    Attributes:
        region: the region.
        year: of the data days.
        month: of the data days; None for the year as a whole.
        micro_rho: budget that was taken.
        draws: how many draws took it.
        burned: draws among them that were lost.
        of_pulse: whether it was spent on the pulse, which has caps of its own.
    """

    region: str
    year: int
    month: int | None
    micro_rho: int = 0
    draws: int = 0
    burned: int = 0
    of_pulse: bool = False

    @property
    def cap(self) -> int:
        """The most that may be spent, in micro-rho."""
        caps = OF_PULSE if self.of_pulse else OF_RELEASE
        return caps.in_year if self.month is None else caps.in_month


def budget_use(
    database: Database,
    regions: Collection[str],
    month: tuple[int, int],
    *,
    of_pulse: bool = False,
) -> list[BudgetUse]:
    """What these regions spent, a row for each month with a draw, and one for each year.

    Args:
        database: the home's database.
        regions: the regions.
        month: year and month that have rows even where nothing was drawn; not of the pulse.
        of_pulse: what was spent on the pulse, and not on releases.
    """
    steps = release_steps.c
    year_of, month_of = (sa.extract(part, steps.day).label(part) for part in ("year", "month"))
    for_pulse = steps.method_version == PULSE_1.version
    query = (
        sa.select(
            steps.region,
            year_of,
            month_of,
            *(
                sa.func.coalesce(sa.func.sum(what).filter(steps.step == step.value), 0)
                for what, step in (
                    (steps.micro_rho, Step.DEBITED),
                    (sa.literal(1), Step.DEBITED),
                    (sa.literal(1), Step.BURNED),
                )
            ),
        )
        .where(
            steps.region.in_(regions),
            for_pulse if of_pulse else ~for_pulse,
        )
        .group_by(steps.region, year_of, month_of)
    )
    with database.transaction() as connection:
        rows = connection.execute(query).all()
    found = {(region, *month): BudgetUse(region, *month) for region in regions if not of_pulse}
    for region, *numbers in rows:
        year, of_month, *spent = map(int, numbers)
        found[region, year, of_month] = BudgetUse(region, year, of_month, *spent, of_pulse=of_pulse)
    years: dict[tuple[str, int], BudgetUse] = {}
    for (region, year, _), one in found.items():
        whole = years.get((region, year), BudgetUse(region, year, None, of_pulse=of_pulse))
        years[region, year] = replace(
            whole,
            micro_rho=whole.micro_rho + one.micro_rho,
            draws=whole.draws + one.draws,
            burned=whole.burned + one.burned,
        )
    return sorted(
        [*found.values(), *years.values()],
        key=lambda one: (one.region, one.year, one.month or 0),
    )
