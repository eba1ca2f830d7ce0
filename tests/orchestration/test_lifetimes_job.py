"""The job `lifetimes`: hourly, whatever else runs or does not."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from made_portal import made_portal

from orchestration.cli.session import Session
from orchestration.restricted import restricted_definitions
from orchestration.runs import failure_code
from resources.base.database.tables import group_days, group_scores, ledger
from resources.stores.inbox.inbox import Inbox
from resources.stores.scores.score_store import GroupScore

DAY = date(2026, 10, 12)
REF = "g-00000001"
BROKEN = b"\0 this is no chat export"


@pytest.fixture
def instance(session: Session, monkeypatch: pytest.MonkeyPatch) -> Any:
    for key, value in session.environment().items():
        monkeypatch.setenv(key, value)
    with dg.DagsterInstance.from_config(str(session.home.dagster)) as made:
        yield made


def run(session: Session, instance: dg.DagsterInstance) -> Any:
    definitions = restricted_definitions(session.home, session.clock)
    return definitions.resolve_job_def("lifetimes").execute_in_process(
        instance=instance, raise_on_error=False
    )


def told(result: Any) -> dict[str, Any]:
    (event,) = result.get_asset_materialization_events()
    metadata = event.materialization.metadata
    return {name: metadata[name].value for name in ("files_deleted", "scores_deleted")}


def entries(session: Session) -> list[tuple[Any, ...]]:
    with session.database.transaction() as connection:
        columns = (ledger.c.kind, ledger.c.group_ref, ledger.c.count)
        return [
            tuple(one) for one in connection.execute(sa.select(*columns).order_by(ledger.c.seq))
        ]


def settle(session: Session) -> None:
    session.resources["score_store"].settle(
        "greater_london",
        DAY,
        REF,
        [GroupScore("burnout", 4, 100, 20), GroupScore("resilience", 4, 0, 20)],
        export_digest="d",
        model_version="m",
        now=session.clock.now(),
    )


@pytest.mark.slow
def test_what_is_due_goes_read_or_not_and_is_recorded(
    session: Session, instance: dg.DagsterInstance
) -> None:
    inbox: Inbox = session.resources["inbox"]
    start = session.clock.now()
    # A consented group's export, one that no reader can read, one of a group that nobody knows.
    for ref, content in ((REF, b"a"), (REF, BROKEN), ("g-00000002", b"b")):
        inbox.add(ref, io.BytesIO(content), start)
    settle(session)
    stray = Path(session.home.config.inbox) / "Oak House" / "chat.txt"
    stray.parent.mkdir()
    stray.write_bytes(b"a")

    assert told(run(session, instance)) == {"files_deleted": 0, "scores_deleted": 0}
    assert entries(session) == []

    session.clock.moment = start + timedelta(days=14, seconds=1)
    inbox.add(REF, io.BytesIO(b"late"), session.clock.now())
    assert told(run(session, instance))["files_deleted"] == 3
    assert entries(session) == [("export_deleted", REF, 2), ("export_deleted", "g-00000002", 1)]
    assert len(inbox.list(REF)) == 1
    # The stray was written by the real clock, which may be before or after the set one.
    session.clock.moment = start + timedelta(days=3650)
    outcome = run(session, instance)
    assert told(outcome) == {"files_deleted": 2, "scores_deleted": 1}
    assert ("export_deleted", None, 1) in entries(session)
    assert ("scores_deleted", None, 1) in entries(session)
    assert not stray.parent.exists()
    with session.database.transaction() as connection:
        assert connection.execute(sa.select(group_scores)).all() == []
        # That the group-day settled stays, so that nothing reads it again.
        assert len(connection.execute(sa.select(group_days)).all()) == 1
    assert list(session.home.keys.iterdir()) == []


@pytest.mark.slow
def test_a_clock_set_back_deletes_nothing(session: Session, instance: dg.DagsterInstance) -> None:
    inbox: Inbox = session.resources["inbox"]
    added = inbox.add(REF, io.BytesIO(b"a"), session.clock.now())
    settle(session)
    session.clock.moment -= timedelta(days=400)
    assert told(run(session, instance)) == {"files_deleted": 0, "scores_deleted": 0}
    assert inbox.list(REF) == [added]
    assert entries(session) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fails", "code"), [("rm_file", "LIFETIME_NOT_ENFORCED"), ("find", "INBOX_NOT_REACHABLE")]
)
def test_a_file_that_stays_makes_the_run_red_and_the_rest_goes(
    session: Session,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    fails: str,
    code: str,
) -> None:
    inbox: Inbox = session.resources["inbox"]
    inbox.add(REF, io.BytesIO(b"a"), session.clock.now())
    settle(session)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("Oak House")

    monkeypatch.setattr(type(inbox.location.files), fails, refuse)
    session.clock.moment += timedelta(days=400)
    result = run(session, instance)
    assert not result.success
    assert failure_code(result.all_events) == code
    assert entries(session) == [("scores_deleted", None, 1)]


@pytest.mark.slow
def test_a_location_that_began_to_keep_versions_makes_the_run_red(
    session: Session, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    definitions = restricted_definitions(session.home, session.clock)
    assert session.resources
    monkeypatch.setattr("resources.stores.inbox.location.keeps_what_is_deleted", lambda *_: True)
    result = definitions.resolve_job_def("lifetimes").execute_in_process(
        instance=instance, raise_on_error=False
    )
    assert failure_code(result.all_events) == "INBOX_VERSIONED"


@pytest.mark.slow
def test_a_dead_file_is_not_read_even_where_nothing_deleted_it(session: Session) -> None:
    from assets.restricted.collection.group_exports import read_group_exports

    resources, start = session.resources, session.clock.now()
    resources["inbox"].add(REF, io.BytesIO(BROKEN), start)
    later = start + timedelta(days=15)
    survey = read_group_exports(
        resources["inbox"], resources["records"], REF, "greater_london", later
    )
    assert (survey.files, survey.newly_read, survey.outstanding) == ({}, 0, None)


@pytest.mark.slow
def test_what_was_answered_on_the_portal_is_taken_over_or_waits(
    session: Session, instance: dg.DagsterInstance
) -> None:
    # Answers are dated by the database.
    session.clock.moment = datetime.now(UTC)
    with made_portal(session) as portal:
        made, link = portal.invitation()
        portal.answer(link)
        portal.answer(portal.invitation()[1], member_basis="notice_with_objection")
    (event,) = run(session, instance).get_asset_materialization_events()
    metadata = event.materialization.metadata
    assert (metadata["consents_taken"].value, metadata["consents_waiting"].value) == (1, 1)
    assert set(session.register.consents()) == {made.group_ref}
    # By a database whose journal is lost, nobody is taken in.
    session.home.leaving_journal.unlink()
    (event,) = run(session, instance).get_asset_materialization_events()
    assert event.materialization.metadata["consents_waiting"].value == 0
