"""Two daemons on one home ask for the same job at the same moment."""

from bench.reliability.children import Child
from bench.reliability.disturbed import DisturbedSite, Run, noted


class TwoDaemons:
    """Each job by two processes at once."""

    def __init__(self) -> None:
        self._acts: dict[str, int] = {}

    def __call__(self, site: DisturbedSite, job: str, run: Run) -> None:
        """Run both, and wait for both."""
        for one in [Child(site, run), Child(site, run)]:
            noted(site, job, one.wait(), self._acts)
