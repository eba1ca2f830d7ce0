"""No word of a message, author, title or file name is left anywhere, after good and failed runs."""

import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
import yaml

from assets.core.errors import SealError, code_and_remedy
from orchestration.cli.run import run_session
from orchestration.restricted import restricted_definitions
from orchestration.runs import run_job
from resources.containment import canary
from resources.containment.canary import refuse_unless_sealed
from resources.containment.guard import require_sealed_log
from resources.containment.sealed_event_log import SealedPostgresEventLogStorage
from resources.maintenance.database_setup import as_owner

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*is currently in (beta|preview):Warning"),
]
REGION = "greater_london"
STEPS = {"platform_export", "scrubbed_vectors", "group_scores", "regional_aggregates"}
PLAIN = {"module": "dagster_postgres", "class": "PostgresEventLogStorage"}


def told_everywhere(text: str) -> None:
    """Tell a text on every way out of a step but its error."""
    print(text)  # noqa: T201
    print(text, file=sys.stderr)  # noqa: T201
    warnings.warn(text, UserWarning, stacklevel=1)
    library = logging.getLogger("some.library")
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
        for log in (logging.getLogger(), library, dg.get_dagster_logger()):
            log.log(level, "read %s", text)
    library.error(text, exc_info=ValueError(text), stack_info=True)


def plain_error(text):
    raise ValueError(text)


def missing_key(text):
    return {}[text]


def group_of_errors(text):
    raise ExceptionGroup(text, [ValueError(text), KeyError(text)])


def exit_of_the_system(text):
    raise SystemExit(text)


def error_with_a_note_and_a_cause(text):
    try:
        missing_key(text)
    except KeyError as error:
        error.add_note(text)
        raise RuntimeError(text) from error


def error_of_a_class_named_by_the_text(text):
    raise type(text.split()[0], (Exception,), {"__str__": lambda _: text})


def failure_of_dagster(text):
    raise dg.Failure(description=text, metadata={"outcome": text})


FAILURES = [
    plain_error,
    missing_key,
    group_of_errors,
    exit_of_the_system,
    error_with_a_note_and_a_cause,
    error_of_a_class_named_by_the_text,
    failure_of_dagster,
]


def fails_with(monkeypatch: pytest.MonkeyPatch, failure) -> None:
    """Let the scrubbing of a group fail with all that it was given, and the whole step after it."""
    given: list[str] = []

    def scrub(messages, roster, **_):
        text = " ".join([*(one.text for one in messages), *(one.author for one in messages)])
        text += " ".join(roster)
        given.append(text)
        told_everywhere(text)
        failure(text)

    def asserted(*_):
        failure(" ".join(given))

    step = "assets.restricted.scrubbing.group_step"
    monkeypatch.setattr(f"{step}.vectors_of_group", scrub)
    monkeypatch.setattr(f"{step}.GroupStep.assert_counts", asserted)


@pytest.fixture
def long_open_handler():
    """A library's log handler that holds the real standard error since before the run."""
    library = logging.getLogger("some.library")
    handler = logging.StreamHandler(sys.stderr)
    library.addHandler(handler)
    yield
    library.removeHandler(handler)


def test_good_and_failed_runs_leave_no_word(
    session, planted, everywhere, days, capfd, monkeypatch, long_open_handler
):
    first, last = days
    with monkeypatch.context() as broken, session.instance() as instance:
        restricted = restricted_definitions(session.home, session.clock)
        for failure in FAILURES:
            fails_with(broken, failure)
            code = run_job(restricted, "collect", instance, region=REGION, first=last, last=last)
            assert code == "STEP_BROKEN"
    good = run_session(session, first, last)
    assert set(good.codes.values()) == {"GROUPS_REFUSED"}
    assert everywhere("".join(capfd.readouterr())) == set()
    _check_what_the_web_ui_needs(session, planted)


def _check_what_the_web_ui_needs(session, planted) -> None:
    """Steps, labels with numbers, refused groups with codes, classes of failures, our places."""
    with session.instance() as instance:
        runs = {run.run_id: run for run in instance.get_runs()}
        logs = [one for run_id in runs for one in instance.all_logs(run_id)]
        newest = instance.get_latest_materialization_event(dg.AssetKey("scrubbed_vectors"))
        (of_run,) = instance.fetch_observations(dg.AssetKey("scrubbed_vectors"), limit=1).records
    assert {one.step_key for one in logs} >= STEPS
    metadata = newest.asset_materialization.metadata
    assert metadata["group_days"].value > 0
    assert len(of_run.asset_observation.metadata["vocabulary_sha256"].value) == 64
    told = {
        label: value.value
        for one in logs
        if one.is_dagster_event and one.dagster_event.is_step_materialization
        for label, value in one.dagster_event.materialization.metadata.items()
    }
    assert told[planted.groups["damaged"]] == code_and_remedy("EXPORT_ZIP_DAMAGED")
    assert told[planted.groups["binary"]] == code_and_remedy("EXPORT_BINARY")
    assert "(sealed)" not in told
    failed = [
        one.dagster_event.step_failure_data.error.cause
        for one in logs
        if one.is_dagster_event and one.dagster_event.is_step_failure
    ]
    assert {one.cls_name for one in failed} == {"StepFailed"}
    messages = "".join(one.message for one in failed)
    here = "tests/leak/test_pipeline_markers.py"
    for name in ("ValueError", "KeyError", "ExceptionGroup", "SystemExit", "Failure", "(sealed)"):
        assert f"{name}@{here}:" in messages
    assert "STEP_BROKEN RuntimeError@" in messages
    assert "GROUPS_REFUSED" in messages
    assert any("resources/containment/guard.py" in frame for one in failed for frame in one.stack)


