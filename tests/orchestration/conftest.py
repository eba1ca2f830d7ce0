import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.modes import Mode
from assets.core.region_day import partition_key
from assets.restricted.scoring.seed_model import fit_seed_model
from assets.restricted.scrubbing import Scrubber
from orchestration.cli.session import Session, open_session
from orchestration.restricted import restricted_definitions
from orchestration.runs import run_job
from resources.base.database.connection import Database
from resources.base.database.tables import (
    faults,
    group_days,
    group_scores,
    ledger,
    noisy_draws,
    regional_values,
    release_reasons,
    release_steps,
    vectors,
)
from resources.stores.inbox.inbox import Inbox, SealedExport
from simulation.consents import made_up_terms

LONDON = "greater_london"
NOVEMBER = Path(__file__).parents[1] / "homes" / "2026-11-22"
FIRST_DAY = date(2026, 9, 1)
SETTLED = (
    group_days,
    group_scores,
    regional_values,
    release_steps,
    noisy_draws,
    release_reasons,
)
LINES = (
    "we are so tired after the night shift and nobody came to help",
    "that was a lovely day with a good team and lots of help",
    "they changed the rota again and nobody asked us about it",
    "the kettle is broken so bring your own tea to the late shift",
)


class DigestEncoder:
    """Vectors from digests of texts: as good as any where meaning is not the point."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = [
            np.frombuffer(hashlib.sha256(text.encode()).digest()[:8], np.uint8) for text in texts
        ]
        drawn = np.array(rows, dtype=np.float32).reshape(-1, 8) - 127.5
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@pytest.fixture(scope="session")
def digest_model() -> Any:
    return fit_seed_model(DigestEncoder())


@pytest.fixture(autouse=True)
def tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that could not reach its input does not wait before it is tried again."""
    monkeypatch.setattr("assets.core.coded_failures.SECONDS_TO_TRY_AGAIN", 0)


@pytest.fixture
def cheap_models(monkeypatch: pytest.MonkeyPatch, digest_model: Any) -> None:
    """The encoder and the scores that need no weights; the scrubber is the real one."""
    monkeypatch.setattr("assets.restricted.scrubbing.group_step.load_narrow_encoder", DigestEncoder)
    monkeypatch.setattr(
        "assets.restricted.scoring.asset.load_construct_model", lambda: digest_model
    )


def written_chat(first: date, last: date, *, people: int = 6, seed: int = 0) -> bytes:
    """An Android export in which each person writes once a day, and greeted before any notice."""
    eve = FIRST_DAY - timedelta(days=8)
    lines = [
        f"{eve:%d/%m/%Y}, {8 + person:02d}:15 - Grace Okafor{'abcdefghijkl'[person]}: hello"
        for person in range(people)
    ]
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for person in range(people):
            text = LINES[(person + offset * (seed + 1) + seed) % len(LINES)]
            name = f"Grace Okafor{'abcdefghijkl'[person]}"
            # The same words from several people would be a copied post.
            count = 1000 * offset + 10 * person + seed
            lines.append(f"{day:%d/%m/%Y}, {8 + person:02d}:15 - {name}: {text} {count}")
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture
def chat() -> Callable[..., bytes]:
    return written_chat


@dataclass(frozen=True)
class House:
    """A home, with the doors that the tests use."""

    session: Session
    instance: dg.DagsterInstance

    @property
    def clock(self) -> Any:
        return self.session.clock

    @property
    def resources(self) -> dict[str, Any]:
        return self.session.resources

    @property
    def database(self) -> Database:
        return self.session.database

    @cached_property
    def definitions(self) -> dg.Definitions:
        return restricted_definitions(self.session.home, self.session.clock)

    def grant(
        self,
        region: str = LONDON,
        valid_from: date = FIRST_DAY,
        valid_until: date = date(2026, 12, 31),
        platform: str = "whatsapp",
    ) -> str:
        terms = made_up_terms(
            valid_from,
            valid_until,
            region,
            platform=platform,
            review_by=max(valid_until, self.clock.today()),
        )
        return self.session.register.grant(terms, self.clock.now())

    def withdraw(self, group_ref: str) -> None:
        self.session.register.withdraw(group_ref, self.clock.now())

    def deliver(self, group_ref: str, content: bytes, at: datetime | None = None) -> SealedExport:
        inbox: Inbox = self.resources["inbox"]
        return inbox.add(group_ref, io.BytesIO(content), at or self.clock.now())

    def groups(self, count: int, first: date, last: date, **chats: Any) -> list[str]:
        """Consented groups, each with an export of these days."""
        refs = [self.grant() for _ in range(count)]
        for number, ref in enumerate(refs):
            self.deliver(ref, written_chat(first, last, seed=number, **chats))
        return refs

    def run(self, job: str, first: date, last: date | None = None, region: str = LONDON):
        """Run a job over days of a region. Returns None or its code."""
        return run_job(
            self.definitions, job, self.instance, region=region, first=first, last=last or first
        )

    def materialise(self, asset: str, day: date, region: str = LONDON) -> Any:
        """One asset alone on one partition, as from the UI."""
        job = self.definitions.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance,
            partition_key=partition_key(region, day),
            asset_selection=[dg.AssetKey(asset)],
            raise_on_error=False,
        )

    def rows(self, *tables: sa.Table) -> list[list[tuple[Any, ...]]]:
        with self.database.transaction() as connection:
            return [
                [
                    tuple(row)
                    for row in connection.execute(sa.select(one).order_by(*one.primary_key))
                ]
                for one in tables
            ]

    def settled(self) -> list[list[tuple[Any, ...]]]:
        """Every row that may never change again."""
        return self.rows(*SETTLED)

    def stored(self) -> tuple[Any, dict[str, bytes]]:
        """Those rows, the vectors' rows, and every byte of vectors and keys."""
        home = self.session.home
        files = {
            path.relative_to(home.root).as_posix(): path.read_bytes()
            for folder in (home.vectors, home.keys)
            for path in folder.rglob("*")
            if path.is_file()
        }
        return self.rows(*SETTLED, vectors, ledger), files

    def values(self) -> list[tuple[Any, ...]]:
        """What the public can see."""
        with self.database.transaction() as connection:
            names = ("region", "day", "construct", "status", "estimate", "value_7d")
            columns = [regional_values.c[name] for name in names]
            query = sa.select(*columns).order_by(*columns[:3])
            return [tuple(row) for row in connection.execute(query)]

    def codes(self) -> dict[str, set[str]]:
        """Codes by group reference, of all faults."""
        with self.database.transaction() as connection:
            found: dict[str, set[str]] = {}
            for ref, code in connection.execute(sa.select(faults.c.group_ref, faults.c.code)):
                found.setdefault(ref, set()).add(code)
            return found

    def group_days(self) -> set[tuple[date, str]]:
        """Settled (day, group) of all regions."""
        return {(row[1], row[2]) for row in self.rows(group_days)[0]}


