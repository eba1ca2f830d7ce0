import hashlib
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner, Result

from assets.core.constructs import CONSTRUCTS
from evaluation.validity import report as report_module
from evaluation.validity.accuracy import measure_accuracy
from evaluation.validity.examples import Examples
from evaluation.validity.models_in_use import ModelsInUse
from evaluation.validity.other_parts import leaks_of
from evaluation.validity.report import Measured, ValidityReport, load_report
from orchestration.cli import train_validity

MODELS = ModelsInUse("a" * 64, "b" * 64)
MEASURED = Measured("tideline train validity", MODELS)


def numbers(text: str, many: int) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return np.random.default_rng(seed).random(many)


class StandInEncoder:
    def encode(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.stack([numbers(text, 12) - 0.5 for text in texts])
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def score(texts: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame([numbers(text, 3) for text in texts], columns=list(CONSTRUCTS))


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command, writing elsewhere."""
    monkeypatch.setattr(report_module, "COMMITTED", tmp_path / "validity.json")
    app = typer.Typer()
    app.callback()(lambda: None)
    train_validity.add_to(app)
    return lambda *words: CliRunner().invoke(app, ["validity", *words])


def test_what_was_measured_is_written(train, tmp_path: Path, monkeypatch) -> None:
    texts = [f"text {n}" for n in range(60)]
    own = Examples("own, held out", texts, texts, {"burnout": np.arange(60) % 3 == 0})
    accuracy = measure_accuracy(
        score, [own], {}, lambda rows: score(rows)["burnout"].to_numpy(), own=own.name, draws=10
    )
    asked = []

    def measured(*given, **options):
        asked.append((given, options))
        return ValidityReport(accuracy, MEASURED)

    monkeypatch.setattr(train_validity, "_measured", measured)
    monkeypatch.setenv("TIDELINE_CORPORA", str(tmp_path))
    done = train("--most", "40", "--no-leaks")
    assert done.exit_code == 0, done.output
    assert asked == [((tmp_path, 40), {"leaks": False})]
    assert load_report(MODELS, tmp_path / "validity.json").measured == MEASURED
    assert "not measured             goemotions, burnout: area" in done.output


def test_without_corpora_nothing_is_written(train, tmp_path: Path, monkeypatch) -> None:
    def missing(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(train_validity, "_measured", missing)
    done = train()
    assert getattr(done.exception, "code", None) == "CORPORA_MISSING"
    assert not (tmp_path / "validity.json").exists()


@pytest.mark.slow
def test_the_audit_has_stores_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDELINE_PG_URL", "postgresql://nowhere.invalid/other")
    texts = [f"w{n % 90} w{n % 7} w{n}" for n in range(4000)]
    with train_validity._stores() as stores:
        assert "TIDELINE_PG_URL" not in os.environ
        now = datetime(2026, 11, 1, tzinfo=UTC)
        part = leaks_of(texts, score, StandInEncoder(), stores, now, MEASURED)
    assert os.environ["TIDELINE_PG_URL"] == "postgresql://nowhere.invalid/other"
    _, results = part.tables
    top = {
        (row["state"], row["stored"]): row["value"]
        for row in results.rows
        if row["measure"] == "top-1"
    }
    # Vectors under a live key are as good as the text; after the release none is left.
    assert top["keys live", "vectors"] > 0.99
    assert not [stored for state, stored in top if state == "released" and stored == "vectors"]
