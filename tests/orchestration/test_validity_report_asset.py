"""The asset `validity_report`, over a stand-in for the committed report."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
import pytest
from made_evidence import RELEASING

from assets.core.constructs import CONSTRUCTS
from assets.core.fortnights import Fortnight
from evaluation.validity.accuracy import measure_accuracy
from evaluation.validity.asset import DATA, PAGE, define_validity_report
from evaluation.validity.examples import Examples
from evaluation.validity.models_in_use import ModelsInUse, models_in_use
from evaluation.validity.report import Measured, ValidityReport, as_json
from orchestration.cli.session import Session
from orchestration.runs import failure_code
from resources.base.keys.key_store import KeyStore
from resources.base.keys.long_lived_keys import LongLived, load_key
from resources.stores.published.published_values import PublishedValues
from resources.stores.pulse.pulse_values import PulseValue
from resources.stores.release.release_ledger import DrawKey
from resources.stores.release.release_store import RegionalValue, ReleaseStore
from resources.stores.surveys.survey_store import SurveyMean, SurveyStore
from simulation.consents import made_up_terms

REGION, MONDAY, WEEKS = "greater_london", date(2026, 7, 6), 10


@pytest.fixture
def instance(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    for key, value in session.environment().items():
        monkeypatch.setenv(key, value)
    with dg.DagsterInstance.from_config(str(session.home.dagster)) as made:
        yield made


@pytest.fixture
def store(session: Session) -> SurveyStore:
    home = session.home
    keys = KeyStore(home.keys, lambda: load_key(LongLived.MASTER, home.secrets))
    return SurveyStore(home.root / "surveys", keys)


def committed(path: Path, models: ModelsInUse) -> Path:
    random = np.random.default_rng(1)
    texts = [f"text {n}" for n in range(60)]
    own = Examples("own, held out", texts, texts, {"burnout": random.random(60) < 0.4})
    scores = pd.DataFrame({one: random.random(60) for one in CONSTRUCTS})
    accuracy = measure_accuracy(
        lambda _: scores, [own], {}, lambda _: random.random(60), own=own.name, draws=10
    )
    report = ValidityReport(accuracy, Measured("tideline train validity", models))
    path.write_text(as_json(report), "utf-8")
    return path


def run(session: Session, instance: dg.DagsterInstance, store: SurveyStore, path: Path) -> Any:
    evidence = session.home.root / "evidence"
    asset = define_validity_report(evidence, committed=path)
    restricted = replace(
        session.resources["restricted"],
        survey_store=store,
        published_values=PublishedValues(session.url),
    )
    definitions = dg.Definitions(
        assets=[asset],
        resources={
            "restricted": restricted,
            "io_manager": session.resources["io_manager"],
        },
        executor=dg.in_process_executor,
    )
    return definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance, raise_on_error=False
    )


def survey_and_publish(session: Session, store: SurveyStore) -> str:
    terms = made_up_terms(MONDAY, date(2026, 12, 31), REGION)
    group = session.register.grant(terms, session.clock.now())
    release = ReleaseStore(session.resources["release_store"]._database)
    for number in range(WEEKS):
        monday, value = MONDAY + timedelta(weeks=number), 0.3 + 0.01 * (number * 7 % 5)
        store.add([SurveyMean(monday, group, "burnout", value, 8)])
        release.close(
            DrawKey(REGION, monday + timedelta(days=6), "m"),
            [RegionalValue(construct="burnout", status="published", value_7d=value)],
            drawn=None,
            reason=None,
            now=datetime(2026, 10, 1, tzinfo=UTC),
            releasing=RELEASING,
        )
    return group


def test_the_report_of_the_models_in_use_is_written(
    session: Session, instance, store: SurveyStore, tmp_path: Path
) -> None:
    done = run(session, instance, store, committed(tmp_path / "v.json", models_in_use()))
    assert done.success
    evidence = session.home.root / "evidence"
    assert {path.name for path in evidence.iterdir()} == {PAGE, DATA}
    written = json.loads((evidence / DATA).read_text("utf-8"))
    assert {row["correlation"] for row in written["convergence"]} == {None}
    assert "Not yet shown." in (evidence / PAGE).read_text("utf-8")
    (event,) = done.get_asset_materialization_events()
    metadata = {name: one.value for name, one in event.materialization.metadata.items()}
    assert metadata["construct_model_sha256"] == models_in_use().construct_model
    assert metadata["encoder_sha256"] == models_in_use().encoder
    assert metadata["survey_weeks"] == 0
    counts = [metadata["aims_reached"], metadata["aims_missed"]]
    assert all(isinstance(one, int) for one in counts)
    # Text would have no place among them.
    assert all(isinstance(one, int) or len(one) == 64 for one in metadata.values())


def test_the_pulse_stands_beside_the_published_values(
    session: Session, instance, store: SurveyStore, tmp_path: Path
) -> None:
    survey_and_publish(session, store)
    first = Fortnight.of(MONDAY + timedelta(weeks=1)).first
    values = session.resources["pulse_values"]
    for number in range((WEEKS - 1) // 2):
        fortnight = first + timedelta(weeks=2 * number)
        mean = 0.4 + 0.01 * (number * 3 % 5)
        values.settle(
            PulseValue(REGION, fortnight, "burnout", "d" * 64, mean), [], session.clock.now()
        )
    done = run(session, instance, store, committed(tmp_path / "v.json", models_in_use()))
    assert done.success
    (event,) = done.get_asset_materialization_events()
    found = event.materialization.metadata["pulse_fortnights"].value
    assert found == (WEEKS - 1) // 2
    written = json.loads((session.home.root / "evidence" / DATA).read_text("utf-8"))
    # One construct is asked about, in each region; there are not yet enough fortnights.
    assert {row["construct"] for row in written["pulse"]} == {"burnout"}
    assert {row["weeks"] for row in written["pulse"] if row["region"] == REGION} == {found}
    page = (session.home.root / "evidence" / PAGE).read_text("utf-8")
    assert "Of the pulse that members answer: not yet shown." in page


def test_a_report_of_other_models_writes_nothing(
    session: Session, instance, store: SurveyStore, tmp_path: Path
) -> None:
    path = committed(tmp_path / "v.json", ModelsInUse("a" * 64, "b" * 64))
    done = run(session, instance, store, path)
    assert not done.success
    assert failure_code(done.all_events) == "VALIDITY_STALE"
    assert not (session.home.root / "evidence").exists()


def test_surveys_of_consenting_groups_are_compared(
    session: Session, instance, store: SurveyStore, tmp_path: Path
) -> None:
    group = survey_and_publish(session, store)
    path = committed(tmp_path / "v.json", models_in_use())

    def compared() -> dict[str, Any]:
        assert run(session, instance, store, path).success
        written = json.loads((session.home.root / "evidence" / DATA).read_text("utf-8"))
        [row] = [
            one
            for one in written["convergence"]
            if (one["region"], one["construct"]) == (REGION, "burnout")
        ]
        return {**row, "all": written["survey_weeks"]}

    found = compared()
    assert (found["weeks"], found["all"]) == (WEEKS, WEEKS)
    assert found["correlation"] == pytest.approx(1)
    session.register.withdraw(group, session.clock.now())
    assert (compared()["weeks"], compared()["correlation"]) == (0, None)
