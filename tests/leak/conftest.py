"""A home whose every delivered word is a marker, and a sealed log for steps that try to tell."""

import io
import json
import os
import random
import secrets
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._serdes import serialize_value

from orchestration.cli.delivering import deliver
from orchestration.cli.session import Session
from orchestration.instance_files import instance_template
from resources.base.database.connection import Database
from resources.base.database.postgres import dagster_url
from resources.containment.canary import _environment
from resources.containment.marker_scan import scan_bytes, scan_database, scan_folder
from resources.containment.sealed_event_log import SealedPostgresEventLogStorage
from resources.maintenance.database_setup import as_owner
from resources.stores.consent.consent_terms import ConsentTerms
from simulation.consents import COOLING_OFF, made_up_terms

TOLD, FIRST, LAST = date(2026, 9, 1), date(2026, 10, 11), date(2026, 10, 12)
PHRASE = "the kettle was cold again by teatime"
"""Vocabulary words only: it survives scrubbing, so only never being written keeps it out."""
PHONE = "07700 900461"
SAID = (
    "so tired after the long shift and {odd} rang me twice about it",
    f"good morning all, {PHRASE} and nobody minded",
    f"please call me on {PHONE} when you get home tonight",
    "we are short again tomorrow but we will manage it together",
)
REGIONS = ("greater_london", "east_of_england")


@dataclass
class Planted:
    """What was delivered.

    Attributes:
        markers: words that may be found nowhere, as UTF-8.
        groups: references by what was delivered for them.
    """

    markers: list[bytes] = field(default_factory=list, repr=False)
    groups: dict[str, str] = field(default_factory=dict)


def _terms(region: str) -> ConsentTerms:
    return made_up_terms(TOLD + COOLING_OFF, date(2027, 1, 31), region)


def _export(number: int) -> tuple[str, str, list[str]]:
    """File name, text and markers of one made-up Android export."""
    title = f"Zandermoor{number} Nightjars"
    authors = [f"Quillon{number}{one} Fennimarsh{one}" for one in "abcd"]
    authors.append(f"+44 7700 9007{number}9")
    odd = f"wobblequex{number}"
    lines = [f'{TOLD:%d/%m/%Y}, 06:00 - {authors[0]} created group "{title}"']
    # Only who was there when the members were told is read.
    lines += [f"{TOLD:%d/%m/%Y}, 07:00 - {author}: hello all" for author in authors]
    moment = datetime.combine(FIRST, time(8))
    while moment.date() <= LAST:
        for author in authors:
            for said in SAID:
                moment += timedelta(minutes=7)
                # The same words from several people would be a copied post.
                line = f"{said.format(odd=odd)} {len(lines)}"
                lines.append(f"{moment:%d/%m/%Y, %H:%M} - {author}: {line}")
        moment = datetime.combine(moment.date() + timedelta(days=1), time(8))
    words = [f"Zandermoor{number}", odd, authors[-1], f"Farrowfile{number}"]
    words += [name for author in authors[:-1] for name in author.split()]
    return f"WhatsApp Chat with Farrowfile{number}.txt", "\n".join(lines) + "\n", words


@pytest.fixture
def planted(session: Session, tmp_path: Path) -> Planted:
    """Six groups with exports, one withdrawn since, one damaged archive, one binary file."""
    made = Planted(markers=[PHRASE.encode(), PHONE.encode(), PHONE.replace(" ", "").encode()])
    folder = tmp_path / "delivered"
    folder.mkdir()
    for number in range(8):
        group_ref = session.register.grant(_terms(REGIONS[number % 2]), session.clock.now())
        name, text, words = _export(number)
        content = text.encode()
        match number:
            case 5:
                kind = "withdrawn"
            case 6:
                kind, name = "damaged", name.replace(".txt", ".zip")
                content = _archive(name, content)[:-40]
            case 7:
                kind, content = "binary", os.urandom(64) + b"\0" + content
            case _:
                kind = f"good {number}"
        path = folder / name
        path.write_bytes(content)
        if kind in ("damaged", "binary"):
            # As it would lie there if it had been damaged after the door looked at it.
            session.ways_out.inbox.add(group_ref, io.BytesIO(content), session.clock.now())
        else:
            deliver(session, group_ref, path)
        if kind == "withdrawn":
            session.register.withdraw(group_ref, session.clock.now())
        made.groups[kind] = group_ref
        made.markers += [word.encode() for word in words]
    return made


def _archive(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name.replace(".zip", ".txt"), content)
    return packed.getvalue()


@pytest.fixture
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary folder of this process and of those that it starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def everywhere(
    session: Session, planted: Planted, temporary_folder: Path
) -> Callable[[str | bytes], set[tuple[str, bytes]]]:
    """Where markers are found: files of the home and the temporary folder, database, output."""

    def scan(output: str | bytes) -> set[tuple[str, bytes]]:
        raw = output if isinstance(output, bytes) else output.encode("utf-8", "surrogatepass")
        with as_owner(session.url) as connection:
            found = scan_database(connection, planted.markers)
        for folder in (session.home.root, temporary_folder):
            found |= scan_folder(folder, planted.markers)
        return found | {("output", marker) for marker in scan_bytes(raw, planted.markers)}

    return scan


