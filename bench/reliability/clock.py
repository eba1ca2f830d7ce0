"""The clock is days behind for a whole run, or jumps hours to and fro in the middle of one."""

from datetime import timedelta

from bench.reliability.children import Child
from bench.reliability.disturbed import DisturbedSite, Run, noted, struck


class ClockJumps:
    """Each job twice: with a clock that is behind, then with one that jumps."""

    def __init__(self) -> None:
        self._acts: dict[str, int] = {}

    def __call__(self, site: DisturbedSite, job: str, run: Run) -> None:
        """Set it wrong, and right again."""
        right = site.clock.moment
        site.clock.moment = right - timedelta(hours=site.chance.randint(1, 72))
        noted(site, job, Child(site, run).wait(), self._acts)
        site.clock.moment = right
        hours = site.chance.choice([-3, -2, 2, 3])

        def jump() -> None:
            site.clock.moment = right + timedelta(hours=hours)

        number, passed = struck(site, self._acts, job), [0]

        def act(_: str) -> None:
            passed[0] += 1
            if passed[0] == number:
                jump()

        noted(site, job, Child(site, run, act).wait(), self._acts)
        site.told["jumps"] += 1
