"""A home of 22 November 2026 is migrated, and its study goes on the next day."""

import base64
import io
import re
import stat
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL
from typer.testing import CliRunner

from assets.core.errors import StorageError
from orchestration.cli import app
from orchestration.cli.session import open_session
from orchestration.public import public_definitions
from orchestration.range_run import run_range
from orchestration.restricted import restricted_definitions
from resources.base.keys.long_lived_keys import KEY_FILES, LongLived, load_key
from resources.maintenance.database_setup import as_owner
from resources.stores.published.published_values import PublishedValues
from resources.stores.published.releases import Releases

pytestmark = pytest.mark.slow

NEXT_DAY = date(2026, 11, 20)
KEPT = (
    "restricted.consent_events",
    "restricted.member_events",
    "restricted.ledger",
    "restricted.release_steps",
    "restricted.noisy_draws",
    "restricted.release_people",
    "release.regional_values",
    "release.retractions",
)


def rows(url: URL) -> dict[str, list[str]]:
    with as_owner(url) as connection:
        return {
            table: list(
                connection.execute(
                    sa.text(
                        f"SELECT jsonb_strip_nulls(to_jsonb(t))::text FROM {table} t ORDER BY 1"
                    )
                ).scalars()
            )
            for table in KEPT
        }


def refuse_but_one_break(values: PublishedValues, before: pd.DataFrame, root: Path) -> None:
    """Every day that was published before is by the models before, the next day by the new ones."""
    (found,) = values.breaks().to_dict("records")
    assert (found["version_before"], found["version_after"], found["reason"]) == (
        "gaussian-1",
        "gaussian-1b",
        "scores_changed",
    )
    assert before["day"].max() < found["day"] <= NEXT_DAY
    now = values.read()
    assert set(now.loc[now["day"] == NEXT_DAY, "method_version"]) == {"gaussian-1b"}
    assert set(before["method_version"]) == {"gaussian-1"}
    refuse_without_evidence(root, values)


def refuse_without_evidence(root: Path, values: PublishedValues) -> None:
    """Each row's evidence is there, says what is not known, and is led to from its release."""
    published = values.read()
    cards = {(one.region, one.day): one for one in values.evidence() if one.revision == 0}
    keys = published[["region", "day"]].drop_duplicates().itertuples(index=False)
    assert {tuple(one) for one in keys} == cards.keys()
    for (_, day), card in cards.items():
        new = day >= NEXT_DAY
        assert card.recorded == ("at_release" if new else "afterwards")
        assert [one is None for one in (card.code_digest, card.groups_commitment)] == [not new] * 2
    releases = Releases(root / "public")
    folder = releases.folder(max(releases.numbers()))
    shown = pd.read_csv(folder / "latest.csv", dtype=str).dropna(subset="point_id")
    assert len(shown) == len(published)
    page = (folder / "evidence.html").read_text("utf-8")
    assert all(f'id="{one}"' in page for one in shown["point_id"])
    led_to = re.findall(r"evidence.html#([^\"]+)", (folder / "index.html").read_text("utf-8"))
    assert led_to
    assert set(led_to) <= set(shown["point_id"])


def typed(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_it_is_refused_until_it_is_migrated(november: tuple[Path, URL]) -> None:
    root, url = november
    before = rows(url)
    with pytest.raises(StorageError, match=r"^DATABASE_NEEDS_MIGRATION$"):
        open_session(root)
    assert rows(url) == before


def test_it_publishes_the_next_day_and_keeps_what_it_had(
    november: tuple[Path, URL],
    clock: Any,
    chat: Callable[..., bytes],
    cheap_models: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root, url = november
    before = rows(url)
    secrets = root.with_name("home-secrets")
    keys = {name: (secrets / name).read_bytes() for name in KEY_FILES}
    journal = (root / "release-journal").read_bytes()
    public = {path: path.read_bytes() for path in (root / "public").rglob("*") if path.is_file()}

    assert "was deleted; the home is as it was" in typed("migrate", "--rehearse")
    assert rows(url) == before
    said = typed("migrate")
    assert "Backup: " in said
    (backup,) = (root / "backups").iterdir()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert "has the newest version" in typed("migrate")
    assert rows(url) == before
    assert {name: (secrets / name).read_bytes() for name in KEY_FILES} == keys
    assert (root / "release-journal").read_bytes() == journal
    assert {path: path.read_bytes() for path in public} == public
    assert stat.S_IMODE((root / "home.yaml").stat().st_mode) == 0o600

    listed = typed("consent", "list").splitlines()
    lacking = [line.removeprefix("Lacks ") for line in listed if line.startswith("Lacks ")]
    asked = "notice file, employer, sector, scopes, rhythm, review date"
    assert {line.split(f"{asked}")[0] for line in lacking} == {"", "platform, ", "evidence, "}
    named = [ref for line in lacking for ref in line.rpartition(": ")[2].split(", ")]
    assert len(named) == sum("renew by" in line for line in listed) > 3

    clock.moment = datetime(2026, 11, 24, 9, tzinfo=UTC)
    session = open_session(root, clock)
    for key, value in session.environment().items():
        monkeypatch.setenv(key, value)
    values = PublishedValues(url)
    published_before = values.read()
    inbox = session.resources["inbox"]
    for number, (ref, consent) in enumerate(session.register.consents().items()):
        if consent.active:
            export = chat(NEXT_DAY, NEXT_DAY, people=12, seed=number)
            inbox.add(ref, io.BytesIO(export), clock.now())
    definitions = {
        "restricted": restricted_definitions(session.home, clock),
        "public": public_definitions(session.home, clock),
    }
    with dg.DagsterInstance.from_config(str(session.home.dagster)) as instance:
        outcome = run_range(
            session.home,
            definitions,
            instance,
            first=NEXT_DAY,
            last=NEXT_DAY,
            today=clock.today(),
            progress=lambda _: nullcontext(),
        )
    assert outcome.codes == {}
    published = values.read()
    new = published[published["day"] == NEXT_DAY]
    assert len(new) == 6
    refuse_but_one_break(values, published_before, root)
    # In London a group had just left, so that the day shows in its week's pooled value alone.
    statuses = dict(zip(new["region"], new["status"], strict=True))
    assert statuses == {"east_of_england": "published", "greater_london": "not_published"}
    reasons = session.resources["release_store"].outcomes("greater_london")
    assert reasons[NEXT_DAY] == ("not_published", "POOLED_ONLY")
    older = published[published["day"] < NEXT_DAY].reset_index(drop=True)
    assert older.equals(published_before.reset_index(drop=True))
    after = rows(url)
    for table in KEPT:
        assert set(before[table]) <= set(after[table]), table
    assert (root / "release-journal").read_bytes().startswith(journal)


def test_another_home_s_keys_are_not_taken_for_its_own(november: tuple[Path, URL]) -> None:
    root, _ = november
    typed("migrate")
    session = open_session(root)
    secrets = session.home.secrets
    assert load_key(LongLived.MASTER, secrets)
    (secrets / "master.key").write_bytes(base64.b64encode(b"k" * 32))
    with pytest.raises(StorageError, match=r"^MASTER_KEY_INVALID$"):
        session.resources["score_store"].of_region_day("greater_london", date(2026, 11, 12))
