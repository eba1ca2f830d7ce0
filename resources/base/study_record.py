"""`study.yaml`: what must be written down, dated and reviewed before real posts are read."""

from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from assets.core.errors import SetupError, refuse_as

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3)]


class Statement(BaseModel):
    """One thing written down, when, and who reviewed it."""

    model_config = ConfigDict(extra="forbid")

    text: Words
    date: date
    reviewer: Words


class StudyRecord(BaseModel):
    """The complete record of a study; a field left out or left empty is refused."""

    model_config = ConfigDict(extra="forbid")

    need_and_benefit: Statement
    controller: Statement
    lawful_basis: Statement
    article_9_condition: Statement
    dpia: Statement
    ethics_approval: Statement
    platform_permission: Statement
    terms_last_checked: Statement
    notice: Statement
    retention: Statement
    contact: Statement


def read_study_record(path: Path) -> StudyRecord:
    """Read and check `study.yaml`.

    Raises:
        SetupError: `STUDY_RECORD_MISSING` without the file, `STUDY_RECORD_INCOMPLETE` where a
            field is missing, empty, undated or without a reviewer.
    """
    if not path.is_file():
        raise SetupError("STUDY_RECORD_MISSING")
    incomplete = SetupError("STUDY_RECORD_INCOMPLETE")
    with refuse_as(incomplete, ValidationError, yaml.YAMLError, UnicodeDecodeError):
        return StudyRecord.model_validate(yaml.safe_load(path.read_text("utf-8")))
