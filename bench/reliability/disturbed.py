"""A home whose every job is disturbed, and then asked for again, as the next look would."""

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from bench.soak.reference import REGIONS
from bench.soak.site import Site
from resources.base.database.tables import release_steps
from resources.base.runs import dead_runs
from resources.base.runs.dead_runs import DeadRuns

Run = Callable[[Site], str | None]


class Disturbance(Protocol):
    """One kind of fault, brought on while a job runs."""

    def __call__(self, site: "DisturbedSite", job: str, run: Run) -> None:
        """Run it disturbed; whatever comes of that is made good afterwards."""
        ...


@dataclass
class DisturbedSite(Site):
    """As `Site`, but what a run did not do is done by another one.

    Attributes:
        disturbance: the fault; None for none.
        chance: of where it strikes.
        told: what came of it, counted.
    """

    disturbance: Disturbance | None = None
    chance: random.Random = field(default_factory=random.Random)
    told: Counter[str] = field(default_factory=Counter)
    sees_all: bool = False

    def collect(self, region: str) -> str | None:
        """Disturbed, then whole."""
        return self._twice("collect", lambda site: Site.collect(site, region))

    def release(self, region: str) -> str | None:
        """Disturbed, then whole.

        Of one region a run that died is asked for again, as Dagster does, with days that may have
        closed by then; of the other there is the routine alone.
        """
        days = self.due(region)

        def run(site: Site) -> str | None:
            if region == REGIONS[0]:
                return site.release_days(region, days)
            return Site.release(site, region)

        code = self._twice("release", run)
        self.lost |= self._burned()
        return code

    def lifetimes(self) -> str | None:
        """Disturbed, then whole."""
        code = self._twice("lifetimes", Site.lifetimes)
        # What a crash left is an hour old by now, as files bear the time of this machine.
        self._age()
        return code or Site.lifetimes(self)

    def noisy(self, region: str, day: date) -> int | None:
        """As `Site`, of a draw that was not lost."""
        return None if (region, day) in self.lost else Site.noisy(self, region, day)

    def _twice(self, job: str, run: Run) -> str | None:
        if self.disturbance is not None:
            self.disturbance(self, job, run)
            dead_runs.SECONDS_BETWEEN_LOOKS = 0.05
            self.told["runs that died"] += len(DeadRuns().fail_now(self.instance))
        return run(self)

    def _age(self) -> None:
        before = (self.clock.now() - timedelta(hours=2)).timestamp()
        home = self.session.home
        for folder in (home.vectors, home.keys, home.surveys):
            for path in folder.rglob("*") if folder.is_dir() else ():
                if path.is_file():
                    os.utime(path, (before, before))

    def _burned(self) -> set[tuple[str, date]]:
        steps: dict[tuple[str, date], set[str]] = {}
        with self.session.database.transaction() as connection:
            for row in connection.execute(release_steps.select()):
                steps.setdefault((row.region, row.day), set()).add(row.step)
        return {at for at, own in steps.items() if "burned" in own}


def struck(site: DisturbedSite, acts: dict[str, int], job: str) -> int:
    """Before which act of a job to strike, by how many it had the last time; 1 is the first."""
    return site.chance.randint(1, max(acts.get(job, 40), 1))


def noted(site: DisturbedSite, job: str, ended: Any, acts: dict[str, int]) -> None:
    """Count how a disturbed job ended."""
    if ended.killed:
        site.told[f"{job} killed"] += 1
        return
    site.told[f"{job} ended with {ended.code}"] += 1
    if ended.acts:
        acts[job] = ended.acts
