"""What the step `scrubbed_vectors` tells about itself: codes and references."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from assets.core.names import SCRUBBED_VECTORS
from resources.stores.inbox.collection_records import Fault
from resources.stores.region_days import RegionDay


@dataclass
class StepCounts:
    """What the step tells about itself, but for what is stored with vectors."""

    run_id: str
    gate_refused: Counter[RegionDay] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, region: str, group_ref: str, code: str, day: date | None = None) -> None:
        """Count a fault of a group, or of one of its days."""
        self.faults.append(Fault(region, group_ref, SCRUBBED_VECTORS, code, self.run_id, day))
