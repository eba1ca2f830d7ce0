"""`discovery.yaml`: who was told of a first look at real files, and its ethical self-assessment.

A policy that lets a team look at up to 10,000 records before a study asks for both first.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from assets.core.errors import SetupError, refuse_as

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3)]


class Told(BaseModel):
    """Somebody who was told, by name, what they are there for, and when."""

    model_config = ConfigDict(extra="forbid")

    name: Words
    role: Words
    told_on: date


class SelfAssessment(BaseModel):
    """An ethical self-assessment, with its outcome and who stands for it."""

    model_config = ConfigDict(extra="forbid")

    reference: Words
    risk: Literal["low", "medium", "high"]
    assessed_on: date
    assessed_by: Words
    reviewed_by: Words


class DiscoveryRecord(BaseModel):
    """What has to be written down before a discovery home opens anything."""

    model_config = ConfigDict(extra="forbid")

    told: list[Told] = Field(min_length=2)
    self_assessment: SelfAssessment


def read_discovery_record(path: Path, today: date) -> DiscoveryRecord:
    """Read and check `discovery.yaml`.

    Args:
        path: of the file.
        today: nobody was told on a later day.

    Raises:
        SetupError: `DISCOVERY_RECORD_MISSING` without the file, `DISCOVERY_RECORD_INCOMPLETE` where
            fewer than two people were told, something is missing or dated in the future, or one
            person assessed and reviewed.
    """
    if not path.is_file():
        raise SetupError("DISCOVERY_RECORD_MISSING")
    incomplete = SetupError("DISCOVERY_RECORD_INCOMPLETE")
    with refuse_as(incomplete, ValidationError, yaml.YAMLError, UnicodeDecodeError):
        record = DiscoveryRecord.model_validate(yaml.safe_load(path.read_text("utf-8")))
    own = record.self_assessment
    dates = [own.assessed_on, *(one.told_on for one in record.told)]
    names = {one.name.casefold() for one in record.told}
    alone = own.assessed_by.casefold() == own.reviewed_by.casefold()
    if max(dates) > today or alone or len(names) < len(record.told):
        raise incomplete
    return record
