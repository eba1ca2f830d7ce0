"""The connector of Matrix against a real server, from a room's messages to what may be read."""

import asyncio
import io
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import nio
import pytest
from command_line import exit_status
from made_connector import Connector
from made_matrix_group import (
    A_DAY,
    DAYS,
    DELETER,
    EACH,
    EDITOR,
    HISTORY,
    HISTORY_DAY,
    LATE,
    MEMBERS,
    OBJECTOR,
    TOLD,
    TYPED,
    Chat,
    Collected,
    at,
    shown,
)
from made_synapse import NAME, MadeSynapse, made_synapse

from assets.core.errors import ConnectorError, ExportError
from assets.core.london_time import LONDON
from assets.core.modes import Mode
from orchestration.connect.asking import Asking
from orchestration.connect.contract import Span
from orchestration.connect.matrix.rooms import MatrixRooms
from resources.containment.marker_scan import scan_bytes, scan_folder
from resources.stores.connect.health import HealthFile
from resources.stores.connect.outbox import Outbox
from resources.stores.connect.pull_state import PullState, PullStateFile, planned
from resources.stores.connect.room_list import Room
from resources.stores.connect.settings import ConnectorSettings, written_settings
from resources.stores.inbox.location import InboxLocation
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def synapse() -> Iterator[MadeSynapse]:
    # In memory where there is such a folder: each message is a transaction of its own.
    fast = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=fast if fast.is_dir() else None) as folder,
        made_synapse(Path(folder)) as server,
    ):
        for one in MEMBERS:
            server.user(one, shown(one))
        server.user("reader", "Example University")
        server.user("admin", "The admin")
        yield server


@pytest.fixture(scope="module")
def chat(synapse: MadeSynapse) -> Chat:
    room = synapse.room("admin", at(date(2026, 9, 1)))
    for one in (*MEMBERS, "reader"):
        if one != LATE:
            synapse.join(room, "admin", one, shown(one), at(date(2026, 9, 20)))
    return Chat(synapse, room)


