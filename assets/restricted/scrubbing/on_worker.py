"""A group in a worker's process: everything from its sealed export to its encrypted vectors.

The worker opens the home by itself, as the run did. What a run asks before it reads is asked here,
too, of this machine and at this moment; consent is asked by the step where it reads.
"""

from dataclasses import dataclass
from functools import lru_cache

import msgspec

from assets.restricted.scrubbing.group_order import GroupOrder, GroupOutcome
from assets.restricted.scrubbing.group_step import GroupStep, step_of
from assets.restricted.scrubbing.step_counts import StepCounts
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary
from resources.base.clock import Clock
from resources.base.database.postgres import postgres_url
from resources.base.home import load_home
from resources.scale_out.answers import answering
from resources.stores.region_days import WritingTurn
from resources.wiring.restricted import restricted_context


@dataclass(frozen=True)
class _Opened:
    step: GroupStep
    vocabulary: frozenset[str]


@answering
def collect_group(order: bytes) -> bytes:
    """Open, scrub, embed, encrypt and store one group for the run that holds its region-days.

    Args:
        order: a `GroupOrder`, as `encoded_order` writes it.

    Returns:
        A `GroupOutcome`, likewise.

    Raises:
        StorageError: what `RegionDays.writing_for` raises.
        TidelineError: what `BeforeReading.require_to_read` raises.
    """
    asked = msgspec.msgpack.decode(order, type=GroupOrder)
    opened = _opened(asked.run_id)
    restricted = opened.step.restricted
    tally = StepCounts(asked.run_id)
    with restricted.region_day_locks.writing_for(
        WritingTurn(asked.turn), asked.region, asked.open_days, asked.group_ref
    ):
        opened.step.collect_group(
            asked.region,
            asked.group_ref,
            asked.open_days,
            asked.settled,
            opened.vocabulary,
            tally,
        )
    return msgspec.msgpack.encode(GroupOutcome.of(tally))


@lru_cache(maxsize=1)
def _opened(run_id: str) -> _Opened:  # noqa: ARG001  (each run opens the home as it is by then)
    home = load_home()
    restricted = restricted_context(home, postgres_url(home.postgres), Clock())
    restricted.before_reading.require_to_read()
    restricted.before_reading.require_to_share()
    vocabulary, digest = load_vocabulary()
    return _Opened(step_of(restricted, digest), vocabulary)
