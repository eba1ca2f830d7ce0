"""The faults, by name."""

from bench.reliability.clock import ClockJumps
from bench.reliability.daemons import TwoDaemons
from bench.reliability.database import DatabaseRestarts
from bench.reliability.disk import FullDisk
from bench.reliability.disturbed import Disturbance
from bench.reliability.inbox import FailingInbox, SlowInbox
from bench.reliability.kills import Kills

FAULTS: dict[str, type[Disturbance]] = {
    "kills": Kills,
    "database": DatabaseRestarts,
    "disk": FullDisk,
    "clock": ClockJumps,
    "daemons": TwoDaemons,
    "slow-inbox": SlowInbox,
    "failing-inbox": FailingInbox,
}