COMMAND = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path({here!r}).parent))
import test_pipeline_markers as telling
import assets.restricted.scrubbing.group_step as step
def scrub(messages, roster, **_):
    text = " ".join([*(one.text for one in messages), *roster])
    telling.told_everywhere(text)
    raise ValueError(text)
step.vectors_of_group = scrub
# They would be given nothing but to the function above.
step.Scrubber.load = step.load_narrow_encoder = lambda: None
from datetime import UTC, datetime
from resources.base.clock import Clock
Clock.now = lambda self: datetime(2026, 10, 15, 9, tzinfo=UTC)
sys.argv = ["tideline", "run", "--from", {first!r}, "--to", {last!r}]
from orchestration.cli import main
main()
"""


def test_the_command_leaves_no_word(session, planted, everywhere, days):
    """A process of its own, all that it prints included."""
    first, last = (day.isoformat() for day in days)
    script = COMMAND.format(here=__file__, first=first, last=last)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        env={
            **os.environ,
            "TIDELINE_HOME": str(session.home.root),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        capture_output=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 11, done.stderr[-2000:]
    assert b"GROUPS_REFUSED" in done.stdout
    assert everywhere(done.stdout + done.stderr) == set()


def test_without_the_seal_words_are_found(session, planted, everywhere, days, capfd, monkeypatch):
    """The same failing run on Dagster's own event log, unguarded: the test can fail."""
    template = yaml.safe_load((session.home.dagster / "dagster.yaml").read_text())
    del template["python_logs"]
    storage = template["event_log_storage"]
    template["event_log_storage"] = {
        **PLAIN,
        "config": {"postgres_url": storage["config"]["postgres_url"]},
    }
    unsealed = session.home.dagster / "dagster.yaml"
    unsealed.write_text(yaml.safe_dump(template))
    fails_with(monkeypatch, error_with_a_note_and_a_cause)
    monkeypatch.setattr("resources.containment.canary.refuse_unless_sealed", lambda *_: None)
    for name, module in list(sys.modules.items()):
        if name.startswith("assets.") and hasattr(module, "require_sealed_log"):
            monkeypatch.setattr(module, "guarded", lambda function: function)
            monkeypatch.setattr(module, "require_sealed_log", lambda _: None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run_session(session, *days)
    found = everywhere("".join(capfd.readouterr()))
    assert {place for place, _ in found} == {"public.event_logs.event", "output"}
    of_good_groups = [one for one in planted.markers if one in {m for _, m in found}]
    assert len(of_good_groups) > len(planted.markers) / 4


def test_a_restricted_step_refuses_an_unsealed_log():
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(SealError, match="SEAL_OFF"):
        require_sealed_log(instance)


def test_the_program_refuses_an_unsealed_configuration(session, tmp_path):
    config = yaml.safe_load((session.home.dagster / "dagster.yaml").read_text())
    url = config["event_log_storage"]["config"]["postgres_url"]
    config["event_log_storage"] = {**PLAIN, "config": {"postgres_url": url}}
    unsealed = tmp_path / "dagster.yaml"
    unsealed.write_text(yaml.safe_dump(config))
    with pytest.raises(SealError, match="SEAL_BROKEN"):
        refuse_unless_sealed(session.database, unsealed)


def test_the_program_refuses_a_canary_that_did_not_run(session, monkeypatch):
    def did_nothing(job, instance):
        return type("Done", (), {"success": True, "run_id": "none"})

    monkeypatch.setattr(canary, "_run", did_nothing)
    with pytest.raises(SealError, match="CANARY_DID_NOT_RUN"):
        refuse_unless_sealed(session.database, session.home.dagster / "dagster.yaml")


def test_the_homes_instance_is_of_the_sealed_class(session):
    with session.instance() as instance:
        assert type(instance.event_log_storage) is SealedPostgresEventLogStorage
        require_sealed_log(instance)


def test_the_canary_leaves_no_run_behind(session):
    refuse_unless_sealed(session.database, session.home.dagster / "dagster.yaml")
    with as_owner(session.url) as connection:
        for table in ("runs", "event_logs"):
            rows = sa.text(f"SELECT count(*) FROM canary.{table}")
            assert connection.execute(rows).scalar() == 0
