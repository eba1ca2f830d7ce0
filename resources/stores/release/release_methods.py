"""Which method draws a day, and which one is tried in its shadow."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from assets.released.method import GAUSSIAN_1, Method, method_of
from resources.base.database.connection import Database
from resources.base.database.tables import method_breaks, method_shadows


@dataclass(frozen=True)
class MethodPlan:
    """How a day is drawn.

    Attributes:
        method: the one whose values are published.
        shadow: one that is tried beside it, if any.
    """

    method: Method
    shadow: Method | None = None

    @property
    def micro_rho(self) -> int:
        """What each draw costs: two methods share what one may spend."""
        return self.method.micro_rho // (2 if self.shadow else 1)


class ReleaseMethods:
    """Looks the methods up; `MethodChanges` is what changes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(self, day: date) -> MethodPlan:
        """How a data day is drawn.

        Raises:
            ReleaseError: `METHOD_UNKNOWN` if this version of the program can't draw by it.
        """
        with self._database.transaction() as connection:
            version = connection.execute(
                sa.select(method_breaks.c.version_after)
                .where(method_breaks.c.day <= day)
                .order_by(method_breaks.c.day.desc())
                .limit(1)
            ).scalar()
            shadows = connection.execute(
                sa.select(method_shadows.c.method_version, method_shadows.c.runs)
                .where(method_shadows.c.from_day <= day)
                .order_by(method_shadows.c.seq)
            ).all()
        method = method_of(version) if version else GAUSSIAN_1
        running = [name for name, runs in dict(shadows).items() if runs and name != method.version]
        return MethodPlan(method, method_of(running[-1]) if running else None)
