"""The validity report as data: what was measured, with what, and by which command.

`tideline train validity` writes `validity.json` beside this file; it is committed, and is of use
only with the models it was measured with.
"""

import json
import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assets.core.errors import SetupError
from evaluation.validity.accuracy import Accuracy
from evaluation.validity.convergence import Convergence
from evaluation.validity.models_in_use import ModelsInUse

COMMITTED = Path(__file__).with_name("validity.json")

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Measured:
    """What a number was measured with.

    Attributes:
        command: that measures it again.
        models: digests of the construct model and the encoder.
    """

    command: str
    models: ModelsInUse


@dataclass(frozen=True)
class FlatTable:
    """A table of any measure.

    Attributes:
        caption: what it shows.
        rows: from column to cell, the same columns in each.
    """

    caption: str
    rows: tuple[Mapping[str, Cell], ...]


@dataclass(frozen=True)
class Part:
    """A part of the report that comes as tables: power, reliability, what stored data gives away.

    Attributes:
        name: short and fixed, such as `power`; the page's anchor.
        title: heading.
        reading: plain sentences about what it shows.
        tables: the numbers.
        measured: what they were measured with.
    """

    name: str
    title: str
    reading: tuple[str, ...]
    tables: tuple[FlatTable, ...]
    measured: Measured


@dataclass(frozen=True)
class ValidityReport:
    """All results.

    Attributes:
        accuracy: against labels.
        measured: what `accuracy` was measured with.
        parts: other measures, each with its own `measured`.
        convergence: with pulse surveys; made by the home, so empty in the committed report.
        survey_weeks: weeks of survey imported, over regions and constructs; 0 where none is.
        pulse: with the pulse that members answered, by fortnight; as `convergence`.
        pulse_fortnights: fortnights with a mean, over regions; 0 where none has.
    """

    accuracy: Accuracy
    measured: Measured
    parts: tuple[Part, ...] = ()
    convergence: tuple[Convergence, ...] = ()
    survey_weeks: int = 0
    pulse: tuple[Convergence, ...] = ()
    pulse_fortnights: int = 0

    def with_survey(self, convergence: Iterable[Convergence], weeks: int) -> "ValidityReport":
        """The same report with a home's convergence."""
        return replace(self, convergence=tuple(convergence), survey_weeks=weeks)

    def with_pulse(self, convergence: Iterable[Convergence], fortnights: int) -> "ValidityReport":
        """The same report with what members answered."""
        return replace(self, pulse=tuple(convergence), pulse_fortnights=fortnights)


def flat_table(caption: str, rows: Iterable[Any]) -> FlatTable:
    """A table of dataclasses whose fields are strings, numbers or None.

    Args:
        caption: what it shows.
        rows: instances of one dataclass; fields that hold others are spread, joined by a blank.
    """
    return FlatTable(caption, tuple(_spread(row) for row in rows))


def _spread(row: Any) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for one in fields(row):
        value = getattr(row, one.name)
        if is_dataclass(value):
            cells |= {f"{one.name} {name}": cell for name, cell in _spread(value).items()}
        else:
            # A NaN is no JSON, and says no more than None.
            missing = isinstance(value, float) and not math.isfinite(value)
            cells[one.name] = None if missing else value
    return cells


def as_json(report: ValidityReport) -> str:
    """The report as JSON text, the same for the same report; numbers to six significant digits."""
    return json.dumps(_rounded(asdict(report)), indent=1, allow_nan=False) + "\n"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def load_report(models: ModelsInUse, path: Path = COMMITTED) -> ValidityReport:
    """The committed report.

    Args:
        models: that are in use.
        path: of the JSON.

    Raises:
        SetupError: `VALIDITY_STALE` where the report is missing, can't be read, or any part of it
            was measured with other models.
    """
    report = None
    with suppress(OSError, ValidationError):
        report = TypeAdapter(ValidityReport).validate_json(path.read_bytes())
    measured = [] if report is None else [report.measured, *(one.measured for one in report.parts)]
    if report is None or any(one.models != models for one in measured):
        raise SetupError("VALIDITY_STALE")
    return report
