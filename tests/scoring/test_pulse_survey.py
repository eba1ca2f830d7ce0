from datetime import date, timedelta

import pytest

from evaluation.validity.pulse_survey import read_survey

TODAY = date(2026, 11, 20)
HEADER = "week,group,construct,mean,n"
GOOD = "2026-10-05,g-00000001,burnout,3.5,8"


def read(*rows: str, header: str = HEADER, **changed):
    given = {"low": 1, "high": 5, "today": TODAY, **changed}
    return read_survey("\n".join([header, *rows]), **given)


def test_a_mean_is_rescaled() -> None:
    [mean], faults = read(GOOD)
    assert faults == []
    assert mean.key == (date(2026, 10, 5), "g-00000001", "burnout")
    assert (mean.mean, mean.answers) == (0.625, 8)
    assert "0.625" not in repr(mean)
    assert "g-00000001" not in repr(mean)


@pytest.mark.parametrize(("answer", "scaled"), [("1", 0), ("5", 1), ("5.0", 1), (" 2 ", 0.25)])
def test_both_ends_of_the_scale_are_allowed(answer: str, scaled: float) -> None:
    [mean], _ = read(GOOD.replace("3.5", answer))
    assert mean.mean == scaled


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (GOOD.replace("10-05", "10-06"), "SURVEY_ROW_INVALID"),
        (GOOD.replace("2026-10-05", "5/10/2026"), "SURVEY_ROW_INVALID"),
        (GOOD.replace("burnout", "stress"), "SURVEY_ROW_INVALID"),
        (GOOD.replace("3.5", "5.1"), "SURVEY_ROW_INVALID"),
        (GOOD.replace("3.5", "0.9"), "SURVEY_ROW_INVALID"),
        (GOOD.replace("3.5", "nan"), "SURVEY_ROW_INVALID"),
        (GOOD.replace("3.5", ""), "SURVEY_ROW_INVALID"),
        (GOOD.replace(",8", ",8.5"), "SURVEY_ROW_INVALID"),
        (GOOD + ",more", "SURVEY_ROW_INVALID"),
        ("2026-10-05,g-00000001,burnout", "SURVEY_ROW_INVALID"),
        (GOOD.replace(",8", ",4"), "SURVEY_TOO_FEW_ANSWERS"),
        (GOOD.replace(",8", ",-8"), "SURVEY_TOO_FEW_ANSWERS"),
        (GOOD.replace("10-05", "11-16"), "SURVEY_WEEK_NOT_OVER"),
    ],
)
def test_a_faulty_row_is_told_by_line_and_code(row: str, code: str) -> None:
    means, faults = read(GOOD, row.replace("g-00000001", "g-00000002"))
    assert len(means) == 1
    assert [(one.line, one.code) for one in faults] == [(3, code)]


def test_a_week_is_given_once_for_a_group_and_construct() -> None:
    means, faults = read(GOOD, GOOD.replace("burnout", "resilience"), GOOD)
    assert len(means) == 2
    assert [(one.line, one.code) for one in faults] == [(4, "SURVEY_REPEATED")]


def test_a_week_is_over_on_the_monday_after_it() -> None:
    for passed, many in ((6, 0), (7, 1)):
        means, _ = read(GOOD, today=date(2026, 10, 5) + timedelta(days=passed))
        assert len(means) == many


@pytest.mark.parametrize(
    "changed",
    [
        {"header": "week,group,construct,mean"},
        {"header": f"{HEADER},name"},
        {"header": ""},
        {"low": 5, "high": 1},
        {"low": 3, "high": 3},
        {"high": float("inf")},
        {"low": float("nan")},
    ],
    ids=str,
)
def test_another_file_or_scale_is_refused(changed) -> None:
    from assets.core.errors import SetupError

    with pytest.raises(SetupError, match=r"^SURVEY_UNREADABLE$"):
        read(GOOD, **changed)


def test_a_file_without_a_row_is_refused() -> None:
    from assets.core.errors import SetupError

    with pytest.raises(SetupError, match=r"^SURVEY_UNREADABLE$"):
        read()
    assert read(GOOD, header=HEADER.replace("week,group", "group,week"))[1] != []