@pytest.fixture
def days() -> tuple[date, date]:
    """First and last day of the exports."""
    return FIRST, LAST


@dataclass
class SealedLog:
    """An instance whose log is sealed, and what its seal was given.

    Attributes:
        dagster: the instance.
        database: where it stores.
        folder: its DAGSTER_HOME.
        before: the events as Dagster would have stored them.
    """

    dagster: dg.DagsterInstance
    database: Database
    folder: Path
    before: list[str] = field(default_factory=list, repr=False)

    def run(self, name, body, texts, *, out=None, hooks=None, resources=None):
        """Run a job with one step for each text."""

        def op_of(shape, text):
            @dg.op(name=f"{name}_{shape}", out=out or dg.Out())
            def step(context: dg.OpExecutionContext):
                return body(context, text)

            return step

        steps = [op_of(shape, text) for shape, text in texts.items()]

        @dg.job(
            name=f"leaky_{name}",
            executor_def=dg.in_process_executor,
            resource_defs=resources,
            hooks=hooks,
        )
        def leaky():
            for step in steps:
                step()

        return leaky.execute_in_process(instance=self.dagster, raise_on_error=False)

    def check(self, texts, *, leaks=True):
        """Nothing of the texts is stored; without the seal it would be; nor any other shape."""
        markers = [text.encode() for text in texts.values()]
        would_leak = scan_bytes("".join(self.before).encode(), markers)
        assert would_leak == (set(markers) if leaks else set())
        with as_owner(self.database.url) as connection:
            assert scan_database(connection, markers) == set()
        assert scan_folder(self.folder, markers) == set()
        seal = self.dagster.event_log_storage._seal
        for text in texts.values():
            for shape, other in _shapes().items():
                told = [
                    json.loads(one.replace(_in_json(text), _in_json(other)))
                    for one in self.before
                    if _in_json(text) in one
                ]
                stored = json.dumps([seal.seal_event(one) for one in told], ensure_ascii=False)
                assert scan_bytes(stored.encode(), [other.encode()]) == set(), shape


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


@pytest.fixture(scope="module")
def sealed_log(postgres_server, template_database, tmp_path_factory) -> Iterator[SealedLog]:
    """An instance under the project's own dagster.yaml, in a database of its own."""
    name, folder = f"t_{secrets.token_hex(6)}", tmp_path_factory.mktemp("sealed")
    server = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template_database}"))
    database = Database(postgres_server.set(database=name))
    (folder / "dagster.yaml").write_text(instance_template())
    with (
        _environment(
            DAGSTER_PG_URL=dagster_url(database.url),
            DAGSTER_HOME=str(folder),
            DAGSTER_EVENT_BATCH_SIZE="500",
        ),
        dg.DagsterInstance.from_config(str(folder)) as instance,
    ):
        yield SealedLog(instance, database, folder)
    database.dispose()
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def sealed(sealed_log: SealedLog, monkeypatch: pytest.MonkeyPatch) -> SealedLog:
    """The sealed log, with what its seal is given from here on."""
    sealed_log.before.clear()
    seal = SealedPostgresEventLogStorage.sealed

    def keep(storage, event):
        sealed_log.before.append(serialize_value(event))
        return seal(storage, event)

    monkeypatch.setattr(SealedPostgresEventLogStorage, "sealed", keep)
    return sealed_log


_DRAWN = random.Random(20261122)


def _shapes() -> dict[str, str]:
    """Texts that look like what may be stored, new ones at each call."""
    word = "".join(_DRAWN.choices("bdfghjklmnprstvz", k=9))
    digits = "".join(_DRAWN.choices("123456789", k=9))
    return {
        "sentence": f"{word.title()} rang from number {digits[:3]}",
        "name": word.title(),
        "upper": word.upper(),
        "identifier": f"_{word}_{word}",
        "short_hex": f"{_DRAWN.getrandbits(44):011x}b",
        "long_hex": f"{_DRAWN.getrandbits(60):015x}b",
        "telephone": f"07{digits}",
        "card": f"4{digits}{digits[:6]}",
        "day_and_word": f"2026-10-05 {word}",
        "day_and_region": f"2026-10-05|{word}",
        "no_day": f"{digits[:4]}-99-{digits[4:6]}",
        "reference": f"g-{word}",
        "code": f"STEP_BROKEN {word}",
        "place": f"{word.title()}@resources/containment/guard.py:3",
        "label": f"dagster/{word}",
        "version": f"seeds-{digits}",
        "accents": f"Zoë{word}",
    }


@pytest.fixture
def texts(request: pytest.FixtureRequest) -> dict[str, str]:
    """One of the shapes, another for each test; `check` tries all of them without a run."""
    every = list(_shapes().items())
    return dict([every[sum(request.node.name.encode()) % len(every)]])
