"""PostgreSQL ends at once, with all its sessions, in the middle of a run, and is started again."""

import signal
import time

import psutil

from bench.reliability.children import Child, once_before
from bench.reliability.disturbed import DisturbedSite, Run, noted, struck
from resources.base.database.embedded_postgres import open_server


class DatabaseRestarts:
    """Each job once."""

    def __init__(self) -> None:
        self._acts: dict[str, int] = {}

    def __call__(self, site: DisturbedSite, job: str, run: Run) -> None:
        """Restart it once."""
        data = site.session.home.postgres

        def restart() -> None:
            number = int((data / "postmaster.pid").read_text().split()[0])
            server = psutil.Process(number)
            # As after a crash: it recovers from its log.
            server.send_signal(signal.SIGQUIT)
            # Who started it may not look for a while that it has ended.
            while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.05)
            open_server(data)

        number = struck(site, self._acts, job)
        ended = Child(site, run, once_before(number, restart)).wait()
        # Whoever looks next starts it, where the child ended before it could.
        open_server(data)
        noted(site, job, ended, self._acts)
