from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assets.core.errors import TidelineError
from orchestration.cli import survey
from orchestration.cli.session import Session
from resources.base.clock import Clock
from resources.base.keys.key_store import KeyStore
from resources.base.keys.long_lived_keys import LongLived, load_key
from resources.stores.consent.consent_terms import Scope
from resources.stores.surveys.survey_store import SurveyStore
from simulation.consents import made_up_terms

HEADER = "week,group,construct,mean,n"


@pytest.fixture
def tideline(session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    return lambda *words: CliRunner().invoke(survey.app, [str(word) for word in words])


@pytest.fixture
def group(session: Session) -> str:
    today = Clock().today()
    terms = made_up_terms(today - timedelta(days=60), today + timedelta(days=60))
    return session.register.grant(terms, Clock().now())


@pytest.fixture
def store(session: Session) -> SurveyStore:
    home = session.home
    keys = KeyStore(home.keys, lambda: load_key(LongLived.MASTER, home.secrets))
    return SurveyStore(home.root / "surveys", keys)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: str) -> Path:
        path = tmp_path / "survey.csv"
        path.write_text("\n".join([HEADER, *rows]), "utf-8-sig")
        return path

    return write


def monday(weeks_ago: int) -> str:
    today = Clock().today()
    return (today - timedelta(days=today.weekday() + 7 * weeks_ago)).isoformat()


def test_a_survey_is_imported_once_and_forgotten(tideline, group: str, store, file) -> None:
    path = file(f"{monday(1)},{group},burnout,4.25,9", f"{monday(2)},{group},burnout,3,9")
    for expected in ("2 new weekly means stored, 0 were known", "0 new weekly means stored, 2"):
        done = tideline("import", path, "--low", 1, "--high", 5)
        assert done.exit_code == 0, done.output
        assert expected in done.output
        assert "4.25" not in done.output
    assert [one.mean for one in store.read()] == [0.5, 0.8125]
    assert "2 weeks" in tideline("forget", group).output
    assert store.read() == []


@pytest.mark.parametrize(
    ("row", "code", "line"),
    [
        ("{week},{group},burnout,6,9", "SURVEY_ROW_INVALID", "2"),
        ("{week},{group},burnout,3,4", "SURVEY_TOO_FEW_ANSWERS", "2"),
        ("{now},{group},burnout,3,9", "SURVEY_WEEK_NOT_OVER", "2"),
        ("{week},g-00000000,burnout,3,9", "GROUP_UNKNOWN", "some"),
        ("{old},{group},burnout,3,9", "CONSENT_NOT_FOR_THIS_DAY", "some"),
    ],
)
def test_a_file_with_a_fault_is_refused_whole(
    tideline, group: str, store, file, row: str, code: str, line: str
) -> None:
    words = {"week": monday(1), "now": monday(0), "old": monday(20), "group": group}
    good = f"{monday(2)},{group},burnout,3,9"
    done = tideline("import", file(row.format(**words), good), "--low", 1, "--high", 5)
    assert isinstance(done.exception, TidelineError)
    assert done.exception.code == code
    [told] = [one for one in done.output.splitlines() if code in one]
    assert told.split()[0] == line
    assert store.read() == []


def test_a_withdrawn_group_is_refused(tideline, session: Session, group: str, file) -> None:
    session.register.withdraw(group, Clock().now())
    done = tideline("import", file(f"{monday(1)},{group},burnout,3,9"), "--low", 1, "--high", 5)
    assert getattr(done.exception, "code", None) == "CONSENT_WITHDRAWN"


def test_a_group_whose_consent_does_not_name_surveys_is_refused(
    tideline, session: Session, store, file
) -> None:
    today = Clock().today()
    lines_alone = frozenset({Scope.TREND_LINES})
    first, last = today - timedelta(days=60), today + timedelta(days=60)
    group = session.register.grant(made_up_terms(first, last, scopes=lines_alone), Clock().now())
    done = tideline("import", file(f"{monday(1)},{group},burnout,3,9"), "--low", 1, "--high", 5)
    assert getattr(done.exception, "code", None) == "SCOPE_NOT_AGREED"
    assert store.read() == []


def test_a_file_that_is_none_is_refused(tideline, tmp_path: Path, file) -> None:
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    for path, code in (
        (tmp_path / "none.csv", "FILE_NOT_FOUND"),
        (binary, "SURVEY_UNREADABLE"),
        (file(), "SURVEY_UNREADABLE"),
    ):
        done = tideline("import", path, "--low", 1, "--high", 5)
        assert getattr(done.exception, "code", None) == code
