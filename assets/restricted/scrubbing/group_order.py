"""What a worker is told of a group, and all that it tells: references, days, codes and counts."""

from collections import Counter
from datetime import date

import msgspec

from assets.core.errors import CATALOGUE, SetupError
from assets.restricted.scrubbing.step_counts import StepCounts


class GroupOrder(msgspec.Struct, frozen=True):
    """One group of one run.

    Attributes:
        region: of the group.
        group_ref: the group.
        open_days: days of the run that are not closed, in order.
        settled: those of them on which the group has settled.
        run_id: of the run.
        turn: key of the run's `WritingTurn`.
    """

    region: str
    group_ref: str
    open_days: list[date]
    settled: list[date]
    run_id: str
    turn: int


class GroupOutcome(msgspec.Struct, frozen=True):
    """What came of it, beside what was stored.

    Attributes:
        faults: codes of the catalogue, each with its day where it is of one.
        gate_refused: how often the gate refused each day.
    """

    faults: list[tuple[str, date | None]]
    gate_refused: dict[date, int]

    @classmethod
    def of(cls, tally: StepCounts) -> "GroupOutcome":
        """What one group's step has told."""
        days: Counter[date] = Counter()
        for (_, day), times in tally.gate_refused.items():
            days[day] += times
        return cls([(one.code, one.day) for one in tally.faults], dict(days))

    def add_to(self, tally: StepCounts, region: str, group_ref: str) -> None:
        """Tell it as if the group had been read here.

        Raises:
            SetupError: `CODE_UNKNOWN` for a code that is not in the catalogue.
        """
        for code, day in self.faults:
            if code not in CATALOGUE:
                raise SetupError("CODE_UNKNOWN")
            tally.refuse(region, group_ref, code, day)
        for day, times in self.gate_refused.items():
            tally.gate_refused[region, day] += times
