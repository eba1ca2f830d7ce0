"""Which groups of its regions a run is to read: all, or those of the shard that its tag names."""

from typing import Any, Protocol

from dagster._core.launcher import DefaultRunLauncher

from assets.core.shards import Shard, shard_of
from resources.wiring.context import RestrictedContext


class _Context(Protocol):
    @property
    def run(self) -> Any: ...

    @property
    def instance(self) -> Any: ...


def shard_asked_for(context: _Context, restricted: RestrictedContext) -> Shard:
    """The shard of a step's run, once it may be read by itself; `WHOLE` of a run without one.

    Args:
        context: of the asset.
        restricted: the home's stores.

    Raises:
        PartitionError: `SHARD_INVALID`.
        SetupError, StudyError: what `BeforeReading.require_to_shard` raises.
    """
    shard = shard_of(context.run.tags)
    # Any other launcher may start a run wherever it finds room.
    on_this_machine = isinstance(context.instance.run_launcher, DefaultRunLauncher)
    restricted.before_reading.require_to_shard(shard, on_other_machines=not on_this_machine)
    return shard
