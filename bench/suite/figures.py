"""What was measured, kept beside the table so that parts of it can be measured anew."""

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Way:
    """A way of doing one stage's work.

    Attributes:
        name: what is run; `OURS` is Tideline.
        each: CPU-seconds for one of `Stage.unit`, the processes of the way together.
        is_limit: whether it is no alternative, but the least that this processor can do it with.
        seconds: on the wall, for one; None where that is not told.
        largest_mib: of memory, of one process; None where that is not told.
    """

    name: str
    each: float
    is_limit: bool = False
    seconds: float | None = None
    largest_mib: float | None = None


OURS = "Tideline"


@dataclass(frozen=True)
class Stage:
    """One stage's ways, measured in one run.

    Attributes:
        name: of the stage.
        unit: what `Way.each` is of: message, region-day, start.
        amount: how many were measured.
        ways: ours first.
    """

    name: str
    unit: str
    amount: int
    ways: list[Way]

    def times(self, way: Way) -> float:
        """How many times what Tideline costs."""
        return way.each / self.ways[0].each


@dataclass(frozen=True)
class Growth:
    """What one thing costs by how much of it there is.

    Attributes:
        name: what was run.
        by: what grows, as its axis says it.
        amounts: of that, rising.
        cpu_seconds: of each.
    """

    name: str
    by: str
    amounts: list[int]
    cpu_seconds: list[float]

    @property
    def fit(self) -> tuple[float, float, float]:
        """Of a straight line by least squares: seconds for one more, seconds at none, R squared."""
        x, y = np.array(self.amounts, float), np.array(self.cpu_seconds)
        slope, start = np.polyfit(x, y, 1)
        left = y - (slope * x + start)
        return float(slope), float(start), float(1 - left @ left / ((y - y.mean()) ** 2).sum())


@dataclass(frozen=True)
class Part:
    """What one part of the suite found.

    Attributes:
        measured_on: the day.
        machine: of which kind, as `machine_kind` says it.
        stages: by stage.
        growths: by what grows.
        left_out: alternatives that are not installed here, by name.
    """

    measured_on: str
    machine: str
    stages: list[Stage] = field(default_factory=list)
    growths: list[Growth] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def part_of(
    stages: list[Stage] | None = None,
    growths: list[Growth] | None = None,
    left_out: list[str] | None = None,
) -> Part:
    """What was found just now on this machine."""
    today = datetime.now(UTC).date().isoformat()
    return Part(today, machine_kind(), stages or [], growths or [], left_out or [])


def machine_kind() -> str:
    """Architecture, and how many processors this process may use; no name of a machine."""
    processors = len(os.sched_getaffinity(0))
    return f"{platform.system()} {platform.machine()}, {processors} processors"


def read_parts(file: Path) -> dict[str, Part]:
    """All that was kept, by part; none where there is no file."""
    if not file.exists():
        return {}
    return {name: _part(one) for name, one in json.loads(file.read_text("utf-8")).items()}


def write_parts(file: Path, parts: dict[str, Part]) -> None:
    """Keep them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = {name: asdict(one) for name, one in parts.items()}
    file.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


def _part(kept: dict[str, object]) -> Part:
    stages = [
        Stage(**{**one, "ways": [Way(**way) for way in one["ways"]]})
        for one in kept["stages"]  # type: ignore[union-attr]
    ]
    growths = [Growth(**one) for one in kept["growths"]]  # type: ignore[union-attr]
    return Part(**{**kept, "stages": stages, "growths": growths})  # type: ignore[arg-type]