@pytest.fixture
def collected(
    synapse: MadeSynapse,
    chat: Chat,
    session: Any,
    terms: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Collected:
    """Consent recorded on the 11th for days from the 8th on; members told on the 1st."""
    session.clock.set_to(date(2026, 10, 11))
    group_ref = session.register.grant(
        terms(platform="matrix", valid_from=date(2026, 10, 8), informed_on=TOLD),
        session.clock.now(),
    )
    marker = session.members.marker(group_ref)
    session.members.record(
        group_ref,
        MemberEvent(Saying.OBJECTED, SayingSource.COMMAND, TOLD, marker.marks_of(shown(OBJECTOR))),
        session.clock.now(),
    )
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    settings = ("--server", synapse.url, "--organisation", "Example University")
    told = exit_status(
        monkeypatch, "connect", "settings", "matrix", *settings, "--contact", "study@example.org"
    )
    assert told == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{chat.room}\n"))
    assert exit_status(monkeypatch, "connect", "add", group_ref) == 0
    made = Collected(session, group_ref, synapse.token_of("reader"))
    real = nio.AsyncClient.parse_body

    async def parse_body(self: Any, answer: Any) -> Any:
        body = await real(self, answer)
        made.answers.append(f"{answer.url} {json.dumps(body)}")
        made.after_answer(made.answers[-1])
        return body

    monkeypatch.setattr(nio.AsyncClient, "parse_body", parse_body)
    return made


def files_of(made: Collected) -> list[Path]:
    return sorted((Path(made.session.home.config.inbox) / made.group_ref).glob("*.age"))


def test_a_room_is_collected_day_by_day_and_not_after_it_withdraws(
    collected: Collected, synapse: MadeSynapse, chat: Chat, capfd: Any
) -> None:
    chat.talk(HISTORY_DAY)
    # The place is marked, and the day before the consent is never asked for.
    for moment in (at(HISTORY_DAY, 1430), at(HISTORY_DAY, 1439), at(DAYS[0], 30)):
        assert collected.turn_at(moment).groups[collected.group_ref].records == 0
    assert sum("/sync?" in one for one in collected.answers) == 2
    assert not [one for one in collected.answers if "/messages?" in one]

    synapse.join(chat.room, "admin", LATE, shown(LATE), at(DAYS[0], 1))
    first = chat.talk(DAYS[0])
    synapse.edit(chat.room, EDITOR, first[5], f"{TYPED} rested", at(DAYS[0], 1436))
    synapse.redact(chat.room, DELETER, first[6], at(DAYS[0], 1437))
    told = collected.turn_at(at(DAYS[1], 30))
    assert told.groups[collected.group_ref].refused is None
    texts, apart = collected.read(DAYS[0])
    # So many of each; all but one objector and one who came after the notice, an edited and a
    # deleted one. Who objected is counted nowhere else.
    assert len(texts) == A_DAY - 2 * EACH - 2
    assert apart == {"objected": EACH, "not_yet_informed": EACH}
    assert all(f"{TYPED} 12" in one for one in texts)
    assert len(files_of(collected)) == 1

    # Two reach the server after their day was pulled, as from one that was cut off.
    for minute in (700, 701):
        synapse.say(chat.room, "m1", f"held up {TYPED} {minute}", at(DAYS[0], minute))
    chat.talk(DAYS[1])
    # One of the day before is deleted, by the room's admin.
    synapse.redact(chat.room, "admin", first[0], at(DAYS[1], 1437))
    told = collected.turn_at(at(DAYS[2], 30))
    assert told.groups[collected.group_ref].refused is None
    assert told.groups[collected.group_ref].late == 1
    texts, _ = collected.read(DAYS[1])
    assert len(texts) == A_DAY - 2 * EACH
    assert len(collected.read(DAYS[0])[0]) == A_DAY - 2 * EACH - 2 - 1
    assert len(files_of(collected)) == 2

    chat.talk(DAYS[2])
    asked = len(collected.answers)

    def withdraw_at_the_first_page(answer: str) -> None:
        if "/messages?" in answer:
            collected.after_answer = lambda _: None
            collected.session.ways_out.leaving.withdraw(
                collected.group_ref, collected.session.clock.now()
            )
            withdrawn.append(len(collected.answers))

    withdrawn: list[int] = []
    collected.after_answer = withdraw_at_the_first_page
    requests_before = synapse.log.read_text().count("Tideline (Example University")
    told = collected.turn_at(at(DAYS[2] + timedelta(days=1), 30))
    assert withdrawn == [len(collected.answers)]
    assert len(collected.answers) > asked
    assert files_of(collected) == []
    collected.turn_at(at(DAYS[2] + timedelta(days=1), 40))
    assert len(collected.answers) == withdrawn[0]
    requests = synapse.log.read_text().count("Tideline (Example University") - requests_before
    assert requests == withdrawn[0] - asked

    # Not a word of before the consent was ever sent to it, and all that was asked says so.
    assert not [one for one in collected.answers if HISTORY in one]
    _nothing_is_left(collected, "".join(capfd.readouterr()))


def _nothing_is_left(collected: Collected, said: str) -> None:
    """No word, name, id or token in any file of the home, of the inbox, or in what was printed."""
    markers = [
        HISTORY.encode(),
        TYPED.encode(),
        collected.token.encode(),
        *(part.encode() for one in MEMBERS for part in shown(one).split()),
        f"@m0:{NAME}".encode(),
    ]
    root = collected.session.home.root
    for folder in (root, root.with_name(f"{root.name}-inbox")):
        assert scan_folder(folder, markers) == set()
    assert scan_bytes(said.encode(), markers) == set()


def test_what_is_delivered_after_a_withdrawal_is_not_read(collected: Collected) -> None:
    """As by a connector whose list came late: it is refused where it would be read."""
    session = collected.session
    session.ways_out.leaving.withdraw(collected.group_ref, session.clock.now())
    config = session.home.config
    outbox = Outbox(InboxLocation(config.inbox), config.inbox_recipient)
    day = DAYS[0]
    session.clock.moment = at(day + timedelta(days=1), 30).astimezone(UTC)
    plan = planned(at(day), at(day + timedelta(days=1)), session.clock.now())
    outbox.put(collected.group_ref, plan, "matrix", [])
    inbox = session.resources["inbox"]
    (sealed,) = inbox.list(collected.group_ref)
    assert inbox.living(collected.group_ref, session.clock.now()) == []
    with pytest.raises(ExportError, match="EXPORT_GONE"):
        inbox.open_export(sealed)
    session.ways_out.lifetimes.sweep(session.clock.now())
    assert files_of(collected) == []


def pull(synapse: MadeSynapse, token: str, room: str, day: date) -> Any:
    listed = Room(
        group_ref="g-00000000",
        chat=room,
        starts=at(DAYS[0]),
        ends=at(DAYS[-1] + timedelta(days=30)),
    )

    async def take() -> Any:
        async with MatrixRooms(synapse.url, token, "Tideline (test; test)", Asking(600)) as rooms:
            after = await rooms._place(listed, lambda: None)
            span = Span(at(day), at(day + timedelta(days=1)), after)
            return await rooms.pull(listed, span, lambda: None)

    return asyncio.run(take())


def test_rooms_that_are_not_read(synapse: MadeSynapse) -> None:
    token = synapse.token_of("reader")
    encrypted = synapse.room("admin", at(TOLD), encrypted=True)
    synapse.join(encrypted, "admin", "reader", "Reader", at(TOLD))
    closed = synapse.room("admin", at(TOLD))
    joined_later = synapse.room("admin", at(TOLD))
    content = {"history_visibility": "joined"}
    synapse.state(joined_later, "m.room.history_visibility", content, user="admin", at=at(TOLD))
    synapse.join(joined_later, "admin", "reader", "Reader", at(DAYS[1], 5))
    for chat, given, code in (
        (encrypted, token, "CHAT_ENCRYPTED"),
        (closed, token, "CHAT_NOT_JOINED"),
        (f"!nowhere:{NAME}", token, "CHAT_NOT_JOINED"),
        (joined_later, token, "CHAT_NOT_WHOLE"),
        (closed, "no such token", "CHAT_TOKEN_REFUSED"),
    ):
        with pytest.raises(ConnectorError, match=code):
            pull(synapse, given, chat, DAYS[1])
    assert pull(synapse, token, joined_later, DAYS[2]).records


def test_an_empty_day_is_supplied_too(synapse: MadeSynapse, chat: Chat) -> None:
    token = synapse.token_of("reader")
    records = pull(synapse, token, chat.room, DAYS[-1] + timedelta(days=3)).records
    assert {one.kind for one in records} == {"member"}


def test_a_process_of_its_own_leaves_no_word_and_shows_no_token(
    synapse: MadeSynapse, chat: Chat, connector: Connector, tmp_path: Path
) -> None:
    """`tideline connect matrix --once` as from a shell, on days that are over now."""
    token, today = synapse.token_of("reader"), datetime.now(LONDON).date()
    yesterday = today - timedelta(days=1)
    word = f"quexmoor{secrets.token_hex(4)}"
    room = Room(
        group_ref="g-0123abcd",
        chat=chat.room,
        starts=at(yesterday),
        ends=at(today + timedelta(days=9)),
    )
    connector.now = datetime.now(UTC)
    connector.list_rooms(room)
    settings = ConnectorSettings(
        **{**connector.settings.model_dump(), "mode": Mode.SYNTHETIC, "server": synapse.url}
    )
    (connector.folder / "settings.yaml").write_bytes(written_settings(settings))
    away = tmp_path / "away"
    away.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TIDELINE_", "DAGSTER_"))
    }
    command = "from orchestration.cli import main; main()"
    file = str(connector.folder / "settings.yaml")

    def run_once() -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            [sys.executable, "-c", command, "connect", "matrix", "--settings", file, "--once"],
            env=kept | {"TIDELINE_MATRIX_TOKEN": token, "HOME": str(away), "TMPDIR": str(away)},
            cwd=away,
            capture_output=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done

    run_once()
    synapse.say(chat.room, "m1", f"so tired {word}", at(yesterday, 600))
    # As if it had been started the day before.
    states = PullStateFile(connector.folder / "pull-state.json")
    own = states.load().of(room.group_ref)
    marked = msgspec.structs.replace(own, marked_at=at(yesterday, -2))
    states.save(PullState(groups={room.group_ref: marked}))
    done = run_once()
    told = HealthFile(connector.folder / "health.json").read()
    assert told is not None
    assert [one.refused for one in told.groups.values()] == [None]
    ((_, *lines),) = connector.exports()
    assert sum(word in one.decode() for one in lines) == 1
    markers = [word.encode(), token.encode(), b"Quillon", chat.room.encode()]
    assert scan_bytes(done.stdout + done.stderr, markers) == set()
    assert scan_folder(away, markers) == set()
    found = {name for name, _ in scan_folder(connector.folder.parent, markers)}
    # The list of rooms alone knows which room it is.
    assert found == {"connect/rooms.json"}
