"""An incident stops all reading at once, keeps nobody from leaving, and is recorded."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from assets.core.errors import SetupError, StorageError, TidelineError
from orchestration.cli import app
from resources.base.database.tables import gate_verdicts, incident_events, vectors
from resources.stores import ledger
from resources.stores.vectors.group_day_vectors import GroupDayVectors
from resources.stores.vectors.scrub_records import GateVerdict

pytestmark = pytest.mark.slow
DAY = date(2026, 10, 12)
PLACE = ("greater_london", DAY)
VECTORS = GroupDayVectors(np.eye(6, 8, dtype=np.float32), np.arange(6, dtype=np.int32))


@pytest.fixture
def tideline(session: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    monkeypatch.setattr("orchestration.cli.session.Clock", lambda: session.clock)
    monkeypatch.setattr("resources.containment.hardening.is_watched", lambda: False)
    return lambda *words: CliRunner().invoke(app, [*map(str, words)])


def code_of(done: Result) -> str | None:
    return done.exception.code if isinstance(done.exception, TidelineError) else None


def verdict(ref: str) -> GateVerdict:
    counts = dict.fromkeys(
        ("with_digit", "on_roster", "not_allowed", "messages", "failed", "fired", "too_little"), 0
    )
    return GateVerdict(
        *PLACE,
        ref,
        run_id="run",
        **counts,
        code=None,
        vocabulary_digest="0" * 64,
        tagger_digest=None,
    )


def test_it_stops_reading_where_data_is_read_and_nobody_from_leaving(
    session: Any, terms: Callable[..., Any], tideline: Callable[..., Result], tmp_path: Any
) -> None:
    now, resources = session.clock.now(), session.resources
    refs = [session.register.grant(terms(), now) for _ in range(2)]
    sealed = [resources["inbox"].add(ref, io.BytesIO(b"chat"), now) for ref in refs]
    store = resources["vector_store"]
    for ref in refs:
        assert store.put(
            *PLACE,
            ref,
            VECTORS,
            export_digest="0",
            vocabulary_digest="0",
            encoder_digest="e",
            now=now,
        )
    resources["scrub_records"].add_verdicts([verdict(refs[0])], removed={}, causes={}, now=now)
    (kept,) = (one for one in store.find(PLACE[0], [DAY]) if one.group_ref == refs[0])
    assert len(store.content(kept)) > 0
    assert resources["inbox"].open_export(sealed[0]).read() == b"chat"

    done = tideline("incident", "open", "--cause", "text_seen", "--by", "ana")
    assert done.exit_code == 0, done.output
    assert "2026-10-18 10:00" in done.output  # 72 hours on, in London
    # Also in a process that has been at work since before.
    for read in (
        lambda: resources["inbox"].open_export(sealed[0]),
        lambda: store.content(kept),
        lambda: store.put(
            *PLACE,
            refs[0],
            VECTORS,
            export_digest="1",
            vocabulary_digest="0",
            encoder_digest="e",
            now=now,
        ),
        resources["before_reading"].require_to_release,
        resources["before_reading"].require_to_read,
    ):
        with pytest.raises(SetupError, match=r"^INCIDENT_OPEN$"):
            read()
    (tmp_path / "chat.txt").write_bytes(b"chat")
    for words in (
        ("inbox", "add", refs[0], tmp_path / "chat.txt"),
        ("run", "--from", DAY, "--to", DAY),
        ("rescore", "--day", DAY),
    ):
        assert code_of(tideline(*words)) == "INCIDENT_OPEN", words
    assert "INCIDENT_OPEN" in tideline("status").output

    left = tideline("consent", "withdraw", refs[1], "--yes")
    assert left.exit_code == 0, left.output
    assert resources["inbox"].list(refs[1]) == []
    assert [one.destroyed for one in store.find(PLACE[0], [DAY]) if one.group_ref == refs[1]] == [
        True
    ]
    # What is personal goes at the end of its lifetime; what tells of the incident waits.
    session.clock.moment += timedelta(days=40)
    gone = resources["lifetimes"].enforce(session.clock.now())
    assert gone[ledger.Kind.EXPORT_DELETED] == 1
    with session.database.transaction() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(gate_verdicts)).scalar()
    (ref,) = [one.ref for one in session.ways_out.incidents.all()]
    assert "hours too late" in tideline("incident", "show").output.replace("\n", " ")
    assert tideline("incident", "told", ref, "--by", "dpo").exit_code == 0
    assert tideline("incident", "close", ref, "--by", "dpo", "--outcome", "reported").exit_code == 0
    # Vectors are personal: after their lifetime it is that, not the incident, that keeps them shut.
    with pytest.raises(StorageError, match=r"^VECTORS_DESTROYED$"):
        store.content(kept)
    resources["lifetimes"].enforce(session.clock.now())
    with session.database.transaction() as connection:
        assert not connection.execute(
            sa.select(sa.func.count()).select_from(gate_verdicts)
        ).scalar()
        kinds = connection.execute(sa.select(incident_events.c.kind)).scalars().all()
    assert kinds == ["opened", "regulator_told", "closed"]


def test_waiting_keys_are_destroyed_where_asked(
    session: Any, terms: Callable[..., Any], tideline: Callable[..., Result]
) -> None:
    now, store = session.clock.now(), session.resources["vector_store"]
    for ref in [session.register.grant(terms(), now) for _ in range(3)]:
        store.put(
            *PLACE,
            ref,
            VECTORS,
            export_digest="0",
            vocabulary_digest="0",
            encoder_digest="e",
            now=now,
        )
    for path in session.home.secrets.iterdir():
        # Whoever has lost the master key can destroy what it wraps all the same.
        path.unlink()
    done = tideline(
        "incident", "open", "--cause", "key_lost", "--by", "ana", "--destroy-waiting-keys"
    )
    assert done.exit_code == 0, done.output
    assert "Destroyed 3 keys" in done.output
    assert list(session.home.keys.iterdir()) == []
    with session.database.transaction() as connection:
        assert connection.execute(sa.select(vectors.c.destroyed)).scalars().all() == [True] * 3
    assert [one.keys_destroyed for one in session.ways_out.incidents.all()] == [3]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("open", "--cause", "other", "--by", "Ana Smith"), "SAID_BY_INVALID"),
        (
            ("open", "--cause", "other", "--by", "ana", "--aware-since", "2026-10-15T10:01"),
            "INCIDENT_MOMENT_INVALID",
        ),
        (("told", "i-00000000", "--by", "ana"), "INCIDENT_UNKNOWN"),
        (
            ("close", "i-00000000", "--by", "ana", "--outcome", "false_alarm"),
            "INCIDENT_UNKNOWN",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_recorded(
    session: Any, tideline: Callable[..., Result], words: tuple[str, ...], code: str
) -> None:
    assert code_of(tideline("incident", *words)) == code
    assert session.ways_out.incidents.all() == []
