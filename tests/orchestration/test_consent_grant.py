"""Recording consents: all that is missing at once, and many groups from one file."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assets.core.errors import TidelineError
from orchestration.cli import app, consent
from orchestration.cli.consent_terms import COLUMNS
from orchestration.cli.session import Session
from resources.base.clock import Clock
from resources.stores.consent.consent_terms import Scope

NOW = datetime.now(UTC)
TODAY = Clock().today()
ROW = {
    "region": "greater_london",
    "informed_on": (TODAY - timedelta(days=8)).isoformat(),
    "notice_version": "v1",
    "notice": "notice.txt",
    "evidence": "form.pdf",
    "ethics_reference": "REC 26/1",
    "adults_at_work": "yes",
    "member_basis": "notice_with_objection",
    "departure_approved": "yes",
    "employer": "new",
    "sector": "home_care",
    "scopes": "trend_lines surveys",
    "rhythm": "daily",
}


@pytest.fixture
def grant(session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    # Tests may run over midnight.
    monkeypatch.setattr(Clock, "now", lambda _: NOW)
    return lambda *words: CliRunner().invoke(app, ["consent", "grant", *map(str, words)])


def written(folder: Path, *rows: dict[str, str], header: tuple[str, ...] = ()) -> Path:
    """A CSV of these rows, beside a signed form."""
    (folder / "form.pdf").write_bytes(b"signed")
    (folder / "notice.txt").write_bytes(b"what they were told")
    (folder / "empty.pdf").write_bytes(b"")
    columns = header or tuple(dict.fromkeys(name for row in rows for name in row))
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    file = folder / "groups.csv"
    file.write_text("\n".join(",".join(line) for line in lines) + "\n", "utf-8")
    return file


def code_of(done: Result) -> str | None:
    return done.exception.code if isinstance(done.exception, TidelineError) else None


def told(done: Result) -> list[list[str]]:
    """The first words of each line of the table."""
    return [line.split()[:3] for line in done.stdout.splitlines()[3:] if line.split()]


def test_options_and_columns_are_the_same() -> None:
    options = set(inspect.signature(consent.grant).parameters)
    assert options - {"context", "from_csv"} == set(COLUMNS)


def test_all_that_is_missing_is_named_at_once(grant, session: Session) -> None:
    refused = grant()
    assert code_of(refused) == "REGION_UNKNOWN"
    assert [line[:2] for line in told(refused) if line[0].startswith("--")] == [
        ["--region", "REGION_UNKNOWN"],
        ["--informed-on", "MEMBERS_NOT_INFORMED"],
        ["--notice-version", "MEMBERS_NOT_INFORMED"],
        ["--notice", "NOTICE_FILE_MISSING"],
        ["--evidence", "EVIDENCE_MISSING"],
        ["--member-basis", "MEMBER_BASIS_MISSING"],
        ["--adults-at-work", "ATTESTATION_MISSING"],
        ["--employer", "EMPLOYER_MISSING"],
        ["--sector", "SECTOR_MISSING"],
        ["--scopes", "SCOPE_MISSING"],
        ["--rhythm", "RHYTHM_MISSING"],
    ]
    assert session.register.consents() == {}


def test_many_groups_are_recorded_row_by_row(grant, session: Session, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    rows = (
        ROW,
        ROW | {"region": "east_of_england", "employer": "new-1"},
        ROW | {"member_basis": "opt_in", "ethics_reference": "", "departure_approved": ""},
        ROW | {"employer": "new-1", "informed_on": TODAY.isoformat()},
    )
    done = grant("--from-csv", written(tmp_path / "in", *rows))
    assert done.exit_code == 0, done.output
    known = session.register.consents()
    assert told(done) == [
        [str(row), ref, one.region] for row, (ref, one) in enumerate(known.items(), start=2)
    ]
    assert [(one.region, one.member_basis.value) for one in known.values()] == [
        ("greater_london", "notice_with_objection"),
        ("east_of_england", "notice_with_objection"),
        ("greater_london", "opt_in"),
        ("greater_london", "notice_with_objection"),
    ]
    first, second, third, fourth = known.values()
    assert second.employer_ref == fourth.employer_ref
    assert len({one.employer_ref for one in (first, second, third)}) == 3
    # Nothing is read before the members have had their days to object.
    days = [one.valid_from for one in (first, second, third, fourth)]
    assert days == [TODAY, TODAY, TODAY, TODAY + timedelta(days=7)]
    assert {one.scopes for one in known.values()} == {frozenset({Scope.TREND_LINES, Scope.SURVEYS})}
    assert {one.review_by for one in (first, third)} == {TODAY + timedelta(days=182)}


def test_a_file_with_a_fault_is_refused_whole(grant, session: Session, tmp_path: Path) -> None:
    secret = "Wobblequex House"
    file = written(
        tmp_path,
        ROW,
        ROW | {"informed_on": secret, "adults_at_work": "no"},
        ROW | {"evidence": f"{secret}.pdf", "region": secret},
        ROW | {"evidence": "empty.pdf", "employer": secret, "member_basis": secret},
        ROW | {"notice_version": "", "valid_until": "2001-01-01", "platform": "carrier pigeon"},
        ROW | {"scopes": f"trend_lines {secret}", "sector": secret, "rhythm": "weekly"},
        ROW | {"departure_approved": "", "review_by": "2001-01-01", "employer": "e-00000001"},
        ROW | {"notice": "empty.pdf", "valid_from": (TODAY - timedelta(days=2)).isoformat()},
    )
    done = grant("--from-csv", file)
    assert code_of(done) == "CONSENT_CELL_INVALID"
    assert [line for line in told(done) if line[0].isdigit()] == [
        ["3", "informed_on", "CONSENT_CELL_INVALID"],
        ["3", "adults_at_work", "ATTESTATION_MISSING"],
        ["4", "region", "REGION_UNKNOWN"],
        ["4", "evidence", "FILE_NOT_FOUND"],
        ["5", "evidence", "EVIDENCE_MISSING"],
        ["5", "member_basis", "CONSENT_CELL_INVALID"],
        ["5", "employer", "EMPLOYER_UNKNOWN"],
        ["6", "notice_version", "MEMBERS_NOT_INFORMED"],
        ["6", "platform", "PLATFORM_UNKNOWN"],
        ["6", "valid_until", "CONSENT_DATES_REVERSED"],
        ["7", "sector", "CONSENT_CELL_INVALID"],
        ["7", "scopes", "CONSENT_CELL_INVALID"],
        ["7", "rhythm", "RHYTHM_TOO_SLOW"],
        ["8", "departure_approved", "ETHICS_DEPARTURE_MISSING"],
        ["8", "employer", "EMPLOYER_UNKNOWN"],
        ["8", "review_by", "REVIEW_DATE_INVALID"],
        ["9", "notice", "NOTICE_FILE_MISSING"],
        ["9", "valid_from", "COOLING_OFF_TOO_SHORT"],
    ]
    assert "Wobblequex" not in done.output
    assert session.register.consents() == {}


def test_what_is_no_file_of_consents_is_refused(grant, session: Session, tmp_path: Path) -> None:
    named = written(tmp_path, ROW | {"group_name": "Wobblequex"})
    done = grant("--from-csv", named)
    assert code_of(done) == "CONSENT_FILE_INVALID"
    assert "obblequex" not in done.output
    assert "group_name" not in done.output
    for content in (b"", b"region\n", b"region,region\na,b\n", b"region\na,b\n", b"\xff\xfe\0"):
        named.write_bytes(content)
        assert code_of(grant("--from-csv", named)) == "CONSENT_FILE_INVALID", content
    assert code_of(grant("--from-csv", tmp_path / "none.csv")) == "FILE_NOT_FOUND"
    assert grant("--from-csv", named, "--region", "greater_london").exit_code == 2
    assert session.register.consents() == {}
