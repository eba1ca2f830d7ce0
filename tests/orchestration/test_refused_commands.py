from pathlib import Path

import pytest
from command_line import exit_status

from assets.core.errors import CATALOGUE

GRANT = (
    "consent grant --informed-on 2026-08-25 --notice-version v1 --notice {form}"
    " --member-basis notice_with_objection --ethics-reference REC --departure-approved"
    " --adults-at-work --valid-from 2026-09-01 --employer new --sector home_care"
    " --scopes trend_lines --rhythm daily"
)


@pytest.fixture
def tideline(session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """Runs the command. Returns its exit status and what it said on standard error."""
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    (tmp_path / "form.txt").write_text("signed by Grace Okafor", "utf-8")
    (tmp_path / "empty.txt").write_text("", "utf-8")

    def run(line: str) -> tuple[int, str]:
        words = line.format(
            form=tmp_path / "form.txt", empty=tmp_path / "empty.txt", folder=tmp_path
        ).split()
        return exit_status(monkeypatch, *words), capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("run --from 2026-10-02 --to 2026-10-01", "DAYS_REVERSED"),
        ("run --from 2026-10-02 --to 2036-10-01", "DAY_NOT_OVER"),
        ("run --from 2025-01-01 --to 2026-10-01", "DAY_BEFORE_FIRST"),
        ("run --from 2026-10-02 --to 2026-10-01 --dry-run", "DAYS_REVERSED"),
        ("run --from 2026-10-02 --to 2036-10-01 --dry-run", "DAY_NOT_OVER"),
        (f"{GRANT} --region atlantis --evidence {{form}}", "REGION_UNKNOWN"),
        (f"{GRANT} --region greater_london --evidence {{folder}}/none", "FILE_NOT_FOUND"),
        (f"{GRANT} --region greater_london --evidence {{empty}}", "EVIDENCE_MISSING"),
        (
            f"{GRANT} --region greater_london --evidence {{form}} --platform carrier_pigeon",
            "PLATFORM_UNKNOWN",
        ),
        ("consent withdraw g-00000000", "GROUP_UNKNOWN"),
        ("inbox add g-00000000 {form}", "GROUP_UNKNOWN"),
        ("init --mode synthetic", "HOME_EXISTS"),
    ],
)
def test_what_can_not_be_done_is_said_with_its_code(tideline, line: str, code: str) -> None:
    status, said = tideline(line)
    assert status == CATALOGUE[code].exit_status
    assert said.startswith(f"{code}: ")
    assert CATALOGUE[code].next_step in said
    assert "Traceback" not in said
    assert "Grace" not in said


def test_a_server_that_does_not_answer(tideline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDELINE_PG_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    status, said = tideline("status")
    assert status == CATALOGUE["POSTGRES_NOT_REACHABLE"].exit_status
    assert said.startswith("POSTGRES_NOT_REACHABLE: ")
    assert "secret" not in said


def test_without_a_home(tideline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDELINE_HOME", str(tmp_path / "none"))
    status, said = tideline("status")
    assert (status, said.split(":")[0]) == (3, "HOME_NOT_FOUND")