@pytest.fixture
def open_house(
    tmp_path: Path,
    make_database: Callable[[], URL],
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    cheap_models: None,
    without_noise: None,
    make_home_on_tables: Callable[..., Any],
) -> Iterator[Callable[..., House]]:
    """Makes a house of its own database; the last one made is the one in the environment."""
    opened: list[House] = []
    # What measures the tests' coverage would be taken for a debugger.
    monkeypatch.setattr("resources.containment.hardening.is_watched", lambda: False)

    def make(mode: Mode = Mode.SYNTHETIC, **config: Any) -> House:
        url = make_database()
        monkeypatch.setenv("TIDELINE_PG_URL", url.render_as_string(hide_password=False))
        root = tmp_path / str(url.database)
        make_home_on_tables(root, mode, first_day=FIRST_DAY, **config)
        session = open_session(root, clock)
        for key, value in session.environment().items():
            monkeypatch.setenv(key, value)
        house = House(session, dg.DagsterInstance.from_config(str(session.home.dagster)))
        opened.append(house)
        return house

    yield make
    for house in opened:
        house.instance.dispose()
        house.database.dispose()


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    return open_house()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """References of the groups whose exports are opened, as they are."""
    seen: list[str] = []
    real = Inbox.open_export

    def spy(inbox: Inbox, export: SealedExport) -> Any:
        seen.append(export.group_ref)
        return real(inbox, export)

    monkeypatch.setattr(Inbox, "open_export", spy)
    return seen


@pytest.fixture
def leaky_scrubber(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scrubbing lets through what says "kettle leak"."""
    real = Scrubber.scrub_counted

    def scrub(self, texts, roster=()):
        result = real(self, texts, roster)
        result.texts[:] = [
            "call grace on 1234" if "kettle leak" in text else done
            for text, done in zip(texts, result.texts, strict=True)
        ]
        return result

    monkeypatch.setattr(Scrubber, "scrub_counted", scrub)


@pytest.fixture
def november(
    tmp_path: Path,
    make_empty_database: Callable[..., URL],
    november_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Path, URL]:
    """The home as the version of that day left it, and its database."""
    root, url = tmp_path / "home", make_empty_database(november_database)
    for name in ("TIDELINE_MASTER_KEY", "TIDELINE_MEMBER_KEY", "TIDELINE_INBOX_IDENTITY"):
        monkeypatch.delenv(name, raising=False)
    with tarfile.open(NOVEMBER / "folders.tar.gz") as folders:
        folders.extractall(tmp_path, filter="data")
    for name in ("release-journal", "dagster.yaml"):
        target = root / "dagster" if name == "dagster.yaml" else root
        target.mkdir(exist_ok=True)
        (target / name).write_bytes((NOVEMBER / name).read_bytes())
    (root / "vectors").mkdir()
    written = (NOVEMBER / "home.yaml").read_text("utf-8")
    (root / "home.yaml").write_text(written.replace("INBOX", str(tmp_path / "inbox")), "utf-8")
    (root / "home.yaml").chmod(0o644)
    monkeypatch.setenv("TIDELINE_HOME", str(root))
    monkeypatch.setenv("TIDELINE_PG_URL", url.render_as_string(hide_password=False))
    return root, url
