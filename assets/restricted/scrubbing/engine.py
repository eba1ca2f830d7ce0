"""Who reads the groups of a region: this process one by one, or workers, each one at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec

from assets.restricted.scrubbing.group_order import GroupOrder, GroupOutcome
from assets.restricted.scrubbing.group_step import GroupStep
from assets.restricted.scrubbing.step_counts import StepCounts
from resources.base.share_done import told

Engine = Callable[[Sequence[GroupOrder], StepCounts], None]
"""Collects groups, and adds what each tells to the step's."""


@contextmanager
def open_engine(step: GroupStep, vocabulary: frozenset[str]) -> Iterator[Engine]:
    """The engine that the environment asks for, for one step.

    Args:
        step: of the run.
        vocabulary: words that may survive.

    Raises:
        StudyError: what `BeforeReading.require_to_share` raises, where workers are asked for.
        SetupError, SealError: what `open_cluster` raises.
    """
    asked = step.restricted.before_reading.require_to_share()
    if asked is None:
        yield _in_this_process(step, vocabulary)
        return
    # An extra, which nobody else loads.
    from resources.scale_out.sealed_dask import load_dask  # noqa: PLC0415

    load_dask()
    from assets.restricted.scrubbing.on_worker import collect_group  # noqa: PLC0415
    from resources.scale_out.cluster import open_cluster  # noqa: PLC0415

    with open_cluster(asked, step.restricted.before_reading.home) as cluster:

        def by_workers(orders: Sequence[GroupOrder], tally: StepCounts) -> None:
            answers = cluster.each(collect_group, [msgspec.msgpack.encode(one) for one in orders])
            for _ in told(orders):
                place, body = next(answers)
                order = orders[place]
                if body is None:
                    tally.refuse(order.region, order.group_ref, "WORKER_LOST")
                    continue
                outcome = msgspec.msgpack.decode(body, type=GroupOutcome)
                outcome.add_to(tally, order.region, order.group_ref)

        yield by_workers


def _in_this_process(step: GroupStep, vocabulary: frozenset[str]) -> Engine:
    def one_by_one(orders: Sequence[GroupOrder], tally: StepCounts) -> None:
        for one in told(orders):
            step.collect_group(
                one.region, one.group_ref, one.open_days, one.settled, vocabulary, tally
            )

    return one_by_one
