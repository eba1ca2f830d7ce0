"""A run is killed with -9 before one of its acts: a statement, a commit, an event, a file's change.

At a flush to disk the file is cut to half of what was written first: killed inside the write.
"""

from bench.reliability.children import Child, killed_before
from bench.reliability.disturbed import DisturbedSite, Run, noted, struck


class Kills:
    """Each job once, at an act drawn of as many as it had the last time."""

    def __init__(self) -> None:
        self._acts: dict[str, int] = {}

    def __call__(self, site: DisturbedSite, job: str, run: Run) -> None:
        """Kill it once."""
        number = struck(site, self._acts, job)
        ended = Child(site, run, killed_before(number)).wait()
        noted(site, job, ended, self._acts)
        if ended.killed:
            # A job may have grown since.
            self._acts[job] = self._acts.get(job, 40) + 3
