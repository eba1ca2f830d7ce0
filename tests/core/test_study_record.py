from pathlib import Path

import pytest
import yaml

from assets.core.errors import SetupError
from resources.base.study_record import StudyRecord, read_study_record

STATEMENT = {"text": "Written and agreed.", "date": "2026-05-04", "reviewer": "A. Reviewer"}
FIELDS = tuple(StudyRecord.model_fields)


def written(folder: Path, record: object) -> Path:
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(record), "utf-8")
    return path


def complete() -> dict[str, dict[str, str]]:
    return {name: dict(STATEMENT) for name in FIELDS}


def test_the_record_asks_for_all_that_the_design_lists() -> None:
    assert set(FIELDS) == {
        "need_and_benefit",
        "controller",
        "lawful_basis",
        "article_9_condition",
        "dpia",
        "ethics_approval",
        "platform_permission",
        "terms_last_checked",
        "notice",
        "retention",
        "contact",
    }


def test_a_complete_record_is_read(tmp_path: Path) -> None:
    record = read_study_record(written(tmp_path, complete()))
    assert record.dpia.date.isoformat() == STATEMENT["date"]


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda record, name: record.pop(name), id="missing"),
        pytest.param(lambda record, name: record.update({name: None}), id="null"),
        pytest.param(lambda record, name: record.update({name: "agreed"}), id="bare"),
        pytest.param(lambda record, name: record[name].update(text="   "), id="empty text"),
        pytest.param(lambda record, name: record[name].pop("date"), id="undated"),
        pytest.param(lambda record, name: record[name].update(date="soon"), id="no date"),
        pytest.param(lambda record, name: record[name].pop("reviewer"), id="unreviewed"),
        pytest.param(lambda record, name: record[name].update(reviewer=" "), id="empty reviewer"),
    ],
)
def test_an_incomplete_record_is_refused(tmp_path: Path, name: str, change) -> None:
    record = complete()
    change(record, name)
    with pytest.raises(SetupError, match=r"^STUDY_RECORD_INCOMPLETE$"):
        read_study_record(written(tmp_path, record))


@pytest.mark.parametrize(
    "content", [b"", b"a: [", b"\xff\xfe\x00", b"- a list", b"just words"], ids=repr
)
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    with pytest.raises(SetupError, match=r"^STUDY_RECORD_INCOMPLETE$"):
        read_study_record(path)


def test_no_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"^STUDY_RECORD_MISSING$"):
        read_study_record(tmp_path / "study.yaml")
