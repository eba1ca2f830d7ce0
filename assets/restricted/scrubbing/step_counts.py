"""What the step `scrubbed_vectors` tells about itself: counts, codes and references."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from assets.core.names import SCRUBBED_VECTORS
from assets.restricted.scrubbing.group_day import GroupVectors
from resources.stores.inbox.collection_records import Fault
from resources.stores.inbox.day_notices import DayNotice
from resources.stores.region_days import RegionDay
from resources.stores.vectors.scrub_records import LanguageOutcome, LayerKind, RegionDayCounts


@dataclass
class StepCounts:
    """What the step tells about itself."""

    run_id: str
    gate_refused: Counter[RegionDay] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    notices: list[DayNotice] = field(default_factory=list)
    removed: dict[RegionDay, Counter[LayerKind]] = field(default_factory=dict)
    languages: dict[RegionDay, Counter[LanguageOutcome]] = field(default_factory=dict)

    def count(self, region: str, day: date, made: GroupVectors) -> None:
        """Add what was removed of a group-day that was stored."""
        key = (region, day)
        self.removed.setdefault(key, Counter()).update(made.removed.get(day, {}))
        self.languages.setdefault(key, Counter()).update(made.languages.get(day, {}))

    def counts(self) -> dict[RegionDay, RegionDayCounts]:
        """By region-day; handed over once."""
        counts = {
            key: RegionDayCounts(self.removed[key], self.languages[key]) for key in self.removed
        }
        self.removed, self.languages = {}, {}
        return counts

    def refuse(self, region: str, group_ref: str, code: str, day: date | None = None) -> None:
        """Count a fault of a group, or of one of its days."""
        self.faults.append(Fault(region, group_ref, SCRUBBED_VECTORS, code, self.run_id, day))
