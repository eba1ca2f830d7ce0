"""A run is killed with -9 before one of its acts: a statement, a commit, an event, a file's change.

At a flush to disk the file is cut to half of what was written first: killed inside the write.
"""

from bench.reliability.children import Child, killed_before
from bench.reliability.disturbed import DisturbedSite, Run, noted, struck


class Kills:
    """Each job once, at an act drawn of as many as it had the last time.

    Args:
        every: which jobs; 3 for every third one.
    """

    def __init__(self, every: int = 1) -> None:
        self._acts: dict[str, int] = {}
        self._every, self._jobs = every, 0

    def __call__(self, site: DisturbedSite, job: str, run: Run) -> None:
        """Kill it once."""
        self._jobs += 1
        if self._jobs % self._every:
            return
        number = struck(site, self._acts, job)
        ended = Child(site, run, killed_before(number)).wait()
        noted(site, job, ended, self._acts)
        if ended.killed:
            # A job may have grown since.
            self._acts[job] = self._acts.get(job, 40) + 3
