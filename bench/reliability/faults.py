"""The faults, by name."""

from collections.abc import Callable, Collection

from bench.reliability.blows import Blow, DatabaseRestart, Everywhere, FullDisk, Kill, Somewhere
from bench.reliability.clock import ClockJumps
from bench.reliability.daemons import TwoDaemons
from bench.reliability.disturbed import Disturbance
from bench.reliability.inbox import FailingInbox, SlowInbox

BLOWS: dict[str, Callable[[], Blow]] = {
    "kills": Kill,
    "database": DatabaseRestart,
    "disk": FullDisk,
}
"""Those that strike before an act."""

OTHERS: dict[str, Callable[[], Disturbance]] = {
    "clock": ClockJumps,
    "daemons": TwoDaemons,
    "slow-inbox": SlowInbox,
    "failing-inbox": FailingInbox,
}
FAULTS = (*BLOWS, *OTHERS)
JOBS = ("collect", "release", "lifetimes")


def made(name: str, everywhere: int = 0, jobs: Collection[str] = JOBS) -> Disturbance:
    """The fault of this name.

    Args:
        name: of `FAULTS`.
        everywhere: how often a blow strikes before each kind of act; 0 for once a job, anywhere.
        jobs: where it strikes everywhere, which jobs.
    """
    if name in OTHERS:
        return OTHERS[name]()
    blow = BLOWS[name]()
    return Everywhere(blow, everywhere, jobs) if everywhere else Somewhere(blow)
