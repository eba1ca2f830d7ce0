from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.engine import URL

from evaluation.leaks.attacks import Candidates
from evaluation.leaks.stored_leaks import AuditStores, LeakAudit, audit_stores
from resources.base.database.connection import Database

pytestmark = pytest.mark.slow

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
POOL, WIDTH, WORDS = 2600, 24, 12


def made_up_candidates() -> Candidates:
    """Vectors of which a few directions tell the scores and the words."""
    draw = np.random.default_rng(3)
    vectors = draw.normal(size=(POOL, WIDTH))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = 1 / (1 + np.exp(-vectors[:, :3] * 4))
    words = vectors[:, 3 : 3 + WORDS] > 0.25
    return Candidates(vectors, scores, words)


@pytest.fixture
def audit(database_url: URL, tmp_path: Path) -> LeakAudit:
    database = Database(database_url)
    for folder in ("keys", "vectors"):
        (tmp_path / folder).mkdir()
    stores = AuditStores(database, tmp_path / "vectors", tmp_path / "keys", b"m" * 32)
    made = audit_stores(stores, made_up_candidates(), NOW)
    assert list((tmp_path / "keys").iterdir()) == []
    assert [one for one in (tmp_path / "vectors").rglob("*") if one.is_file()] == []
    database.dispose()
    return made


def test_what_opens_and_what_it_gives_away(audit: LeakAudit) -> None:
    opened = {one.state: (one.vectors, one.sums, one.published) for one in audit.opened}
    assert opened == {
        "without keys": (0, 0, 0),
        "keys live": (36, 36, 0),
        "released": (0, 36, 6),
        "scores expired": (0, 0, 6),
    }
    states = tuple(opened)
    assert states == ("without keys", "keys live", "released", "scores expired")
    figures = {(one.state, one.stored, one.measure): one for one in audit.results}
    assert {state for state, *_ in figures} == set(states[1:])
    # A stored vector is as good as the text; that this is found shows that the attack works.
    assert figures["keys live", "vectors", "top-1"].value == 1.0
    assert figures["keys live", "means of vectors", "AUC"].value > 0.7
    word = figures["keys live", "vectors", "word"]
    assert word.value > 2 * word.chance
    assert audit.top_1("keys live") == 1.0
    assert audit.top_1("released") <= 0.01
    assert audit.top_1("scores expired") <= 0.01
    assert audit.top_1("without keys") == 0.0
    assert all(0 <= one.value <= 1 for one in audit.results)
