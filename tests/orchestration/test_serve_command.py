"""`tideline serve`: what each process is given, and what is refused; `tests/deploy` starts them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from typer.testing import CliRunner

from assets.core.errors import SetupError, TidelineError
from orchestration.cli import app
from orchestration.served_processes import SECRETS, Address, Process, environment_of, workspace
from resources.base.database.postgres import DAGSTER_PG_URL, dagster_url
from resources.base.runs.daemon_heartbeats import PARTS, SILENT_AFTER, silent_parts

DEPLOY = Path(__file__).parents[2] / "deploy"
OF_NO_PROCESS = {
    *("TIDELINE_OWNER_PG_URL", "TIDELINE_PORTAL_PG_URL", "TIDELINE_AUDITOR_PG_URL"),
    *("TIDELINE_INVITATION_KEY", "DAGSTER_CLOUD_TOKEN"),
}
EVERYTHING = frozenset().union(*SECRETS.values()) | OF_NO_PROCESS


def code(*words: str | Path) -> str | None:
    done = CliRunner().invoke(app, [str(one) for one in words])
    return done.exception.code if isinstance(done.exception, TidelineError) else None


@pytest.mark.parametrize("process", Process)
def test_of_all_that_is_there_a_process_is_given_what_it_reads(
    process: Process, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in EVERYTHING:
        monkeypatch.setenv(name, "postgresql://a:b@c/d")
    monkeypatch.setenv("TIDELINE_INBOX_SECRET", "named by home.yaml")
    given = environment_of(process, tmp_path, tmp_path / "dagster")
    assert given.keys() & EVERYTHING == SECRETS[process]
    # An inbox elsewhere is the restricted side's to open.
    assert ("TIDELINE_INBOX_SECRET" in given) is (process is Process.RESTRICTED)
    assert given["PATH"]
    assert "search_path%3Dpublic" in given[DAGSTER_PG_URL]


def test_without_a_login_for_dagster_none_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TIDELINE_DAGSTER_PG_URL", raising=False)
    with pytest.raises(SetupError, match=r"^DAGSTER_LOGIN_MISSING$"):
        environment_of(Process.DAEMON, tmp_path, tmp_path)


def test_a_workspace_names_both_servers() -> None:
    servers = {"restricted": Address("one", 1), "public": Address("two", 2)}
    assert yaml.safe_load(workspace(servers))["load_from"] == [
        {"grpc_server": {"host": "one", "port": 1, "location_name": "restricted"}},
        {"grpc_server": {"host": "two", "port": 2, "location_name": "public"}},
    ]


def test_the_instance_is_the_home_s_but_for_what_a_machine_may_change(
    session: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    plain = yaml.safe_load(CliRunner().invoke(app, ["serve", "instance"]).output)
    assert plain == yaml.safe_load((session.home.dagster / "dagster.yaml").read_text("utf-8"))
    file = DEPLOY / "kubernetes" / "run-launcher.yaml"
    own = yaml.safe_load(file.read_text("utf-8"))
    told = CliRunner().invoke(app, ["serve", "instance", "--with", str(file)])
    assert yaml.safe_load(told.output) == {**plain, **own}
    for content, expected in (("event_log_storage: {}", None), ("a: [", "FILE_NOT_FOUND")):
        other = tmp_path / "other.yaml"
        other.write_text(content, "utf-8")
        done = CliRunner().invoke(app, ["serve", "instance", "--with", str(other)])
        assert done.exit_code != 0
        assert getattr(done.exception, "code", None) in (expected, 2)


def test_a_part_of_the_daemon_that_is_silent_is_named(session: Any) -> None:
    url, now = dagster_url(session.url), datetime.now(UTC)
    assert silent_parts(url, now) == PARTS
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    late = now - SILENT_AFTER - timedelta(seconds=1)
    with engine.begin() as connection:
        for part in PARTS:
            connection.execute(
                sa.text(
                    "INSERT INTO daemon_heartbeats (daemon_type, daemon_id, timestamp)"
                    " VALUES (:part, 'x', :at)"
                ),
                {"part": part, "at": (late if part == "SENSOR" else now).replace(tzinfo=None)},
            )
    assert silent_parts(url, now) == {"SENSOR"}
